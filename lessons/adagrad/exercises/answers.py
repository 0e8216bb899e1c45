"""Answers that tests show to the checks: right ones, wrong ones and open ones.

Each is what a student's cell could hold. Beside plain slips stand the answers that lie
closest to the limit, from either side.
"""

import math

import numpy as np

from lessons.adagrad.exercises.checks import BEST, LOWEST, STEPS


def nothing(*_):
    """A function whose gap is open."""


def curves(**lowest):
    """Return medians over the learning rates with given lowest values."""
    shape = np.abs(np.arange(25) - 12.0)
    return {name: low + shape for name, low in {**LOWEST, **lowest}.items()}


def rotated(factor=1.0, outside=False):
    """Return Adagrad in the turned valley at eta 0.4, its sum times a factor."""

    def adagrad_rotated(x1, x2, s1, s2):
        u, v = 0.2 * (x1 + x2), 4 * (x1 - x2)
        g1, g2 = (u, v) if outside else (u + v, u - v)
        s1, s2 = s1 + factor * g1**2, s2 + factor * g2**2
        x1 -= 0.4 / math.sqrt(s1 + 1e-10) * g1
        x2 -= 0.4 / math.sqrt(s2 + 1e-10) * g2
        return x1, x2, s1, s2

    return adagrad_rotated


ANSWERS = {
    "clock_rule": {
        "right": [
            lambda g, n: (g / math.sqrt(n + 1), n + 1),
            lambda g, n: (np.float32(g) * np.float32(n + 1) ** np.float32(-0.5), n + 1),
        ],
        "wrong": [
            lambda g, n: (g / math.sqrt(n + 1), n),
            lambda g, n: (g / (n + 1), n + 1),
            lambda g, n: (g / math.sqrt(n + g**2), n + g**2),
        ],
        "open": [nothing],
    },
    "same": {"right": [1, 1.0, np.float32(1)], "wrong": [0, 2, -1], "open": [None]},
    "medians": {
        "right": [curves(), curves(clock=0.082), curves(adagrad=0.0955)],
        "wrong": [
            curves(adagrad=LOWEST["clock"]),  # the same rule twice
            curves(clock=0.0835),  # another shuffle
            {**curves(), "clock": 0.0816},  # the lowest only
            {**curves(), "clock": None},
        ],
        "open": [dict.fromkeys(LOWEST)],
    },
    "steps": {
        "right": [STEPS, {0: np.array([110, 111, 112]), 0.1: [113, 198, 1180]}],
        "wrong": [
            {**STEPS, 0.1: [1179, 199, 113]},
            {**STEPS, 0.1: [111, 111, 111]},  # the start was forgotten
            {**STEPS, 0: [111]},
            {**STEPS, 0: None},
        ],
        "open": [dict.fromkeys(STEPS)],
    },
    "same_run": {
        "right": [(0.4, 1e-5), (np.float32(0.4), np.float32(1e-5))],
        "wrong": [(0.4, 1e-3), (40, 0.1), (0.004, 1e-5), (0.4, None)],
        "open": [(None, None)],
    },
    "adagrad_rotated": {
        "right": [rotated()],
        "wrong": [rotated(factor=0.1), rotated(outside=True)],
        "open": [nothing],
    },
    "best": {
        "right": [BEST, {**BEST, "gd_2d": 0.09, "adagrad_2d": 2e-20}],
        "wrong": [
            {**BEST, "adagrad_2d": 3e-16},  # that of the next learning rate
            {**BEST, "adagrad_rotated": 0.49},
            {**BEST, "gd_rotated": BEST["gd_2d"]},
            {**BEST, "adagrad_rotated": None},
        ],
        "open": [dict.fromkeys(BEST)],
    },
}
