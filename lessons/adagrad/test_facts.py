"""What no signature shows of a framework's Adagrad, by experiment."""

import numpy as np
import pytest

from tests.fixtures import resolve


@pytest.fixture
def walk(adapter, d2l, facts):
    """Return a function that makes steps with given gradients and returns their sizes.

    The keys of ``settings`` are those of the facts; the learning rate is 1 unless it
    is among them, and not passed at all if it is None.
    """

    def make_steps(*grads, **settings):
        settings = {"lr": 1.0, **settings}
        named = {facts[key]: value for key, value in settings.items()}
        named.pop(facts["lr"]) if settings["lr"] is None else None
        p = adapter.parameter([0.0])
        apply = adapter.built_in(resolve(facts["optimizer"]), p, **named)
        places = [0.0]
        for g in grads:
            apply([g])
            places.append(d2l.numpy(p).item())
        return -np.diff(places)

    return make_steps


def test_the_sum_starts_where_the_table_says(walk, facts):
    """0.1 is as large as the squared gradient, so no start is mistaken for another."""
    g = 0.1**0.5
    assert walk(g, eps=1e-12) == pytest.approx(g / (facts["s0"] + 0.1) ** 0.5, rel=1e-4)


def test_the_argument_sets_the_start(walk, facts):
    if facts["start"] is None:
        pytest.skip("no argument sets it")
    assert walk(1.0, eps=1e-12, start=3.0) == pytest.approx(0.5, rel=1e-5)


def test_squared_gradients_add_up(walk, facts):
    steps = walk(1.0, 2.0, -2.0, eps=1e-12)
    sums = facts["s0"] + np.array([1, 5, 9])
    np.testing.assert_allclose(steps, np.array([1, 2, -2]) / np.sqrt(sums), rtol=1e-4)


def test_eps_stands_where_the_table_says(walk, facts):
    s = facts["s0"] + 1
    inside, outside = (s + 0.5) ** -0.5, 1 / (s**0.5 + 0.5)
    expected = inside if facts["eps_inside_root"] else outside
    assert walk(1.0, eps=0.5) == pytest.approx(expected, rel=1e-5)


def test_the_learning_rate_of_a_call_that_names_none(walk, facts):
    if facts["lr_unset"] is None:
        with pytest.raises(TypeError):
            walk(1.0, lr=None)
    else:
        expected = facts["lr_unset"] / (facts["s0"] + 1) ** 0.5
        assert walk(1.0, lr=None) == pytest.approx(expected, rel=1e-4)


def test_a_gradient_of_zero_with_nothing_in_the_root(walk, facts):
    start = {} if facts["start"] is None else {"start": 0.0}
    with np.errstate(invalid="ignore"):
        step = walk(0.0, eps=0.0, **start).item()
    assert np.isnan(step) if facts["nan_at_zero"] else step == 0


def test_the_further_schedule_counts_from_the_second_step(walk, facts):
    if "decay" not in facts:
        pytest.skip("there is none")
    steps = walk(1.0, 1.0, 1.0, eps=1e-12, decay=0.5)
    t = np.arange(1, 4)
    np.testing.assert_allclose(steps, t**-0.5 / (1 + (t - 1) * 0.5), rtol=1e-5)
