"""MXNet, as the tests see it."""

import common.mxnet  # noqa: F401, I001  # first: it prepares MXNet
import mxnet
import numpy as np
from mxnet import gluon, npx

npx.set_np()


def parameter(value):
    p = mxnet.np.array(np.asarray(value, np.float32))
    p.attach_grad()
    return p


def state(value):
    return mxnet.np.array(np.asarray(value, np.float32))


def update_by_hand(trainer_fn, p, grad, states, hyperparams):
    p.grad[:] = state(grad)
    trainer_fn([p], states, hyperparams)


def built_in(optimizer, p, **hyperparams):
    """Return apply(grad, lr=None), one step of a framework's optimizer on p.

    A learning rate holds from that step on.
    """
    optimizer = optimizer(**hyperparams)
    weight = p.as_nd_ndarray()  # the same memory; optimizers take no other kind
    states = optimizer.create_state(0, weight)

    def apply(grad, lr=None):
        if lr is not None:
            optimizer.set_learning_rate(lr)
        optimizer.update(0, weight, state(grad).as_nd_ndarray(), states)

    return apply


def loss_value(y_hat, y):
    """Return the value of the loss named in the table of facts."""
    return gluon.loss.L2Loss()(state(y_hat), state(y)).mean().item()


def sqrt(x):
    return mxnet.np.sqrt(x)


def by_hand(rule):
    """Make a trainer_fn of ``rule(p, g, state, hyperparams) -> new p, new state``."""

    def trainer_fn(params, states, hyperparams):
        for p, s in zip(params, states):
            new_p, new_s = rule(p, p.grad, s, hyperparams)
            for old, new in zip((p, *s), (new_p, *new_s)):
                old[:] = new
        if "t" in hyperparams:
            hyperparams["t"] += 1

    return trainer_fn


def returning(rule):
    """Make a trainer_fn of a rule that returns new arrays and changes none."""

    def trainer_fn(params, states, hyperparams):
        new = [rule(p, p.grad, s, hyperparams) for p, s in zip(params, states)]
        return [p for p, _ in new], [s for _, s in new]

    return trainer_fn


def keep(params, kept):
    """Put the parameters into a list."""
    kept[:] = params


OPTIMIZERS = {
    "momentum": ("sgd", {"learning_rate": 0.005, "momentum": 0.9}),
    "adagrad": ("adagrad", {"learning_rate": 0.1, "eps": 1e-7}),
    "adadelta": ("adadelta", {"rho": 0.9, "epsilon": 1e-5}),
    "adam": ("adam", {"learning_rate": 0.01, "epsilon": 1e-8}),
}


def probe(X, W):
    """Return what a layer and its gradient are, as NumPy arrays."""
    X, W = (mxnet.np.array(array, dtype=array.dtype) for array in (X, W.T))
    W.attach_grad()
    with mxnet.autograd.record():
        y_hat = npx.softmax(npx.fully_connected(X, W, no_bias=True, num_hidden=len(W)))
        loss = (y_hat**2).mean()
    loss.backward()
    return y_hat.asnumpy(), W.grad.asnumpy()
