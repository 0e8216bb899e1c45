"""Answers that tests show to the checks: right ones, wrong ones and open ones.

Each is what a student's cell could hold. Beside plain slips stand the answers that lie
closest to the limit, from either side.
"""

import math

import numpy as np

from lessons.rmsprop.exercises.checks import LOSSES, RACE, START, SWEEP


def nothing(*_):
    """A function whose gap is open."""


def stay(*values):
    return values


def runs(loss, moves, epochs=10, seeds=3):
    """Return curves that end at a loss, in the last epoch coming down by so much."""
    losses = np.append(np.full(epochs - 1, loss + moves), loss)
    return [[(one, one, 0.8) for one in losses] for _ in range(seeds)]


def curves(**changes):
    """Return the curves that come closest to the limits, with some exchanged."""
    calm = runs(0.357, 0.003)
    right = {"constant": runs(0.3, 0.36), "step": calm, "cosine": calm, "warmup": calm}
    return {**right, **changes}


def close_to(values, place, difference):
    changed = values.copy()
    changed[place] += difference
    return changed


def half_cosine(p):
    return (1 + math.cos(math.pi * p)) / 2


def rotated(kind):
    """Return RMSProp that works on u and v, in numbers of some kind."""

    def rmsprop_back(x1, x2, s1, s2):
        u, v, eta, gamma = kind(x1 + x2), kind(x1 - x2), kind(0.4), kind(0.9)
        s1 = gamma * s1 + (1 - gamma) * (kind(0.2) * u) ** 2
        s2 = gamma * s2 + (1 - gamma) * (kind(4) * v) ** 2
        u -= eta / np.sqrt(s1 + kind(1e-6)) * kind(0.2) * u
        v -= eta / np.sqrt(s2 + kind(1e-6)) * kind(4) * v
        return (u + v) / 2, (u - v) / 2, s1, s2

    return rmsprop_back


ANSWERS = {
    "first_step": {
        "right": [(395, 3198), np.float32([395.00003, 3198.0])],
        "wrong": [(0.9, -2.4), (-405, -3202), 395, (395, 3198, 0), "(395, 3198)"],
        "open": [None],
    },
    "factors": {
        "right": [(-79, -1599), [-79.0, -1599.0]],
        "wrong": [(79, 1599), (-78, -1599), [[-79], [-1599]]],
        "open": [None],
    },
    "first_nan": {
        "right": [(12, 7), np.array([12, 7])],
        "wrong": [(7, 12), (11, 6), (12, 8)],
        "open": [None],
    },
    "gradient_rotated": {
        "right": [lambda x1, x2: (4.2 * x1 - 3.8 * x2, 4.2 * x2 - 3.8 * x1)],
        "wrong": [
            lambda x1, x2: (0.2 * x1, 4 * x2),
            lambda x1, x2: (0.2 * (x1 + x2), 4 * (x1 - x2)),
            lambda x1, x2: (4.2 * x1 - 3.8 * x2, 4.2 * x1 - 3.8 * x2),
        ],
        "open": [nothing],
    },
    "losses": {
        "right": [
            LOSSES,
            {20: (1.12e-5, 0.339), 30: (2.41e-12, 0.0186), 400: (0.084, 0.32)},
        ],
        "wrong": [
            {**LOSSES, 30: (2.6e-5, 0.0132)},  # those of t = 50
            {t: pair[::-1] for t, pair in LOSSES.items()},
            {**LOSSES, 400: None},
        ],
        "open": [dict.fromkeys(LOSSES)],
    },
    "rmsprop_back": {
        "right": [rotated(np.float64), rotated(np.float32)],
        "wrong": [stay, lambda x1, x2, s1, s2: (x1 / 1.1, x2 / 1.1, s1, s2)],
        "open": [nothing],
    },
    "step": {
        "right": [lambda p: np.float32(1 if p < 0.5 else 0.1 if p < 0.75 else 0.01)],
        "wrong": [
            lambda p: 1 - p,
            lambda p: 1.0,
            lambda p: 1 if p <= 0.5 else 0.1 if p <= 0.75 else 0.01,
        ],
        "open": [nothing],
    },
    "cosine": {
        "right": [half_cosine, lambda p: np.float32(half_cosine(p))],
        "wrong": [math.cos, lambda p: 1 - p, lambda p: math.cos(math.pi * p / 2)],
        "open": [nothing],
    },
    "warmup": {
        "right": [lambda p: p / 0.1 if p < 0.1 else half_cosine((p - 0.1) / 0.9)],
        "wrong": [lambda p: p, lambda p: p / 0.1 if p < 0.1 else half_cosine(p)],
        "open": [nothing],
    },
    "set_learning_rate": {
        "right": [0.125, np.float32(0.125)],
        "wrong": [0.25, 0.003 * 0.125],
        "open": [0.003, np.float32(0.003)],
    },
    "curves": {
        "right": [curves(), curves(constant=runs(0.4, 0.9), cosine=runs(0.3, 0.0))],
        "wrong": [
            curves(step=runs(0.3, 0.36)),  # at a constant rate after all
            curves(constant=runs(0.357, 0.003)),  # its rate comes down
            curves(warmup=runs(0.485, 0.003)),  # not yet trained
            curves(cosine=runs(0.3, 0.003, epochs=3)),
            curves(cosine=runs(0.3, 0.003, seeds=2)),
            curves(warmup=[]),
        ],
        "open": [{"constant": [], "step": [], "cosine": [], "warmup": []}],
    },
    "race": {
        "right": [np.array(RACE), np.array(RACE) * (1 + 1e-5)],
        "wrong": [RACE[::-1], np.array(RACE) * 1.01, np.full(2, np.nan), RACE[0]],
        "open": [np.full(2, START)],
    },
    "sweep": {
        "right": [SWEEP, SWEEP + 1e-5],
        "wrong": [
            close_to(SWEEP, 24, -6.5e-4),  # twice the gradient
            close_to(SWEEP, 4, 7.6e-4),  # ε outside the root
            close_to(SWEEP, 9, 1e-3),  # the sum over the minibatch
            SWEEP[::-1],
            SWEEP + np.nan,
        ],
        "open": [np.array([1.0])],
    },
    "gamma_schedule": {
        "right": [lambda t: 1 - 0.5 / t, lambda t: np.float32(0.9 - t / 1000)],
        "wrong": [lambda t: 0.9, lambda t: t / 300, lambda t: 1 - t / 150],
        "open": [nothing],
    },
}
