"""The lessons' functions for TensorFlow: ``from common import tensorflow as d2l``."""

import contextlib
import os
import re
from itertools import zip_longest

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
# What TensorFlow says where a graph lacks values, or would make a variable every step.
NO_GRAPH = r"symbolic .?tf\.|not Symbolic|Symbolic.*(numpy|__f)|eager exec|singleton tf"


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
        # Out of a graph comes a text that ends with the kind and the text of the error
        # behind it, and only if that is a common kind, an error of the same kind.
        *_, reason = str(error).strip().splitlines() or [""]
        kind, _, sentence = reason.strip().partition(": ")
        own = error.__context__
        if kind == type(own).__name__ and not isinstance(error, type(own)):
            raise own from error
        if not re.search(NO_GRAPH, sentence):
            raise
        raise OptionError(
            "TensorFlow cannot compile this update "
            f"({sentence.rstrip('.').split('. ')[0]}): use functions of tf only, make "
            "its variables before, as states, or first call "
            "tf.config.run_functions_eagerly(True), with which it runs, but slowly."
        ) from error


def assign(variables, values):
    """Give variables the values that an update has put in their places."""
    pairs = zip_longest(tf.nest.flatten(variables), tf.nest.flatten(values))
    pairs = [(old, new) for old, new in pairs if old is not new]
    if not all(isinstance(old, tf.Variable) and new is not None for old, new in pairs):
        raise OptionError(
            "An update cannot add or drop states, and those that it changes must be "
            "tensors or variables of TensorFlow from the start."
        )
    # All are read before one is changed: a new state may be an old parameter.
    values = [tf.convert_to_tensor(new, old.dtype) for old, new in pairs]
    for (variable, _), value in zip(pairs, values):
        variable.assign(value)


def train_ch11(
    trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs=2, live=False
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, grads, states, hyperparams)`` updates ``params = [w, b]``, two
    ``tf.Variable``, and the states, made variables if they are tensors, in place, or
    returns the pair (new params, new states). It is compiled by ``tf.function``,
    numbers in ``hyperparams`` are tensors to it, and what it changes there, a step
    counter for example, it meets changed at the next step. All other Python in it runs
    only when it is compiled: a counter outside of ``hyperparams`` and the states, or a
    draw of ``np.random``, stays as it was then. Every call starts from the same weights
    and meets the same minibatches. Draws the curve of the loss; returns ``(times,
    losses)`` as described in ``common.harness.Training``.
    """
    w, b = map(tf.Variable, initial_params(data_iter, feature_dim))
    kinds = int, float, np.number, np.ndarray, tf.Tensor
    numbers = {
        name: tf.Variable(tf.cast(value, tf.float32))
        for name, value in hyperparams.items()
        if isinstance(value, kinds) and not isinstance(value, bool)
    }
    states = tf.nest.map_structure(
        lambda s: tf.Variable(s) if isinstance(s, tf.Tensor) else s, states
    )

    # The last minibatch may be smaller.
    shapes = [tf.TensorSpec([None, w.shape[0]]), tf.TensorSpec([None])]

    @tf.function(input_signature=shapes)
    def step(X, y):
        with tf.GradientTape() as tape:
            loss = squared_loss(X @ w + b, y)
        grads = tape.gradient(loss, [w, b])
        values = {name: number.read_value() for name, number in numbers.items()}
        current = hyperparams | values
        # Lists of its own, in which an update may put tensors in place of variables.
        new = [w, b], tf.nest.map_structure(lambda s: s, states)
        returned = trainer_fn(new[0], grads, new[1], current)
        for name, variable in numbers.items():
            if current[name] is not values[name]:
                variable.assign(current[name])
        assign([[w, b], states], new if returned is None else new_values(returned))

    def evaluate():
        return float(squared_loss(data_iter.X @ w + b, data_iter.y))

    training = Training(data_iter, num_epochs, evaluate, live)
    with graph_needed():
        if not tf.config.functions_run_eagerly():
            step = step.get_concrete_function()  # looked up once, not at every step
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
    del known["Optimizer"]  # it is abstract
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
