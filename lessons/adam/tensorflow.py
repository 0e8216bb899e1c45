# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import tensorflow as d2l
import tensorflow as tf

# %% states
def init_adam_states(feature_dim):
    v_w, s_w, v_b, s_b = (tf.Variable(tf.zeros(shape)) for shape in
                          2 * [(feature_dim, 1)] + 2 * [1])
    return (v_w, s_w), (v_b, s_b)

# %% adam
def adam(params, grads, states, hyperparams):
    lr, eps, t = (hyperparams[name] for name in ("lr", "eps", "t"))
    beta1, beta2 = hyperparams["beta1"], hyperparams["beta2"]
    for p, g, (v, s) in zip(params, grads, states):
        v.assign(beta1 * v + (1 - beta1) * g)
        s.assign(beta2 * s + (1 - beta2) * g ** 2)
        v_hat, s_hat = v / (1 - beta1 ** t), s / (1 - beta2 ** t)
        p.assign_sub(lr * v_hat / (tf.sqrt(s_hat) + eps))
    hyperparams["t"] += 1

# %% train
_, scratch = d2l.train_ch11(
    adam, init_adam_states(feature_dim),
    {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "t": 1},
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    tf.keras.optimizers.Adam,
    {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999,
     "epsilon": 1e-8}, data_iter)
