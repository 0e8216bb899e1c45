"""d2l 1.0.3 as the yardstick: the same numbers, and room for the same optimizers."""

import sys
import types

import numpy as np
import pytest

from tests.fixtures import resolve


@pytest.fixture(scope="module")
def book(facts):
    """Return d2l's module for the framework.

    d2l.torch imports torchvision, which this environment does not carry and these
    tests do not use: an empty module stands in for that import.
    """
    if facts["module"] == "jax":
        pytest.skip("d2l has no functions of its chapter on optimization for JAX")
    for name in ("torchvision", "torchvision.transforms"):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["torchvision"].transforms = sys.modules["torchvision.transforms"]
    return __import__(f"d2l.{facts['module']}", fromlist=["d2l"])


class Curve:
    """Stands in for d2l's live plot, which needs a notebook."""

    def __init__(self, **kwargs):
        self.Y = [[]]

    def add(self, x, y):
        self.Y[0].append(float(y[0]))


@pytest.fixture
def on_our_terms(book, d2l, framework, monkeypatch):
    """Let d2l train from our initial weights, on our minibatches; return the data."""
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
    for_losses, _ = d2l.get_data_ch11(batch_size=10)
    evaluate_loss = book.evaluate_loss
    monkeypatch.setattr(book, "Animator", Curve)
    # Evaluating must not use up the shuffles that are there to train on.
    monkeypatch.setattr(
        book, "evaluate_loss", lambda net, _, loss: evaluate_loss(net, for_losses, loss)
    )
    w, _ = d2l.initial_params(data_iter)
    start_from(framework, book, monkeypatch, w)
    if framework == "tensorflow":
        monkeypatch.setattr(
            book.tf.data.experimental,
            "cardinality",
            lambda d: types.SimpleNamespace(numpy=lambda: len(d)),
        )
    return data_iter, feature_dim


def start_from(framework, book, monkeypatch, w):
    """Make the calls with which d2l draws its initial weights return ``w``."""
    if framework == "pytorch":
        torch = book.torch
        monkeypatch.setattr(
            torch,
            "normal",
            lambda requires_grad, **_: torch.tensor(w, requires_grad=requires_grad),
        )
        monkeypatch.setattr(
            torch.nn.init,
            "normal_",
            lambda weight, **_: weight.data.copy_(torch.tensor(w.T)),
        )
        monkeypatch.setattr(
            torch.nn.Linear, "reset_parameters", lambda self: self.bias.data.zero_()
        )
    elif framework == "mxnet":
        import mxnet

        monkeypatch.setattr(book.np.random, "normal", lambda **_: book.np.array(w))
        monkeypatch.setattr(
            mxnet.init.Normal,
            "_init_weight",
            lambda self, _, array: array.__setitem__(slice(None), book.np.array(w.T)),
        )
    else:
        tf = book.tf
        monkeypatch.setattr(tf.random, "normal", lambda **_: tf.constant(w))
        monkeypatch.setattr(
            tf, "random_normal_initializer", lambda **_: lambda *a, **k: tf.constant(w)
        )


def test_train_ch11_ends_where_d2l_ends(book, d2l, framework, lesson, on_our_terms):
    data_iter, feature_dim = on_our_terms
    hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}

    def rmsprop(params, *rest):
        lesson.values["rmsprop"](params, *rest)
        if framework == "pytorch":  # d2l leaves that to the optimizer
            for p in params:
                p.grad.zero_()

    def train(module):
        data_iter.restart()
        states = lesson.values["init_rmsprop_states"](feature_dim)
        _, losses = module.train_ch11(
            rmsprop, states, hyperparams, data_iter, feature_dim
        )
        return losses

    np.testing.assert_allclose(train(d2l), train(book), rtol=0, atol=1e-5)


def test_train_concise_ch11_ends_where_d2l_ends(
    book, d2l, facts, on_our_terms, monkeypatch
):
    data_iter, _ = on_our_terms
    trainer = facts["call"].strip("'")
    trainer = resolve(trainer) if "." in trainer else trainer
    hyperparams = {facts["lr"]: 0.01, facts["gamma"]: 0.9}
    curves = []

    def animator(**_):
        curves.append(Curve())
        return curves[-1]

    monkeypatch.setattr(book, "Animator", animator)
    book.train_concise_ch11(trainer, hyperparams, data_iter, num_epochs=2)
    _, losses = d2l.train_concise_ch11(trainer, hyperparams, data_iter)
    assert losses[-1] == pytest.approx(curves[0].Y[0][-1], abs=1e-5)


def by_the_book(adapter, framework):
    """Return {name: (rule, depth of the state, hyperparameters)}, written out here.

    ``rule(p, g, state, hyperparams)`` returns the new p and the new state.
    """

    def root(s, eps):  # PyTorch's Adagrad adds eps outside the root
        return (
            adapter.sqrt(s) + eps if framework == "pytorch" else adapter.sqrt(s + eps)
        )

    def momentum(p, g, state, hp):
        v = hp["momentum"] * state[0] + g
        return p - hp["lr"] * v, (v,)

    def adagrad(p, g, state, hp):
        s = state[0] + g * g
        return p - hp["lr"] * g / root(s, 1e-7), (s,)

    def adadelta(p, g, state, hp):
        s, delta = state
        s = hp["rho"] * s + (1 - hp["rho"]) * g * g
        step = adapter.sqrt(delta + 1e-5) / adapter.sqrt(s + 1e-5) * g
        return p - step, (s, hp["rho"] * delta + (1 - hp["rho"]) * step * step)

    def adam(p, g, state, hp):
        v, s = state
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
        v_hat, s_hat = v / (1 - 0.9 ** hp["t"]), s / (1 - 0.999 ** hp["t"])
        return p - hp["lr"] * v_hat / (adapter.sqrt(s_hat) + 1e-8), (v, s)

    return {
        "momentum": (momentum, 1, {"lr": 0.005, "momentum": 0.9}),
        "adagrad": (adagrad, 1, {"lr": 0.1}),
        "adadelta": (adadelta, 2, {"rho": 0.9}),
        "adam": (adam, 2, {"lr": 0.01, "t": 1}),
    }


@pytest.mark.parametrize("name", ["momentum", "adagrad", "adadelta", "adam"])
def test_other_optimizers_train_through_the_same_functions(
    adapter, d2l, framework, name
):
    rule, depth, hyperparams = by_the_book(adapter, framework)[name]
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
    states = [
        tuple(adapter.state(np.zeros(shape)) for _ in range(depth))
        for shape in ((feature_dim, 1), 1)
    ]
    _, by_hand = d2l.train_ch11(
        adapter.by_hand(rule), states, hyperparams, data_iter, feature_dim
    )
    _, built_in = d2l.train_concise_ch11(*adapter.OPTIMIZERS[name], data_iter)
    np.testing.assert_allclose(by_hand, built_in, rtol=0, atol=2e-6)
    assert by_hand[-1] < by_hand[0]
    assert hyperparams.get("t", 301) == 301, "one count for each of the 300 steps"


def test_an_optimizer_is_found_by_name_or_by_class(adapter, d2l, facts):
    data_iter, _ = d2l.get_data_ch11()
    name, hyperparams = adapter.OPTIMIZERS["adam"]
    namespace = resolve(facts["optimizer"].rsplit(".", 1)[0])
    by_class = getattr(namespace, "Adam", None) or namespace.adam
    curves = [
        d2l.train_concise_ch11(trainer, hyperparams, data_iter)[1]
        for trainer in (name, by_class)
    ]
    assert curves[0] == curves[1]
