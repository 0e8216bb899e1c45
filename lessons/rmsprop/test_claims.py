"""Every number that the prose states, computed; and what it says in words.

`tests/frameworks/test_contract.py` holds the prose to `claims` and `SETTINGS`.
"""

import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

from tests.reference import assert_gradient_of_the_data, regression, rmsprop
from weave.lessons import ROOT

START, ETA, GAMMA, EPS = (-5.0, -2.0), 0.4, 0.9, 1e-6
CURVATURE = np.array([0.2, 4.0])  # of f(x1, x2) = 0.1 x1² + 2 x2²
VALLEY, STEEP, GENTLE = "$0.1 x_1^2 + 2 x_2^2$", "Beale, $(-3, 2)$", "Beale, $(-1, 2)$"
DATA = "NASA"
RIVALS = ("GD", "Adagrad", "Adam")

# What the lesson sets: values of its cells, numbers of steps and of rows.
SETTINGS = {"0.1", "0.2", "0.4", "0.6", "6.4", "0.9", "0.99", "0.999", "1000", "1503"}
SETTINGS |= {"1500", "39", "60", "11", "80", "20", "100", "200", "400"}
SETTINGS |= {"40", "0.001"}  # minutes of reading, a guess; a rule of thumb
SETTINGS |= {"1993", "2011", "2012", "2013", "2015", "2016", "2017", "2018", "2021"}


def trace(steps, eta=ETA, gamma=GAMMA, scale=1.0):
    """Return the points of RMSProp in the valley, its height times ``scale``."""
    points = rmsprop(
        START, lambda x: scale * CURVATURE * x, eta, gamma, EPS, steps=steps
    )
    return np.array([START, *points])


def half_life(gamma):
    return math.log(2) / math.log(1 / gamma)


def first_step(gamma):
    return 1 / math.sqrt(1 - gamma)


def power(x):
    """Return a number with one digit, as the prose writes it: 3 \\cdot 10^{-4}."""
    digit, exponent = f"{x:.0e}".split("e")
    factor = "" if digit == "1" else rf"{digit} \cdot "
    return f"{factor}10^{{{int(exponent)}}}"


def sci(x):
    """Return a number with one digit, as descriptions of figures write it: 3e-4."""
    digit, exponent = f"{x:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def claims(lesson):
    """Return parts of sentences of the lesson, with the numbers computed."""
    x1 = START[0] * (1 - 0.2 * ETA) ** 20  # where gradient descent ends
    bottom = np.abs(trace(400))
    first = bottom.argmin(axis=0)
    table = {
        name: dict(zip((0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4), map(float, numbers)))
        for name, *numbers in map(str.split, lesson.printed["doublings"].splitlines())
    }
    drift = re.findall(r"√s = (\S+)", lesson.printed["nine-and-one"])
    crossing = re.findall(r"t = (\d+)", lesson.printed["escape"])
    medians = lesson.values["medians"]
    best = {key: median.min() for key, median in medians.items()}
    etas = lesson.values["etas"]
    wide = etas[medians[VALLEY, True, "RMSProp"] <= 1e-8]
    wide_from = math.ceil(100 * wide[0]) / 100
    dead = etas[medians[STEEP, False, "GD"] >= 100]
    beale_gradient = lesson.values["beale_gradient"]
    steep, gentle = (
        np.hypot(*beale_gradient(np.array(start), 1)) for start in ((-3, 2), (-1, 2))
    )
    minimum = re.search(r"min L = (\S+)", lesson.printed["best-line"])[1]
    on_data = {k: best[DATA, False, k] for k in lesson.values["rules"]}
    on_data_lowered = {k: best[DATA, True, k] for k in lesson.values["rules"]}
    near = lesson.values["near"]
    assert near.shape == (41, 2) and near.std() == pytest.approx(0.1, rel=0.1)
    return [
        # the slopes, as central differences of f
        f"The slope is ${0.1 * (2**2 - 0) / 2:g} x_1$ along the valley",
        f"and ${2 * (2**2 - 0) / 2:g} x_2$ across it: twenty times",
        rf"multiplies $x_1$ by $1 - 0.2\,\eta = {1 - 0.2 * 0.4:.2f}$",
        rf"and $x_2$ by $1 - 4\,\eta = {1 - 4 * 0.4:.1f}$",
        f"the factor falls to ${1 - 0.2 * 0.6:.2f}$",
        rf"$1 - 4 \cdot 0.6 = {1 - 4 * 0.6:.1f}$",
        f"in that direction: ${CURVATURE[0]:g}$ along $x_1$, ${CURVATURE[1]:g}$ along",
        rf"limits $\eta$ to less than ${2 / CURVATURE[1]:g}$",
        f"ending near x1 = {x1:.1f} after 20 steps",
        rf"over about {1 / (1 - 0.9):.0f} steps, and half of a gradient's weight is "
        f"gone after {half_life(0.9):.1f} steps; at $\\gamma = 0.99$ it is "
        f"{1 / (1 - 0.99):.0f} steps and {half_life(0.99):.0f}.",
        rf"it drifts by ${float(drift[0]):.1f}\,\eta$",
        rf"that is ${drift[1]}\,\eta$, and at $\gamma = 0.99$ only ${drift[2]}\,\eta$",
        rf"${first_step(0.9):.2f}\,\eta$ at $\gamma = 0.9$",
        rf"long for Adagrad, ${first_step(0.9):.2f}\,\eta$ for RMSProp",
        f"starts at {first_step(0.9):.2f} for gamma 0.9 and at {first_step(0.99):.0f}",
        rf"the first step is ${first_step(0.99):.0f}\,\eta$ long",
        f"After 20 steps $x_1 = {trace(20)[-1, 0]:.6f}$ and $|x_2| < 10^{{-6}}$",
        f"gradient descent ends near x1 = {x1:.1f}",
        f"${power(table['Adagrad'][6.4])}$ against ${power(table['RMSProp'][0.4])}$ "
        f"for RMSProp and ${table['GD'][0.4]:g}$ for gradient descent",
        f"would have looked slow, with $f = {table['Adagrad'][0.4]:g}$",
        f"x2 falls to {sci(bottom[24, 1])} at step {first[1]}, x1 to "
        f"{sci(bottom[50, 0])} at step {first[0]}",
        f"settle at {bottom[400, 1]:.1f}, half the learning rate",
        f"crosses its line 2/h at step {crossing[1]}, that of x1 at step {crossing[0]}",
        f"At $t = {crossing[1]}$ for $x_2$ and at $t = {crossing[0]}$ for $x_1$",
        f"$|x_2| = {power(bottom[24, 1])}$ and $|x_1| = {power(bottom[50, 0])}$",
        f"from ${power(etas[0])}$ to ${etas[-1]:.0f}$",
        "is at $x_1 = 3$, $x_2 = 0.5$, "
        f"with $f = {lesson.values['beale'](3, 0.5):.0f}$",
        f"about {round(steep, -2):.0f} long, "
        f"at $(-1, 2)$ about {round(gentle, -1):.0f}",
        "and 41 starts that scatter about one point, with a standard deviation of 0.1",
        f"comes down from ${power(best[GENTLE, False, 'RMSProp'])}$ to "
        f"${power(best[GENTLE, True, 'RMSProp'])}$; but Adagrad had reached "
        f"${power(best[GENTLE, False, 'Adagrad'])}$ there without a schedule, and Adam "
        f"${power(best[GENTLE, False, 'Adam'])}$",
        # computed by the tests of the exercises, which hold this sentence to it
        "the training loss ends at 0.47 for Adam and 0.49 for RMSProp, at 0.50 for "
        "momentum, which scales nothing, at 0.58 for gradient descent and 0.59 for "
        "Adagrad",
        "only Adam falls below 0.01",
        f"its best is ${power(best[VALLEY, False, 'RMSProp'])}$, while",
        f"RMSProp gets to {sci(best[VALLEY, False, 'RMSProp'])} and then rises",
        rf"to an $\eta$ below ${dead.min():.1g}$; but only just",
        rf"every $\eta_1$ from ${wide_from}$ to ${wide[-1]:.0f}$ now brings it below",
        f"below 1e-8 for all eta from {wide_from} to {wide[-1]:.0f}",
        # that RMSProp is below 1e-3, and the others in this order, is tested below
        f"below $10^{{-3}}$, against ${power(best[STEEP, True, 'Adam'])}$ for Adam, "
        f"${best[STEEP, True, 'Adagrad']:.1f}$ for Adagrad and "
        f"${best[STEEP, True, 'GD']:.1f}$ for gradient descent",
        "RMSProp is the lowest, below 1e-3, with Adam at "
        f"{sci(best[STEEP, True, 'Adam'])}, Adagrad at "
        f"{best[STEEP, True, 'Adagrad']:.1f} and gradient descent at "
        f"{best[STEEP, True, 'GD']:.1f}",
        f"the lowest that any linear model can reach is $L^*$ = {minimum}",
        f"Adagrad reaches {sci(on_data['Adagrad'])} and the others about "
        f"{sci(np.median(list(on_data.values())))}",
        f"reach {sci(on_data_lowered['Adagrad'])} and {sci(on_data_lowered['GD'])}, "
        f"RMSProp {sci(on_data_lowered['RMSProp'])} and Adam "
        f"{sci(on_data_lowered['Adam'])}",
        rf"about the last $1/(1 - \gamma) = {1 / (1 - 0.9):.0f}$ squared gradients",
        f"its root, $10^{{{math.log10(1e-6) / 2:.0f}}}$ for $10^{{-6}}$",
        f"at $\\gamma = 0.9$ would be {1 / 0.9:.1f} steps",
        # asserted of every framework in tests/frameworks/test_equality.py
        f"The loss ends at {lesson.values['scratch'][-1]:.4f}",
        "stays near 0.245 with",
        "The distance is less than $10^{-6}$ in every framework",
    ]


# The race.


def race(lesson, shift):
    """Run the race from starts moved by ``shift``; return its medians."""
    values = {**lesson.values, "near": lesson.values["near"] + shift, "medians": {}}
    for name in ("landscapes", "race", "draw_curve", "draw_races"):
        function = lesson.values[name]
        values[name] = FunctionType(function.__code__, values)
    for lowered in (False, True):
        values["draw_races"](values["landscapes"](lowered), "$f$", (1e-9, 300), "best")
    return values["medians"]


@pytest.fixture(scope="module", params=[0, 1e-12, -1e-12], ids="{:+.0e}".format)
def medians(request, lesson):
    """Final losses over eta, {(landscape, with a schedule, optimizer): array}.

    What is said of them must not hang on the last bits of the starts: where runs are
    chaotic, these decide where each of them ends.
    """
    return race(lesson, request.param)


def ranked(medians, landscape, lowered):
    """Return the optimizers, the one with the lowest loss first, and these losses."""
    best = {k: medians[landscape, lowered, k].min() for k in (*RIVALS, "RMSProp")}
    return sorted(best, key=best.get), best


@pytest.mark.parametrize("landscape", [VALLEY, STEEP, GENTLE])
def test_with_a_constant_rate_rmsprop_is_the_best_nowhere(medians, landscape):
    assert ranked(medians, landscape, False)[0][0] != "RMSProp"


def test_in_the_valley_only_rmsprop_does_not_settle(medians):
    for name in RIVALS:
        assert medians[VALLEY, False, name].min() <= 1e-8
    median = medians[VALLEY, False, "RMSProp"]
    assert (np.diff(median[median.argmin() :]) > 0).all()


def test_from_the_steep_start_rmsprop_only_just_beats_gd_and_adagrad(medians):
    order, best = ranked(medians, STEEP, False)
    assert order == ["Adam", "RMSProp", "Adagrad", "GD"]
    assert best["Adam"] < 0.01 < best["RMSProp"]


def test_from_the_gentle_start_adagrad_is_better(medians):
    assert ranked(medians, GENTLE, False)[0] == ["Adam", "Adagrad", "GD", "RMSProp"]


def test_with_a_schedule_rmsprop_is_first_or_second(medians):
    order, best = ranked(medians, STEEP, True)
    assert order == ["RMSProp", "Adam", "Adagrad", "GD"] and best["RMSProp"] < 1e-3
    assert ranked(medians, GENTLE, True)[0][:3] == ["Adam", "RMSProp", "Adagrad"]


def test_with_a_schedule_rmsprop_has_the_widest_range_in_the_valley(medians):
    width = {k: np.sum(medians[VALLEY, True, k] <= 1e-8) for k in (*RIVALS, "RMSProp")}
    assert max(width, key=width.get) == "RMSProp"
    reached = medians[VALLEY, True, "RMSProp"] <= 1e-8
    assert reached[reached.argmax() :].all()


@pytest.mark.parametrize("landscape", [VALLEY, STEEP, GENTLE])
def test_only_rmsprop_gains_from_a_schedule(medians, landscape):
    for name in (*RIVALS, "RMSProp"):
        constant, lowered = (medians[landscape, x, name].min() for x in (False, True))
        if name == "RMSProp":
            assert lowered < constant / 10
        else:
            assert lowered >= constant or lowered <= 1e-8


def test_the_race_is_the_same_on_a_processor_without_vector_units(lesson, framework):
    """No rounding is amplified: what a run repeats is rounded as IEEE 754 says."""
    code = (
        "import sys; import numpy as np; from tests.fixtures import run_edition;"
        f"lesson = run_edition('rmsprop', 'lesson', '{framework}');"
        "medians = list(lesson.values['medians'].values());"
        "np.save(sys.argv[1], np.array(medians[:24]))"
    )
    features = "X86_V3 X86_V4 AVX512F AVX2 FMA3 ASIMD"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "medians.npy"
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, path],
            env={**os.environ, "NPY_DISABLE_CPU_FEATURES": features},
            cwd=ROOT,
            check=True,
        )
        plain = np.load(path)
    here = np.array(list(lesson.values["medians"].values())[:24])
    np.testing.assert_allclose(plain, here, rtol=1e-12)


def test_the_race_on_the_data_goes_down_the_gradient_of_their_loss(lesson):
    assert_gradient_of_the_data(lesson.values)


def test_on_the_data_adagrad_comes_lowest_and_gd_is_no_worse_than_rmsprop(lesson):
    for lowered in (False, True):
        order, best = ranked(lesson.values["medians"], DATA, lowered)
        assert order[0] == "Adagrad"
        assert best["GD"] < 1.05 * best["RMSProp"]


def test_on_the_data_a_schedule_helps_more_than_another_optimizer(lesson):
    _, constant = ranked(lesson.values["medians"], DATA, False)
    _, lowered = ranked(lesson.values["medians"], DATA, True)
    gain = min(constant[name] / lowered[name] for name in constant)
    assert gain > max(constant.values()) / min(constant.values())


def test_on_the_way_to_beales_minimum_the_gradient_shrinks_a_thousandfold(lesson):
    gradient = lesson.values["beale_gradient"]
    steep, gentle, near = (
        np.hypot(*gradient(np.array(x), 1)) for x in ((-3, 2), (-1, 2), (2.95, 0.49))
    )
    assert steep > gentle > 1000 * near


def test_beales_gradient_is_the_gradient_of_beales_function(lesson):
    f, gradient = lesson.values["beale"], lesson.values["beale_gradient"]
    for x1, x2 in ((-3.0, 2.0), (1.0, -0.5)):
        numeric = (
            (f(x1 + 1e-6, x2) - f(x1 - 1e-6, x2)) / 2e-6,
            (f(x1, x2 + 1e-6) - f(x1, x2 - 1e-6)) / 2e-6,
        )
        np.testing.assert_allclose(gradient(np.array([x1, x2]), 1), numeric, rtol=1e-6)
    assert np.all(gradient(np.array([3, 0.5]), 1) == 0)


# What the prose says in words.


def test_one_slope_is_twenty_times_the_other():
    assert CURVATURE[1] / CURVATURE[0] == 20


def test_a_learning_rate_of_a_half_is_where_gradient_descent_starts_to_diverge():
    assert abs(1 - 4 * 0.499) < 1 < abs(1 - 4 * 0.501)


def test_each_optimizer_has_the_best_of_the_doublings(lesson):
    for line, eta in zip(lesson.printed["doublings"].splitlines()[1:], (0.4, 6.4, 0.4)):
        losses = list(map(float, line.split()[1:]))
        assert losses.index(min(losses)) == (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4).index(
            eta
        )


def test_a_finer_and_longer_grid_lowers_all_and_keeps_the_order(lesson, monkeypatch):
    etas, lowest = np.logspace(-1, 2, 241), {}
    coarse = lesson.values["doublings"]
    for name in ("gd", "rmsprop", "adagrad"):
        step = lesson.values[f"{name}_2d"]
        losses = []
        for grid in (etas, coarse):
            ends = []
            for eta in grid:
                monkeypatch.setitem(lesson.values, "eta", eta)
                state = (*START, 0, 0)
                for _ in range(20):
                    state = step(*state)
                ends.append((CURVATURE / 2 * np.square(state[:2])).sum())
            losses.append(min(ends))
        assert losses[0] < losses[1]
        lowest[name] = losses[0]
    assert lowest["gd"] > 1e9 * lowest["rmsprop"] > 1e18 * lowest["adagrad"]


def test_the_first_step_of_adagrad_is_eta_long(lesson):
    values = lesson.values
    x1, x2, *_ = values["adagrad_2d"](*START, 0, 0)
    np.testing.assert_allclose((x1 + 5, x2 + 2), values["eta"], rtol=1e-5)


def test_the_longer_the_memory_the_smaller_the_drift(lesson):
    drift = re.findall(r"√s = (\S+)", lesson.printed["nine-and-one"])
    assert sorted(drift, reverse=True) == drift


def test_the_scaled_arrows_point_at_the_minimum():
    x = np.stack(np.meshgrid(np.linspace(-4.5, 4.5, 8), np.linspace(-4.5, 4.5, 8)))
    g = CURVATURE[:, None, None] * x
    scaled = g / np.sqrt(np.mean(g**2, axis=(1, 2), keepdims=True))
    np.testing.assert_allclose(scaled[0] * x[1], scaled[1] * x[0], atol=1e-12)


def test_the_effective_step_passes_two_over_h_one_step_after_the_closest_point(lesson):
    crossing = re.findall(r"t = (\d+)", lesson.printed["escape"])
    closest = np.abs(trace(100)).argmin(axis=0)
    assert [int(t) - 1 for t in crossing] == list(closest)


def test_in_the_end_every_step_turns_x_into_minus_x():
    s = (CURVATURE * ETA / 2) ** 2
    np.testing.assert_allclose(1 - ETA / np.sqrt(s) * CURVATURE, -1)


def test_where_eps_is_large_rmsprop_is_gradient_descent():
    x = np.array([-5.0, -2.0])
    *_, end = rmsprop(x, lambda x: 1e-6 * CURVATURE * x, 1.0, 0.9, 1e-2, steps=20)
    for _ in range(20):
        x = x - 1.0 / math.sqrt(1e-2) * 1e-6 * CURVATURE * x
    np.testing.assert_allclose(end, x, rtol=1e-9)


def nearest_outside(d2l, seed, eps):
    """Return which eps outside the root comes nearest: the same or its root."""
    data_iter, _ = d2l.get_data_ch11(seed=seed)

    def losses(divisor):
        return regression(data_iter, d2l.numpy, divisor)[0]

    inside = losses(lambda s: np.sqrt(s + eps))
    gaps = [
        np.abs(np.subtract(losses(lambda s, e=e: np.sqrt(s) + e), inside)).max()
        for e in (eps, math.sqrt(eps))
    ]
    return ("same", "root")[np.argmin(gaps)]


def test_the_same_small_eps_outside_the_root_is_nearly_always_the_nearest(d2l):
    nearest = [nearest_outside(d2l, 0, eps) for eps in (1e-8, 1e-6, 1e-4, 1e-2)]
    assert nearest == ["same", "root", "same", "same"]
    assert {nearest_outside(d2l, seed, 1e-6) for seed in range(1, 8)} == {"same"}


def test_with_the_seed_of_the_lesson_one_coordinate_starts_where_the_root_fits(lesson):
    A_B, y = lesson.values["batches"][0]
    theta = np.append(*lesson.values["d2l"].initial_params(lesson.values["data_iter"]))
    root_s = np.sqrt(0.1) * np.abs(A_B.T @ (A_B @ theta - y) / len(y))
    assert root_s.min() == pytest.approx(1e-3, rel=0.2)
    assert np.sort(root_s)[1] > 10e-3


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
    assert (distance.min(axis=0) < 1e-14).all()
    np.testing.assert_allclose(distance[-1], ETA / 2, atol=1e-3)
    np.testing.assert_allclose(trace(400)[-1], -trace(399)[-1], atol=2e-3)


def test_smaller_gradients_lift_the_step_of_rmsprop_but_not_of_the_mean(lesson):
    steps = {
        name: 1 / np.sqrt(lesson.values[name] + EPS)
        for name in ("s_adagrad", "s_mean", "s_rmsprop")
    }
    assert (np.diff(steps["s_adagrad"]) <= 0).all()
    assert steps["s_mean"][399] < 2 * steps["s_mean"][199]
    leaky = steps["s_rmsprop"]
    assert 7 < np.median(leaky[250:]) / np.median(leaky[50:200]) < 14


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


def test_the_rotated_valley_has_twice_the_curvatures():
    rotated = np.array([[4.2, -3.8], [-3.8, 4.2]])  # second derivatives
    np.testing.assert_allclose(np.linalg.eigvalsh(rotated), 2 * CURVATURE)


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


# What the cells compute and draw.


def test_the_2d_trace_ends_at_the_minimum(d2l, lesson, capsys):
    x1, x2 = d2l.train_2d(lesson.values["rmsprop_2d"])[-1]
    assert f"{x1:.6f}" == "-0.010599"
    assert abs(x2) < 1e-6
    assert "t = 20, x1: -0.010599" in capsys.readouterr().out


def test_weights_of_the_leaky_average_are_drawn_with_their_half_life(lesson):
    (axes,) = lesson.axes["weights"]
    curves, dots = axes.lines[0::2], axes.lines[1::2]
    for curve, dot, gamma in zip(curves, dots, (0.95, 0.9, 0.8, 0.7)):
        k, weights = curve.get_data()
        np.testing.assert_allclose(weights, (1 - gamma) * gamma**k)
        (half_life,), (height,) = dot.get_data()
        assert gamma**half_life == pytest.approx(0.5)
        assert height == pytest.approx(weights[0] / 2)


def test_the_minimum_is_marked_wherever_a_trace_or_arrows_lead_to_it(lesson):
    cells = ("bowl", "scaling", "rmsprop-2d", "three-traces", "play")
    for axes in (axes for cell in cells for axes in lesson.axes[cell]):
        stars = [line for line in axes.lines if line.get_marker() == "*"]
        if axes.get_xlabel() == "$x_1$":
            assert len(stars) == 1
            assert np.abs(stars[0].get_xydata()).max() < 0.1  # the width of a star


def test_every_panel_of_a_comparison_says_its_learning_rate(lesson):
    for cell in ("bowl", "rmsprop-2d", "three-traces"):
        for axes in lesson.axes[cell]:
            assert re.search(r"η = \d\.\d$", axes.get_title())


def test_the_race_has_a_line_and_a_band_for_each_optimizer(lesson):
    for cell, panels in (("race-constant", 3), ("race-lowered", 3), ("race-data", 2)):
        assert len(lesson.axes[cell]) == panels
        names = lesson.axes[cell][0].get_legend().get_texts()
        assert [t.get_text() for t in names] == list(lesson.values["rules"])
        for axes in lesson.axes[cell]:
            assert len(axes.lines) == len(axes.collections) == 4


def test_the_librarys_loop_ends_where_the_lessons_own_loop_ends(lesson):
    """Both print the loss on all rows after one epoch of the same minibatches."""
    own, librarys = (
        float(lesson.printed[cell].removeprefix("L = ")) for cell in ("loop", "library")
    )
    assert librarys == pytest.approx(own, abs=1.1e-4)
    assert own < 0.25


def test_adagrads_cell_adds_up_all_squared_gradients(lesson, monkeypatch):
    for name, value in (("eta", 6.4), ("eps", 1e-6)):
        monkeypatch.setitem(lesson.values, name, value)
    x, s = np.array([-5.0, -2.0]), np.zeros(2)
    found = (-5.0, -2.0, 0.0, 0.0)
    for _ in range(5):
        g = np.array([0.2, 4]) * x
        s = s + g**2
        x = x - 6.4 * g / np.sqrt(s + 1e-6)
        found = lesson.values["adagrad_2d"](*found)
    assert found == pytest.approx((*x, *s))


def test_the_figure_of_eps_draws_the_divisors_it_names(lesson):
    (axes,) = lesson.axes["eps-figure"]
    curves = [(eps, inside) for eps in (1e-2, 1e-8) for inside in (True, False)]
    assert len(axes.lines) == len(curves)
    for line, (eps, inside) in zip(axes.lines, curves):
        root_s, drawn = line.get_data()
        expected = np.sqrt(root_s**2 + eps) if inside else root_s + eps
        np.testing.assert_allclose(drawn, expected)
