# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
import jax
import jax.numpy as jnp
import optax

# %% states
def init_rmsprop_states(feature_dim):
    s_w = jnp.zeros((feature_dim, 1))
    s_b = jnp.zeros(1)
    return s_w, s_b

# %% rmsprop
def rmsprop(params, grads, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    states = jax.tree.map(
        lambda s, g: gamma * s + (1 - gamma) * g ** 2, states, grads)
    params = jax.tree.map(
        lambda p, g, s: p - lr * g / jnp.sqrt(s + eps),
        params, grads, states)
    return params, states

# %% loop
def loss_fn(params, X, y):
    w, b = params
    return ((X @ w + b - y.reshape(-1, 1)) ** 2).mean() / 2

@jax.jit
def step(params, states, X, y):
    grads = jax.grad(loss_fn)(params, X, y)
    return rmsprop(params, grads, states, hyperparams)

hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
params = jnp.zeros((feature_dim, 1)), jnp.zeros(1)
states = init_rmsprop_states(feature_dim)
for X, y in data_iter:
    params, states = step(params, states, X, y)
print(f"L = {d2l.linreg_loss(params, data_iter.X, data_iter.y):.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            hyperparams, data_iter, feature_dim)

# %% library
data_iter.restart()
optimizer = optax.rmsprop(learning_rate=0.01, decay=0.9, eps=1e-6)
params = jnp.zeros((feature_dim, 1)), jnp.zeros(1)
state = optimizer.init(params)

@jax.jit
def step(params, state, X, y):
    grads = jax.grad(loss_fn)(params, X, y)
    updates, state = optimizer.update(grads, state)
    return optax.apply_updates(params, updates), state

for X, y in data_iter:
    params, state = step(params, state, X, y)
print(f"L = {d2l.linreg_loss(params, data_iter.X, data_iter.y):.4f}")

# %% concise
_, built_in = d2l.train_concise_ch11(
    optax.rmsprop, {"learning_rate": 0.01, "decay": 0.9, "eps": 1e-6},
    data_iter)

# %% eps-outside
def rmsprop_outside(params, grads, states, hyperparams):
    lr, eps = hyperparams["lr"], hyperparams["eps"]
    _, states = rmsprop(params, grads, states, hyperparams)
    params = jax.tree.map(
        lambda p, g, s: p - lr * g / (jnp.sqrt(s) + eps),
        params, grads, states)
    return params, states

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim), hyperparams,
    data_iter, feature_dim)
gap = np.max(np.abs(np.subtract(outside, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
