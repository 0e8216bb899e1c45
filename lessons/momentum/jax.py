# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
import jax
import jax.numpy as jnp
import optax

# %% states
def init_momentum_states(feature_dim):
    v_w = jnp.zeros((feature_dim, 1))
    v_b = jnp.zeros(1)
    return v_w, v_b

# %% momentum
def sgd_momentum(params, grads, states, hyperparams):
    lr, beta = hyperparams["lr"], hyperparams["beta"]
    states = jax.tree.map(lambda v, g: beta * v + g, states, grads)
    params = jax.tree.map(lambda p, v: p - lr * v, params, states)
    return params, states

# %% train
hyperparams = {"lr": 0.02, "beta": 0.5}
_, scratch = d2l.train_ch11(
    sgd_momentum, init_momentum_states(feature_dim), hyperparams,
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    optax.sgd, {"learning_rate": 0.02, "momentum": 0.5}, data_iter)
