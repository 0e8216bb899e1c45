# %% correction tags=["hide-input"]
t = np.arange(1, 2001)
for beta1, beta2 in ((0.9, 0.999), (0.9, 0.99)):
    v, s = 1 - beta1 ** t, 1 - beta2 ** t  # at a constant gradient of 1
    d2l.plt.plot(t, v / np.sqrt(s), label=rf"$\beta_2 = {beta2}$")
    print(f"β₂ = {beta2:5}   t = 1: {(v / np.sqrt(s))[0]:.2f}"
          f"   max {np.max(v / np.sqrt(s)):.2f}"
          f"   t = 1000: {(v / np.sqrt(s))[999]:.2f}")
v_hat, s_hat = v / (1 - beta1 ** t), s / (1 - beta2 ** t)
d2l.plt.plot(t, v_hat / np.sqrt(s_hat), "--", color="black",
             label=r"$\hat{v}_t, \hat{s}_t$")
d2l.label_axes("$t$", r"$|x_t - x_{t-1}| \, / \, \eta$", xscale="log",
               ylim=(0, 7))
d2l.plt.legend();

# %% adam-2d
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def adam_2d(x1, x2, v1, v2, s1, s2, t):
    g1, g2 = 0.2 * x1, 4 * x2
    v1 = beta1 * v1 + (1 - beta1) * g1
    v2 = beta1 * v2 + (1 - beta1) * g2
    s1 = beta2 * s1 + (1 - beta2) * g1 ** 2
    s2 = beta2 * s2 + (1 - beta2) * g2 ** 2
    a, b = 1 - beta1 ** t, 1 - beta2 ** t
    x1 -= eta * (v1 / a) / (math.sqrt(s1 / b) + eps)
    x2 -= eta * (v2 / a) / (math.sqrt(s2 / b) + eps)
    return x1, x2, v1, v2, s1, s2, t + 1

# %% large-eps slideshow={"slide_type": "skip"}
beta1, beta2, start = 0.9, 0.999, (0, 0, 0, 0, 1)
for eps in (1e-8, 1e-1, 1e1, 1e3):
    eta = 0.4 * max(eps, 1)
    x1, x2, *states = -5, -2, *start
    m, v, far = np.array([-5.0, -2.0]), 0, 0
    for t in range(1, 21):
        x1, x2, *states = adam_2d(x1, x2, *states)
        v = beta1 * v + (1 - beta1) * np.array([0.2, 4]) * m
        m = m - 0.4 * v / (1 - beta1 ** t)
        far = max(far, math.dist((x1, x2), m))
    print(f"ε = {eps:.0e}   η = {eta:5g}   max |Δx| = {far:.3f}")

# %% rivals slideshow={"slide_type": "skip"}
def momentum_2d(x1, x2, v1, v2):
    v1, v2 = 0.9 * v1 + 0.2 * x1, 0.9 * v2 + 4 * x2
    return x1 - eta * v1, x2 - eta * v2, v1, v2

def adagrad_2d(x1, x2, s1, s2, keep=1, add=1):
    g1, g2 = 0.2 * x1, 4 * x2
    s1, s2 = keep * s1 + add * g1 ** 2, keep * s2 + add * g2 ** 2
    x1 -= eta / math.sqrt(s1 + 1e-6) * g1
    x2 -= eta / math.sqrt(s2 + 1e-6) * g2
    return x1, x2, s1, s2

def rmsprop_2d(x1, x2, s1, s2):
    return adagrad_2d(x1, x2, s1, s2, keep=0.9, add=0.1)

# %% grid tags=["hide-input"]
grid, best, eps = [0.05 * 2 ** k for k in range(9)], {}, 1e-8
walks = {"Momentum": (momentum_2d, (0, 0)),
         "Adagrad": (adagrad_2d, (0, 0)),
         "RMSProp": (rmsprop_2d, (0, 0)), "Adam": (adam_2d, start)}
print(f"{'η':8}", *(f"{eta:6g}" for eta in grid))
for name, (trainer, states) in walks.items():
    losses = {}
    for eta in grid:
        x1, x2, *s = -5, -2, *states
        for _ in range(20):
            x1, x2, *s = trainer(x1, x2, *s)
        losses[eta] = f_2d(x1, x2)
    best[name] = min(losses, key=losses.get)
    print(f"{name:8}", *(f"{loss:6.0e}" for loss in losses.values()))

# %% four-traces
traces = {}
for name, (trainer, states) in walks.items():
    eta = best[name]
    traces[f"{name}, η = {eta:g}"] = d2l.train_2d(
        trainer, states=states)
d2l.show_trace_2d(f_2d, traces)

# %% play slideshow={"slide_type": "skip"}
d2l.play_2d(f_2d, adam_2d, states=start, eta=0.8, beta1=0.9,
            beta2=0.999, eps=1e-8,
            sliders={"eta": ("η", 0.1, 2.0, 0.1)})

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)

# %% decay slideshow={"slide_type": "skip"}
sigma = np.logspace(-1.5, 1.5, 13)  # size of a coordinate's gradients

def mean_weight(decoupled, eta=0.01, lam=0.1, steps=1000):
    rng = np.random.default_rng(0)
    x = np.ones((13, 400))
    v = s = np.zeros_like(x)
    for t in range(1, steps + 1):
        g = sigma[:, None] * rng.normal(size=x.shape)
        if not decoupled:
            g = g + lam * x
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g ** 2
        v_hat, s_hat = v / (1 - 0.9 ** t), s / (1 - 0.999 ** t)
        shrunk = (1 - eta * lam) * x if decoupled else x
        x = shrunk - eta * v_hat / (np.sqrt(s_hat) + 1e-8)
    return x.mean(axis=1)

# %% decay-figure tags=["hide-input"]
inside, beside = mean_weight(False), mean_weight(True)
d2l.plt.plot(sigma, inside, "o-", label=r"$g + \lambda x$")
d2l.plt.plot(sigma, beside, "s--", label=r"$(1 - \eta \lambda) \, x$")
d2l.label_axes(r"$\sigma$", "$x_{1000}$", xscale="log",
               ylim=(-0.05, 1.05))
d2l.plt.legend(loc="upper left");

# %% counterexample
def adam_s(s, s_max, g2):
    s = beta2 * s + (1 - beta2) * g2
    return s, s

def amsgrad_s(s, s_max, g2):
    s = beta2 * s + (1 - beta2) * g2
    return s, max(s_max, s)

def yogi_s(s, s_max, g2):
    s = s - (1 - beta2) * math.copysign(g2, s - g2)
    return s, s

# %% counterexample-run
C, eta = 3, 0.1
beta2 = 1 / (1 + C ** 2)
ends = {}
for name, rule in (("Adam", adam_s), ("AMSGrad", amsgrad_s),
                   ("Yogi", yogi_s)):
    x, s, s_max, path = 0, 0, 0, []
    for t in range(1, 30_001):
        g = C if t % 3 == 1 else -1
        s, s_max = rule(s, s_max, g ** 2)
        x = min(max(x - eta / math.sqrt(t * s_max) * g, -1), 1)
        path.append(x)
    ends[name] = x
    d2l.plt.plot(range(1, 30_001), path, label=name)
d2l.label_axes("$t$", "$x_t$", xscale="log", ylim=(-1.1, 1.1))

# %% adadelta
def adadelta(x, s, d, g, rho, eps):
    s = rho * s + (1 - rho) * g ** 2
    step = math.sqrt(d + eps) / math.sqrt(s + eps) * g
    d = rho * d + (1 - rho) * step ** 2
    return x - step, s, d

# %% race-rules slideshow={"slide_type": "skip"}
def adagrad(g, v, s, t):
    s = s + g ** 2
    return g / np.sqrt(s + 1e-6), v, s

def rmsprop(g, v, s, t):
    s = 0.9 * s + 0.1 * g ** 2
    return g / np.sqrt(s + 1e-6), v, s

def adam_rule(g, v, s, t):
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g ** 2
    v_hat, s_hat = v / (1 - 0.9 ** t), s / (1 - 0.999 ** t)
    return v_hat / (np.sqrt(s_hat) + 1e-8), v, s

# %% race slideshow={"slide_type": "skip"}
rules = {"GD": lambda g, v, s, t: (g, v, s),
         "Momentum": lambda g, v, s, t: (2 * [0.9 * v + g] + [s]),
         "Adagrad": adagrad, "RMSProp": rmsprop, "Adam": adam_rule}
# All at once. Rounded, so that they are the same on every processor.
etas = np.round(np.logspace(-4, 1, 41), 7)

def race(rule, gradient, starts, steps):
    x = np.transpose(starts)[:, :, None] + np.zeros(len(etas))
    v = s = np.zeros_like(x)
    for t in range(1, steps + 1):
        step, v, s = rule(gradient(x, t), v, s, t)
        x = x - (1 - (t - 1) / steps) * etas * step
    return x

# %% draw-race slideshow={"slide_type": "skip"}
medians = {}

def draw_race(name, title, loss):
    loss = np.clip(np.nan_to_num(loss, nan=np.inf), 1e-8, 100)
    low, medians[title, name], high = np.quantile(
        loss, (0.1, 0.5, 0.9), axis=0)
    line, = d2l.plt.plot(etas, medians[title, name],
                         label=name if title != "NASA" else None)
    d2l.plt.fill_between(etas, low, high, color=line.get_color(),
                         alpha=0.2, linewidth=0)

# %% landscapes slideshow={"slide_type": "skip"}
def beale_parts(x1, x2):
    return (1.5 - x1 * (1 - x2), 2.25 - x1 * (1 - x2 * x2),
            2.625 - x1 * (1 - x2 * x2 * x2))

def beale(x):
    return sum(part ** 2 for part in beale_parts(*x))

def beale_gradient(x, t):
    (x1, x2), (a, b, c) = x, beale_parts(*x)
    x2_2, x2_3 = x2 * x2, x2 * x2 * x2
    return 2 * np.stack([a * (x2 - 1) + b * (x2_2 - 1) + c * (x2_3 - 1),
                         x1 * (a + 2 * b * x2 + 3 * c * x2_2)])

# %% data-gradient slideshow={"slide_type": "skip"}
A = np.c_[d2l.numpy(data_iter.X), np.ones(1500)]
y_all = d2l.numpy(data_iter.y)
best_x = np.linalg.lstsq(A, y_all, rcond=None)[0]
rng = np.random.default_rng(0)
rows = np.array([[rng.permutation(1500) for epoch in range(2)]
                 for seed in range(11)]).reshape(11, 300, 10)

def data_gradient(x, t):
    A_B, y_B = A[rows[:, t - 1]], y_all[rows[:, t - 1]]
    errors = A_B @ x.swapaxes(0, 1) - y_B[:, :, None]
    return (A_B.swapaxes(1, 2) @ errors / 10).swapaxes(0, 1)

def excess(x):
    d = (x.T - best_x).T
    return np.sum(d * np.tensordot(A.T @ A / 1500, d, 1), axis=0) / 2

# %% problems slideshow={"slide_type": "skip"}
near = np.random.default_rng(0).normal(0, 0.1, (41, 2)).round(7)
first = np.append(*d2l.initial_params(data_iter))
problems = {
    "Beale, $(-3, 2)$": (beale, beale_gradient, np.add(near, (-3, 2)),
                         200),
    "NASA": (excess, data_gradient, 11 * [first], 300)}

# %% race-figure tags=["hide-input"]
_, panels = d2l.plt.subplots(1, 2, figsize=(8, 3.4))
d2l.plt.subplots_adjust(left=0.1, right=0.99, wspace=0.3)
for axes, label, title in zip(panels, ("$f$", "$L - L^*$"), problems):
    d2l.plt.sca(axes)
    f, *problem = problems[title]
    for name, rule in rules.items():
        with np.errstate(all="ignore"):  # some of the runs diverge
            draw_race(name, title, f(race(rule, *problem)))
    d2l.label_axes(r"$\eta \, (1 - (t - 1) / T)$", label, xscale="log",
                   yscale="log", ylim=(1e-7, 300), title=title)
panels[0].legend(loc="lower left", fontsize=9);

# %% compare tags=["hide-input"]
epochs = np.arange(1, len(scratch) + 1) * 200 / 1500
d2l.plt.plot(epochs, scratch, label="train_ch11")
d2l.plt.plot(epochs, built_in, label="train_concise_ch11")
d2l.label_axes("epoch", "$L(w, b)$", xlim=(0, 2), ylim=(0.22, 0.5))
gap = np.max(np.abs(np.subtract(scratch, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% reference slideshow={"slide_type": "skip"}
data_iter.restart()
batches = [(np.c_[d2l.numpy(X), np.ones(len(y))], d2l.numpy(y))
           for _ in range(2) for X, y in data_iter]

def numpy_adam(divisor, lr=0.01, beta1=0.9, beta2=0.999):
    theta, path = np.append(*d2l.initial_params(data_iter)), []
    v = s = np.zeros(len(theta))
    for t, (A_B, y_B) in enumerate(batches, 1):
        g = A_B.T @ (A_B @ theta - y_B) / len(y_B)
        v = beta1 * v + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g ** 2
        theta = theta - lr * v / (1 - beta1 ** t) / divisor(s, t)
        path.append(theta)
    errors = A @ np.transpose(path[19::20]) - y_all[:, None]
    return np.mean(errors ** 2, axis=0) / 2

# %% referee tags=["hide-input"]
def corrected(eps):
    return lambda s, t: np.sqrt(s / (1 - 0.999 ** t)) + eps

def folded(eps):
    return lambda s, t: (np.sqrt(s) + eps) / math.sqrt(1 - 0.999 ** t)

reference = numpy_adam(corrected(1e-8))
gap = np.max(np.abs(np.subtract(scratch, reference)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% eps-table slideshow={"slide_type": "skip"}
for eps in (1e-8, 1e-4, 1e-2):
    gap = np.max(np.abs(numpy_adam(corrected(eps))
                        - numpy_adam(folded(eps))))
    print(f"ε = {eps:.0e}   max |ΔL| "
          + ("< 1e-06" if gap < 1e-6 else f"= {gap:.0e}"))
