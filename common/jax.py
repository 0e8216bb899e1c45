"""The lessons' functions for JAX: ``from common import jax as d2l``."""

import inspect
import os

from common import MissingFrameworkError

# The lessons need no GPU; left alone, JAX would take most of the memory of one.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as error:
    raise MissingFrameworkError("JAX", 'pip install ".[jax]"', error) from None

import numpy as np

from common.harness import (
    OptionError,
    Training,
    build_optimizer,
    get_data,
    initial_params,
    new_values,
    train_2d,
)
from common.play import play_2d
from common.plotting import label_axes, plt, set_figsize, show_arrows_2d, show_trace_2d

IN_PLACE = (
    "Arrays of JAX cannot be changed in place: the update must return the pair (new "
    "params, new states)."
)

arange, zeros = jnp.arange, jnp.zeros


def numpy(array):
    """Return an array's values as a NumPy array."""
    return np.asarray(array)


def split(array, batch_size):
    """Cut a NumPy array into JAX's arrays of ``batch_size`` rows."""
    parts = np.split(array, range(batch_size, len(array), batch_size))
    return [jax.device_put(part) for part in parts]


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar array."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2


@jax.jit
def linreg_loss(params, X, y):
    """Return the loss of the linear regression with ``params = (w, b)``."""
    w, b = params
    return squared_loss(X @ w + b, y)


linreg_grads = jax.jit(jax.grad(linreg_loss))  # compiled once, for every optimizer


def train_ch11(
    trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs=2, live=False
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, grads, states, hyperparams)`` returns the pair (new params,
    new states); ``params`` and ``grads`` are tuples of two arrays, for w and for b. It
    is compiled by ``jax.jit``, numbers in ``hyperparams`` are arrays to it, and what it
    changes there, a step counter for example, it meets changed at the next step. All
    other Python in it runs only when it is compiled: a counter outside of
    ``hyperparams`` and the states, or a draw of ``np.random``, stays as it was then.
    Every call starts from the same weights and meets the same minibatches. Draws the
    curve of the loss; returns ``(times, losses)`` as described in
    ``common.harness.Training``.
    """
    params = tuple(map(jax.device_put, initial_params(data_iter, feature_dim)))
    kinds = int, float, np.number, np.ndarray, jax.Array
    numbers = {
        name: jnp.asarray(value, "float32")
        for name, value in hyperparams.items()
        if isinstance(value, kinds) and not isinstance(value, bool)
    }

    @jax.jit
    def update(params, grads, states, numbers):
        current = hyperparams | numbers
        try:
            returned = trainer_fn(params, grads, states, current)
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
            raise OptionError(
                "JAX cannot compile this update: use functions of jax.numpy only, and "
                "jnp.where instead of an if, or an index, that asks for values of "
                "arrays."
            ) from error
        except TypeError as error:
            if "arrays are immutable" not in str(error):
                raise
            raise OptionError(IN_PLACE) from error
        if returned is None:
            raise OptionError(IN_PLACE)
        params, states = new_values(returned)
        return tuple(params), states, {name: current[name] for name in numbers}

    def evaluate():
        return linreg_loss(params, data_iter.X, data_iter.y).item()

    before = numbers
    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        grads = linreg_grads(params, X, y)
        params, states, numbers = update(params, grads, states, numbers)
    for name, number in numbers.items():
        if not np.array_equal(number, before[name]):
            hyperparams[name] = numpy(number)
    return training.times, training.losses


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of Optax.

    ``trainer`` is a function of ``optax``, its name, or a function of your own that
    takes ``hyperparams`` as keyword arguments and returns an optimizer. The loss is
    (y_hat - y)² / 2, as in ``train_ch11``.
    """
    params = tuple(map(jax.device_put, initial_params(data_iter)))
    known = {
        name: function
        for name, function in vars(optax).items()
        if inspect.isfunction(function)
        and "learning_rate" in inspect.signature(function).parameters
        and not name.startswith(("_", "scale_by_"))  # parts of optimizers
        and name != "lbfgs"  # it evaluates the loss itself
    }
    optimizer = build_optimizer(trainer, known, **hyperparams)
    state = optimizer.init(params)

    @jax.jit
    def update(params, grads, state):
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    def evaluate():
        return linreg_loss(params, data_iter.X, data_iter.y).item()

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        params, state = update(params, linreg_grads(params, X, y), state)
    return training.times, training.losses
