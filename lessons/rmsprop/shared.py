# %% bowl
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def gd_2d(x1, x2, s1, s2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0

eta = 0.4
d2l.show_trace_2d(f_2d, d2l.train_2d(gd_2d))

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
d2l.label_axes("$t$", r"$\eta \, / \sqrt{s_t + \epsilon}$",
               yscale="log")

# %% scaling tags=["hide-input"]
x1, x2 = np.meshgrid(np.linspace(-4.5, 4.5, 8), np.linspace(-2, 2, 8))
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
                         label=rf"$\gamma = {gamma}$")
    half_life = math.log(2) / math.log(1 / gamma)
    d2l.plt.plot(half_life, (1 - gamma) / 2, "o", markersize=8,
                 color=line.get_color())
d2l.label_axes("$k$", r"$(1 - \gamma) \, \gamma^k$")

# %% memory tags=["hide-input"]
for gamma in (0.95, 0.9, 0.8, 0.7):
    half_life = math.log(2) / math.log(1 / gamma)
    lifetime = 1 / (1 - gamma)
    print(f"γ = {gamma:.2f}   ln 2 / ln(1/γ) = {half_life:4.1f}"
          f"   1/(1 - γ) = {lifetime:4.1f}")

# %% first-step
gamma = 0.9
for g in (0.1, 1.0, 1000.0):
    s = (1 - gamma) * g ** 2
    step = eta * g / math.sqrt(s + eps)
    print(f"g = {g:6.1f}   step = {step / eta:.2f} η")

# %% startup tags=["hide-input"]
t = np.arange(1, 61)
for gamma in (0.99, 0.9):
    s = 1 - gamma ** t
    d2l.plt.plot(t, 1 / np.sqrt(s), label=rf"$\gamma = {gamma}$")
corrected = s / (1 - gamma ** t)
d2l.plt.plot(t, 1 / np.sqrt(corrected),
             label=r"$s_t \, / (1 - \gamma^t)$")
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
d2l.show_trace_2d(f_2d, d2l.train_2d(rmsprop_2d))

# %% three-traces
def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 += g1 ** 2
    s2 += g2 ** 2
    x1 -= eta / math.sqrt(s1 + eps) * g1
    x2 -= eta / math.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2

d2l.show_trace_2d(f_2d, {"GD": d2l.train_2d(gd_2d),
                         "Adagrad": d2l.train_2d(adagrad_2d),
                         "RMSProp": d2l.train_2d(rmsprop_2d)})

# %% long-run tags=["hide-input"]
trace = np.abs(d2l.train_2d(rmsprop_2d, steps=400))
d2l.plt.plot(trace[:, 0], label="$|x_1|$")
d2l.plt.plot(trace[:, 1], label="$|x_2|$")
d2l.plt.axhline(eta / 2, color="black", label=r"$\eta / 2$")
d2l.label_axes("$t$", "$|x|$", yscale="log", ylim=(1e-6, 10))

# %% play slideshow={"slide_type": "skip"}
d2l.play_2d(f_2d, rmsprop_2d, eta=eta, gamma=gamma, eps=eps)

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
X, y = next(iter(data_iter))
print(feature_dim, tuple(X.shape), tuple(y.shape), len(data_iter))

# %% compare tags=["hide-input"]
epochs = np.arange(1, len(scratch) + 1) * 200 / 1500
d2l.plt.plot(epochs, scratch, label="train_ch11")
d2l.plt.plot(epochs, built_in, label="train_concise_ch11")
d2l.label_axes("epoch", "$L(w, b)$", ylim=(0.22, 0.35))
print(f"{np.max(np.abs(np.subtract(scratch, built_in))):.0e}")

# %% reference slideshow={"slide_type": "skip"}
y_all = d2l.numpy(data_iter.y)
A = np.c_[d2l.numpy(data_iter.X), np.ones(len(y_all))]
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

# %% eps-table tags=["hide-input"]
for e in (1e-8, 1e-6, 1e-4, 1e-2):
    difference = np.subtract(numpy_rmsprop(lambda s: np.sqrt(s + e)),
                             numpy_rmsprop(lambda s: np.sqrt(s) + e))
    print(f"ε = {e:.0e}   {np.max(np.abs(difference)):.0e}")

# %% eps-figure tags=["hide-input"]
root_s = np.logspace(-9, 1)
for e in (1e-2, 1e-8):
    d2l.plt.plot(root_s, np.sqrt(root_s ** 2 + e),
                 label=rf"$\sqrt{{s + \epsilon}}$, $\epsilon$ = {e}")
    d2l.plt.plot(root_s, root_s + e,
                 label=rf"$\sqrt{{s}} + \epsilon$, $\epsilon$ = {e}")
d2l.label_axes(r"$\sqrt{s}$",
               r"$\sqrt{s + \epsilon}, \ \sqrt{s} + \epsilon$",
               xscale="log", yscale="log")

# %% referee tags=["hide-input"]
reference = numpy_rmsprop(lambda s: np.sqrt(s + 1e-6))
print(f"{np.max(np.abs(np.subtract(scratch, reference))):.0e}")
