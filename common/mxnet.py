"""The lessons' functions for MXNet: ``from common import mxnet as d2l``."""

import os

from common import MissingFrameworkError

try:
    import common.numpy2  # noqa: I001  # before MXNet, which needs it
    import mxnet
    from mxnet import engine, np, npx
except (ImportError, OSError) as error:
    raise MissingFrameworkError("MXNet", error) from None

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

npx.set_np()
arange, zeros = np.arange, np.zeros
os.environ.setdefault("MXNET_SUBGRAPH_VERBOSE", "0")  # or it logs when it compiles
engine.set_bulk_size(30)  # to run operators in groups takes less than one by one


def numpy(array):
    """Return an array's values as a NumPy array."""
    return array.asnumpy()


def _split(array, batch_size):
    return np.split(np.array(array), list(range(batch_size, len(array), batch_size)))


def get_data_ch11(batch_size=10, n=1500, seed=0):
    """Return minibatches of the airfoil data and its number of features."""
    return get_data(batch_size, n, seed, _split)


def squared_loss(y_hat, y):
    """Return the mean of (y_hat - y)² / 2 over the rows, a scalar array."""
    return ((y_hat - y.reshape((-1, 1))) ** 2).mean() / 2


def _gradient(w, b):
    """Return ``backward(X, y)``, which puts the loss's gradient in w.grad and b.grad.

    MXNet's executor runs the whole graph on arrays of its own, to which a minibatch
    is copied: that takes less time than `autograd`, which makes a graph every time.
    """
    X, w_var, b_var, y = (mxnet.sym.var(name).as_np_ndarray() for name in "Xwby")
    graph = squared_loss(mxnet.sym.np.dot(X, w_var) + b_var, y)
    params = {"w": w.as_nd_ndarray(), "b": b.as_nd_ndarray()}
    grads = {"w": w.grad.as_nd_ndarray(), "b": b.grad.as_nd_ndarray()}
    one, bound = np.ones(()).as_nd_ndarray(), {}

    def backward(X, y):
        if len(y) not in bound:  # the last minibatch may be smaller
            own = X.copy(), y.copy()
            inputs = {"X": own[0].as_nd_ndarray(), "y": own[1].as_nd_ndarray()}
            bound[len(y)] = *own, graph.bind(w.ctx, {**params, **inputs}, grads)
        own_X, own_y, executor = bound[len(y)]
        X.copyto(own_X)
        y.copyto(own_y)
        executor.forward(is_train=True)
        executor.backward(one)

    return backward


def _initial_params(data_iter, feature_dim=None):
    params = [np.array(array) for array in initial_params(data_iter, feature_dim)]
    for p in params:
        p.attach_grad()
    return params


def _train(params, update, data_iter, num_epochs, live):
    """Train ``params = [w, b]``; ``update()`` is called after every backward."""
    w, b = params
    backward = _gradient(w, b)

    def step(X, y):
        backward(X, y)
        update()

    def loss():
        return squared_loss(np.dot(data_iter.X, w) + b, data_iter.y).item()

    return fit(step, loss, data_iter, num_epochs, live)


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

    ``trainer_fn(params, states, hyperparams)`` updates ``params = [w, b]`` in place
    from ``p.grad``. Every call starts from the same weights and meets the same
    minibatches. Returns ``(times, losses)`` as described in ``common.harness.fit``,
    which also draws the curve.
    """
    params = _initial_params(data_iter, feature_dim)

    def update():
        trainer_fn(list(params), states, hyperparams)

    return _train(params, update, data_iter, num_epochs, live)


def train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2, live=False):
    """Train the same model, from the same start, with an optimizer of MXNet.

    ``trainer`` is the name of an optimizer or a class of ``mxnet.optimizer``,
    ``hyperparams`` its keyword arguments. The loss is (y_hat - y)² / 2, as in
    ``train_ch11``. Returns ``(times, losses)``.
    """
    params = _initial_params(data_iter)
    known = mxnet.optimizer.Optimizer.opt_registry
    optimizer = build_optimizer(trainer, known, **hyperparams)
    # Optimizers take MXNet's older arrays; these share the memory of the others.
    weights = [p.as_nd_ndarray() for p in params]
    grads = [p.grad.as_nd_ndarray() for p in params]
    states = [optimizer.create_state(i, w) for i, w in enumerate(weights)]

    def update():
        for i, args in enumerate(zip(weights, grads, states)):
            optimizer.update(i, *args)

    return _train(params, update, data_iter, num_epochs, live)
