# %% steps nbgrader="answer"
def step_length(t, beta1, beta2):
    ### BEGIN SOLUTION
    return (1 - beta1 ** t) / math.sqrt(1 - beta2 ** t)
    ### END SOLUTION

# %% steps-check nbgrader="check" points=2
check("step_length", step_length)
### BEGIN HIDDEN TESTS
assert check.passed("step_length", step_length)
### END HIDDEN TESTS

# %% longest nbgrader="answer"
longest = None
### BEGIN SOLUTION
lengths = {t: step_length(t, 0.9, 0.999) for t in range(1, 1001)}
longest = max(lengths, key=lengths.get)
print(f"t = {longest}: {lengths[longest]:.2f} η")
### END SOLUTION

# %% longest-check nbgrader="check" points=1
check("longest", longest)
### BEGIN HIDDEN TESTS
assert check.passed("longest", longest)
### END HIDDEN TESTS

# %% adamw nbgrader="answer"
def adamw(x, v, s, t, g, eta=0.1, lam=0.5):
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    ### BEGIN SOLUTION
    x = (1 - eta * lam) * x
    v = beta1 * v + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g ** 2
    v_hat, s_hat = v / (1 - beta1 ** t), s / (1 - beta2 ** t)
    return x - eta * v_hat / (math.sqrt(s_hat) + eps), v, s
    ### END SOLUTION

# %% adamw-check nbgrader="check" points=3
check("adamw", adamw)
### BEGIN HIDDEN TESTS
assert check.passed("adamw", adamw)
### END HIDDEN TESTS

# %% adamw-quiet nbgrader="answer"
x, v, s = 1.0, 0.0, 0.0
for t in range(1, 31):
    x, v, s = adamw(x, v, s, t, g=0.0)
print(f"x = {x:.4f}   0.95^30 = {0.95 ** 30:.4f}")

# %% trap
def end(beta2, C=3, eta=0.1, steps=9000):
    x, s = 0.0, 0.0
    for t in range(1, steps + 1):
        g = C if t % 3 == 1 else -1
        s = beta2 * s + (1 - beta2) * g ** 2
        x -= eta / math.sqrt(t * s) * g
        x = min(max(x, -1.0), 1.0)
    return x

# %% trap-limit nbgrader="answer"
limit = None
### BEGIN SOLUTION
low, high = 0.1, 0.99
while high - low > 1e-3:
    middle = (low + high) / 2
    low, high = (middle, high) if end(middle) > 0 else (low, middle)
limit = high
print(f"β₂ = {limit:.2f}")
### END SOLUTION

# %% trap-limit-check nbgrader="check" points=2
check("limit", limit)
### BEGIN HIDDEN TESTS
assert check.passed("limit", limit)
### END HIDDEN TESTS

# %% trap-figure nbgrader="answer"
shares = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999])
d2l.plt.plot(1 - shares, [end(beta2) for beta2 in shares], "o-")
d2l.plt.axvline(1 - limit, color="black", linestyle=":", linewidth=1)
d2l.label_axes(r"$1 - \beta_2$", "$x_{9000}$", xscale="log")
