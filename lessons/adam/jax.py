# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
import jax
import jax.numpy as jnp
import optax

# %% states
def init_adam_states(feature_dim):
    zeros = jnp.zeros((feature_dim, 1)), jnp.zeros(1)  # for w and b
    return zeros, zeros  # v and s

# %% adam
def adam(params, grads, states, hyperparams):
    lr, eps, t = (hyperparams[name] for name in ("lr", "eps", "t"))
    beta1, beta2 = hyperparams["beta1"], hyperparams["beta2"]
    v = jax.tree.map(lambda v, g: beta1 * v + (1 - beta1) * g,
                     states[0], grads)
    s = jax.tree.map(lambda s, g: beta2 * s + (1 - beta2) * g ** 2,
                     states[1], grads)
    a, b = 1 - beta1 ** t, 1 - beta2 ** t
    params = jax.tree.map(
        lambda p, v, s: p - lr * (v / a) / (jnp.sqrt(s / b) + eps),
        params, v, s)
    hyperparams["t"] += 1
    return params, (v, s)

# %% train
_, scratch = d2l.train_ch11(
    adam, init_adam_states(feature_dim),
    {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "t": 1},
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    optax.adam, {"learning_rate": 0.01, "b1": 0.9, "b2": 0.999,
                 "eps": 1e-8}, data_iter)
