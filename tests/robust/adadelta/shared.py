# %% valley
def f_2d(x1, x2):
    return 0.1 * x1 ** 2 + 2 * x2 ** 2

def adadelta_2d(x1, x2, s1, s2, u1, u2):
    new = []
    for x, g, s, u in ((x1, 0.2 * x1, s1, u1), (x2, 4 * x2, s2, u2)):
        s = rho * s + (1 - rho) * g ** 2
        d = math.sqrt((u + eps) / (s + eps)) * g
        new.append((x - d, s, rho * u + (1 - rho) * d ** 2))
    return [value for pair in zip(*new) for value in pair]

rho, eps = 0.9, 1e-5
trace = d2l.train_2d(adadelta_2d, steps=100, states=(0, 0, 0, 0))
d2l.show_trace_2d(f_2d, {"Adadelta": trace})

# %% data slideshow={"slide_type": "skip"}
data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)

# %% reference slideshow={"slide_type": "skip"}
data_iter.restart()
A = np.c_[d2l.numpy(data_iter.X), np.ones(1500)]
x, s, u, path = np.append(*d2l.initial_params(data_iter)), 0, 0, []
for X, y in (batch for _ in range(2) for batch in data_iter):
    A_B = np.c_[d2l.numpy(X), np.ones(len(y))]
    g = A_B.T @ (A_B @ x - d2l.numpy(y)) / len(y)
    s = rho * s + (1 - rho) * g ** 2
    d = np.sqrt((u + eps) / (s + eps)) * g
    u = rho * u + (1 - rho) * d ** 2
    x = x - d
    path.append(x)
errors = A @ np.transpose(path) - d2l.numpy(data_iter.y)[:, None]
reference = (np.mean(errors ** 2, axis=0) / 2)[19::20]

# %% referee
for losses in (built_in, reference):
    gap = np.max(np.abs(np.subtract(scratch, losses)))
    print("max |ΔL|", "< 1e-06" if gap < 1e-6 else f"= {gap:.0e}")
