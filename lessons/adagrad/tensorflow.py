# %% imports slideshow={"slide_type": "skip"}
import math
import numpy as np
from common import tensorflow as d2l
from common.data import load_airfoil
import tensorflow as tf

# %% states
def init_adagrad_states(feature_dim):
    s_w = tf.Variable(tf.zeros((feature_dim, 1)))
    s_b = tf.Variable(tf.zeros(1))
    return s_w, s_b

# %% adagrad
def adagrad(params, grads, states, hyperparams):
    lr, eps = hyperparams["lr"], hyperparams["eps"]
    for p, g, s in zip(params, grads, states):
        s.assign_add(g ** 2)
        p.assign_sub(lr * g / tf.sqrt(s + eps))

# %% train
_, scratch = d2l.train_ch11(
    adagrad, init_adagrad_states(feature_dim),
    {"lr": 0.1, "eps": 1e-10}, data_iter, feature_dim)

# %% concise
_, built_in = d2l.train_concise_ch11(
    tf.keras.optimizers.Adagrad,
    {"learning_rate": 0.1, "initial_accumulator_value": 0.0,
     "epsilon": 1e-10}, data_iter)
