# %% imports
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
import jax
import jax.numpy as jnp
import optax
from common.check import Checker
from common.data.fashion_mnist import load_fashion_mnist
from common.harness import run_2d
from common.plotting import draw_contours
from common.progress import progress
check = Checker("rmsprop", "{{ language }}")
jax.config.update("jax_enable_x64", True)

# %% gamma-one-run nbgrader="answer"
a = jnp.array([0.2, 4.0], "float32")
x, s = jnp.array([-5.0, -2.0], "float32"), jnp.zeros(2, "float32")
eta, gamma, eps = 0.4, 1.0, 1e-6
trace = [d2l.numpy(x)]
for t in range(1, 16):
    ### BEGIN SOLUTION
    g = a * x
    s = gamma * s + (1 - gamma) * g ** 2
    x = x - eta / jnp.sqrt(s + eps) * g
    print(f"t = {t:2}   x = {x[0]:9.3g}, {x[1]:9.3g}"
          f"   s = {s[0]}, {s[1]}")
    ### END SOLUTION
    trace.append(d2l.numpy(x))

# %% fashion-network
def build_net(seed):
    W1, W2 = map(jnp.asarray, initial_weights(seed))
    return {"W1": W1, "b1": jnp.zeros(128),
            "W2": W2, "b2": jnp.zeros(10)}

@jax.jit
def predict(net, X):
    hidden = jax.nn.relu(X @ net["W1"] + net["b1"])
    return hidden @ net["W2"] + net["b2"]

# %% fashion-evaluate
def loss_fn(net, X, y):
    return optax.softmax_cross_entropy_with_integer_labels(
        predict(net, X), y).mean()

def evaluate(net, X, y):
    y_hat = predict(net, X)
    return (loss_fn(net, X, y).item(),
            (y_hat.argmax(1) == y).mean().item())

# %% fashion-rate nbgrader="answer"
lr = 0.003
rmsprop = optax.inject_hyperparams(optax.rmsprop)(
    learning_rate=lr, decay=0.9, eps=1e-12)

def build_optimizer(net):
    return {"state": rmsprop.init(net)}

def set_learning_rate(optimizer, value):
    ### BEGIN SOLUTION
    hyperparams = optimizer["state"].hyperparams
    hyperparams["learning_rate"] = jnp.asarray(value)
    ### END SOLUTION

# %% fashion-rate-check nbgrader="check" points=1
optimizer = build_optimizer(build_net(seed=0))
set_learning_rate(optimizer, 0.125)
rate = float(optimizer["state"].hyperparams["learning_rate"])
check("set_learning_rate", rate)
### BEGIN HIDDEN TESTS
assert check.passed("set_learning_rate", rate)
### END HIDDEN TESTS

# %% fashion-update
@jax.jit
def train_step(net, state, X_i, y_i):
    grads = jax.grad(loss_fn)(net, X_i, y_i)
    updates, state = rmsprop.update(grads, state)
    return optax.apply_updates(net, updates), state

def make_update(net, optimizer):
    def update(X_i, y_i):
        new_net, optimizer["state"] = train_step(
            net, optimizer["state"], X_i, y_i)
        net.update(new_net)
    return update

# %% gamma-sweep nbgrader="answer"
def sweep(schedule, seed):
    start, batches, (A_all, y_all) = problem(seed)
    x, s = jnp.asarray(start), 0
    for t, (A, y) in enumerate(batches, 1):
        gamma, eta = map(jnp.asarray, schedule(t))
        A, y = jnp.asarray(A), jnp.asarray(y)
        ### BEGIN SOLUTION
        g = A.T @ (A @ x - y) / len(y)
        s = gamma * s + (1 - gamma) * g ** 2
        x = x - eta / jnp.sqrt(s + 1e-6) * g
        ### END SOLUTION
    return np.mean((A_all @ d2l.numpy(x) - y_all) ** 2, axis=0) / 2
