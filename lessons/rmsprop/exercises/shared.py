# %% rmsprop-2d
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def rmsprop_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 = gamma * s1 + (1 - gamma) * g1 ** 2
    s2 = gamma * s2 + (1 - gamma) * g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2

# %% gamma-one-step nbgrader="answer"
first_step = None
### BEGIN SOLUTION
eta, eps, g1, g2 = 0.4, 1e-6, 0.2 * -5, 4 * -2
first_step = (-5 - eta / math.sqrt(eps) * g1,
              -2 - eta / math.sqrt(eps) * g2)
print(first_step)
### END SOLUTION

# %% gamma-one-step-check nbgrader="check" points=1
check("first_step", first_step)
### BEGIN HIDDEN TESTS
assert check.passed("first_step", first_step)
### END HIDDEN TESTS

# %% gamma-one-factors nbgrader="answer"
factors = None
### BEGIN SOLUTION
factors = (1 - 400 * 0.2, 1 - 400 * 4)
### END SOLUTION

# %% gamma-one-factors-check nbgrader="check" points=1
check("factors", factors)
### BEGIN HIDDEN TESTS
assert check.passed("factors", factors)
### END HIDDEN TESTS

# %% gamma-one-nan nbgrader="answer"
first_nan = None
### BEGIN SOLUTION
first_nan = np.argmax(np.isnan(trace), axis=0)
### END SOLUTION

# %% gamma-one-nan-check nbgrader="check" points=2
check("first_nan", first_nan)
### BEGIN HIDDEN TESTS
assert check.passed("first_nan", first_nan)
### END HIDDEN TESTS

# %% gamma-one-figure nbgrader="answer"
t, sizes = np.arange(16.0), np.abs(trace)
d2l.plt.plot(t, 5 * 79 ** t, label="$5 \\cdot 79^t$")
d2l.plt.plot(t, 2 * 1599 ** t, label="$2 \\cdot 1599^t$")
d2l.plt.plot(t, sizes[:, 0], "o", color="C0", label="$|x_1|$")
d2l.plt.plot(t, sizes[:, 1], "s", color="C1", label="$|x_2|$")
d2l.plt.axhline(np.finfo("float32").max, color="black", linewidth=1)
d2l.plt.text(6, 1e39, r"$3.4 \cdot 10^{38}$")
d2l.label_axes("$t$", "$|x|$", yscale="log", ylim=(1, 1e45))

# %% gamma-one-double nbgrader="answer"
eta, gamma, eps = 0.4, 1.0, 1e-6
state, t = (-5.0, -2.0, 0.0, 0.0), 0
try:
    while True:
        state = rmsprop_2d(*state)
        t += 1
except OverflowError:
    print(f"x after {t} steps: {state[0]:.1e}, {state[1]:.1e}")
    print(f"step {t + 1}: OverflowError")

# %% gamma-one-limit nbgrader="answer"
g = np.random.default_rng(0).normal(size=50)
for gamma in (0.9, 0.99, 0.999999):
    s = 0
    for t in range(50):
        s = gamma * s + (1 - gamma) * g[t] ** 2
    corrected = s / (1 - gamma ** 50)
    print(f"γ = {gamma:<8}   s / (1 - γ^t) = {corrected:.4f}")
print(f"g₁² + ... + g₅₀²   / 50 = {np.mean(g ** 2):.4f}")

# %% rotated-gradient nbgrader="answer"
def f_rotated(x1, x2):
    return f_2d(x1 + x2, x1 - x2)

def gradient_rotated(x1, x2):
    ### BEGIN SOLUTION
    g_u, g_v = 0.2 * (x1 + x2), 4 * (x1 - x2)
    return g_u + g_v, g_u - g_v
    ### END SOLUTION

# %% rotated-gradient-check nbgrader="check" points=2
check("gradient_rotated", gradient_rotated)
### BEGIN HIDDEN TESTS
assert check.passed("gradient_rotated", gradient_rotated)
### END HIDDEN TESTS

# %% rotated-run nbgrader="answer"
def rmsprop_rotated(x1, x2, s1, s2):
    ### BEGIN SOLUTION
    g1, g2 = gradient_rotated(x1, x2)
    s1 = gamma * s1 + (1 - gamma) * g1 ** 2
    s2 = gamma * s2 + (1 - gamma) * g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2
    ### END SOLUTION

# %% rotated-losses nbgrader="answer"
eta, gamma, eps = 0.4, 0.9, 1e-6
losses = {20: None, 30: None, 400: None}
### BEGIN SOLUTION
plain = d2l.train_2d(rmsprop_2d, steps=400)
rotated = d2l.train_2d(rmsprop_rotated, steps=400)
for t in losses:
    losses[t] = f_2d(*plain[t]), f_rotated(*rotated[t])
    print(f"t = {t:3}   {losses[t][0]:.1e}   {losses[t][1]:.1e}")
### END SOLUTION

# %% rotated-losses-check nbgrader="check" points=2
check("losses", losses)
### BEGIN HIDDEN TESTS
assert check.passed("losses", losses)
### END HIDDEN TESTS

# %% rotated-traces nbgrader="answer"
_, axes = d2l.plt.subplots(1, 2, figsize=(8, 3.3), sharey=True,
                           layout="constrained")
for ax, f, trace, title in (
        (axes[0], f_2d, plain, "$f(x_1, x_2)$"),
        (axes[1], f_rotated, rotated, "$f(x_1 + x_2, x_1 - x_2)$")):
    draw_contours(ax, f, (-5.5, 2.5), (-3.6, 1.6))
    ax.plot(*zip(*trace[:21]), "-o", color="C1")
    ax.set_title(title)
    ax.set_aspect("equal")
    ax.label_outer()

# %% rotated-rates nbgrader="answer"
def gd_2d(x1, x2, s1, s2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0

def gd_rotated(x1, x2, s1, s2):
    g1, g2 = gradient_rotated(x1, x2)
    return x1 - eta * g1, x2 - eta * g2, 0, 0

for f, trainer in (
        (f_2d, gd_2d), (f_2d, rmsprop_2d),
        (f_rotated, gd_rotated), (f_rotated, rmsprop_rotated)):
    ends = {}
    for eta in np.arange(1, 100) / 100:
        ends[eta] = f(*run_2d(trainer, 20, (-5, -2))[-1])
    best = min(ends, key=ends.get)
    print(f"{trainer.__name__:16} η = {best:.2f}   {ends[best]:.1e}")

# %% rotated-states nbgrader="answer"
eta, gamma, eps = 0.4, 0.9, 1e-6

def condition(H, s1, s2):
    D = np.diag(np.power([s1, s2], -0.25))
    return np.linalg.cond(D @ H @ D)

H, H_rotated = np.diag([0.2, 4]), np.array([[4.2, -3.8], [-3.8, 4.2]])
print(f"{condition(H, 1, 1):.1f} → {condition(H, 0.2**2, 4**2):.1f}")
x1, x2, s1, s2 = -5, -2, 0, 0
for t in range(1, 21):
    x1, x2, s1, s2 = rmsprop_rotated(x1, x2, s1, s2)
    if t % 5 == 0:
        print(f"t = {t:2}   √s = {s1 ** 0.5:.2f}, {s2 ** 0.5:.2f}   "
              f"{condition(H_rotated, 1, 1):.1f} → "
              f"{condition(H_rotated, s1, s2):.1f}")

# %% rotated-back nbgrader="answer"
eta, gamma, eps = 0.4, 0.9, 1e-6

def rmsprop_back(x1, x2, s1, s2):
    ### BEGIN SOLUTION
    r = math.sqrt(2)
    u, v = (x1 + x2) / r, (x1 - x2) / r
    u, v, s1, s2 = rmsprop_2d(u, v, s1, s2)
    return (u + v) / r, (u - v) / r, s1, s2
    ### END SOLUTION

# %% rotated-back-check nbgrader="check" points=2
check("rmsprop_back", rmsprop_back)
### BEGIN HIDDEN TESTS
assert check.passed("rmsprop_back", rmsprop_back)
### END HIDDEN TESTS

# %% rotated-full nbgrader="answer"
def rmsprop_full(x1, x2, S, _):
    g = np.array(gradient_rotated(x1, x2))
    S = gamma * S + (1 - gamma) * np.outer(g, g)
    sizes, Q = np.linalg.eigh(S)
    root = np.sqrt(np.maximum(sizes, 0) + eps)
    x1, x2 = (x1, x2) - eta * Q @ (Q.T @ g / root)
    return x1, x2, S, 0

traces = {r"$\mathrm{diag}(S)$": d2l.train_2d(rmsprop_rotated),
          "$u, v$": d2l.train_2d(rmsprop_back),
          "$S$": d2l.train_2d(rmsprop_full)}
d2l.show_trace_2d(f_rotated, traces)
print(*(f"{f_rotated(*trace[-1]):.1e}" for trace in traces.values()))

# %% fashion-data
(images, y), (test_images, y_test) = load_fashion_mnist(full=False)
X, X_test = (pixels.reshape(-1, 784) / 255
             for pixels in (images, test_images))
y, y_test = y.astype("int64"), y_test.astype("int64")
print(X.shape, X_test.shape, X.dtype, np.bincount(y))

# %% fashion-images
names = ("T-shirt", "trouser", "pullover", "dress", "coat",
         "sandal", "shirt", "sneaker", "bag", "boot")
_, panels = d2l.plt.subplots(1, 10, figsize=(9, 1.2),
                             layout="constrained")
for label, (panel, name) in enumerate(zip(panels, names)):
    panel.imshow(images[np.argmax(y == label)], cmap="gray_r")
    panel.set_title(name, size=10)
    panel.axis("off")

# %% fashion-weights
def initial_weights(seed, pixels=784, hidden=128):
    rng = np.random.default_rng([seed, 1])
    W1 = rng.normal(0, math.sqrt(2 / pixels), (pixels, hidden))
    W2 = rng.normal(0, math.sqrt(2 / hidden), (hidden, 10))
    return W1, W2

def minibatches(seed, num_epochs, batch_size=128):
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(X)) for _ in range(num_epochs)]
    return [[order[i:i + batch_size]
             for i in range(0, len(X), batch_size)] for order in orders]

# %% fashion-schedules nbgrader="answer"
def constant(p):
    return 1.0

def step(p):
    ### BEGIN SOLUTION
    return 1.0 if p < 0.5 else 0.1 if p < 0.75 else 0.01
    ### END SOLUTION

# %% fashion-cosine nbgrader="answer"
def cosine(p):
    ### BEGIN SOLUTION
    return (1 + math.cos(math.pi * p)) / 2
    ### END SOLUTION

def warmup(p):
    ### BEGIN SOLUTION
    return p / 0.1 if p < 0.1 else cosine((p - 0.1) / 0.9)
    ### END SOLUTION

# %% fashion-schedules-check nbgrader="check" points=3
check("step", step)
check("cosine", cosine)
check("warmup", warmup)
### BEGIN HIDDEN TESTS
assert check.passed("step", step)
assert check.passed("cosine", cosine)
assert check.passed("warmup", warmup)
### END HIDDEN TESTS

# %% fashion-schedules-figure nbgrader="answer"
p = np.linspace(0, 1, 201)
for schedule in (constant, step, cosine, warmup):
    d2l.plt.plot(p, [schedule(q) for q in p], label=schedule.__name__)
d2l.label_axes("$p$", r"$\eta(p) \, / \, \eta$")

# %% fashion-train
def train(schedule, seed=0, num_epochs=10):
    net, curve = build_net(seed), []
    optimizer = build_optimizer(net)
    update = make_update(net, optimizer)
    for batches in progress(minibatches(seed, num_epochs)):
        for k, i in enumerate(batches):
            p = (len(curve) + k / len(batches)) / num_epochs
            set_learning_rate(optimizer, lr * schedule(p))
            update(X[i], y[i])
        loss, _ = evaluate(net, X, y)
        curve.append((loss, *evaluate(net, X_test, y_test)))
    return curve

# %% fashion-run nbgrader="answer"
curves = {"constant": [], "step": [], "cosine": [], "warmup": []}
### BEGIN SOLUTION
for schedule in (constant, step, cosine, warmup):
    for seed in range(3):
        curves[schedule.__name__].append(train(schedule, seed))
### END SOLUTION

# %% fashion-run-check nbgrader="check" points=3
check("curves", curves)
### BEGIN HIDDEN TESTS
assert check.passed("curves", curves)
### END HIDDEN TESTS

# %% fashion-curves nbgrader="answer"
_, panels = d2l.plt.subplots(1, 2, figsize=(8, 3.2),
                             layout="constrained")
panels[0].set(ylabel="$L$", ylim=(0, 2.5))
panels[1].set(ylabel=r"$P(\hat{y} = y)$", ylim=(0.4, 0.9))
epochs = np.arange(1, 11)
for panel, column in zip(panels, (0, 2)):
    for name, runs in curves.items():
        v = np.array(runs)[:, :, column]
        line, = panel.plot(epochs, v.mean(axis=0), label=name)
        panel.fill_between(epochs, v.min(axis=0), v.max(axis=0),
                           color=line.get_color(), alpha=0.2)
    panel.set_xlabel("epoch")
    panel.legend()

# %% fashion-table nbgrader="answer"
for name, runs in curves.items():
    ends = np.array(runs)[:, -1]
    L, L_test, accuracy = ends.mean(axis=0)
    moves = ends[:, 0] - np.array(runs)[:, -2, 0]
    print(f"{name:8}   L = {L:.2f}, {L_test:.2f}   {accuracy:.3f}   "
          f"{ends[:, 2].min():.3f} ... {ends[:, 2].max():.3f}   "
          f"ΔL = {np.sqrt(np.mean(moves ** 2)):.4f}")

# %% rivals-rules
def adagrad(g, v, s, t):
    s = s + g ** 2
    return g / np.sqrt(s + 1e-12), v, s

def leaky(g, v, s, t):
    s = 0.9 * s + 0.1 * g ** 2
    return g / np.sqrt(s + 1e-12), v, s

def adam(g, v, s, t):
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g ** 2
    v_hat, s_hat = v / (1 - 0.9 ** t), s / (1 - 0.999 ** t)
    return v_hat / (np.sqrt(s_hat) + 1e-8), v, s

# %% rivals
def momentum(g, v, s, t):
    v = 0.9 * v + g
    return v, v, s

# The rule, and the middle of the learning rates as a power of 10.
rivals = {"SGD": (lambda g, v, s, t: (g, v, s), -0.5),
          "momentum": (momentum, -0.5), "Adagrad": (adagrad, -1),
          "RMSProp": (leaky, -2), "Adam": (adam, -1.5)}

squares = images.reshape(-1, 7, 4, 7, 4) / 255
X_small = squares.mean(axis=(2, 4)).reshape(-1, 49)

# %% rivals-gradients
def gradients(params, X, y):
    W1, b1, W2, b2 = params
    hidden = np.maximum(X @ W1 + b1, 0)
    y_hat = hidden @ W2 + b2
    P = np.exp(y_hat - y_hat.max(axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    losses = -np.log(P[:, np.arange(len(y)), y]).mean(axis=1)
    P[:, np.arange(len(y)), y] -= 1
    d2 = P / len(y)
    d1 = d2 @ W2.swapaxes(1, 2) * (hidden > 0)
    return losses, [
        X.T @ d1, d1.sum(axis=1, keepdims=True),
        hidden.swapaxes(1, 2) @ d2, d2.sum(axis=1, keepdims=True)]

# %% rivals-race nbgrader="answer"
def race(rule, etas, schedule, seed, num_epochs=10):
    W1, W2 = initial_weights(seed, pixels=49, hidden=32)
    start = (W1, np.zeros((1, 32)), W2, np.zeros((1, 10)))
    params = [np.stack([p] * len(etas)) for p in start]
    v, s = [0] * 4, [0] * 4
    batches = [i for epoch in minibatches(seed, num_epochs)
               for i in epoch]
    for t, i in enumerate(batches, 1):
        eta = etas[:, None, None] * schedule((t - 1) / len(batches))
        for k, g in enumerate(gradients(params, X_small[i], y[i])[1]):
            ### BEGIN SOLUTION
            direction, v[k], s[k] = rule(g, v[k], s[k], t)
            params[k] -= eta * direction
            ### END SOLUTION
    return gradients(params, X_small, y)[0]

# %% rivals-race-check nbgrader="check" points=2
losses = race(leaky, np.array([0.001, 0.01]), constant, 0, 1)
check("race", losses)
### BEGIN HIDDEN TESTS
assert check.passed("race", losses)
### END HIDDEN TESTS

# %% rivals-run nbgrader="answer"
ends = {}
### BEGIN SOLUTION
for name in progress(list(rivals)):
    rule, middle = rivals[name]
    etas = np.round(np.logspace(middle - 1, middle + 1, 5), 4)
    for schedule in (constant, cosine):
        with np.errstate(all="ignore"):  # some of the runs diverge
            ends[name, schedule.__name__] = etas, np.array([
                race(rule, etas, schedule, seed) for seed in range(3)])
### END SOLUTION

# %% rivals-table nbgrader="answer"
for (name, schedule), (etas, losses) in ends.items():
    best = np.nanargmin(losses.mean(axis=0))
    L = losses[:, best]
    print(f"{name:8}   {schedule:8}   η = {etas[best]:.4f}   "
          f"L = {L.mean():.2f}   {L.min():.2f} ... {L.max():.2f}")

# %% gamma-grid
gammas = np.array([0.1, 0.5, 0.9, 0.99, 0.999], "float32")
etas = np.array([0.001, 0.003, 0.01, 0.03, 0.1], "float32")
gamma_grid = np.repeat(gammas, len(etas))
eta_grid = np.tile(etas, len(gammas))

def constant_grid(t):
    return gamma_grid, eta_grid

# %% gamma-problem
def rows(X, y):
    X, y = d2l.numpy(X), d2l.numpy(y)
    return np.c_[X, np.ones(len(X), "float32")], y[:, None]

def problem(seed):
    data_iter, _ = d2l.get_data_ch11(seed=seed)
    start = np.append(*d2l.initial_params(data_iter))[:, None]
    batches = [rows(*batch) for _ in range(2) for batch in data_iter]
    return start, batches, rows(data_iter.X, data_iter.y)

# %% gamma-sweep-check nbgrader="check" points=3
final = sweep(constant_grid, seed=0)
check("sweep", final)
### BEGIN HIDDEN TESTS
assert check.passed("sweep", final)
### END HIDDEN TESTS

# %% gamma-excess
A_all, y_all = problem(seed=0)[2]
x = np.linalg.lstsq(A_all.astype(float), y_all, rcond=None)[0]
best = np.mean((A_all @ x - y_all) ** 2) / 2
print(f"L* = {best:.4f}")

def excess(schedule, seeds=5):
    return np.array([sweep(schedule, s) for s in range(seeds)]) - best

# %% gamma-map nbgrader="answer"
grid = excess(constant_grid).reshape(-1, 5, 5)
mean, spread = grid.mean(axis=0), grid.std(axis=0)
d2l.plt.figure(layout="constrained")
image = d2l.plt.imshow(np.log10(mean), cmap="viridis_r", aspect="auto")
for i in range(5):
    for j in range(5):
        d2l.plt.text(j, i, f"{mean[i, j]:.4f}\n±{spread[i, j]:.4f}",
                     ha="center", va="center", size=8,
                     color="white" if mean[i, j] > 0.01 else "black")
d2l.plt.xticks(range(5), [f"{eta:g}" for eta in etas])
d2l.plt.yticks(range(5), [f"{gamma:g}" for gamma in gammas])
d2l.plt.colorbar(image, label=r"$\log_{10} (L - L^*)$")
d2l.plt.grid(False)
d2l.label_axes(r"$\eta$", r"$\gamma$")

# %% gamma-effects nbgrader="answer"
for i in range(5):
    print(f"γ = {gammas[i]:<5g}   max / min over η: "
          f"{mean[i].max() / mean[i].min():4.0f}")
for j in range(5):
    print(f"η = {etas[j]:<5g}   max / min over γ: "
          f"{mean[:, j].max() / mean[:, j].min():4.0f}")

# %% gamma-schedule nbgrader="answer"
def gamma_schedule(t):
    ### BEGIN SOLUTION
    return 1 - 10 ** (2 * t / 300 - 3)
    ### END SOLUTION

# %% gamma-schedule-check nbgrader="check" points=1
check("gamma_schedule", gamma_schedule)
### BEGIN HIDDEN TESTS
assert check.passed("gamma_schedule", gamma_schedule)
### END HIDDEN TESTS

# %% gamma-compare nbgrader="answer"
def rising(t):
    return 0.999 * (1 - 0.999 ** (t - 1)) / (1 - 0.999 ** t)

def schedules(t):
    gamma_t = 0.9, 0.999, rising(t), gamma_schedule(t), 0.9
    factor_t = 1, 1, 1, 1, cosine(t / 300)
    return (np.repeat(np.array(gamma_t, "float32"), 5),
            np.outer(np.array(factor_t, "float32"), etas).ravel())

runs = excess(schedules).reshape(-1, 5, 5)
names = "γ = 0.9", "γ = 0.999", "rising", "gamma_schedule", "cosine η"
for name, m, d in zip(names, runs.mean(axis=0), runs.std(axis=0)):
    print(f"{name:14}", *(f"{a:.4f}±{b:.4f}" for a, b in zip(m, d)))
