"""What the table of facts says beyond names and defaults, found by experiment."""

import inspect

import numpy as np
import pytest

from tests.fixtures import resolve


@pytest.fixture
def positions(adapter, d2l, facts):
    """Return a function that runs a built-in optimizer from 0 on given gradients.

    ``rates`` has a learning rate for each; the function returns each position.
    """

    def run(grads, rates, optimizer="optimizer", **hyperparams):
        p = adapter.parameter([0.0])
        hyperparams = {facts["lr"]: rates[0], facts["momentum"]: 0.5, **hyperparams}
        apply = adapter.built_in(resolve(facts[optimizer]), p, **hyperparams)
        found = []
        for g, lr in zip(grads, rates):
            apply([g], lr)
            found.append(d2l.numpy(p).item())
        return found

    return run


def test_the_velocity_is_a_leaky_sum(positions):
    """No share of the gradient is held back, in the first step or later."""
    assert positions((1, 1, 1), 3 * [1.0]) == pytest.approx([-1, -2.5, -4.25])


def test_a_lower_rate_spares_what_is_in_the_velocity_when_the_table_says(
    positions, facts
):
    end = positions((1, 0), (1.0, 0.1))[-1]
    assert end == pytest.approx(-1.5 if facts["eta_inside"] else -1.05)


def test_dampening_spares_the_first_gradient_and_exists_where_the_table_says(
    positions, facts
):
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    assert ("dampening" in parameters) == (facts["dampening"] is not None)
    if facts["dampening"]:
        found = positions((1, 1, 1), 3 * [1.0], dampening=0.5)
        assert found == pytest.approx([-1, -2, -3])


def test_nesterovs_step_is_the_one_of_the_lesson(positions, facts, lesson):
    switch = {facts["nesterov"]: True} if facts["nesterov"] else {}
    grads = np.random.default_rng(0).normal(size=8)
    found = positions(grads, 8 * [0.1], "lookahead", **switch)
    x, v = 0, 0
    for g, position in zip(grads, found):
        x, v = lesson.values["nesterov"](x, v, g, eta=0.1, beta=0.5)
        assert position == pytest.approx(x, rel=1e-5, abs=1e-7)


def test_nesterov_looks_ahead(lesson):
    """The form in use is Nesterov's own, seen from the point ahead (Sutskever 2013)."""
    eta, beta, h = 0.1, 0.9, 4.0
    x, v = -2.0, 0.0
    y, u = -2.0, 0.0  # Nesterov's own: the gradient is taken ahead, at y + beta u
    for _ in range(20):
        ahead = y + beta * u
        u = beta * u - eta * h * ahead
        y = y + u
        x, v = lesson.values["nesterov"](x, v, h * x, eta, beta)
        assert x == pytest.approx(y + beta * u)
