"""The lessons' functions for TensorFlow: ``from common import tensorflow as d2l``."""

import contextlib
import os

from common import MissingFrameworkError, silence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # else it logs into the notebook

try:
    with silence():
        import tensorflow as tf

        tf.config.list_physical_devices()  # that they have no GPU, they tell as well
except ImportError as error:
    raise MissingFrameworkError("TensorFlow", error) from None

from common.harness import (
    build_optimizer,
    fit,
    get_data,
    initial_params,
    train_2d,
)
from common.play import play_2d
from common.plotting import (
    label_axes,
    plt,
    set_figsize,
    show_arrows_2d,
    show_trace_2d,
)

arange, zeros = tf.range, tf.zeros


def numpy(tensor):
    """Return a tensor's values as a NumPy array."""
    return tensor.numpy()


def _split(array, batch_size):
    full, rest = divmod(len(array), batch_size)
    return tf.split(array, [batch_size] * full + [rest] * bool(rest))


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, _split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar tensor."""
    n = tf.cast(tf.size(y), y_hat.dtype)
    return tf.nn.l2_loss(y_hat - tf.reshape(y, (-1, 1))) / n  # half the sum of squares


def _trace(function, data_iter, *args):
    """Return ``function(X, y, *args)`` as a graph for minibatches of any size.

    Calling it returns a list of tensors.
    """
    specs = [
        tf.TensorSpec((None, *t.shape[1:]), t.dtype) for t in (data_iter.X, data_iter.y)
    ]
    graph = tf.function(function, autograph=False).get_concrete_function(*specs, *args)
    dtypes, captured = [t.dtype for t in graph.outputs], graph.captured_inputs

    def call(X, y, *args):
        # What `graph(X, y, *args)` does in the end; the rest takes four times as long.
        inputs = [X, y, *tf.nest.flatten(args), *captured]
        return tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=dtypes, f=graph)

    return call


def _compile(update, hyperparams, data_iter):
    """Return ``step(X, y)`` that calls ``update(X, y, hyperparams)`` as a graph.

    The first call runs as plain Python: it shows an error where it is, and which
    hyperparameters the update changes. These, a step counter for example, become
    inputs and outputs of the graph; all others are constants in it. An update that
    no graph can hold (one that looks at a tensor's value) goes on as plain Python.
    """
    graph, counters = None, []

    def counted():
        return [tf.constant(float(hyperparams[name])) for name in counters]

    def traced(X, y, values):
        current = {**hyperparams, **dict(zip(counters, values))}
        update(X, y, current)
        return [current[name] for name in counters]

    def step(X, y):
        nonlocal graph, counters
        if graph is None:
            before = dict(hyperparams)
            update(X, y, hyperparams)
            counters = [k for k in before if hyperparams[k] != before[k]]
            graph = traced
            if not tf.config.functions_run_eagerly():
                # Whatever a reader's code raises on being traced, it did run.
                with contextlib.suppress(Exception):
                    graph = _trace(traced, data_iter, counted())
            return
        for name, value in zip(counters, graph(X, y, counted())):
            hyperparams[name] = type(hyperparams[name])(value)

    return step


def train_ch11(
    trainer_fn,
    states,
    hyperparams,
    data_iter,
    feature_dim,
    num_epochs=2,
    live=False,
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, grads, states, hyperparams)`` updates ``params = [w, b]``,
    two ``tf.Variable``, in place. It is compiled with ``tf.function`` after the first
    step; ``tf.config.run_functions_eagerly(True)`` turns that off, so that it can
    print or be debugged. Every call starts from the same weights and meets the same
    minibatches. Returns ``(times, losses)`` as described in ``common.harness.fit``,
    which also draws the curve.
    """
    w, b = map(tf.Variable, initial_params(data_iter, feature_dim))

    def update(X, y, hyperparams):
        with tf.GradientTape() as tape:
            loss = squared_loss(X @ w + b, y)
        trainer_fn([w, b], tape.gradient(loss, [w, b]), states, hyperparams)

    def loss():
        return float(squared_loss(data_iter.X @ w + b, data_iter.y))

    step = _compile(update, hyperparams, data_iter)
    return fit(step, loss, data_iter, num_epochs, live)


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of Keras.

    ``trainer`` is a class of ``tf.keras.optimizers`` or its name, ``hyperparams`` its
    keyword arguments. The loss is (y_hat - y)² / 2, as in ``train_ch11``: d2l trains
    on twice that. Returns ``(times, losses)``.
    """
    w, b = initial_params(data_iter)
    net = tf.keras.layers.Dense(1)
    net.build((None, len(w)))
    net.set_weights([w, b])
    optimizer = build_optimizer(trainer, vars(tf.keras.optimizers), **hyperparams)
    optimizer.build(net.trainable_variables)

    def update(X, y):
        with tf.GradientTape() as tape:
            loss = squared_loss(net(X), y)
        params = net.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, params), params))

    def loss():
        return float(squared_loss(net(data_iter.X), data_iter.y))

    return fit(_trace(update, data_iter), loss, data_iter, num_epochs, live)
