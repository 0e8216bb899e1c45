"""What the table of facts says beyond names and defaults, found by experiment."""

import inspect

import numpy as np
import pytest

from tests.fixtures import resolve


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
        hyperparams = {facts["lr"]: 0.01, facts["momentum"]: momentum}
        apply = adapter.built_in(resolve(facts["optimizer"]), p, **hyperparams)
        for _ in range(3):
            apply([1.0])
        ends.append(d2l.numpy(p).item())
    assert (ends[0] == ends[1]) == facts["momentum_needs_centered"]


def test_what_the_lesson_says_of_optaxs_switches_holds(adapter, d2l, framework, facts):
    """The place of eps, the first state and the bias correction, by experiment."""
    if framework != "jax":
        pytest.skip("the others have no such switches")

    def first_step(**hyperparams):
        p = adapter.parameter([0.0])
        optimizer = resolve(facts["optimizer"])
        adapter.built_in(optimizer, p, **{facts["lr"]: 1.0, **hyperparams})([0.1])
        return abs(d2l.numpy(p).item())

    s = 0.1 * 0.1**2
    eps = {facts["eps"]: 1e-2}
    assert first_step(**eps) == pytest.approx(0.1 / np.sqrt(s + 1e-2), rel=1e-5)
    outside = first_step(**eps, **{facts["eps_switch"]: False})
    assert outside == pytest.approx(0.1 / (np.sqrt(s) + 1e-2), rel=1e-5)
    started = first_step(**{facts["start"]: 1.0})
    assert started == pytest.approx(0.1 / np.sqrt(0.9 + s), rel=1e-5)
    assert first_step(**{facts["correction"]: True}) == pytest.approx(1, rel=1e-4)
    assert first_step() == pytest.approx(0.1**-0.5, rel=1e-4)


def test_half_way_the_scheduler_named_in_exercise_3_halves_the_rate(framework, facts):
    scheduler = resolve(facts["scheduler"])
    if framework == "pytorch":
        import torch

        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        schedule = scheduler(optimizer, T_max=10)
        for _ in range(5):
            optimizer.step()
            schedule.step()
        rate = optimizer.param_groups[0]["lr"]
    elif framework == "mxnet":
        rate = scheduler(max_update=10, base_lr=1.0)(5)
    else:
        rate = float(scheduler(1.0, 10)(5))
    assert rate == pytest.approx(0.5)
