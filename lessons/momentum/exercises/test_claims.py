"""What the solutions of the exercises compute, draw and claim.

`tests/frameworks/test_contract.py` holds the prose to `claims` and `SETTINGS`.
"""

import itertools
import re

import numpy as np
import pytest

SETTINGS = {"0.1", "0.4", "0.5", "0.9", "40"}


def claims(solutions):
    """Return what the prose states, with the numbers that the solutions give."""
    values = solutions.values
    heavy, nesterov = (abs(trace[-1][1]) for trace in values["traces"].values())
    factor = 10 ** int(np.log10(heavy / nesterov))
    return [
        rf"$2 (1 + \beta) / (h (1 + 2 \beta)) = {values['nesterov_limit']:.3f}$",
        f"that of the heavy ball, {values['largest_eta'](0.9, 4.0):.2f}.",
        f"by a factor of more than {factor} here",
        rf"$\eta / (1 - \beta) = {values['same_eta']:.1f}$ gives the same run",
    ]


def test_experiment_and_formula_agree(solutions):
    printed = solutions.printed["limit-table"]
    rows = re.findall(r"(\S+)   2 \(1 \+ β\) / h = +(\S+)", printed)
    assert len(rows) == 6
    for found, formula in rows:
        assert float(found) == pytest.approx(float(formula), rel=5e-3)


def test_at_the_limit_x_changes_its_sign_at_every_step(solutions):
    eta, beta, h = solutions.values["largest_eta"](0.9, 4.0), 0.9, 4.0
    x, v, path = 1.0, 0.0, []
    for _ in range(600):
        v = beta * v + h * x
        x = x - eta * v
        path.append(x)
    assert all(a * b < 0 for a, b in itertools.pairwise(path[300:]))


def test_the_average_walks_through_the_same_points(solutions):
    assert "< 1e-12" in solutions.printed["same-eta"]


def test_both_traces_are_drawn_side_by_side(solutions):
    assert len(solutions.axes["nesterov-traces"]) == 2
