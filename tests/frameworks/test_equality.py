"""The lesson's lines, the framework's optimizer and the arithmetic are one thing.

Tolerances: a float32 operation errs by at most u = 2^-24 of its result. Per step, s
gathers at most 4u and forgets a share 1 - gamma of it, so its relative error stays
below 4u / (1 - gamma), that of its root below half of it, and a step, never longer
than lr / sqrt(1 - gamma), errs by a share of 2u / (1 - gamma) + 6u at most; adding it
to x errs by u |x|. Over T steps these errors add up to `tolerance` below.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures import resolve
from tests.reference import regression, rmsprop

U = 2.0**-24
HYPER = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}


def tolerance(x, lr, gamma, steps, momentum=0.0, amplification=1.0):
    step = lr / np.sqrt(1 - gamma) * amplification / (1 - momentum)
    share = (2 / (1 - gamma) * amplification + 8) * U
    return steps * (share * step + U * (np.abs(x).max() + steps * step))


@st.composite
def problems(draw):
    """Random gradients of coordinates whose scales differ by up to 1e6."""
    seed, dim = draw(st.integers(0, 2**31)), draw(st.integers(1, 8))
    rng = np.random.default_rng(seed)
    scale = 10 ** rng.uniform(-3, 3, dim)
    grads = (scale * rng.normal(size=(15, dim))).astype(np.float32)
    return (
        rng.normal(size=dim).astype(np.float32),
        grads,
        draw(st.sampled_from([0.5, 0.9, 0.99])),
    )


def run_built_in(adapter, d2l, facts, x, grads, **hyperparams):
    p = adapter.parameter(x)
    apply = adapter.built_in(resolve(facts["optimizer"]), p, **hyperparams)
    for g in grads:
        apply(g)
    return d2l.numpy(p)


def cancellation(grads, gamma, eps):
    """Return how much larger s gets than the estimated variance plus eps."""
    s, mean, worst = 0, 0, 1.0
    for g in grads.astype(float):
        s, mean = gamma * s + (1 - gamma) * g**2, gamma * mean + (1 - gamma) * g
        worst = max(worst, np.max(s / (s - mean**2 + eps)))
    return worst


def names(facts, lr, gamma, eps):
    return {facts["lr"]: lr, facts["gamma"]: gamma, facts["eps"]: eps}


@settings(max_examples=25, deadline=None)
@given(problem=problems())
def test_the_scratch_cell_follows_the_reference(adapter, d2l, lesson, problem):
    x, grads, gamma = problem
    p, states = adapter.parameter(x), [adapter.state(np.zeros_like(x))]
    update = lesson.values["rmsprop"]
    for g in grads:
        adapter.update_by_hand(update, p, g, states, {**HYPER, "gamma": gamma})
    *_, expected = rmsprop(x, grads, 0.01, gamma, 1e-6)
    np.testing.assert_allclose(
        d2l.numpy(p), expected, rtol=0, atol=tolerance(x, 0.01, gamma, len(grads))
    )


@settings(max_examples=25, deadline=None)
@given(problem=problems(), eps=st.sampled_from([1e-8, 1e-2]))
def test_the_built_in_optimizer_follows_the_reference(
    adapter, d2l, facts, problem, eps
):
    x, grads, gamma = problem
    found = run_built_in(
        adapter, d2l, facts, x, grads, **names(facts, 0.01, gamma, eps)
    )
    *_, expected = rmsprop(x, grads, 0.01, gamma, eps, facts["eps_inside_root"])
    np.testing.assert_allclose(
        found, expected, rtol=0, atol=tolerance(x, 0.01, gamma, len(grads))
    )


@pytest.mark.parametrize("centered", [False, True])
@settings(max_examples=10, deadline=None)
@given(problem=problems())
def test_momentum_and_centering_follow_the_reference(
    adapter, d2l, facts, centered, problem
):
    if facts["momentum_needs_centered"] and not centered:
        pytest.skip(f"{facts['title']} has momentum only when centered")
    x, grads, gamma = problem
    hyperparams = {**names(facts, 0.01, gamma, 1e-2), facts["momentum"]: 0.5}
    found = run_built_in(
        adapter, d2l, facts, x, grads, centered=centered, **hyperparams
    )
    *_, expected = rmsprop(
        x, grads, 0.01, gamma, 1e-2, facts["eps_inside_root"], 0.5, centered
    )
    np.testing.assert_allclose(
        found,
        expected,
        rtol=0,
        atol=tolerance(
            x, 0.01, gamma, len(grads), 0.5, cancellation(grads, gamma, 1e-2)
        ),
    )


def test_a_large_eps_in_the_other_place_is_told_apart(adapter, d2l, facts):
    x, grads = np.zeros(1, np.float32), np.full((10, 1), 0.1, np.float32)
    found = run_built_in(adapter, d2l, facts, x, grads, **names(facts, 0.01, 0.9, 1e-2))
    *_, here = rmsprop(x, grads, 0.01, 0.9, 1e-2, facts["eps_inside_root"])
    *_, there = rmsprop(x, grads, 0.01, 0.9, 1e-2, not facts["eps_inside_root"])
    assert abs(found - here) < 1e-6 < 1e-3 < abs(here - there)


def trained(adapter, d2l, trainer_fn, states):
    """Return the losses and the final (w, b) of `train_ch11` on the airfoil data."""
    data_iter, feature_dim = d2l.get_data_ch11(batch_size=10)
    kept = []

    def keep(params, *rest):
        returned = trainer_fn(params, *rest)
        adapter.keep(params if returned is None else returned[0], kept)
        return returned

    _, losses = d2l.train_ch11(keep, states, dict(HYPER), data_iter, feature_dim)
    return losses, [d2l.numpy(p) for p in kept]


@pytest.mark.parametrize(
    "name, root",
    [
        ("rmsprop", lambda s: np.sqrt(s + 1e-6)),
        ("rmsprop_outside", lambda s: np.sqrt(s) + 1e-6),
    ],
    ids=["inside", "outside"],
)
def test_scratch_training_is_the_reference_to_rounding(
    adapter, d2l, lesson, name, root
):
    states = lesson.values["init_rmsprop_states"](5)
    losses, (w, b) = trained(adapter, d2l, lesson.values[name], states)
    data_iter, _ = d2l.get_data_ch11(batch_size=10)
    expected, w_ref, b_ref = regression(data_iter, d2l.numpy, root)
    assert len(losses) == 15
    # Half of 1e-6: then no two frameworks differ by more than 1e-6.
    np.testing.assert_allclose(losses, expected, rtol=0, atol=5e-7)
    np.testing.assert_allclose(w, w_ref, rtol=0, atol=1e-6)
    np.testing.assert_allclose(b, b_ref, rtol=0, atol=1e-6)


def test_the_lesson_shows_the_built_in_optimizer_as_its_own_lines(lesson, facts):
    same = "scratch" if facts["eps_inside_root"] else "outside"
    other = "outside" if facts["eps_inside_root"] else "scratch"
    built_in = np.array(lesson.values["built_in"])
    assert np.abs(built_in - lesson.values[same]).max() < 1e-6
    assert np.abs(built_in - lesson.values[other]).max() > 1e-4


def test_the_numpy_cell_of_the_lesson_is_the_reference(d2l, lesson):
    data_iter, _ = d2l.get_data_ch11(batch_size=10)
    expected, *_ = regression(data_iter, d2l.numpy, lambda s: np.sqrt(s + 1e-6))
    np.testing.assert_allclose(lesson.values["reference"], expected, rtol=1e-12)


def test_final_losses_lie_where_the_lesson_says(lesson):
    for name in ("scratch", "built_in", "outside", "reference"):
        assert 0.242 < lesson.values[name][-1] < 0.247


def test_the_place_of_eps_matters_when_eps_is_large(lesson):
    run = lesson.values["numpy_rmsprop"]

    def difference(eps):
        inside, outside = (
            run(lambda s: np.sqrt(s + eps)),
            run(lambda s: np.sqrt(s) + eps),
        )
        return np.abs(np.subtract(inside, outside)).max()

    assert difference(1e-8) < 1e-4 < 1e-3 < difference(1e-2)
    # Converted by the root, both divisors have the same limit for small s.
    s = 1e-30
    assert np.sqrt(s + 1e-6) == pytest.approx(np.sqrt(s) + 1e-3)
