"""Every entry of the table of facts, checked against the installed framework."""

import inspect

import numpy as np
import pytest

from tests.fixtures import resolve
from weave.lessons import load_cells


@pytest.mark.parametrize(
    "name, default",
    [
        ("lr", "lr_default"),
        ("gamma", "gamma_default"),
        ("eps", "eps_default"),
        ("momentum", "momentum_default"),
    ],
)
def test_the_default_is_what_the_table_says(facts, name, default):
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    assert parameters[facts[name]].default == facts[default]


def test_the_optimizer_can_be_centered(facts):
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    assert ("centered" in parameters) == facts["centered"]


def test_gamma_is_the_share_of_s_that_survives(adapter, d2l, facts):
    """After gradients 1 and 0 a third of 1 meets s = (1 - gamma)(1 + gamma²)."""
    p = adapter.parameter([0.0])
    hyperparams = {facts["lr"]: 1.0, facts["gamma"]: 0.75, facts["eps"]: 1e-12}
    apply = adapter.built_in(resolve(facts["optimizer"]), p, **hyperparams)
    for g in (1.0, 0.0):
        apply([g])
    before = d2l.numpy(p).copy()
    apply([1.0])
    step = abs((d2l.numpy(p) - before).item())
    assert step == pytest.approx((0.25 * (1 + 0.75**2)) ** -0.5, rel=1e-5)


def test_momentum_works_when_the_table_says(adapter, d2l, facts):
    ends = []
    for momentum in (0.0, 0.5):
        p = adapter.parameter([0.0])
        apply = adapter.built_in(
            resolve(facts["optimizer"]), p, **{facts["momentum"]: momentum}
        )
        for _ in range(3):
            apply([1.0])
        ends.append(d2l.numpy(p).item())
    assert (ends[0] == ends[1]) == facts["momentum_needs_centered"]


def test_the_loss_has_the_factor_of_the_table(adapter, facts):
    y_hat = np.array([[3.0], [1.0]], np.float32)
    y = np.array([[0.0], [0.0]], np.float32)
    resolve(facts["loss"])
    assert adapter.loss_value(y_hat, y) == pytest.approx(facts["loss_factor"] * 5)


def test_the_lesson_calls_the_optimizer_by_the_names_of_the_table(framework, facts):
    call = load_cells("rmsprop", framework)["concise"].source.replace('"', "'")
    assert facts["call"] in call
    for name in ("lr", "gamma", "eps"):
        assert f"'{facts[name]}'" in call
