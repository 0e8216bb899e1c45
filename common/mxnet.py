"""The lessons' functions for MXNet: ``from common import mxnet as d2l``."""

import os

from common import MissingFrameworkError

os.environ.setdefault("MXNET_SUBGRAPH_VERBOSE", "0")  # else it logs into the notebook

try:
    import common.numpy2  # noqa: I001  # before MXNet, which needs it
    import mxnet
    from mxnet import autograd, gluon, np, npx
except (ImportError, OSError) as error:
    raise MissingFrameworkError(
        "MXNet",
        "pip install --no-deps -r requirements-no-deps.txt",
        error,
        wheels="Linux, Intel Mac",
    ) from None

from common.harness import (
    Training,
    build_optimizer,
    check_hyperparams,
    get_data,
    initial_params,
    new_values,
    train_2d,
)
from common.play import play_2d
from common.plotting import label_axes, plt, set_figsize, show_arrows_2d, show_trace_2d

npx.set_np()
arange, zeros = np.arange, np.zeros


def numpy(array):
    """Return an array's values as a NumPy array."""
    return array.asnumpy()


def split(array, batch_size):
    """Cut a NumPy array into MXNet's arrays of ``batch_size`` rows."""
    return np.split(np.array(array), list(range(batch_size, len(array), batch_size)))


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar array."""
    return ((y_hat - y.reshape(y_hat.shape)) ** 2).mean() / 2


def train_ch11(
    trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs=2, live=False
):
    """Train a linear regression with an optimizer written by hand.

    ``trainer_fn(params, states, hyperparams)`` updates ``params = [w, b]`` and the
    states in place from ``p.grad``, or returns the pair (new params, new states).
    Every call starts from the same weights and meets the same minibatches. Draws the
    curve of the loss; returns ``(times, losses)`` as described in
    ``common.harness.Training``.
    """
    check_hyperparams(hyperparams)
    w, b = map(np.array, initial_params(data_iter, feature_dim))
    w.attach_grad()
    b.attach_grad()

    def evaluate():
        return squared_loss(np.dot(data_iter.X, w) + b, data_iter.y).item()

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        with autograd.record():
            loss = squared_loss(np.dot(X, w) + b, y)
        loss.backward()
        params = [w, b]
        returned = trainer_fn(params, states, hyperparams)
        if returned is not None:
            params, states = new_values(returned)
        if params[0] is not w or params[1] is not b:
            w, b = params
            w.attach_grad()
            b.attach_grad()
    return training.times, training.losses


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of MXNet.

    ``trainer`` is the name of an optimizer, a class of ``mxnet.optimizer``, or a
    function that takes ``hyperparams`` as keyword arguments and returns an optimizer.
    The loss is (y_hat - y)² / 2, as in ``train_ch11``.
    """
    w, b = map(np.array, initial_params(data_iter))
    net = gluon.nn.Dense(1, in_units=len(w))
    net.initialize()
    net.weight.set_data(w.T)
    net.bias.set_data(b)
    known = dict(mxnet.optimizer.Optimizer.opt_registry)
    del known["groupadagrad"], known["test"]  # for matrices only; for MXNet's tests
    optimizer = build_optimizer(trainer, known, **hyperparams)
    gluon_trainer = gluon.Trainer(net.collect_params(), optimizer)

    def evaluate():
        return squared_loss(net(data_iter.X), data_iter.y).item()

    training = Training(data_iter, num_epochs, evaluate, live)
    for X, y in training:
        with autograd.record():
            loss = squared_loss(net(X), y)
        loss.backward()
        gluon_trainer.step(1)  # the loss is a mean already
    return training.times, training.losses
