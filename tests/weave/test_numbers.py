"""Every number that the prose states is computed here, or is a setting of the lesson.

The prose is English; `check_parallel` holds the Vietnamese to the same numbers.
"""

import math
import re

import numpy as np
import pytest

from tests.reference import rmsprop
from weave.lessons import read_prose

START, ETA, GAMMA, EPS = (-5.0, -2.0), 0.4, 0.9, 1e-6
CURVATURE = np.array([0.2, 4.0])  # of f(x1, x2) = 0.1 x1² + 2 x2²

# What the lesson sets, and a test beside this one holds its cells to.
SETTINGS = {"0.1", "0.4", "0.6", "0.9", "0.99", "1000", "1503", "1500", "39", "60"}
SETTINGS |= {"20", "200", "400"}  # numbers of steps
SETTINGS |= {"40"}  # minutes of reading, a guess


def trace(steps, eta=ETA, gamma=GAMMA, scale=1.0):
    """Return the points of RMSProp in the valley, its height times ``scale``."""
    points = rmsprop(
        START, lambda x: scale * CURVATURE * x, eta, gamma, EPS, steps=steps
    )
    return np.array([START, *points])


def adagrad(steps):
    x, s = np.array(START), 0
    for _ in range(steps):
        g = CURVATURE * x
        s = s + g**2
        x = x - ETA * g / np.sqrt(s + EPS)
    return x


def half_life(gamma):
    return math.log(2) / math.log(1 / gamma)


def first_step(gamma):
    return 1 / math.sqrt(1 - gamma)


CLAIMS = [
    # the slopes, as central differences of f
    f"The slope is ${0.1 * (2**2 - 0) / 2:g} x_1$ along the valley",
    f"and ${2 * (2**2 - 0) / 2:g} x_2$ across it: twenty times",
    rf"multiplies $x_1$ by $1 - 0.2\,\eta = {1 - 0.2 * 0.4:.2f}$",
    rf"and $x_2$ by $1 - 4\,\eta = {1 - 4 * 0.4:.1f}$",
    f"the factor falls to ${1 - 0.2 * 0.6:.2f}$",
    rf"$1 - 4 \cdot 0.6 = {1 - 4 * 0.6:.1f}$",
    rf"limits $\eta$ to less than ${2 / 4}$",
    f"ending near x1 = {START[0] * (1 - 0.2 * ETA) ** 20:.1f} after 20 steps",
    rf"over about {1 / (1 - 0.9):.0f} steps, and half of a gradient's weight is gone "
    f"after {half_life(0.9):.1f} steps",
    rf"at $\gamma = 0.9$ that would be {1 / 0.9:.1f} steps, and it is wrong",
    rf"${first_step(0.9):.2f}\,\eta$ at $\gamma = 0.9$",
    f"starts at {first_step(0.9):.2f} for gamma 0.9 and at {first_step(0.99):.0f} for",
    rf"the first step is ${first_step(0.99):.0f}\,\eta$ long",
    f"After 20 steps $x_1 = {trace(20)[-1, 0]:.6f}$ and $|x_2| < 10^{{-6}}$",
    f"gradient descent is near x1 = {START[0] * (1 - 0.2 * ETA) ** 20:.1f}, "
    f"Adagrad near {adagrad(20)[0]:.1f}",
    f"settle at {abs(trace(400)[-1, 1]):.1f}, half the learning rate",
    rf"about the last $1/(1 - \gamma) = {1 / (1 - 0.9):.0f}$ squared gradients",
    f"$10^{{{math.log10(1e-6) / 2:.0f}}}$ outside for $10^{{-6}}$ inside",
    # asserted of every framework in tests/frameworks/test_equality.py
    "The loss ends between 0.242 and 0.247",
    "stays near 0.245 with",
    "less than $10^{-6}$ in MXNet, in PyTorch and in TensorFlow",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_prose_says_what_the_arithmetic_gives(claim):
    assert claim in read_prose("rmsprop", "en")


def test_no_other_number_is_stated():
    prose, _ = read_prose("rmsprop", "en").split("## References")
    prose = re.sub(r"\]\([^)]*\)|`[^`]+`", "", prose)
    numbers = set(
        re.findall(r"(?<![\w.{^-])\d+\.\d+|(?<![\w.{^-])\d{2,}(?!\d*\^)", prose)
    )
    years = {"2011", "2012", "2013", "2015", "2017", "2018"}
    claimed = set(re.findall(r"\d+\.\d+|\d{2,}", " ".join(CLAIMS)))
    unknown = numbers - claimed - SETTINGS - years
    assert not unknown, f"the number {unknown.pop()} is not computed by any test"


# What the prose says in words.


def test_one_slope_is_twenty_times_the_other():
    assert CURVATURE[1] / CURVATURE[0] == 20


def test_a_learning_rate_of_a_half_is_where_gradient_descent_starts_to_diverge():
    assert abs(1 - 4 * 0.499) < 1 < abs(1 - 4 * 0.501)


def test_the_weights_add_up_to_one_minus_gamma_to_the_t():
    for gamma, t in ((0.9, 5), (0.99, 100)):
        weights = (1 - gamma) * gamma ** np.arange(t)
        assert weights.sum() == pytest.approx(1 - gamma**t)


def test_the_mean_lifetime_is_what_the_lesson_says():
    k = np.arange(10_000)
    assert ((1 - 0.9) * 0.9**k * (k + 1)).sum() == pytest.approx(1 / (1 - 0.9))


def test_no_step_is_longer_than_the_bound_and_the_first_reaches_it():
    rng = np.random.default_rng(0)
    grads = rng.normal(size=(1000, 1)) * 10 ** rng.uniform(-2, 2, (1000, 1))
    points = np.array([[0.0], *rmsprop([0.0], grads, 1.0, 0.9, 0.0)])
    steps = np.abs(np.diff(points, axis=0))
    assert steps.max() <= first_step(0.9) * (1 + 1e-12)
    assert steps[0, 0] == pytest.approx(first_step(0.9))


def test_the_start_up_is_over_after_some_twenty_steps():
    assert 1 / math.sqrt(1 - 0.9**20) < 1.1 < 1 / math.sqrt(1 - 0.99**20)


def test_scaling_the_loss_up_changes_nothing_and_down_slows_the_run():
    ends = [trace(20, scale=scale)[-1, 0] for scale in (1, 1000, 1 / 1000)]
    assert ends[1] == pytest.approx(ends[0], rel=1e-3)
    assert ends[2] < -1


def test_gradient_descent_with_a_loss_scaled_up_diverges():
    assert abs(1 - 1000 * 4 * ETA) > 1


def test_rmsprop_comes_close_to_the_minimum_leaves_it_and_ends_at_half_eta():
    distance = np.abs(trace(400))
    assert (distance.min(axis=0) < 1e-5).all()
    np.testing.assert_allclose(distance[-1], ETA / 2, atol=1e-3)
    np.testing.assert_allclose(trace(400)[-1], -trace(399)[-1], atol=2e-3)


def test_smaller_gradients_lift_the_step_of_rmsprop_but_not_of_the_mean():
    g = np.random.default_rng(0).normal(size=400)
    g[200:] /= 10
    total, s, leaky = np.cumsum(g**2), 0, []
    for g_t in g:
        s = 0.9 * s + 0.1 * g_t**2
        leaky.append(s)
    step = {"Adagrad": total, "mean": total / np.arange(1, 401), "leaky": leaky}
    step = {name: 1 / np.sqrt(np.array(s) + EPS) for name, s in step.items()}
    assert (np.diff(step["Adagrad"]) <= 0).all()
    assert step["mean"][399] < 2 * step["mean"][199]
    lifted = np.median(step["leaky"][250:]) / np.median(step["leaky"][50:200])
    assert 7 < lifted < 14


def test_a_rare_gradient_moves_a_coordinate_almost_as_far_as_the_first_step():
    grads = np.zeros((201, 1))
    grads[::100] = 1.0
    points = np.array([[0.0], *rmsprop([0.0], grads, 1.0, 0.9, EPS)])
    assert abs(points[-1] - points[-2]) > 0.99 * first_step(0.9)


def test_a_root_that_is_shared_out_differs_by_the_root_of_two_at_most():
    s = np.logspace(-12, 6, 10_001)
    ratio = (np.sqrt(s) + np.sqrt(EPS)) / np.sqrt(s + EPS)
    assert ratio.max() == pytest.approx(math.sqrt(2))
    assert ratio[[0, -1]] == pytest.approx(1, rel=2e-3)


def test_with_gamma_one_the_first_step_lands_far_outside():
    np.testing.assert_allclose(trace(1, gamma=1.0)[-1], (395, 3198))
    np.testing.assert_allclose(1 / math.sqrt(EPS), 1000)


def test_the_rotated_problem_is_not_the_valley():
    """A diagonal preconditioner sees the axes only."""

    def rotated(x):
        u, v = 0.2 * (x[0] + x[1]), 4 * (x[0] - x[1])
        return np.array([u + v, u - v])

    x = np.array(START)
    *_, end = rmsprop(x, rotated, ETA, GAMMA, EPS, steps=20)
    height = 0.1 * end.sum() ** 2 + 2 * (end[0] - end[1]) ** 2
    plain = (CURVATURE / 2 * trace(20)[-1] ** 2).sum()
    assert height > 100 * plain
