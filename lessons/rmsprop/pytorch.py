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
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    with torch.no_grad():
        for p, s in zip(params, states):
            s[:] = gamma * s + (1 - gamma) * p.grad ** 2
            p -= lr * p.grad / torch.sqrt(s + eps)

# %% loop
w = torch.zeros((feature_dim, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
states = init_rmsprop_states(feature_dim)
hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}

for X, y in data_iter:
    y_hat = X @ w + b
    loss = ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2
    w.grad = b.grad = None
    loss.backward()
    rmsprop([w, b], states, hyperparams)

loss = d2l.squared_loss(data_iter.X @ w + b, data_iter.y)
print(f"L = {loss.item():.4f}")

# %% train
_, scratch = d2l.train_ch11(rmsprop, init_rmsprop_states(feature_dim),
                            hyperparams, data_iter, feature_dim)

# %% library
data_iter.restart()
net = torch.nn.Linear(feature_dim, 1)
torch.nn.init.zeros_(net.weight)
torch.nn.init.zeros_(net.bias)
optimizer = torch.optim.RMSprop(net.parameters(),
                                lr=0.01, alpha=0.9, eps=1e-6)

for X, y in data_iter:
    y_hat = net(X)
    loss = ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f"L = {d2l.squared_loss(net(data_iter.X), data_iter.y):.4f}")

# %% concise
_, built_in = d2l.train_concise_ch11(
    torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "eps": 1e-6},
    data_iter)

# %% eps-outside
def rmsprop_outside(params, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    eps = hyperparams["eps"]
    with torch.no_grad():
        for p, s in zip(params, states):
            s[:] = gamma * s + (1 - gamma) * p.grad ** 2
            p -= lr * p.grad / (torch.sqrt(s) + eps)

_, outside = d2l.train_ch11(
    rmsprop_outside, init_rmsprop_states(feature_dim), hyperparams,
    data_iter, feature_dim)
gap = np.max(np.abs(np.subtract(outside, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
