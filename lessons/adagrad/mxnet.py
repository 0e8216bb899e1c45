# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
from common.data import load_airfoil
import mxnet as mx

# %% states
def init_adagrad_states(feature_dim):
    s_w = mx.np.zeros((feature_dim, 1))
    s_b = mx.np.zeros(1)
    return [s_w, s_b]

# %% adagrad
def adagrad(params, states, hyperparams):
    lr, eps = hyperparams["lr"], hyperparams["eps"]
    for i, p in enumerate(params):
        states[i] = states[i] + p.grad ** 2
        p -= lr * p.grad / mx.np.sqrt(states[i] + eps)

# %% train
_, scratch = d2l.train_ch11(
    adagrad, init_adagrad_states(feature_dim),
    {"lr": 0.1, "eps": 1e-10}, data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    "adagrad", {"learning_rate": 0.1, "eps": 1e-10}, data_iter)
