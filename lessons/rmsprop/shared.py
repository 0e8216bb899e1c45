# %% bowl
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def gd_2d(x1, x2, s1, s2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0

eta = 0.4
d2l.show_trace_2d(f_2d, {f"GD, η = {eta}": d2l.train_2d(gd_2d)},
                  xlim=(-5.5, 1), ylim=(-3, 1.5))

# %% effective-step slideshow={"slide_type": "skip"}
eta, gamma, eps = 0.4, 0.9, 1e-6
t = np.arange(1, 401)
g = np.random.default_rng(0).normal(size=400)
g[200:] /= 10

s_adagrad = np.cumsum(g ** 2)
s_mean = s_adagrad / t
s, s_rmsprop = 0, np.zeros(400)
for i in range(400):
    s = gamma * s + (1 - gamma) * g[i] ** 2
    s_rmsprop[i] = s

# %% effective-step-figure tags=["hide-input"]
d2l.set_figsize()
for s, name in ((s_adagrad, "Adagrad"),
                (s_mean, "$s_t / t$"),
                (s_rmsprop, "RMSProp")):
    d2l.plt.plot(t, eta / np.sqrt(s + eps), label=name)
d2l.plt.axvline(200, color="black", linestyle=":", linewidth=1)
d2l.label_axes("$t$", r"$\eta \, / \sqrt{s_t + \epsilon}$",
               yscale="log", ylim=(0.01, 60))
d2l.plt.legend(loc="upper center", ncols=3);

# %% scaling tags=["hide-input"]
x1, x2 = np.meshgrid(*2 * [np.linspace(-4.5, 4.5, 8)])
g1, g2 = 0.2 * x1, 4 * x2
s1, s2 = np.mean(g1 ** 2), np.mean(g2 ** 2)
d2l.show_arrows_2d(f_2d, x1, x2, {
    r"$-\mathbf{g}$": (-g1, -g2),
    r"$-\mathbf{g} \, / \sqrt{\mathbf{s}}$":
        (-g1 / np.sqrt(s1), -g2 / np.sqrt(s2)),
})

# %% weights tags=["hide-input"]
k = np.arange(40)
for gamma in (0.95, 0.9, 0.8, 0.7):
    line, = d2l.plt.plot(k, (1 - gamma) * gamma ** k,
                         label=f"γ = {gamma}")
    half_life = math.log(2) / math.log(1 / gamma)
    d2l.plt.plot(half_life, (1 - gamma) / 2, "o", markersize=8,
                 color=line.get_color())
d2l.label_axes("$k$", r"$(1 - \gamma) \, \gamma^k$")

# %% memory tags=["hide-input"]
for gamma in (0.99, 0.95, 0.9, 0.8, 0.7):
    half_life = math.log(2) / math.log(1 / gamma)
    lifetime = 1 / (1 - gamma)
    print(f"γ = {gamma:.2f}   ln 2 / ln(1/γ) = {half_life:4.1f}"
          f"   1/(1 - γ) = {lifetime:5.1f}")

# %% nine-and-one
gradients = 9 * [0.1] + [-0.9]
for gamma in (0, 0.9, 0.99):
    s, steps = 0, []
    for g in 500 * gradients:
        s = gamma * s + (1 - gamma) * g ** 2
        steps.append(g / math.sqrt(s))
    print(f"γ = {gamma:4}   Σ g/√s = {sum(steps[-10:]):.2f}")

# %% first-step
gamma = 0.9
for g in (0.1, 1.0, 1000.0):
    s = (1 - gamma) * g ** 2
    step = eta * g / math.sqrt(s + eps)
    print(f"g = {g:6.1f}   |x₁ - x₀| = {step / eta:.2f} η")

# %% startup tags=["hide-input"]
t = np.arange(1, 61)
for gamma in (0.99, 0.9):
    s = 1 - gamma ** t
    d2l.plt.plot(t, 1 / np.sqrt(s), label=f"γ = {gamma}")
corrected = s / (1 - gamma ** t)
d2l.plt.plot(t, 1 / np.sqrt(corrected),
             label=r"$s_t \to s_t \, / (1 - \gamma^t)$")
d2l.label_axes("$t$", r"$|x_t - x_{t-1}| \, / \, \eta$", ylim=(0, 10.5))

# %% rmsprop-2d
def rmsprop_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 = gamma * s1 + (1 - gamma) * g1 ** 2
    s2 = gamma * s2 + (1 - gamma) * g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2

eta, gamma, eps = 0.4, 0.9, 1e-6
d2l.show_trace_2d(
    f_2d, {f"RMSProp, η = {eta}": d2l.train_2d(rmsprop_2d)},
    xlim=(-5.5, 1), ylim=(-3, 1.5))

# %% three-traces
def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 += g1 ** 2
    s2 += g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2

traces = {}
for name, trainer, eta in (("GD", gd_2d, 0.4),
                           ("Adagrad", adagrad_2d, 6.4),
                           ("RMSProp", rmsprop_2d, 0.4)):
    traces[f"{name}, η = {eta}"] = d2l.train_2d(trainer)
d2l.show_trace_2d(f_2d, traces)

# %% doublings tags=["hide-input"]
doublings = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
print(f"{'η':8}", *(f"{eta:7.1f}" for eta in doublings))
for name, trainer in (("GD", gd_2d), ("Adagrad", adagrad_2d),
                      ("RMSProp", rmsprop_2d)):
    losses = {}
    for eta in doublings:
        x1, x2, s1, s2 = -5, -2, 0, 0
        for _ in range(20):
            x1, x2, s1, s2 = trainer(x1, x2, s1, s2)
        losses[eta] = f_2d(x1, x2)
    print(f"{name:8}", *(f"{loss:7.0e}" for loss in losses.values()))
eta = 0.4

# %% long-run tags=["hide-input"]
trace = np.abs(d2l.train_2d(rmsprop_2d, steps=400))
d2l.plt.plot(trace[:, 0], label="$|x_1|$")
d2l.plt.plot(trace[:, 1], label="$|x_2|$")
d2l.plt.axhline(eta / 2, color="black", linewidth=1,
                label=r"$\eta / 2$")
d2l.label_axes("$t$", "$|x|$", yscale="log", ylim=(1e-20, 100))

# %% escape tags=["hide-input"]
x1, x2, s1, s2, effective = -5, -2, 0, 0, []
for _ in range(200):
    x1, x2, s1, s2 = rmsprop_2d(x1, x2, s1, s2)
    effective.append(eta / np.sqrt((s1 + eps, s2 + eps)))
for i, h in ((0, 0.2), (1, 4.0)):
    steps = np.array(effective)[:, i]
    t_i = np.argmax(steps > 2 / h) + 1
    print(f"x{i + 1}: η/√(s + ε) > 2/h = {2 / h:g}, t = {t_i}")
    line, = d2l.plt.plot(np.arange(1, 201), steps,
                         label=rf"$x_{i + 1}$")
    d2l.plt.axhline(2 / h, color=line.get_color(), linewidth=1,
                    linestyle=":", label=rf"$2 / h_{i + 1}$")
d2l.label_axes("$t$", r"$\eta \, / \sqrt{s_i + \epsilon}$",
               yscale="log")
d2l.plt.legend(loc="center right", ncols=2);

# %% race-rules slideshow={"slide_type": "skip"}
def adagrad(g, v, s, t):
    s = s + g ** 2
    return g / np.sqrt(s + eps), v, s

def leaky(g, v, s, t):
    s = 0.9 * s + 0.1 * g ** 2
    return g / np.sqrt(s + eps), v, s

def adam(g, v, s, t):
    v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g ** 2
    v_hat, s_hat = v / (1 - 0.9 ** t), s / (1 - 0.999 ** t)
    return v_hat / (np.sqrt(s_hat) + 1e-8), v, s

rules = {"GD": lambda g, v, s, t: (g, v, s), "Adagrad": adagrad,
         "RMSProp": leaky, "Adam": adam}

# %% race slideshow={"slide_type": "skip"}
# All at once. Rounded, so that they are the same on every processor.
etas = np.round(np.logspace(-4, 1, 41), 7)
medians = {}

def race(rule, gradient, starts, steps, lowered):
    x = np.transpose(starts)[:, :, None] + np.zeros(len(etas))
    v = s = np.zeros_like(x)
    for t in range(1, steps + 1):
        step, v, s = rule(gradient(x, t), v, s, t)
        share = 1 - (t - 1) / steps if lowered else 1
        x = x - share * etas * step
    return x

# %% race-curve slideshow={"slide_type": "skip"}
def draw_curve(axes, name, title, f, gradient, starts, steps, lowered):
    with np.errstate(all="ignore"):  # some of the runs diverge
        loss = f(race(rules[name], gradient, starts, steps, lowered))
    loss = np.clip(np.nan_to_num(loss, nan=np.inf), 1e-8, 100)
    low, median, high = np.quantile(loss, (0.1, 0.5, 0.9), axis=0)
    medians[title, lowered, name] = median
    first = axes.get_subplotspec().is_first_col()
    line, = axes.plot(etas, median, label=name if first else None)
    axes.fill_between(etas, low, high, color=line.get_color(),
                      alpha=0.2, linewidth=0)

# %% race-panels slideshow={"slide_type": "skip"}
def draw_races(panels, ylabel, ylim, legend):
    width = 3.2 * len(panels)
    _, row = d2l.plt.subplots(1, len(panels), figsize=(width, 3.2),
                              sharey=True)
    d2l.plt.subplots_adjust(left=0.7 / width, right=1 - 0.1 / width,
                            wspace=0.08)
    for axes, panel in zip(row, panels):
        for name in rules:
            draw_curve(axes, name, *panel)
        d2l.plt.sca(axes)
        d2l.label_axes(
            r"$\eta_1$" if panel[-1] else r"$\eta$",
            ylabel if axes is row[0] else None, xscale="log",
            yscale="log", ylim=ylim, title=panel[0])
    row[0].legend(loc=legend)

# %% beale slideshow={"slide_type": "skip"}
def valley_gradient(x, t):
    return np.array([0.2 * x[0], 4 * x[1]])

def beale(x1, x2):
    a = 1.5 - x1 * (1 - x2)
    b = 2.25 - x1 * (1 - x2 ** 2)
    c = 2.625 - x1 * (1 - x2 ** 3)
    return a ** 2 + b ** 2 + c ** 2

def beale_gradient(x, t):
    x1, x2, x2_2, x2_3 = *x, x[1] ** 2, x[1] * x[1] ** 2
    a, b = 1.5 - x1 * (1 - x2), 2.25 - x1 * (1 - x2_2)
    c = 2.625 - x1 * (1 - x2_3)
    return 2 * np.array([a * (x2 - 1) + b * (x2_2 - 1) + c * (x2_3 - 1),
                         x1 * (a + 2 * b * x2 + 3 * c * x2_2)])

# %% race-constant tags=["hide-input"]
near = np.random.default_rng(0).normal(0, 0.1, (41, 2)).round(7)

def landscapes(lowered):
    return [(title, lambda x, f=f: f(*x), gradient,
             np.add(start, near), 200, lowered)
            for title, f, gradient, start in (
        ("$0.1 x_1^2 + 2 x_2^2$", f_2d, valley_gradient, (-5, -2)),
        ("Beale, $(-3, 2)$", beale, beale_gradient, (-3, 2)),
        ("Beale, $(-1, 2)$", beale, beale_gradient, (-1, 2)))]

draw_races(landscapes(False), "$f$", (1e-9, 300), "lower left")

# %% race-lowered tags=["hide-input"]
draw_races(landscapes(True), "$f$", (1e-9, 300), "lower left")

# %% play slideshow={"slide_type": "skip"}
d2l.play_2d(f_2d, rmsprop_2d, eta=eta, gamma=gamma, eps=eps)

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
X, y = next(iter(data_iter))
print(f"feature_dim = {feature_dim}, X {tuple(X.shape)}, "
      f"y {tuple(y.shape)}, len(data_iter) = {len(data_iter)}")
data_iter.restart()

# %% best-line tags=["hide-input"]
A = np.c_[d2l.numpy(data_iter.X), np.ones(1500)]
y_all = d2l.numpy(data_iter.y)
best = np.linalg.lstsq(A, y_all, rcond=None)[0]
print(f"min L = {np.mean((A @ best - y_all) ** 2) / 2:.4f}")

# %% race-data-gradient slideshow={"slide_type": "skip"}
rng = np.random.default_rng(0)
rows = np.array([[rng.permutation(1500) for epoch in range(2)]
                 for seed in range(11)]).reshape(11, 300, 10)

def data_gradient(x, t):
    A_B, y_B = A[rows[:, t - 1]], y_all[rows[:, t - 1]]
    errors = A_B @ x.swapaxes(0, 1) - y_B[:, :, None]
    return (A_B.swapaxes(1, 2) @ errors / 10).swapaxes(0, 1)

def excess(x):
    d = (x.T - best).T
    return np.sum(d * np.tensordot(A.T @ A / 1500, d, 1), axis=0) / 2

# %% race-data tags=["hide-input"]
start = np.append(*d2l.initial_params(data_iter))
draw_races([("NASA", excess, data_gradient, 11 * [start], 300, lowered)
            for lowered in (False, True)],
           r"$L - L^*$", (1e-4, 300), "upper left")

# %% compare tags=["hide-input"]
epochs = np.arange(1, len(scratch) + 1) * 200 / 1500
d2l.plt.plot(epochs, scratch, label="train_ch11")
d2l.plt.plot(epochs, built_in, label="train_concise_ch11")
d2l.label_axes("epoch", "$L(w, b)$", xlim=(0, 2), ylim=(0.22, 0.36))
gap = np.max(np.abs(np.subtract(scratch, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% eps-figure tags=["hide-input"]
root_s = np.logspace(-9, 1)
for k in (-2, -8):
    e = 10.0 ** k
    size = rf"$\epsilon = 10^{{{k}}}$"
    d2l.plt.plot(root_s, np.sqrt(root_s ** 2 + e),
                 label=r"$\sqrt{s + \epsilon}$, " + size)
    d2l.plt.plot(root_s, root_s + e,
                 label=r"$\sqrt{s} + \epsilon$, " + size)
d2l.label_axes(r"$\sqrt{s}$",
               r"$\sqrt{s + \epsilon}, \ \sqrt{s} + \epsilon$",
               xscale="log", yscale="log", ylim=(1e-9, 1e5))
d2l.plt.legend(loc="upper left", fontsize=9);

# %% reference slideshow={"slide_type": "skip"}
data_iter.restart()
batches = [(np.c_[d2l.numpy(X), np.ones(len(y))], d2l.numpy(y))
           for _ in range(2) for X, y in data_iter]

def numpy_rmsprop(divisor, lr=0.01, gamma=0.9):
    theta, s, path = np.append(*d2l.initial_params(data_iter)), 0, []
    for A_B, y in batches:
        g = A_B.T @ (A_B @ theta - y) / len(y)
        s = gamma * s + (1 - gamma) * g ** 2
        theta = theta - lr * g / divisor(s)
        path.append(theta)
    errors = A @ np.transpose(path[19::20]) - y_all[:, None]
    return np.mean(errors ** 2, axis=0) / 2

# %% referee tags=["hide-input"]
reference = numpy_rmsprop(lambda s: np.sqrt(s + 1e-6))
gap = np.max(np.abs(np.subtract(scratch, reference)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% eps-table slideshow={"slide_type": "skip"}
for e in (1e-8, 1e-6, 1e-4, 1e-2):
    inside = numpy_rmsprop(lambda s: np.sqrt(s + e))
    same, root = (
        np.max(np.abs(numpy_rmsprop(lambda s: np.sqrt(s) + f) - inside))
        for f in (e, math.sqrt(e)))
    print(f"ε = {e:.0e}   max |ΔL|: ε {same:.0e}, √ε {root:.0e}")
