"""Every number that the prose states, computed; and what it says in words.

`tests/frameworks/test_contract.py` holds the prose to `claims` and `SETTINGS`.
"""

import math
import re

import numpy as np
import pytest

from tests.reference import assert_gradient_of_the_data

RIVALS = ("GD", "Momentum", "Adagrad", "RMSProp", "Adam")
BEALE, DATA = "Beale, $(-3, 2)$", "NASA"

# What the lesson sets: shares, rates, numbers of steps, starts, rows and groups.
SETTINGS = {"0.1", "0.9", "0.99", "0.999", "0.001", "10", "11", "13", "20", "25", "41"}
SETTINGS |= {"80", "1000", "1500", "30000"}
SETTINGS |= {"2012", "2015", "2018", "2019"}


def steps_without_correction(beta1, beta2, steps=2000):
    """Return the lengths of the steps in eta, at a gradient of 1, step by step."""
    v = s = 0.0
    for _ in range(steps):
        v, s = beta1 * v + (1 - beta1), beta2 * s + (1 - beta2)
        yield v / math.sqrt(s)


def claims(lesson):
    """Return parts of sentences of the lesson, with the numbers computed."""
    long = np.array(list(steps_without_correction(0.9, 0.999)))
    short = np.array(list(steps_without_correction(0.9, 0.99)))
    best = lesson.values["best"]
    distances = re.findall(r"max \|Δx\| = (\S+)", lesson.printed["large-eps"])
    beside = lesson.values["beside"]
    gap = re.findall(r"max \|ΔL\| = (\S+)", lesson.printed["eps-table"])[-1]
    return [
        f"it begins at {long[0]:.2f}, rises to {long.max():.2f} near step "
        f"{long.argmax() + 1} and is still {long[999]:.2f} at step 1000",
        f"it begins at {short[0]:.0f} and rises to {short.max():.2f};",
        rf"$0.1 / \sqrt{{0.001}} = {0.1 / math.sqrt(0.001):.2f}$ times",
        rf"up to ${long.max():.2f}\, \eta$ long.",
        f"shrinks from {distances[0]} to {distances[-1]}.",
        f"momentum at eta {best['Momentum']:g} swings past the minimum, Adagrad at eta "
        f"{best['Adagrad']:g} jumps",
        f"RMSProp at eta {best['RMSProp']:g} turns",
        f"Adam at eta {best['Adam']:g} goes",
        f"stays near {np.mean(lesson.values['scratch'][-8:]):.3f}.",
        f"some {1 / math.sqrt(1 - 0.999):.0f} times larger at the first step",
        f"and by {float(gap):.2f} at $10^{{-2}}$",
        f"it is about {np.mean(beside):.2f} everywhere",
        rf"$(1 - \eta \lambda)^{{1000}} = {(1 - 0.01 * 0.1) ** 1000:.2f}$",
        "stay above 0.05.",  # tested below
    ]


def test_the_figure_of_the_correction_draws_the_steps(lesson):
    (axes,) = lesson.axes["correction"]
    for line, beta2 in zip(axes.lines, (0.999, 0.99)):
        expected = list(steps_without_correction(0.9, beta2))
        np.testing.assert_allclose(line.get_ydata(), expected)
    np.testing.assert_allclose(axes.lines[2].get_ydata(), 1)


def test_each_of_the_four_has_its_best_rate(lesson):
    for line in lesson.printed["grid"].splitlines()[1:]:
        name, *losses = line.split()
        best = lesson.values["grid"][np.argmin(np.array(losses, float))]
        assert lesson.values["best"][name] == best
        assert best not in (lesson.values["grid"][0], lesson.values["grid"][-1])
    assert [a.get_title() for a in lesson.axes["four-traces"]] == [
        f"{name}, η = {eta:g}" for name, eta in lesson.values["best"].items()
    ]


def test_adam_is_not_the_best_in_the_valley(lesson):
    ends = {
        name: lesson.values["f_2d"](*trace[-1])
        for name, trace in lesson.values["traces"].items()
    }
    order = [name.split(",")[0] for name in sorted(ends, key=ends.get)]
    assert order == ["Adagrad", "RMSProp", "Adam", "Momentum"]
    adam = np.array(next(t for n, t in lesson.values["traces"].items() if "Adam" in n))
    assert adam[:, 0].max() > 1, "it runs past the minimum"
    assert adam[-1, 0] < adam[:, 0].max() - 1, "and comes back"


def test_the_2d_lines_are_the_formula(lesson):
    values = lesson.values
    x, v, s = np.array([-5.0, -2.0]), 0, 0
    state = (-5.0, -2.0, 0, 0, 0, 0, 1)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("eta", 0.3), ("beta1", 0.8), ("beta2", 0.95)):
            patch.setitem(values, name, value)
        patch.setitem(values, "eps", 1e-3)
        for t in range(1, 6):
            g = np.array([0.2, 4]) * x
            v, s = 0.8 * v + 0.2 * g, 0.95 * s + 0.05 * g**2
            x = x - 0.3 * (v / (1 - 0.8**t)) / (np.sqrt(s / (1 - 0.95**t)) + 1e-3)
            state = values["adam_2d"](*state)
    assert state == pytest.approx((*x, *v, *s, 6))


def lowest(lesson, problem):
    medians = lesson.values["medians"]
    return {name: medians[problem, name].min() for name in RIVALS}


def test_on_beales_function_rmsprop_and_adam_leave_the_others_behind(lesson):
    best = lowest(lesson, BEALE)
    order = sorted(best, key=best.get)
    assert order[:2] == ["RMSProp", "Adam"]
    assert best[order[2]] > 0.05 > 10 * best["Adam"]


def test_the_race_on_the_data_goes_down_the_gradient_of_their_loss(lesson):
    assert_gradient_of_the_data(lesson.values)


def test_on_the_data_nobody_wins(lesson):
    best = lowest(lesson, DATA)
    assert max(best.values()) < 1e-3
    assert max(best.values()) < 3 * min(best.values())
    assert sorted(best, key=best.get)[:2] == ["Adagrad", "GD"]
    medians = lesson.values["medians"]
    rate = {name: medians[DATA, name].argmin() for name in RIVALS}
    assert min(rate, key=rate.get) == "Momentum"


def test_only_rmsprop_and_adam_are_near_the_best_of_both(lesson):
    near = set(RIVALS)
    for problem in (BEALE, DATA):
        best = lowest(lesson, problem)
        near &= {n for n in RIVALS if best[n] < 10 * min(best.values())}
        assert min(best, key=best.get) != "Adam"
    assert near == {"RMSProp", "Adam"}


def test_l2_hardly_shrinks_what_has_large_gradients(lesson):
    inside, beside = lesson.values["inside"], lesson.values["beside"]
    assert inside[0] < 0.05 and inside[-1] > 0.9
    np.testing.assert_allclose(beside, math.exp(-1), atol=0.05)


def test_adam_goes_to_the_worst_point_and_its_repairs_to_the_best(lesson):
    expected = {"Adam": 1, "AMSGrad": -1, "Yogi": -1}
    assert lesson.values["ends"] == pytest.approx(expected, abs=1e-2)


def test_without_the_leak_of_gradients_adam_is_rmsprop_with_a_correction(lesson):
    values, eta = lesson.values, 0.1
    adam, rmsprop = (-5.0, -2.0, 0, 0, 0, 0, 1), (-5.0, -2.0, 0, 0)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("eta", eta), ("beta1", 0.0), ("beta2", 0.9), ("eps", 0)):
            patch.setitem(values, name, value)
        for t in range(1, 6):
            start = adam
            adam = values["adam_2d"](*adam)
            rmsprop = values["rmsprop_2d"](*start[:2], *rmsprop[2:])
            for i in (0, 1):
                step = (rmsprop[i] - start[i]) * math.sqrt(1 - 0.9**t)
                assert adam[i] - start[i] == pytest.approx(step, rel=1e-4)


def test_with_a_large_eps_adam_is_momentum(lesson):
    sizes = re.findall(r"max \|Δx\| = (\S+)", lesson.printed["large-eps"])
    assert float(sizes[-1]) < 0.05 < 1 < float(sizes[0])


def test_adadelta_begins_with_a_step_that_epsilon_decides(lesson):
    for g in (0.1, -7.0):
        x, *_ = lesson.values["adadelta"](0.0, 0.0, 0.0, g, 0.9, 1e-6)
        assert -x == pytest.approx(np.sign(g) * math.sqrt(1e-6 / 0.1), rel=1e-3)
