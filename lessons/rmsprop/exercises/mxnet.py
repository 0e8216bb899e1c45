# %% imports
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
import mxnet as mx
from mxnet import autograd, gluon
from common.check import Checker
from common.data.fashion_mnist import load_fashion_mnist
from common.harness import run_2d
from common.plotting import draw_contours
from common.progress import progress
check = Checker("{{ language }}")

# %% gamma-one-run nbgrader="answer"
a = mx.np.array([0.2, 4.0])
x, s = mx.np.array([-5.0, -2.0]), mx.np.zeros(2)
eta, gamma, eps = 0.4, 1.0, 1e-6
trace = [d2l.numpy(x)]
for t in range(1, 16):
    ### BEGIN SOLUTION
    g = a * x
    s = gamma * s + (1 - gamma) * g ** 2
    x = x - eta / mx.np.sqrt(s + eps) * g
    print(f"t = {t:2}   x = {x[0].item():9.2g}, {x[1].item():9.2g}"
          f"   s = {s[0].item()}, {s[1].item()}")
    ### END SOLUTION
    trace.append(d2l.numpy(x))

# %% fashion-network
def build_net(seed):
    W1, W2 = map(mx.np.array, initial_weights(seed))
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(128, activation="relu", in_units=784),
            gluon.nn.Dense(10, in_units=128))
    net.initialize(mx.init.Zero())
    net[0].weight.set_data(W1.T)
    net[1].weight.set_data(W2.T)
    net.hybridize()
    return net

# %% fashion-evaluate
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()

def evaluate(net, X, y):
    y_hat, y = net(mx.np.array(X)), mx.np.array(y)
    loss = loss_fn(y_hat, y).mean()
    return loss.item(), (y_hat.argmax(1) == y).mean().item()

# %% fashion-rate nbgrader="answer"
lr = 0.003

def build_optimizer(net):
    return gluon.Trainer(net.collect_params(), "rmsprop",
                         {"learning_rate": lr, "gamma1": 0.9,
                          "epsilon": 1e-12})

def set_learning_rate(optimizer, value):
    ### BEGIN SOLUTION
    optimizer.set_learning_rate(value)
    ### END SOLUTION

# %% fashion-rate-check nbgrader="check" points=1
optimizer = build_optimizer(build_net(seed=0))
set_learning_rate(optimizer, 0.125)
check.learning_rate(lr, optimizer.learning_rate)
### BEGIN HIDDEN TESTS
assert optimizer.learning_rate == 0.125
### END HIDDEN TESTS

# %% fashion-update
def make_update(net, optimizer):
    def update(X_i, y_i):
        with autograd.record():
            y_hat = net(mx.np.array(X_i))
            loss = loss_fn(y_hat, mx.np.array(y_i))
        loss.backward()
        optimizer.step(len(y_i))
    return update

# %% gamma-sweep nbgrader="answer"
def sweep(schedule, seed):
    start, batches, (A_all, y_all) = problem(seed)
    x, s = mx.np.array(start), 0
    for t, (A, y) in enumerate(batches, 1):
        gamma, eta = map(mx.np.array, schedule(t))
        A, y = mx.np.array(A), mx.np.array(y)
        ### BEGIN SOLUTION
        g = mx.np.dot(A.T, mx.np.dot(A, x) - y) / len(y)
        s = gamma * s + (1 - gamma) * g ** 2
        x = x - eta / mx.np.sqrt(s + 1e-6) * g
        ### END SOLUTION
    return np.mean((A_all @ d2l.numpy(x) - y_all) ** 2, axis=0) / 2
