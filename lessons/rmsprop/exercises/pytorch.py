# %% imports
import math
import numpy as np
from common import torch as d2l
import torch
from common.check import Checker
from common.data.fashion_mnist import load_fashion_mnist
from common.harness import run_2d
from common.plotting import draw_contours
from common.progress import progress
check = Checker("{{ language }}")
torch.set_num_threads(1)  # for matrices this small, more is slower

# %% gamma-one-run nbgrader="answer"
a = torch.tensor([0.2, 4.0])
x, s = torch.tensor([-5.0, -2.0]), torch.zeros(2)
eta, gamma, eps = 0.4, 1.0, 1e-6
trace = [d2l.numpy(x)]
for t in range(1, 16):
    ### BEGIN SOLUTION
    g = a * x
    s = gamma * s + (1 - gamma) * g ** 2
    x = x - eta / torch.sqrt(s + eps) * g
    print(f"t = {t:2}   x = {x[0]:9.2g}, {x[1]:9.2g}"
          f"   s = {s[0]}, {s[1]}")
    ### END SOLUTION
    trace.append(d2l.numpy(x))

# %% fashion-network
def build_net(seed):
    W1, W2 = map(torch.from_numpy, initial_weights(seed))
    net = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(),
        torch.nn.Linear(128, 10))
    net.load_state_dict({"0.weight": W1.T, "0.bias": torch.zeros(128),
                         "2.weight": W2.T, "2.bias": torch.zeros(10)})
    return net

# %% fashion-evaluate
loss_fn = torch.nn.CrossEntropyLoss()

def evaluate(net, X, y):
    y = torch.from_numpy(y)
    with torch.no_grad():
        y_hat = net(torch.from_numpy(X))
    loss = loss_fn(y_hat, y)
    return loss.item(), (y_hat.argmax(1) == y).float().mean().item()

# %% fashion-rate nbgrader="answer"
lr = 0.003

def build_optimizer(net):
    return torch.optim.RMSprop(net.parameters(), lr=lr, alpha=0.9,
                               eps=1e-6)

def set_learning_rate(optimizer, value):
    ### BEGIN SOLUTION
    for group in optimizer.param_groups:
        group["lr"] = value
    ### END SOLUTION

# %% fashion-rate-check nbgrader="check" points=1
optimizer = build_optimizer(build_net(seed=0))
set_learning_rate(optimizer, 0.125)
check.learning_rate(lr, optimizer.param_groups[0]["lr"])
### BEGIN HIDDEN TESTS
assert optimizer.param_groups[0]["lr"] == 0.125
### END HIDDEN TESTS

# %% fashion-update
def make_update(net, optimizer):
    def update(X_i, y_i):
        y_hat = net(torch.from_numpy(X_i))
        optimizer.zero_grad()
        loss_fn(y_hat, torch.from_numpy(y_i)).backward()
        optimizer.step()
    return update

# %% gamma-sweep nbgrader="answer"
def sweep(schedule, seed):
    start, batches, (A_all, y_all) = problem(seed)
    x, s = torch.from_numpy(start), 0
    for t, (A, y) in enumerate(batches, 1):
        gamma, eta = map(torch.from_numpy, schedule(t))
        A, y = torch.from_numpy(A), torch.from_numpy(y)
        ### BEGIN SOLUTION
        g = A.T @ (A @ x - y) / len(y)
        s = gamma * s + (1 - gamma) * g ** 2
        x = x - eta / torch.sqrt(s + 1e-6) * g
        ### END SOLUTION
    return np.mean((A_all @ d2l.numpy(x) - y_all) ** 2, axis=0) / 2
