"""The lessons' functions for TensorFlow: ``from common import tensorflow as d2l``."""

import contextlib
import os

import numpy as np

from common import MissingFrameworkError

# Else it logs into the notebook; that of oneDNN, on the processors that have it on by
# itself, no level of logging keeps back.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

try:
    import tensorflow as tf
except ImportError as error:
    raise MissingFrameworkError(
        "TensorFlow", 'pip install ".[tensorflow]"', error
    ) from None

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

arange, zeros = tf.range, tf.zeros


def numpy(tensor):
    """Return a tensor's values as a NumPy array."""
    return tensor.numpy()


def split(array, batch_size):
    """Cut a NumPy array into tensors of ``batch_size`` rows."""
    full, rest = divmod(len(array), batch_size)
    return tf.split(array, [batch_size] * full + [rest] * bool(rest))


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar tensor."""
    return tf.reduce_mean((y_hat - tf.reshape(y, (-1, 1))) ** 2) / 2


@contextlib.contextmanager
def graph_needed():
    """Say in a sentence that an update cannot become a graph of TensorFlow."""
    try:
        yield
    except Exception as error:
        # On the way out of a graph an error becomes text; its last line is its own.
        *_, reason = str(error).strip().splitlines() or [""]
        kind, _, sentence = reason.strip().partition(": ")
        if kind == "OptionError":
            raise OptionError(sentence) from None
        kinds = AttributeError, NotImplementedError, TypeError
        if tf.config.functions_run_eagerly() or not isinstance(error, kinds):
            raise
        raise OptionError(
            f"TensorFlow cannot compile this update ({sentence.split('. ')[0]}): use "
            "functions of tf only, or first call tf.config.run_functions_eagerly(True)"
            ", with which every update runs, but slowly."
        ) from error


def train_ch11(
    trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs=2, live=False
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, grads, states, hyperparams)`` updates ``params = [w, b]``, two
    ``tf.Variable``, and the states in place, or returns the pair (new params, new
    states). It is compiled by ``tf.function``, numbers in ``hyperparams`` are tensors
    to it, and what it changes there, a step counter for example, it meets changed at
    the next step. Every call starts from the same weights and meets the same
    minibatches. Draws the curve of the loss; returns ``(times, losses)`` as described
    in ``common.harness.Training``.
    """
    w, b = map(tf.Variable, initial_params(data_iter, feature_dim))
    kinds = int, float, np.number, np.ndarray, tf.Tensor
    numbers = {
        name: tf.Variable(tf.cast(value, tf.float32))
        for name, value in hyperparams.items()
        if isinstance(value, kinds) and not isinstance(value, bool)
    }

    @tf.function(reduce_retracing=True)  # the last minibatch may be smaller
    def step(X, y):
        with tf.GradientTape() as tape:
            loss = squared_loss(X @ w + b, y)
        grads = tape.gradient(loss, [w, b])
        current = hyperparams | {k: v.read_value() for k, v in numbers.items()}
        returned = trainer_fn([w, b], grads, states, current)
        for name, variable in numbers.items():
            variable.assign(current[name])
        if returned is not None:
            new = tf.nest.flatten(new_values(returned))
            for variable, value in zip(tf.nest.flatten([w, b, states]), new):
                variable.assign(value)

    def evaluate():
        return float(squared_loss(data_iter.X @ w + b, data_iter.y))

    training = Training(data_iter, num_epochs, evaluate, live)
    with graph_needed():
        for X, y in training:
            step(X, y)
    for name, variable in numbers.items():
        if not np.array_equal(variable, np.float32(hyperparams[name])):
            hyperparams[name] = variable.numpy()
    return training.times, training.losses


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of Keras.

    ``trainer`` is a class of ``tf.keras.optimizers``, its name, or a function that
    takes ``hyperparams`` as keyword arguments and returns an optimizer. The loss is
    (y_hat - y)² / 2, as in ``train_ch11``: d2l trains on twice that.
    """
    w, b = initial_params(data_iter)
    net = tf.keras.Sequential([tf.keras.Input((len(w),)), tf.keras.layers.Dense(1)])
    net.set_weights([w, b])
    known = {k: v for k, v in vars(tf.keras.optimizers).items() if isinstance(v, type)}
    optimizer = build_optimizer(trainer, known, **hyperparams)
    optimizer.build(net.trainable_variables)  # else the step is traced twice

    @tf.function(reduce_retracing=True)
    def step(X, y):
        with tf.GradientTape() as tape:
            loss = squared_loss(net(X), y)
        params = net.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, params), params))

    def evaluate():
        return float(squared_loss(net(data_iter.X), data_iter.y))

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        step(X, y)
    return training.times, training.losses
