# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import torch as d2l
import torch

# %% states
def init_adadelta_states(feature_dim):
    return [(torch.zeros(shape), torch.zeros(shape))
            for shape in ((feature_dim, 1), 1)]

# %% adadelta
def adadelta(params, states, hyperparams):
    rho, eps = hyperparams["rho"], hyperparams["eps"]
    with torch.no_grad():
        for p, (s, u) in zip(params, states):
            s[:] = rho * s + (1 - rho) * p.grad ** 2
            d = torch.sqrt(u + eps) / torch.sqrt(s + eps) * p.grad
            u[:] = rho * u + (1 - rho) * d ** 2
            p -= d

# %% train
_, scratch = d2l.train_ch11(
    adadelta, init_adadelta_states(feature_dim),
    {"rho": 0.9, "eps": 1e-5}, data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-5},
    data_iter)
