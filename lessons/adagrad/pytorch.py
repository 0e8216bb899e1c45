# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import torch as d2l
from common.data import load_airfoil
import torch

# %% states
def init_adagrad_states(feature_dim):
    s_w = torch.zeros((feature_dim, 1))
    s_b = torch.zeros(1)
    return s_w, s_b

# %% adagrad
def adagrad(params, states, hyperparams):
    lr, eps = hyperparams["lr"], hyperparams["eps"]
    with torch.no_grad():
        for p, s in zip(params, states):
            s[:] = s + p.grad ** 2
            p -= lr * p.grad / torch.sqrt(s + eps)

# %% train
_, scratch = d2l.train_ch11(
    adagrad, init_adagrad_states(feature_dim),
    {"lr": 0.1, "eps": 1e-10}, data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    torch.optim.Adagrad, {"lr": 0.1, "eps": 1e-10}, data_iter)
