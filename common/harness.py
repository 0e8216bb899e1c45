"""The parts of training that are the same in every framework."""

import gc
import time

import numpy as np

from common import ReaderError
from common.data import load_airfoil
from common.plotting import plot_losses

# What the imports made lives as long as the lesson: the garbage collector need not go
# through the hundreds of thousands of objects of a framework each time.
gc.freeze()

EVALUATE_EVERY = 200  # training rows between two points of a loss curve, as in d2l


class OptionError(ReaderError, ValueError):
    """An argument is outside what the lessons can work with."""


class Minibatches:
    """The rows of a regression problem as minibatches, in a seeded random order.

    Iterating yields pairs ``(X, y)`` of the framework's tensors, of shapes
    (batch_size, feature_dim) and (batch_size,); the last pair holds what is left.
    Every pass is a new shuffle, and ``restart`` goes back to the first one, so that
    two runs can meet the same minibatches. ``X`` and ``y`` hold all rows at once.

    ``split(array, batch_size)`` cuts a NumPy array into tensors; ``seed`` fixes the
    shuffles and the initial weights.
    """

    def __init__(self, features, labels, batch_size, split, seed):
        self._arrays, self._split = (features, labels), split
        self.batch_size, self.seed = batch_size, seed
        self.X, self.y = (split(array, len(array))[0] for array in self._arrays)
        self.restart()

    def restart(self):
        """Make the next pass repeat the first one."""
        self._rng = np.random.default_rng(self.seed)

    def __len__(self):
        return -(-len(self._arrays[0]) // self.batch_size)

    def __iter__(self):
        order = self._rng.permutation(len(self._arrays[0]))
        return zip(*(self._split(a[order], self.batch_size) for a in self._arrays))


def initial_params(data_iter, feature_dim=None):
    """Return w ~ N(0, 0.01²), shape (feature_dim, 1), and b = 0, float32 arrays.

    They depend on the seed of ``data_iter`` only. Raises OptionError when its rows do
    not have ``feature_dim`` features, or when it is not ``get_data_ch11``'s.
    """
    if not isinstance(data_iter, Minibatches):
        raise OptionError("data_iter must be what get_data_ch11 returned.")
    actual = data_iter.X.shape[1]
    if feature_dim not in (None, actual):
        raise OptionError(
            f"feature_dim is {feature_dim}, but the rows of data_iter have {actual} "
            "features: pass on what get_data_ch11 returned."
        )
    w = np.random.default_rng([data_iter.seed, 1]).normal(0, 0.01, (actual, 1))
    return w.astype(np.float32), np.zeros(1, np.float32)


def get_data(batch_size, n, seed, split):
    """Return the first ``n`` standardised airfoil rows and the number of features.

    Every column, the label too, has mean 0 and variance 1 over the 1503 rows.
    Raises OptionError for an ``n`` or ``batch_size`` that is no number of rows.
    """
    data = np.column_stack(load_airfoil())
    for name, value in (("n", n), ("batch_size", batch_size)):
        if not isinstance(value, int | np.integer):
            raise OptionError(f"{name} is {value!r}, but must be a whole number.")
    if not 1 <= n <= len(data):
        raise OptionError(f"n is {n}, but must be between 1 and {len(data)} rows.")
    if not 1 <= batch_size <= n:
        raise OptionError(
            f"batch_size is {batch_size}, but must be between 1 and n = {n}."
        )
    data = ((data - data.mean(axis=0)) / data.std(axis=0)).astype(np.float32)[:n]
    features, labels = data[:, :-1], data[:, -1]
    return Minibatches(features, labels, batch_size, split, seed), features.shape[1]


def build_optimizer(trainer, namespace, *args, **hyperparams):
    """Return ``trainer(*args, **hyperparams)``, a framework's optimizer.

    A ``trainer`` that is a string is looked up in ``namespace``. Raises OptionError
    for an unknown name and for hyperparameters that the optimizer does not take.
    """
    if isinstance(trainer, str):
        known = {k: v for k, v in namespace.items() if isinstance(v, type)}
        if trainer not in known:
            raise OptionError(
                f"There is no optimizer {trainer!r}; there are {', '.join(known)}."
            )
        trainer = known[trainer]
    try:
        return trainer(*args, **hyperparams)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"{trainer.__name__} does not take these hyperparameters: {error}."
        ) from None


def fit(step, loss, data_iter, num_epochs, live):
    """Call ``step(X, y)`` on every minibatch and draw the curve of ``loss()``.

    The loss is evaluated each time another 200 rows have been seen, and at the end.
    Returns the training seconds passed (without evaluation and drawing) and the
    loss at each such point. The figure is drawn once, at the end, or after every
    point if ``live``.
    """
    if num_epochs < 1:
        raise OptionError(f"num_epochs is {num_epochs}, but must be at least 1.")
    epochs, times, losses = [], [], []
    rows, seconds, n = 0, 0.0, len(data_iter.y)
    data_iter.restart()
    start = time.perf_counter()
    for _ in range(num_epochs):
        for X, y in data_iter:
            step(X, y)
            batch = min(data_iter.batch_size, n - rows % n)  # len(y), but faster
            rows += batch
            if rows % EVALUATE_EVERY < batch or rows == num_epochs * n:
                seconds += time.perf_counter() - start
                epochs.append(rows / n)
                times.append(seconds)
                losses.append(loss())
                if live:
                    plot_losses(epochs, losses, num_epochs, live)
                start = time.perf_counter()
    if not live:
        plot_losses(epochs, losses, num_epochs)
    print(f"loss: {losses[-1]:.4f}")
    return times, losses


def run_2d(trainer, steps, start, *extra):
    """Return the ``steps + 1`` points (x1, x2) that ``trainer`` visits."""
    (x1, x2), s1, s2 = start, 0, 0
    results = [start]
    for _ in range(steps):
        x1, x2, s1, s2 = trainer(x1, x2, s1, s2, *extra)
        results.append((x1, x2))
    return results


def train_2d(trainer, steps=20, f_grad=None):
    """Run an optimizer of two variables from (-5, -2) and return its trace.

    ``trainer(x1, x2, s1, s2)``, or ``trainer(x1, x2, s1, s2, f_grad)`` when
    ``f_grad`` is given, returns the next four values; the states s1 and s2 start at
    0. Returns ``steps + 1`` pairs (x1, x2) and prints the last one.
    """
    results = run_2d(trainer, steps, (-5, -2), *([f_grad] if f_grad else []))
    x1, x2 = results[-1]
    print(f"t = {steps}, x1: {float(x1):f}, x2: {float(x2):f}")
    return results
