# %% imports
import math
import numpy as np
from common import tensorflow as d2l
import tensorflow as tf
from common.check import Checker
from common.data.fashion_mnist import load_fashion_mnist
from common.harness import run_2d
from common.plotting import draw_contours
from common.progress import progress
check = Checker("{{ language }}")

# %% gamma-one-run nbgrader="answer"
a = tf.constant([0.2, 4.0])
x, s = tf.constant([-5.0, -2.0]), tf.zeros(2)
eta, gamma, eps = 0.4, 1.0, 1e-6
trace = [d2l.numpy(x)]
for t in range(1, 16):
    ### BEGIN SOLUTION
    g = a * x
    s = gamma * s + (1 - gamma) * g ** 2
    x = x - eta / tf.sqrt(s + eps) * g
    print(f"t = {t:2}   x = {x[0]:9.2g}, {x[1]:9.2g}"
          f"   s = {s[0]}, {s[1]}")
    ### END SOLUTION
    trace.append(d2l.numpy(x))

# %% fashion-network
def build_net(seed):
    W1, W2 = initial_weights(seed)
    net = tf.keras.Sequential([
        tf.keras.Input((784,)),
        tf.keras.layers.Dense(128, activation="relu"),
        tf.keras.layers.Dense(10)])
    net.set_weights([W1, np.zeros(128), W2, np.zeros(10)])
    return net

# %% fashion-evaluate
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(
    from_logits=True)

def evaluate(net, X, y):
    y_hat = net(X)
    correct = np.argmax(y_hat, axis=1) == y
    return float(loss_fn(y, y_hat)), float(np.mean(correct))

# %% fashion-rate nbgrader="answer"
lr = 0.003

def build_optimizer(net):
    optimizer = tf.keras.optimizers.RMSprop(lr, rho=0.9, epsilon=1e-12)
    optimizer.build(net.trainable_variables)
    return optimizer

def set_learning_rate(optimizer, value):
    ### BEGIN SOLUTION
    optimizer.learning_rate = value
    ### END SOLUTION

# %% fashion-rate-check nbgrader="check" points=1
optimizer = build_optimizer(build_net(seed=0))
set_learning_rate(optimizer, 0.125)
check.learning_rate(lr, float(optimizer.learning_rate))
### BEGIN HIDDEN TESTS
assert float(optimizer.learning_rate) == 0.125
### END HIDDEN TESTS

# %% fashion-update
def make_update(net, optimizer):
    @tf.function(reduce_retracing=True)
    def update(X_i, y_i):
        with tf.GradientTape() as tape:
            loss = loss_fn(y_i, net(X_i))
        params = net.trainable_variables
        grads = tape.gradient(loss, params)
        optimizer.apply_gradients(zip(grads, params))
    return lambda X_i, y_i: update(tf.constant(X_i), tf.constant(y_i))

# %% gamma-sweep nbgrader="answer"
def sweep(schedule, seed):
    start, batches, (A_all, y_all) = problem(seed)
    x, s = tf.constant(start), 0
    for t, (A, y) in enumerate(batches, 1):
        gamma, eta = map(tf.constant, schedule(t))
        ### BEGIN SOLUTION
        g = tf.transpose(A) @ (A @ x - y) / len(y)
        s = gamma * s + (1 - gamma) * g ** 2
        x = x - eta / tf.sqrt(s + 1e-6) * g
        ### END SOLUTION
    return np.mean((A_all @ d2l.numpy(x) - y_all) ** 2, axis=0) / 2
