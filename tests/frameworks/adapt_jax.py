"""JAX, as the tests see it."""

import jax
import jax.numpy as jnp
import numpy as np
import optax


class Parameter:
    """An array in a box, since the arrays of JAX cannot be changed."""

    def __init__(self, value):
        self.value = state(value)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)


parameter = Parameter


def state(value):
    return jnp.asarray(value, jnp.float32)


def update_by_hand(trainer_fn, p, grad, states, hyperparams):
    arguments = (p.value,), (state(grad),), tuple(states), hyperparams
    (p.value,), states[:] = trainer_fn(*arguments)


def built_in(optimizer, p, **hyperparams):
    """Return apply(grad, lr=None), one step of a framework's optimizer on p.

    A learning rate holds from that step on.
    """
    if rate := hyperparams.get("learning_rate"):
        hyperparams["learning_rate"] = lambda count: rate
    optimizer = optimizer(**hyperparams)
    kept = optimizer.init(p.value)

    def apply(grad, lr=None):
        nonlocal kept, rate
        rate = lr or rate
        updates, kept = optimizer.update(state(grad), kept, p.value)
        p.value = optax.apply_updates(p.value, updates)

    return apply


def loss_value(y_hat, y):
    """Return the value of the loss named in the table of facts."""
    return float(optax.l2_loss(y_hat, y).mean())


def sqrt(x):
    return jnp.sqrt(x)


def by_hand(rule):
    """Make a trainer_fn of ``rule(p, g, state, hyperparams) -> new p, new state``."""

    def trainer_fn(params, grads, states, hyperparams):
        new = [rule(*args, hyperparams) for args in zip(params, grads, states)]
        if "t" in hyperparams:
            hyperparams["t"] += 1
        return [p for p, _ in new], [s for _, s in new]

    return trainer_fn


returning = by_hand


def keep(params, kept):
    """Put the values of parameters into a list, from inside of what is compiled."""
    jax.debug.callback(lambda *values: kept.__setitem__(slice(None), values), *params)


OPTIMIZERS = {
    "momentum": ("sgd", {"learning_rate": 0.005, "momentum": 0.9}),
    "adagrad": (
        "adagrad",
        {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "eps": 1e-7},
    ),
    "adadelta": ("adadelta", {"learning_rate": 1.0, "rho": 0.9, "eps": 1e-5}),
    "adam": ("adam", {"learning_rate": 0.01}),
}


def probe(X, W):
    """Return what a layer and its gradient are, as NumPy arrays."""

    def layer(W):
        return jax.nn.softmax(X @ W)

    grad = jax.grad(lambda W: (layer(W) ** 2).mean())(jnp.asarray(W))
    return np.asarray(layer(W)), np.asarray(grad)
