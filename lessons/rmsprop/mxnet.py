# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
import mxnet as mx
from mxnet import autograd, gluon

# %% states
def init_rmsprop_states(feature_dim):
    s_w = mx.np.zeros((feature_dim, 1))
    s_b = mx.np.zeros(1)
    return [s_w, s_b]

# %% rmsprop
def rmsprop(params, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    for i, p in enumerate(params):
        states[i] = gamma * states[i] + (1 - gamma) * p.grad ** 2
        p -= lr * p.grad / mx.np.sqrt(states[i] + eps)

# %% loop
w, b = mx.np.zeros((feature_dim, 1)), mx.np.zeros(1)
w.attach_grad()
b.attach_grad()
states = init_rmsprop_states(feature_dim)
hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}

for X, y in data_iter:
    with autograd.record():
        y_hat = mx.np.dot(X, w) + b
        loss = ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2
    loss.backward()
    rmsprop([w, b], states, hyperparams)

loss = d2l.squared_loss(mx.np.dot(data_iter.X, w) + b, data_iter.y)
print(f"L = {loss.item():.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            hyperparams, data_iter, feature_dim)

# %% library
data_iter.restart()
net = gluon.nn.Dense(1, in_units=feature_dim)
net.initialize(mx.init.Zero())
squared_loss = gluon.loss.L2Loss()
trainer = gluon.Trainer(
    net.collect_params(), "rmsprop",
    {"learning_rate": 0.01, "gamma1": 0.9, "epsilon": 1e-6})

for X, y in data_iter:
    with autograd.record():
        loss = squared_loss(net(X), y)
    loss.backward()
    trainer.step(len(y))

print(f"L = {squared_loss(net(data_iter.X), data_iter.y).mean():.4f}")

# %% concise
_, built_in = d2l.train_concise_ch11(
    "rmsprop", {"learning_rate": 0.01, "gamma1": 0.9, "epsilon": 1e-6},
    data_iter)

# %% eps-outside
def rmsprop_outside(params, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    for i, p in enumerate(params):
        states[i] = gamma * states[i] + (1 - gamma) * p.grad ** 2
        p -= lr * p.grad / (mx.np.sqrt(states[i]) + eps)

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim), hyperparams,
    data_iter, feature_dim)
gap = np.max(np.abs(np.subtract(outside, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
