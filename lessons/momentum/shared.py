# %% bowl
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def gd_2d(x1, x2, v1, v2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0

traces = {}
for eta in (0.4, 0.49):
    traces[f"GD, η = {eta}"] = d2l.train_2d(gd_2d)
d2l.show_trace_2d(f_2d, traces)

# %% speed tags=["hide-input"]
t = np.arange(0, 41)
for beta in (0.9, 0.8, 0.5, 0):
    v, sums = 0, [0]
    for _ in t[1:]:
        v = beta * v + 1  # the gradient is 1 all the time
        sums.append(v)
    d2l.plt.plot(t, sums, label=f"β = {beta}")
d2l.label_axes("$t$", "$v_t / g$", ylim=(0, 14))
d2l.plt.legend(loc="upper left", ncols=2);

# %% opposite
for beta in (0, 0.5, 0.9):
    v = 0
    for t in range(200):
        v = beta * v + (-1) ** t  # the gradient changes its sign
    print(f"β = {beta:3}   |v| = {abs(v):.2f} |g|")

# %% momentum-2d
def momentum_2d(x1, x2, v1, v2):
    v1 = beta * v1 + 0.2 * x1
    v2 = beta * v2 + 4 * x2
    return x1 - eta * v1, x2 - eta * v2, v1, v2

eta, traces = 0.4, {}
for beta in (0.25, 0.5, 0.8):
    trace = d2l.train_2d(momentum_2d)
    traces[f"η = {eta}, β = {beta}"] = trace
    print(f"f = {f_2d(*trace[-1]):.0e}")
d2l.show_trace_2d(f_2d, traces)

# %% beyond
eta, beta = 0.6, 0.5
trace = d2l.train_2d(momentum_2d)
print(f"f = {f_2d(*trace[-1]):.0e}")

# %% radius tags=["hide-input"]
def radius(a, beta):
    return max(abs(np.roots([1, -(1 + beta - a), beta])))

a = np.linspace(0, 4, 801)  # eta times h
for b in (0, 0.5, 0.9):
    rho = [radius(a_i, b) for a_i in a]
    line, = d2l.plt.plot(a, rho, label=f"β = {b}")
    d2l.plt.plot(2 * (1 + b), 1, "o", color=line.get_color())
d2l.plt.axhline(1, color="black", linewidth=1, linestyle=":")
d2l.label_axes(r"$\eta h$", r"$\rho$", ylim=(0, 1.6))
d2l.plt.legend(loc="upper left");

# %% damped tags=["hide-input"]
eta, h = 0.4, 0.2
critical = round((1 - math.sqrt(eta * h)) ** 2, 4)
for beta in (0, critical, 0.9):
    x, v, path = -5, 0, [-5]
    for _ in range(80):
        v = beta * v + h * x
        x = x - eta * v
        path.append(x)
    rho = radius(eta * h, beta)
    d2l.plt.plot(path, label=f"β = {beta:g}")
    print(f"β = {beta:g}   ρ = {rho:.3f}   x = {path[-1]:.1e}")
d2l.label_axes("$t$", "$x_1$")

# %% best
h1, h2 = 0.2, 4
kappa = h2 / h1
gd_eta, gd_rho = 2 / (h1 + h2), (kappa - 1) / (kappa + 1)
eta = 4 / (math.sqrt(h1) + math.sqrt(h2)) ** 2
rho = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
beta = rho ** 2
for e, b, r in ((gd_eta, 0, gd_rho), (eta, beta, rho)):
    steps = math.log(1e6) / -math.log(r)
    print(f"η = {e:.2f}   β = {b:.2f}   ρ = {r:.3f}   "
          f"t(10⁻⁶) = {steps:.0f}")

# %% race tags=["hide-input"]
for e, b in ((gd_eta, 0), (eta, beta)):
    eta, beta = e, b
    trace = d2l.train_2d(momentum_2d, steps=200)
    losses = [f_2d(*x) for x in trace]
    label = f"η = {e:.2f}, β = {b:.2f}"
    d2l.plt.plot(losses[:101], label=label)
    near = 1e-6 * math.hypot(*trace[0])
    far = [t for t, x in enumerate(trace) if math.hypot(*x) > near]
    print(f"η = {e:.2f}   β = {b:.2f}   steps = {far[-1] + 1}")
d2l.label_axes("$t$", "$f$", yscale="log", ylim=(1e-30, 30))

# %% play slideshow={"slide_type": "skip"}
d2l.play_2d(f_2d, momentum_2d, eta=0.4, beta=0.5)

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)

# %% conventions
def eta_outside(x, v, g, eta):
    v = 0.9 * v + g
    return x - eta * v, v

def eta_inside(x, v, g, eta):
    v = 0.9 * v - eta * g
    return x + v, v

# %% conventions-figure tags=["hide-input"]
for rule, name in ((eta_outside, r"$x - \eta v$"),
                   (eta_inside, "$x + v$")):
    x, v, path = -5, 0, [-5]
    for t in range(60):
        x, v = rule(x, v, 0.2 * x, 0.4 if t < 8 else 0.04)
        path.append(x)
    d2l.plt.plot(path, label=name)
d2l.label_axes("$t$", "$x_1$")

# %% nesterov
def nesterov(x, v, g, eta, beta=0.9):
    v = beta * v + g
    return x - eta * (g + beta * v), v

for rule, name in ((eta_outside, r"$x - \eta v$"),
                   (nesterov, r"$x - \eta (g + \beta v)$")):
    x, v, path = -2, 0, [-2]
    for _ in range(60):
        x, v = rule(x, v, 4 * x, eta=0.1)
        path.append(x)
    d2l.plt.plot(path, label=name)
d2l.label_axes("$t$", "$x_2$")

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

def numpy_momentum(lr=0.02, beta=0.5):
    theta, v, path = np.append(*d2l.initial_params(data_iter)), 0, []
    for A_B, y_B in batches:
        v = beta * v + A_B.T @ (A_B @ theta - y_B) / len(y_B)
        theta = theta - lr * v
        path.append(theta)
    errors = A @ np.transpose(path) - d2l.numpy(data_iter.y)[:, None]
    return np.mean(errors ** 2, axis=0) / 2

# %% referee tags=["hide-input"]
reference = numpy_momentum()[19::20]
gap = np.max(np.abs(np.subtract(scratch, reference)))
print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")

# %% same-rate slideshow={"slide_type": "skip"}
for lr, beta in ((0.04, 0), (0.02, 0.5), (0.004, 0.9), (0.02, 0.9)):
    losses = numpy_momentum(lr, beta)
    print(f"η = {lr:<5}   β = {beta:<3}   η / (1 - β) = "
          f"{lr / (1 - beta):.2f}   L = {losses[-150:].mean():.4f}")
