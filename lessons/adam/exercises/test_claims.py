"""What the solutions of the exercises compute, draw and claim.

`tests/frameworks/test_contract.py` holds the prose to `claims` and `SETTINGS`.
"""

import math

import numpy as np
import pytest

SETTINGS = {"0.1", "0.9", "0.95", "0.999", "10", "30", "40", "1000"}


def claims(solutions):
    """Return what the prose states, with the numbers that the solutions give."""
    values = solutions.values
    longest = values["longest"]
    shares, ends = solutions.axes["trap-figure"][0].lines[0].get_data()
    low, high = shares[ends < -0.99].max(), shares[ends > 0.99].min()
    return [
        f"at step {longest} the step is "
        rf"${values['lengths'][longest]:.2f}\, \eta$ long",
        f"every step multiplies the weight by ${1 - 0.1 * 0.5:.2f}$",
        f"up to {low:.1f}, then it rises, and is 1 from {high:.1f} on",
        f"The limit is at about {values['limit']:.2f}.",
    ]


def test_the_lengths_are_those_of_a_run(solutions):
    v = s = 0.0
    for t in range(1, 30):
        v, s = 0.9 * v + 0.1, 0.999 * s + 0.001
        found = solutions.values["step_length"](t, 0.9, 0.999)
        assert found == pytest.approx(v / math.sqrt(s))


def test_without_a_gradient_adamw_only_shrinks(solutions):
    shown, expected = solutions.printed["adamw-quiet"].split()[2::3]
    assert shown == expected == f"{0.95**30:.4f}"


def test_with_l2_the_weight_walks_in_steps_of_eta_whatever_lambda_is():
    def walk(lam, steps=5):
        x, v, s, path = 1.0, 0.0, 0.0, []
        for t in range(1, steps + 1):
            g = lam * x
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
            x -= 0.1 * (v / (1 - 0.9**t)) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)
            path.append(x)
        return np.array(path)

    np.testing.assert_allclose(walk(0.5), walk(0.005), rtol=1e-4)
    assert walk(0.5)[0] == pytest.approx(0.9)
    assert (np.abs(np.diff(walk(0.5)) + 0.1) < 0.02).all()
    assert -0.3 < walk(0.5, 50).min() < -0.2, "a little past 0"


def test_the_limit_is_where_the_steps_of_three_gradients_cancel(solutions):
    """For infinitely many steps: s then repeats itself with a period of three."""

    def drift(beta2, c=3):
        s = 0.0
        for t in range(3000):
            g = c if t % 3 == 1 else -1
            s = beta2 * s + (1 - beta2) * g**2
            steps = [*steps[-2:], g / math.sqrt(s)] if t else [g / math.sqrt(s)]
        return sum(steps)

    low, high = 0.1, 0.99
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if drift(middle) > 0 else (middle, high)
    assert high == pytest.approx(solutions.values["limit"], abs=0.02)
    assert solutions.values["end"](high - 0.1) > 0 > solutions.values["end"](high + 0.1)
