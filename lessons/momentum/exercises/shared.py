# %% valley
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def momentum_2d(x1, x2, v1, v2):
    v1 = beta * v1 + 0.2 * x1
    v2 = beta * v2 + 4 * x2
    return x1 - eta * v1, x2 - eta * v2, v1, v2

# %% limit nbgrader="answer"
def largest_eta(beta, h):
    ### BEGIN SOLUTION
    low, high = 0, 4 / h
    for _ in range(30):
        eta, x, v = (low + high) / 2, 1.0, 0.0
        for _ in range(2000):
            v = beta * v + h * x
            x = x - eta * v
        low, high = (eta, high) if abs(x) < 1 else (low, eta)
    return low
    ### END SOLUTION

# %% limit-check nbgrader="check" points=3
check("largest_eta", largest_eta)
### BEGIN HIDDEN TESTS
assert check.passed("largest_eta", largest_eta)
### END HIDDEN TESTS

# %% limit-table nbgrader="answer"
for beta in (0, 0.5, 0.9):
    for h in (0.2, 4):
        print(f"β = {beta:3}   h = {h:3}   {largest_eta(beta, h):7.3f}"
              f"   2 (1 + β) / h = {2 * (1 + beta) / h:7.3f}")

# %% nesterov nbgrader="answer"
def nesterov_2d(x1, x2, v1, v2):
    ### BEGIN SOLUTION
    g1, g2 = 0.2 * x1, 4 * x2
    v1, v2 = beta * v1 + g1, beta * v2 + g2
    x1 -= eta * (g1 + beta * v1)
    x2 -= eta * (g2 + beta * v2)
    return x1, x2, v1, v2
    ### END SOLUTION

# %% nesterov-check nbgrader="check" points=2
eta, beta = 0.1, 0.9
check("nesterov_2d", nesterov_2d)
### BEGIN HIDDEN TESTS
assert check.passed("nesterov_2d", nesterov_2d)
### END HIDDEN TESTS

# %% nesterov-limit nbgrader="answer"
nesterov_limit = None
### BEGIN SOLUTION
beta, low, high = 0.9, 0, 1
for _ in range(30):
    eta, state = (low + high) / 2, (0, 1, 0, 0)
    for _ in range(2000):
        state = nesterov_2d(*state)
    low, high = (eta, high) if abs(state[1]) < 1 else (low, eta)
nesterov_limit = low
print(f"{nesterov_limit:.4f}   {2 * 1.9 / (4 * 2.8):.4f}")
### END SOLUTION

# %% nesterov-limit-check nbgrader="check" points=2
check("nesterov_limit", nesterov_limit)
### BEGIN HIDDEN TESTS
assert check.passed("nesterov_limit", nesterov_limit)
### END HIDDEN TESTS

# %% nesterov-traces nbgrader="answer"
eta, beta = 0.1, 0.9
traces = {"$x - \\eta v$": d2l.train_2d(momentum_2d, steps=40),
          "Nesterov": d2l.train_2d(nesterov_2d, steps=40)}
d2l.show_trace_2d(f_2d, traces)
print(*(f"|x₂| = {abs(trace[-1][1]):.0e}" for trace in traces.values()))

# %% average nbgrader="answer"
def average_2d(x1, x2, v1, v2):
    ### BEGIN SOLUTION
    v1 = beta * v1 + (1 - beta) * 0.2 * x1
    v2 = beta * v2 + (1 - beta) * 4 * x2
    return x1 - eta * v1, x2 - eta * v2, v1, v2
    ### END SOLUTION

# %% average-check nbgrader="check" points=1
eta, beta = 0.4, 0.5
check("average_2d", average_2d)
### BEGIN HIDDEN TESTS
assert check.passed("average_2d", average_2d)
### END HIDDEN TESTS

# %% same-eta nbgrader="answer"
same_eta = None
### BEGIN SOLUTION
eta, beta = 0.4, 0.5
summed = d2l.train_2d(momentum_2d)
same_eta = eta = eta / (1 - beta)
averaged = d2l.train_2d(average_2d)
gap = np.max(np.abs(np.subtract(summed, averaged)))
print("max |Δx|", "< 1e-12" if gap < 1e-12 else f"= {gap:.0e}")
### END SOLUTION

# %% same-eta-check nbgrader="check" points=1
check("same_eta", same_eta)
### BEGIN HIDDEN TESTS
assert check.passed("same_eta", same_eta)
### END HIDDEN TESTS
