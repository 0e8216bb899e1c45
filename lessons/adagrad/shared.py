# %% words
X, y = load_airfoil()
y = (y - y.mean()) / y.std()
pair = 1e6 * X[:, 1] + X[:, 0]  # angle and frequency together
columns = [np.unique(column, return_inverse=True)[1]
           for column in (*X.T, pair)]
first = np.cumsum([0] + [max(column) + 1 for column in columns])
words, d = np.transpose(columns) + first[:-1], first[-1]
counts = np.bincount(words.ravel())
print(f"d = {d}, words {words.shape}, {words[0]}, {words[1]}")

# %% counts tags=["hide-input"]
d2l.plt.plot(np.arange(1, d + 1), np.sort(counts)[::-1])
d2l.label_axes("$i$", "$n_i$", xscale="log", yscale="log")
print(f"max {max(counts)}, median {np.median(counts):g}, "
      f"min {min(counts)}, d(n ≤ 3) = {np.sum(counts <= 3)}")

# %% first-step
eta, eps = 0.4, 1e-10
for g in (0.1, 1.0, 1000.0):
    s = g ** 2
    step = eta * g / math.sqrt(s + eps)
    print(f"g = {g:6.1f}   |x₁ - x₀| = {step / eta:.2f} η")

# %% rules slideshow={"slide_type": "skip"}
T = len(y)

def gd(g, s, t):
    return g, s

def gd_root(g, s, t):
    return g / np.sqrt(t), s

def gd_line(g, s, t):
    return g * (1 - (t - 1) / T), s

def adagrad_rule(g, s, t):
    s = s + g ** 2
    return g / np.sqrt(s + eps), s

# %% one-pass slideshow={"slide_type": "skip"}
def one_pass(rule, seed, etas):  # all of etas at once
    x, s = np.zeros((2, d, len(etas)))
    before, effective = 0, []
    order = np.random.default_rng(seed).permutation(T)
    for t, row in enumerate(order, 1):
        i = words[row]
        error = x[i].sum(axis=0) - y[row]  # and the gradient of each
        before = before + error ** 2 / 2
        step, s[i] = rule(error, s[i], t)
        x[i] -= etas * step
        effective.append(etas[0] / np.sqrt(s[:, 0] + eps))
    errors = x[words].sum(axis=1) - y[:, None]
    return np.mean(errors ** 2, axis=0) / 2, before / T, effective

# %% rare slideshow={"slide_type": "skip"}
# Rounded, so that they are the same on every processor.
etas = np.round(np.logspace(-2, 1, 25), 6)
rules = {"GD, η": gd, "GD, η / √t": gd_root,
         "GD, η (1 - (t - 1) / T)": gd_line, "Adagrad": adagrad_rule}
after, online = {}, {}
for name, rule in rules.items():
    with np.errstate(all="ignore"):  # some of the runs diverge
        runs = [one_pass(rule, seed, etas)[:2] for seed in range(9)]
    after[name], online[name] = np.clip(
        np.nan_to_num(runs, nan=np.inf), 0, 100).swapaxes(0, 1)

# %% rare-figure tags=["hide-input"]
for name, losses in after.items():
    low, median, high = np.quantile(losses, (0.1, 0.5, 0.9), axis=0)
    line, = d2l.plt.plot(etas, median, label=name)
    d2l.plt.fill_between(etas, low, high, color=line.get_color(),
                         alpha=0.2, linewidth=0)
d2l.label_axes(r"$\eta$", "$L$", xscale="log", yscale="log",
               ylim=(0.015, 2))
d2l.plt.legend(loc="lower left", fontsize=9);

# %% rare-table tags=["hide-input"]
best_eta, lowest, lowest_online = {}, {}, {}
for name in rules:
    k = np.argmin(np.median(after[name], axis=0))
    best_eta[name], lowest[name] = etas[k], after[name][:, k]
    k = np.argmin(np.median(online[name], axis=0))
    lowest_online[name] = online[name][:, k]
    print(f"{name:23} η = {best_eta[name]:5.2f}   "
          f"L = {np.median(lowest[name]):.3f} "
          f"({min(lowest[name]):.3f}–{max(lowest[name]):.3f})   "
          f"{np.median(lowest_online[name]):.3f}")

# %% lowest slideshow={"slide_type": "skip"}
A = np.zeros((T, d))
A[np.arange(T)[:, None], words] = 1  # row by row, 1 for its words
# 1e-9, as many weights do equally well: the nearest to zero.
best = np.linalg.solve(A.T @ A + 1e-9 * np.eye(d), A.T @ y)
print(f"min L = {np.mean((A @ best - y) ** 2) / 2:.3f}")

# %% clocks tags=["hide-input"]
eta = best_eta["Adagrad"]
*_, effective = one_pass(adagrad_rule, 0, np.array([eta]))
often = np.argmax(counts)
seldom = np.argmax(counts == 4)  # the first that occurs four times
t = np.arange(1, T + 1)
for i in (often, seldom):
    steps = np.array(effective)[:, i]
    seen = steps < eta / math.sqrt(eps)
    d2l.plt.plot(t[seen], steps[seen], label=f"$n_i = {counts[i]}$")
d2l.plt.plot(t, eta / np.sqrt(t), "--", color="black",
             label=r"$\eta \, / \sqrt{t}$")
d2l.label_axes("$t$", r"$\eta \, / \sqrt{s_i + \epsilon}$",
               xscale="log", yscale="log")
d2l.plt.legend();

# %% adagrad-2d
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 += g1 ** 2
    s2 += g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2

traces = {}
for eta in (0.4, 2):
    traces[f"Adagrad, η = {eta}"] = d2l.train_2d(adagrad_2d)
d2l.show_trace_2d(f_2d, traces)

# %% long-run tags=["hide-input"]
for eta in (0.4, 2):
    trace = d2l.train_2d(adagrad_2d, steps=400)
    print(f"η = {eta}", *(f"   f = {f_2d(*trace[t]):.0e} (t = {t})"
                          for t in (20, 400)))

# %% noise slideshow={"slide_type": "skip"}
def sums(noise, steps=10_000):
    rng = np.random.default_rng(0)
    x, s, path = np.array([-5.0, -2.0]), 0, []
    for _ in range(steps):
        g = np.array([0.2, 4]) * x + noise * rng.normal(size=2)
        s = s + g ** 2
        x = x - eta / np.sqrt(s + eps) * g
        path.append(s)
    return np.array(path)[:, 0]

without, noisy = sums(noise=0), sums(noise=1)

# %% noise-figure tags=["hide-input"]
t = np.arange(1, len(noisy) + 1)
_, axes = d2l.plt.subplots(1, 2, figsize=(8, 3.2))
d2l.plt.subplots_adjust(wspace=0.35)
for s, name in ((without, r"$\sigma = 0$"), (noisy, r"$\sigma = 1$")):
    axes[0].plot(t, s, label=name)
    axes[1].plot(t, eta / np.sqrt(s + eps), label=name)
axes[0].plot(t, t, "--", color="black", linewidth=1, label="$t$")
axes[1].plot(t, eta / np.sqrt(t), "--", color="black", linewidth=1,
             label=r"$\eta \, / \sqrt{t}$")
for panel, ylabel in zip(axes, ("$s_1$",
                                r"$\eta \, / \sqrt{s_1 + \epsilon}$")):
    d2l.plt.sca(panel)
    d2l.label_axes("$t$", ylabel, xscale="log", yscale="log")
    panel.legend()

# %% play slideshow={"slide_type": "skip"}
d2l.play_2d(f_2d, adagrad_2d, eta=eta, eps=eps,
            sliders={"eta": ("η", 0.1, 7.0, 0.1)})

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)

# %% start-figure tags=["hide-input"]
t, g = np.arange(1, 4001), 0.01
for start in (0, 0.1):
    way = np.cumsum(g / np.sqrt(start + t * g ** 2))
    d2l.plt.plot(t, way, label=rf"$s_0 = {start}$")
    print(f"s₀ = {start:3}   |x_t - x₀| = {way[9]:.2f} η (t = 10)"
          f"{way[999]:8.1f} η (t = 1000)")
d2l.plt.plot(t, g / math.sqrt(0.1) * t, "--", color="black",
             linewidth=1, label=r"$g \, t \, / \sqrt{0.1}$")
d2l.label_axes("$t$", r"$|x_t - x_0| \, / \, \eta$")
d2l.plt.legend();

# %% compare tags=["hide-input"]
epochs = np.arange(1, len(scratch) + 1) * 200 / 1500
d2l.plt.plot(epochs, scratch, label="train_ch11")
d2l.plt.plot(epochs, built_in, label="train_concise_ch11")
d2l.label_axes("epoch", "$L(w, b)$", xlim=(0, 2), ylim=(0.22, 0.35))
gap = np.max(np.abs(np.subtract(scratch, built_in)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% reference slideshow={"slide_type": "skip"}
data_iter.restart()
batches = [(np.c_[d2l.numpy(X), np.ones(len(y))], d2l.numpy(y))
           for _ in range(2) for X, y in data_iter]
A = np.c_[d2l.numpy(data_iter.X), np.ones(1500)]
y_all = d2l.numpy(data_iter.y)

def numpy_adagrad(s=0, lr=0.1, eps=1e-10):
    theta, path = np.append(*d2l.initial_params(data_iter)), []
    for A_B, y_B in batches:
        g = A_B.T @ (A_B @ theta - y_B) / len(y_B)
        s = s + g ** 2
        theta = theta - lr * g / np.sqrt(s + eps)
        path.append(theta)
    errors = A @ np.transpose(path[19::20]) - y_all[:, None]
    return np.mean(errors ** 2, axis=0) / 2

# %% referee tags=["hide-input"]
reference = numpy_adagrad()
gap = np.max(np.abs(np.subtract(scratch, reference)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
