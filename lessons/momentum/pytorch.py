# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import torch as d2l
import torch

# %% states
def init_momentum_states(feature_dim):
    v_w = torch.zeros((feature_dim, 1))
    v_b = torch.zeros(1)
    return v_w, v_b

# %% momentum
def sgd_momentum(params, states, hyperparams):
    lr, beta = hyperparams["lr"], hyperparams["beta"]
    with torch.no_grad():
        for p, v in zip(params, states):
            v[:] = beta * v + p.grad
            p -= lr * v

# %% train
hyperparams = {"lr": 0.02, "beta": 0.5}
_, scratch = d2l.train_ch11(
    sgd_momentum, init_momentum_states(feature_dim), hyperparams,
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    torch.optim.SGD, {"lr": 0.02, "momentum": 0.5}, data_iter)
