# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
import mxnet as mx

# %% states
def init_momentum_states(feature_dim):
    v_w = mx.np.zeros((feature_dim, 1))
    v_b = mx.np.zeros(1)
    return [v_w, v_b]

# %% momentum
def sgd_momentum(params, states, hyperparams):
    lr, beta = hyperparams["lr"], hyperparams["beta"]
    for i, p in enumerate(params):
        states[i] = beta * states[i] + p.grad
        p -= lr * states[i]

# %% train
hyperparams = {"lr": 0.02, "beta": 0.5}
_, scratch = d2l.train_ch11(
    sgd_momentum, init_momentum_states(feature_dim), hyperparams,
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    "sgd", {"learning_rate": 0.02, "momentum": 0.5}, data_iter)
