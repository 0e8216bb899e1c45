"""Every number that the prose states, computed; and what it says in words.

`tests/frameworks/test_contract.py` holds the prose to `claims` and `SETTINGS`.
"""

import math
import re

import numpy as np
import pytest

START, CURVATURE = np.array([-5.0, -2.0]), np.array([0.2, 4.0])

# What the lesson sets: rates and shares of its cells, numbers of steps and rows.
SETTINGS = {"0.1", "0.2", "0.4", "0.49", "0.6", "0.5", "0.8", "0.9", "0.25", "0.02"}
SETTINGS |= {"0.04", "10", "20", "25", "40", "60", "80", "100", "1500"}
SETTINGS |= {"1964", "1983", "2013", "2017"}


def run(eta, beta, steps, start=START, h=CURVATURE):
    """Return the points of the heavy ball on a quadratic of curvatures h."""
    x, v, points = np.array(start, float), 0, [start]
    for _ in range(steps):
        v = beta * v + h * x
        x = x - eta * v
        points.append(x)
    return np.array(points)


def loss(points):
    return (CURVATURE / 2 * points**2).sum(axis=-1)


def steps_to_rest(kappa, beta=None):
    """Return the steps after which a run stays a million times closer.

    Its rate is the best one: that of gradient descent, or of the heavy ball.
    """
    h, root = np.array([4 / kappa, 4.0]), math.sqrt(kappa)
    eta = 2 / h.sum()
    if beta is None:
        eta, beta = 4 / np.sqrt(h).sum() ** 2, ((root - 1) / (root + 1)) ** 2
    distance = np.linalg.norm(run(eta, beta, int(10 * kappa), h=h), axis=1)
    return np.nonzero(distance > 1e-6 * distance[0])[0][-1] + 1


def power(x):
    digit, exponent = f"{x:.0e}".split("e")
    return rf"{digit} \cdot 10^{{{int(exponent)}}}"


def claims(lesson):
    """Return parts of sentences of the lesson, with the numbers computed."""
    gd, wild = run(0.4, 0, 20)[-1], run(0.49, 0, 20)[-1]
    short, good = run(0.4, 0.25, 20)[-1], run(0.4, 0.5, 20)[-1]
    critical = lesson.values["critical"]
    rates = re.findall(r"ρ = (\S+)   t\(10⁻⁶\) = (\d+)", lesson.printed["best"])
    (_, gd_steps), (_, steps) = rates
    table = re.findall(r"L = (\S+)", lesson.printed["same-rate"])
    same, noisy = [float(x) for x in table[:3]], table[3]
    coasting = lesson.axes["conventions-figure"][0].lines[1].get_ydata()
    return [
        f"ends near x1 = {gd[0]:.1f}; at eta 0.49",
        f"ends near x1 = {wild[0]:.1f}, x2 = {wild[1]:.1f}",
        f"from {1 - 0.4 * 0.2:.2f} to {1 - 0.49 * 0.2:.2f}",
        f"from ${1 - 0.4 * 4:.1f}$ to ${1 - 0.49 * 4:.2f}$",
        rf"$\eta = 2 / h_2 = {2 / 4}$ the run diverges",
        f"almost {lesson.axes['speed'][0].lines[0].get_ydata()[-1]:.0f} for beta 0.9",
        f"moves {(1 + 0.9) / (1 - 0.9):.0f} times as fast",
        f"the trace ends near x1 = {short[0]:.1f}; with beta 0.5",
        f"the loss after 20 steps is ${power(loss(good))}$",
        f"with $f = {power(loss(run(0.6, 0.5, 20)[-1]))}$",
        f"flat at {math.sqrt(0.5):.2f} over most of the range and reaches 1 at 3",
        f"flat at {math.sqrt(0.9):.2f} and reaches 1 at {2 * (1 + 0.9):.1f}",
        rf"with $\eta h_1 = {0.4 * 0.2:.2f}$",
        f"with beta {critical:g} it gets there",
        f"it is {gd_steps} steps against {steps}, about $\\sqrt{{\\kappa}} = "
        f"{math.sqrt(4 / 0.2):.1f}$ times as few",
        f"The runs themselves take {steps_to_rest(20, 0)} and {steps_to_rest(20)}:",
        f"then stays near {np.mean(lesson.values['scratch'][-8:]):.3f}.",
        f"agree to {max(same) - min(same):.4f}",
        f"the loss stays at {noisy} instead of {table[0]}",
        f"coasts on to {max(coasting):.0f}",
        rf"$\eta / (1 - \beta) = {0.02 / (1 - 0.5):.2f}$",
    ]


def test_with_a_long_memory_the_run_is_still_circling(lesson):
    assert loss(run(0.4, 0.8, 20)[-1]) > 20 * loss(run(0.4, 0.5, 20)[-1])
    assert loss(run(0.4, 0.25, 20)[-1]) > 20 * loss(run(0.4, 0.5, 20)[-1])


@pytest.mark.parametrize("beta", [0.0, 0.25, 0.5, 0.9])
def test_the_limit_of_the_formula_is_the_limit_of_the_run(lesson, beta):
    limit = 2 * (1 + beta)
    assert lesson.values["radius"](limit, beta) == pytest.approx(1)
    for a, grows in ((0.99 * limit, False), (1.01 * limit, True)):
        end = np.abs(run(a, beta, 2000, [1.0], 1.0)[-20:]).max()
        assert (end > 1) == grows
        assert (lesson.values["radius"](a, beta) > 1) == grows


def test_between_its_edges_every_curvature_converges_at_the_same_speed(lesson):
    for beta in (0.25, 0.5, 0.9):
        low, high = (1 - math.sqrt(beta)) ** 2, (1 + math.sqrt(beta)) ** 2
        for a in np.linspace(low, high, 9)[1:-1]:
            rho = lesson.values["radius"](a, beta)
            assert rho == pytest.approx(math.sqrt(beta))
        assert lesson.values["radius"](0.9 * low, beta) > math.sqrt(beta) * 1.001


def test_the_figure_draws_the_radius_and_the_dots_of_the_limit(lesson):
    (axes,) = lesson.axes["radius"]
    for line, dot, beta in zip(axes.lines[0::2], axes.lines[1::2], (0, 0.5, 0.9)):
        a, rho = line.get_data()
        x = run(a, beta, 400, np.ones_like(a), 1.0)[-40:]
        slow = (rho > 0.3) & (rho < 0.99)
        measured = np.abs(x).max(axis=0)[slow] ** (1 / 361)
        np.testing.assert_allclose(measured, rho[slow], rtol=0.03)
        assert dot.get_xdata()[0] == pytest.approx(2 * (1 + beta))


def test_the_best_rate_and_share_are_the_best():
    h1, h2 = CURVATURE
    eta = 4 / (math.sqrt(h1) + math.sqrt(h2)) ** 2
    root = (math.sqrt(h2 / h1) - 1) / (math.sqrt(h2 / h1) + 1)

    def rho(eta, beta):
        found = [np.roots([1, -(1 + beta - eta * h), beta]) for h in (h1, h2)]
        return np.abs(found).max()

    assert rho(eta, root**2) == pytest.approx(root, abs=1e-6)
    others = [
        rho(eta * a, root**2 + b)
        for a in (0.8, 0.95, 1, 1.05, 1.2)
        for b in (-0.1, -0.03, 0, 0.03, 0.1)
    ]
    assert min(others) == pytest.approx(root, abs=1e-6)
    assert rho(2 / (h1 + h2), 0) == pytest.approx((20 - 1) / (20 + 1))


def test_the_cell_counts_the_steps_of_the_runs(lesson):
    counted = re.findall(r"steps = (\d+)", lesson.printed["race"])
    assert list(map(int, counted)) == [steps_to_rest(20, 0), steps_to_rest(20)]


def test_the_narrower_the_valley_the_greater_the_gain():
    gains = [steps_to_rest(k, 0) / steps_to_rest(k) for k in (5, 20, 80, 320)]
    assert gains == sorted(gains) and gains[-1] > 3 * gains[1]


def test_on_an_edge_both_roots_are_one():
    for beta in (0.25, 0.5, 0.9):
        for edge in ((1 - math.sqrt(beta)) ** 2, (1 + math.sqrt(beta)) ** 2):
            assert (1 + beta - edge) ** 2 == pytest.approx(4 * beta)


def test_the_faster_run_passes_the_bottom_of_the_figure(lesson):
    gd, momentum = (line.get_ydata() for line in lesson.axes["race"][0].lines)
    assert 1e-9 < gd[100] < 1e-7
    assert min(momentum) < 1e-30


def test_at_the_edge_the_ball_comes_to_rest_soonest(lesson):
    ends = re.findall(r"ρ = (\S+)", lesson.printed["damped"])
    slow, critical, long = map(float, ends)
    assert critical < min(slow, long)
    creeping, edge, swinging = (x.get_ydata() for x in lesson.axes["damped"][0].lines)
    assert max(creeping) <= 0 and max(edge) < 1e-3 and max(swinging) > 1


def test_both_conventions_agree_until_the_rate_changes(lesson):
    (axes,) = lesson.axes["conventions-figure"]
    outside, inside = (line.get_ydata() for line in axes.lines)
    np.testing.assert_allclose(outside[:9], inside[:9])
    assert np.argmax(outside) < 12 < np.argmax(inside)


def test_nesterovs_swinging_is_over_when_the_heavy_balls_is_not(lesson):
    heavy, nesterov = (np.abs(x.get_ydata()) for x in lesson.axes["nesterov"][0].lines)
    assert max(nesterov[22:]) < 0.01 and max(heavy[50:]) > 0.05


def test_alternating_gradients_leave_less_than_one(lesson):
    sizes = re.findall(r"\|v\| = (\S+)", lesson.printed["opposite"])
    expected = [1 / (1 + beta) for beta in (0, 0.5, 0.9)]
    np.testing.assert_allclose([float(x) for x in sizes], expected, atol=5e-3)
