# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import torch as d2l
import torch

# %% states
def init_rmsprop_states(feature_dim):
    s_w = torch.zeros((feature_dim, 1))
    s_b = torch.zeros(1)
    return s_w, s_b

# %% rmsprop
def rmsprop(params, states, hyperparams):
    gamma, eps = hyperparams["gamma"], 1e-6
    with torch.no_grad():
        for p, s in zip(params, states):
            g = p.grad
            s *= gamma
            s += (1 - gamma) * g * g
            p -= hyperparams["lr"] * g / torch.sqrt(s + eps)
            g.zero_()

# %% loop
w = torch.zeros((feature_dim, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
states = init_rmsprop_states(feature_dim)

for X, y in data_iter:
    y_hat = X @ w + b
    loss = ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2
    loss.backward()
    rmsprop([w, b], states, {"lr": 0.01, "gamma": 0.9})

loss = d2l.squared_loss(data_iter.X @ w + b, data_iter.y)
print(f"loss: {loss.item():.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            {"lr": 0.01, "gamma": 0.9},
                            data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "eps": 1e-6},
    data_iter)

# %% eps-outside
def rmsprop_outside(params, states, hyperparams):
    gamma, eps = hyperparams["gamma"], 1e-6
    with torch.no_grad():
        for p, s in zip(params, states):
            g = p.grad
            s *= gamma
            s += (1 - gamma) * g * g
            p -= hyperparams["lr"] * g / (torch.sqrt(s) + eps)
            g.zero_()

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim),
    {"lr": 0.01, "gamma": 0.9}, data_iter, feature_dim)
print(f"{np.max(np.abs(np.subtract(outside, built_in))):.0e}")
