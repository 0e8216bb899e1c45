"""RMSProp in plain NumPy and double precision: what every implementation must do."""

import numpy as np

from common.harness import initial_params


def rmsprop(
    x, gradient, lr, gamma, eps, inside=True, momentum=0.0, centered=False, steps=None
):
    """Yield x after each step, starting from ``x``, in float64.

    ``gradient`` is a function of x, or a list with the gradient of each step.
    ``inside`` puts eps inside the root. With ``centered`` the divisor is an estimated
    standard deviation (Graves 2013, arXiv 1308.0850, eq. 38-45); ``momentum`` is the
    decay of a leaky sum of steps. The rule: Tieleman and Hinton 2012, Lecture 6.5.
    """
    x = np.array(x, dtype=np.float64)
    s, mean, velocity = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for t in range(len(gradient) if steps is None else steps):
        g = np.asarray(gradient(x) if callable(gradient) else gradient[t], float)
        s = gamma * s + (1 - gamma) * g**2
        mean = gamma * mean + (1 - gamma) * g
        v = s - mean**2 if centered else s
        divisor = np.sqrt(v + eps) if inside else np.sqrt(v) + eps
        velocity = momentum * velocity + lr * g / divisor
        x = x - velocity
        yield x.copy()


def regression(data_iter, to_numpy, root, lr=0.01, gamma=0.9, num_epochs=2):
    """Return losses and final (w, b) of the airfoil regression, in float64.

    The loss is evaluated every 200 rows; ``root(s)`` is the divisor of the gradient.
    """
    X, y = to_numpy(data_iter.X).astype(float), to_numpy(data_iter.y).astype(float)
    w, b = (p.astype(float) for p in initial_params(data_iter))
    s_w, s_b, losses, rows = 0, 0, [], 0
    data_iter.restart()
    for _ in range(num_epochs):
        for X_batch, y_batch in data_iter:
            X_batch = to_numpy(X_batch).astype(float)
            error = X_batch @ w[:, 0] + b[0] - to_numpy(y_batch)
            g_w, g_b = (X_batch.T @ error / len(error))[:, None], np.mean(error)
            s_w = gamma * s_w + (1 - gamma) * g_w**2
            s_b = gamma * s_b + (1 - gamma) * g_b**2
            w = w - lr * g_w / root(s_w)
            b = b - lr * g_b / root(s_b)
            rows += len(error)
            if rows % 200 == 0:
                losses.append(np.mean((X @ w[:, 0] + b[0] - y) ** 2) / 2)
    return losses, w, b


def assert_gradient_of_the_data(values):
    """Assert that minibatches have, on average over an epoch, the loss's gradient.

    ``values`` are those of a lesson with a race on the data.
    """
    excess, gradient = values["excess"], values["data_gradient"]
    x = np.linspace(-0.5, 0.5, 6)[:, None, None] + np.zeros((11, 1))
    found = np.mean([gradient(x, t) for t in range(1, 151)], axis=0)
    for i, direction in enumerate(np.eye(6)[:, :, None, None]):
        slope = (excess(x + 1e-4 * direction) - excess(x - 1e-4 * direction)) / 2e-4
        np.testing.assert_allclose(found[i], slope, rtol=1e-6)
