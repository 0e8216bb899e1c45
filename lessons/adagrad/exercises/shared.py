# %% words
X, y = load_airfoil()
y = (y - y.mean()) / y.std()
pair = 1e6 * X[:, 1] + X[:, 0]
columns = [np.unique(column, return_inverse=True)[1]
           for column in (*X.T, pair)]
first = np.cumsum([0] + [max(column) + 1 for column in columns])
words, d = np.transpose(columns) + first[:-1], first[-1]

# %% rules nbgrader="answer"
def adagrad_rule(g, s):
    s = s + g ** 2
    return g / np.sqrt(s + 1e-10), s

def clock_rule(g, n):
    ### BEGIN SOLUTION
    n = n + 1
    return g / np.sqrt(n), n
    ### END SOLUTION

# %% rules-check nbgrader="check" points=2
check("clock_rule", clock_rule)
### BEGIN HIDDEN TESTS
assert check.passed("clock_rule", clock_rule)
### END HIDDEN TESTS

# %% clock-same nbgrader="answer"
same = None
### BEGIN SOLUTION
same = 1
### END SOLUTION

# %% clock-same-check nbgrader="check" points=1
check("same", same)
### BEGIN HIDDEN TESTS
assert check.passed("same", same)
### END HIDDEN TESTS

# %% one-pass
etas = np.round(np.logspace(-2, 1, 25), 6)

def one_pass(rule, seed):
    x, s = np.zeros((2, d, len(etas)))
    for row in np.random.default_rng(seed).permutation(len(y)):
        i = words[row]
        error = x[i].sum(axis=0) - y[row]
        step, s[i] = rule(error, s[i])
        x[i] -= etas * step
    errors = x[words].sum(axis=1) - y[:, None]
    return np.mean(errors ** 2, axis=0) / 2

# %% clock-run nbgrader="answer"
medians = {"adagrad": None, "clock": None}
### BEGIN SOLUTION
for name, rule in (("adagrad", adagrad_rule), ("clock", clock_rule)):
    with np.errstate(all="ignore"):  # some of the runs diverge
        losses = [one_pass(rule, seed) for seed in range(9)]
    medians[name] = np.median(losses, axis=0)
    k = np.nanargmin(medians[name])
    print(f"{name:8} η = {etas[k]:.2f}   L = {medians[name][k]:.3f}")
### END SOLUTION

# %% clock-run-check nbgrader="check" points=2
check("medians", medians)
### BEGIN HIDDEN TESTS
assert check.passed("medians", medians)
### END HIDDEN TESTS

# %% valley
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def steps_needed(eta, s, scale):
    x, g_over_x, t = np.array([-5.0, -2.0]), np.array([0.2, 4]), 0
    while f_2d(*x) > 0.01:
        g = scale * g_over_x * x
        s = s + g ** 2
        x = x - eta / np.sqrt(s + 1e-10) * g
        t += 1
    return t

# %% scale-steps nbgrader="answer"
steps = {0: None, 0.1: None}
### BEGIN SOLUTION
for start in steps:
    steps[start] = [steps_needed(0.4, start, scale)
                    for scale in (1, 0.1, 0.01)]
    print(f"s₀ = {start:3}   {steps[start]}")
### END SOLUTION

# %% scale-steps-check nbgrader="check" points=2
check("steps", steps)
### BEGIN HIDDEN TESTS
assert check.passed("steps", steps)
### END HIDDEN TESTS

# %% scale-same nbgrader="answer"
eta_same, start_same = None, None
### BEGIN SOLUTION
eta_same, start_same = 0.4, 0.1 / 100 ** 2
print(steps_needed(eta_same, start_same, 0.01))
### END SOLUTION

# %% scale-same-check nbgrader="check" points=2
check("same_run", (eta_same, start_same))
### BEGIN HIDDEN TESTS
assert check.passed("same_run", (eta_same, start_same))
### END HIDDEN TESTS

# %% rotated nbgrader="answer"
def f_rotated(x1, x2):
    return f_2d(x1 + x2, x1 - x2)

def gradient_rotated(x1, x2):
    g_u, g_v = 0.2 * (x1 + x2), 4 * (x1 - x2)
    return g_u + g_v, g_u - g_v

def adagrad_rotated(x1, x2, s1, s2):
    ### BEGIN SOLUTION
    g1, g2 = gradient_rotated(x1, x2)
    s1, s2 = s1 + g1 ** 2, s2 + g2 ** 2
    x1 = x1 - eta / math.sqrt(s1 + 1e-10) * g1
    x2 = x2 - eta / math.sqrt(s2 + 1e-10) * g2
    return x1, x2, s1, s2
    ### END SOLUTION

# %% rotated-check nbgrader="check" points=2
eta = 0.4
check("adagrad_rotated", adagrad_rotated)
### BEGIN HIDDEN TESTS
assert check.passed("adagrad_rotated", adagrad_rotated)
### END HIDDEN TESTS

# %% rotated-rivals
def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1, s2 = s1 + g1 ** 2, s2 + g2 ** 2
    x1 = x1 - eta / math.sqrt(s1 + 1e-10) * g1
    x2 = x2 - eta / math.sqrt(s2 + 1e-10) * g2
    return x1, x2, s1, s2

def gd_2d(x1, x2, s1, s2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0

def gd_rotated(x1, x2, s1, s2):
    g1, g2 = gradient_rotated(x1, x2)
    return x1 - eta * g1, x2 - eta * g2, 0, 0

# %% rotated-gd
def draw(trainer):
    _, axes = d2l.plt.subplots(figsize=(5, 3.3))
    draw_contours(axes, f_rotated, (-5.5, 2.5), (-5.8, 2.2))
    trace = run_2d(trainer, 20, (-5.0, -2.0))
    axes.plot(*zip(*trace), "-o", color="C1")
    axes.set_aspect("equal")

eta = 0.2
draw(gd_rotated)

# %% rotated-best nbgrader="answer"
doublings = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
best = {"gd_2d": None, "adagrad_2d": None,
        "gd_rotated": None, "adagrad_rotated": None}
### BEGIN SOLUTION
for f, trainer in ((f_2d, gd_2d), (f_2d, adagrad_2d),
                   (f_rotated, gd_rotated),
                   (f_rotated, adagrad_rotated)):
    losses = {}
    for eta in doublings:
        losses[eta] = f(*run_2d(trainer, 20, (-5.0, -2.0))[-1])
    eta = min(losses, key=losses.get)
    best[trainer.__name__] = losses[eta]
    print(f"{trainer.__name__:16} η = {eta:4}   f = {losses[eta]:.0e}")
### END SOLUTION

# %% rotated-best-check nbgrader="check" points=2
check("best", best)
### BEGIN HIDDEN TESTS
assert check.passed("best", best)
### END HIDDEN TESTS

# %% rotated-traces nbgrader="answer"
eta = 3.2
draw(adagrad_rotated)
