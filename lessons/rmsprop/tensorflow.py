# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import tensorflow as d2l
import tensorflow as tf

# %% states
def init_rmsprop_states(feature_dim):
    s_w = tf.Variable(tf.zeros((feature_dim, 1)))
    s_b = tf.Variable(tf.zeros(1))
    return s_w, s_b

# %% rmsprop
def rmsprop(params, grads, states, hyperparams):
    gamma, eps = hyperparams["gamma"], 1e-6
    for p, g, s in zip(params, grads, states):
        s.assign(gamma * s + (1 - gamma) * g * g)
        p.assign_sub(hyperparams["lr"] * g / tf.sqrt(s + eps))

# %% loop
w, b = tf.Variable(tf.zeros((feature_dim, 1))), tf.Variable(tf.zeros(1))
states = init_rmsprop_states(feature_dim)

@tf.function
def step(X, y):
    with tf.GradientTape() as tape:
        y_hat = X @ w + b
        error = y_hat - tf.reshape(y, (-1, 1))
        loss = tf.reduce_mean(error ** 2) / 2
    grads = tape.gradient(loss, [w, b])
    rmsprop([w, b], grads, states, {"lr": 0.01, "gamma": 0.9})

for X, y in data_iter:
    step(X, y)
print(f"loss: {d2l.squared_loss(data_iter.X @ w + b, data_iter.y):.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            {"lr": 0.01, "gamma": 0.9},
                            data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    tf.keras.optimizers.RMSprop,
    {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-6}, data_iter)

# %% eps-outside
def rmsprop_outside(params, grads, states, hyperparams):
    gamma, eps = hyperparams["gamma"], 1e-6
    for p, g, s in zip(params, grads, states):
        s.assign(gamma * s + (1 - gamma) * g * g)
        p.assign_sub(hyperparams["lr"] * g / (tf.sqrt(s) + eps))

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim),
    {"lr": 0.01, "gamma": 0.9}, data_iter, feature_dim)
print(f"{np.max(np.abs(np.subtract(outside, built_in))):.0e}")
