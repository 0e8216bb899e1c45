# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import tensorflow as d2l
import tensorflow as tf

# %% states
def init_momentum_states(feature_dim):
    v_w = tf.Variable(tf.zeros((feature_dim, 1)))
    v_b = tf.Variable(tf.zeros(1))
    return v_w, v_b

# %% momentum
def sgd_momentum(params, grads, states, hyperparams):
    lr, beta = hyperparams["lr"], hyperparams["beta"]
    for p, g, v in zip(params, grads, states):
        v.assign(beta * v + g)
        p.assign_sub(lr * v)

# %% train
hyperparams = {"lr": 0.02, "beta": 0.5}
_, scratch = d2l.train_ch11(
    sgd_momentum, init_momentum_states(feature_dim), hyperparams,
    data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    tf.keras.optimizers.SGD, {"learning_rate": 0.02, "momentum": 0.5},
    data_iter)
