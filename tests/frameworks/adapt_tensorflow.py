"""TensorFlow, as the tests see it."""

import numpy as np
import tensorflow as tf


def parameter(value):
    return tf.Variable(np.asarray(value, np.float32))


state = parameter


def update_by_hand(trainer_fn, p, grad, states, hyperparams):
    trainer_fn([p], [tf.constant(grad, tf.float32)], states, hyperparams)


def built_in(optimizer, p, **hyperparams):
    """Return apply(grad, lr=None), one step of a framework's optimizer on p.

    A learning rate holds from that step on.
    """
    optimizer = optimizer(**hyperparams)

    def apply(grad, lr=None):
        if lr is not None:
            optimizer.learning_rate = lr
        optimizer.apply_gradients([(tf.constant(grad, tf.float32), p)])

    return apply


def loss_value(y_hat, y):
    """Return the value of the loss named in the table of facts."""
    return float(tf.keras.losses.MeanSquaredError()(y, y_hat))


def sqrt(x):
    return tf.sqrt(x)


def by_hand(rule):
    """Make a trainer_fn of ``rule(p, g, state, hyperparams) -> new p, new state``."""

    def trainer_fn(params, grads, states, hyperparams):
        for p, g, s in zip(params, grads, states):
            new_p, new_s = rule(p, g, s, hyperparams)
            for old, new in zip((p, *s), (new_p, *new_s)):
                old.assign(new)
        if "t" in hyperparams:
            hyperparams["t"] += 1

    return trainer_fn


def returning(rule):
    """Make a trainer_fn of a rule that returns new arrays and changes none."""

    def trainer_fn(params, grads, states, hyperparams):
        new = [rule(*args, hyperparams) for args in zip(params, grads, states)]
        return [p for p, _ in new], [s for _, s in new]

    return trainer_fn


def keep(params, kept):
    """Put the parameters into a list."""
    kept[:] = params


OPTIMIZERS = {
    "momentum": ("SGD", {"learning_rate": 0.005, "momentum": 0.9}),
    "adagrad": (
        "Adagrad",
        {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-7},
    ),
    "adadelta": ("Adadelta", {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-5}),
    "adam": ("Adam", {"learning_rate": 0.01, "epsilon": 1e-8}),
}


def probe(X, W):
    """Return what a layer and its gradient are, as NumPy arrays."""
    W = tf.Variable(W)
    with tf.GradientTape() as tape:
        y_hat = tf.nn.softmax(tf.constant(X) @ W)
        loss = tf.reduce_mean(y_hat**2)
    return y_hat.numpy(), tape.gradient(loss, W).numpy()
