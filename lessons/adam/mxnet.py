# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
import mxnet as mx

# %% states
def init_adam_states(feature_dim):
    v_w, s_w = (mx.np.zeros((feature_dim, 1)) for _ in range(2))
    v_b, s_b = mx.np.zeros(1), mx.np.zeros(1)
    return [(v_w, s_w), (v_b, s_b)]

# %% adam
def adam(params, states, hyperparams):
    lr, eps, t = (hyperparams[name] for name in ("lr", "eps", "t"))
    beta1, beta2 = hyperparams["beta1"], hyperparams["beta2"]
    for i, p in enumerate(params):
        v, s = states[i]
        v = beta1 * v + (1 - beta1) * p.grad
        s = beta2 * s + (1 - beta2) * p.grad ** 2
        v_hat, s_hat = v / (1 - beta1 ** t), s / (1 - beta2 ** t)
        p -= lr * v_hat / (mx.np.sqrt(s_hat) + eps)
        states[i] = v, s
    hyperparams["t"] += 1

# %% train
_, scratch = d2l.train_ch11(
    adam, init_adam_states(feature_dim),
    {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "t": 1},
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    "adam", {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999,
             "epsilon": 1e-8}, data_iter)
