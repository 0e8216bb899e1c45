"""What the table of facts says beyond names and defaults, found by experiment."""

import inspect
import math

import numpy as np
import pytest

from tests.fixtures import resolve


@pytest.fixture
def end(adapter, d2l, facts):
    """Return a function that runs a built-in optimizer on given gradients."""

    def run(grads, start=0.0, optimizer=facts["optimizer"], **hyperparams):
        p = adapter.parameter([start])
        apply = adapter.built_in(resolve(optimizer), p, **hyperparams)
        for g in grads:
            apply([g])
        return d2l.numpy(p).item()

    return run


def test_the_default_shares_are_what_the_table_says(facts):
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    names = facts["beta1"], facts["beta2"]
    if "betas" in parameters:
        assert names == ("betas[0]", "betas[1]")
        found = parameters["betas"].default
    else:
        found = [parameters[name].default for name in names]
    assert list(found) == facts["betas"]


def test_eps_stands_beside_the_root_that_the_table_says(end, facts):
    step = -end([1.0], **{facts["lr"]: 1.0, facts["eps"]: 0.1})
    root = math.sqrt(1 - 0.999)
    folded = root / (root + 0.1)
    assert step == pytest.approx(folded if facts["eps_folded"] else 1 / 1.1, rel=1e-4)


@pytest.mark.parametrize("where", ["optimizer", "adamw"])
def test_the_decay_is_of_the_kind_that_the_table_says(end, facts, where):
    """Of a step by 0.01 from 1 under a huge gradient only decoupled decay is seen."""
    name = facts["decay"] if where == "optimizer" else "weight_decay"
    if facts[where] is None or name is None:
        pytest.skip("there is none")
    kind = facts["decay_kind"] if where == "optimizer" else "decoupled"
    hyperparams = {facts["lr"]: 0.01, name: 0.1}
    found = end([100.0], 1.0, facts[where], **hyperparams)
    expected = {"L2": 1 - 0.01, "decoupled": (1 - 0.01 * 0.1) - 0.01}[kind]
    assert found == pytest.approx(expected, abs=1e-5)


def test_what_has_no_decay_or_no_amsgrad_takes_none(facts):
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    assert ("amsgrad" in parameters) == (facts["amsgrad"] is not None)
    if facts["decay"] is None:
        assert "weight_decay" not in parameters
    if facts["amsgrad_function"]:
        assert callable(resolve(facts["amsgrad_function"]))


def test_adadelta_of_the_box_is_the_built_in_one(end, facts, lesson):
    grads = np.random.default_rng(0).normal(size=12)
    x = s = d = 0.0
    for g in grads:
        x, s, d = lesson.values["adadelta"](x, s, d, g, rho=0.9, eps=1e-5)
    hyperparams = {"rho": 0.9, facts["adadelta_eps"]: 1e-5, facts["lr"]: 1.0}
    found = end(grads, optimizer=facts["adadelta"], **hyperparams)
    assert found == pytest.approx(x, rel=1e-4)
