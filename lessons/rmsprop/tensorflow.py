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
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    for p, g, s in zip(params, grads, states):
        s.assign(gamma * s + (1 - gamma) * g ** 2)
        p.assign_sub(lr * g / tf.sqrt(s + eps))

# %% loop
w, b = tf.Variable(tf.zeros((feature_dim, 1))), tf.Variable(tf.zeros(1))
states = init_rmsprop_states(feature_dim)
hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}

@tf.function
def step(X, y):
    with tf.GradientTape() as tape:
        y_hat = X @ w + b
        loss = tf.reduce_mean((y_hat - tf.reshape(y, (-1, 1))) ** 2) / 2
    grads = tape.gradient(loss, [w, b])
    rmsprop([w, b], grads, states, hyperparams)

for X, y in data_iter:
    step(X, y)
print(f"L = {d2l.squared_loss(data_iter.X @ w + b, data_iter.y):.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            hyperparams, data_iter, feature_dim)

# %% library
data_iter.restart()
net = tf.keras.layers.Dense(1, kernel_initializer="zeros")
optimizer = tf.keras.optimizers.RMSprop(learning_rate=0.01, rho=0.9,
                                        epsilon=1e-6)

@tf.function
def step(X, y):
    with tf.GradientTape() as tape:
        loss = d2l.squared_loss(net(X), y)
    params = net.trainable_variables
    optimizer.apply(tape.gradient(loss, params), params)

for X, y in data_iter:
    step(X, y)
print(f"L = {d2l.squared_loss(net(data_iter.X), data_iter.y):.4f}")

# %% concise
_, built_in = d2l.train_concise_ch11(
    tf.keras.optimizers.RMSprop,
    {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-6}, data_iter)

# %% eps-outside
def rmsprop_outside(params, grads, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    for p, g, s in zip(params, grads, states):
        s.assign(gamma * s + (1 - gamma) * g ** 2)
        p.assign_sub(lr * g / (tf.sqrt(s) + eps))

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim), hyperparams,
    data_iter, feature_dim)
gap = np.max(np.abs(np.subtract(outside, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
