"""The parts of training that are the same in every framework."""

import contextlib
import time

import numpy as np

from common import ReaderError
from common.data import load_airfoil
from common.plotting import plot_losses

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


def build_optimizer(trainer, known, *args, **hyperparams):
    """Return ``trainer(*args, **hyperparams)``, a framework's optimizer.

    ``trainer`` is a class or a function, or the name of one in the dict ``known``.
    Raises OptionError for an unknown name and for hyperparameters that the optimizer
    does not take. An array of one number counts as that number.
    """
    for name, value in hyperparams.items():
        if hasattr(value, "shape"):
            if np.asarray(value).size != 1:
                raise OptionError(f"{name} is an array, but must be one number.")
            hyperparams[name] = np.asarray(value).item()
    if isinstance(trainer, str):
        if trainer not in known:
            raise OptionError(
                f"There is no optimizer {trainer!r}; there are {', '.join(known)}."
            )
        trainer = known[trainer]
    try:
        return trainer(*args, **hyperparams)
    except (TypeError, ValueError) as error:
        name = getattr(trainer, "__name__", trainer)
        raise OptionError(
            f"{name} does not take these hyperparameters: {error}."
        ) from None


def check_hyperparams(hyperparams):
    """Raise OptionError for a NumPy array, which meets no tensor of a framework."""
    for name, value in hyperparams.items():
        if isinstance(value, np.ndarray):
            raise OptionError(
                f"{name} is an array of NumPy: pass a number, or an array of the "
                "framework."
            )


def new_values(returned):
    """Return the pair (new params, new states) that an update returned."""
    with contextlib.suppress(TypeError, ValueError):
        (w, b), states = returned
        return [w, b], states
    raise OptionError(
        "The update must change params and states in place and return nothing, or "
        "return the pair (new params, new states)."
    )


class Training:
    """The minibatches of some epochs, and the curve of the loss on the way.

    Iterating yields pairs (X, y) to train on. Each time another 200 rows have been
    seen, and at the end, ``evaluate()`` gives a point of the curve: ``losses`` has its
    value and ``times`` the seconds of training so far, without evaluation and drawing.
    The figure is drawn once, at the end, or after every point if ``live``.
    """

    def __init__(self, data_iter, num_epochs, evaluate, live=False):
        if not isinstance(num_epochs, int | np.integer) or num_epochs < 1:
            raise OptionError(
                f"num_epochs is {num_epochs!r}, but must be a whole number from 1 on."
            )
        self.data_iter, self.num_epochs = data_iter, num_epochs
        self.evaluate, self.live = evaluate, live
        self.epochs, self.times, self.losses = [], [], []

    def __iter__(self):
        rows, seconds, n = 0, 0.0, len(self.data_iter.y)
        self.data_iter.restart()
        start = time.perf_counter()
        for _ in range(self.num_epochs):
            for X, y in self.data_iter:
                yield X, y
                rows += len(y)
                if rows % EVALUATE_EVERY < len(y) or rows == self.num_epochs * n:
                    seconds += time.perf_counter() - start
                    self.epochs.append(rows / n)
                    self.times.append(seconds)
                    self.losses.append(self.evaluate())
                    if self.live:
                        plot_losses(self.epochs, self.losses, self.num_epochs, True)
                    start = time.perf_counter()
        if not self.live:
            plot_losses(self.epochs, self.losses, self.num_epochs)
        print(f"loss: {self.losses[-1]:.4f}")


def run_2d(trainer, steps, start, states=(0, 0), f_grad=None):
    """Return the ``steps + 1`` points (x1, x2) that ``trainer`` visits."""
    (x1, x2), results = start, [start]
    extra = [] if f_grad is None else [f_grad]
    for _ in range(steps):
        x1, x2, *new_states = trainer(x1, x2, *states, *extra)
        if len(new_states) != len(states):
            raise OptionError(
                f"The update returned {2 + len(new_states)} values, but x1, x2 and the "
                f"states are {2 + len(states)}: return all, or pass other states."
            )
        states = new_states
        results.append((x1, x2))
    return results


def train_2d(trainer, steps=20, f_grad=None, start=(-5, -2), states=(0, 0)):
    """Run an optimizer of two variables and return its trace.

    ``trainer(x1, x2, *states)``, or ``trainer(x1, x2, *states, f_grad)`` when
    ``f_grad`` is given, returns the next x1, x2 and states, among which may be a step
    number: ``states=(0, 0, 0, 0, 1)``. Returns ``steps + 1`` pairs (x1, x2) and
    prints the last one.
    """
    results = run_2d(trainer, steps, start, states, f_grad)
    x1, x2 = results[-1]
    print(f"t = {steps}, x1: {float(x1):f}, x2: {float(x2):f}")
    return results
