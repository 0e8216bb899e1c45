# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
from common.data import load_airfoil
import jax
import jax.numpy as jnp
import optax

# %% states
def init_adagrad_states(feature_dim):
    s_w = jnp.zeros((feature_dim, 1))
    s_b = jnp.zeros(1)
    return s_w, s_b

# %% adagrad
def adagrad(params, grads, states, hyperparams):
    lr, eps = hyperparams["lr"], hyperparams["eps"]
    states = jax.tree.map(lambda s, g: s + g ** 2, states, grads)
    params = jax.tree.map(
        lambda p, g, s: p - lr * g / jnp.sqrt(s + eps),
        params, grads, states)
    return params, states

# %% train
_, scratch = d2l.train_ch11(
    adagrad, init_adagrad_states(feature_dim),
    {"lr": 0.1, "eps": 1e-10}, data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    optax.adagrad,
    {"learning_rate": 0.1, "initial_accumulator_value": 0.0,
     "eps": 1e-10}, data_iter)
