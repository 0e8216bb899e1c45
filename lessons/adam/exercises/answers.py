"""Answers that tests show to the checks: right ones, wrong ones and open ones."""

import math

import numpy as np


def nothing(*_, **__):
    """A function whose gap is open."""


def adamw(kind=float, l2=False, corrected=True, shrink=True):
    """Return an update of one weight, right or with one thing wrong."""

    def update(x, v, s, t, g, eta=0.1, lam=0.5):
        x, v, s, g = kind(x), kind(v), kind(s), kind(g)
        if l2:
            g = g + kind(lam) * x
        elif shrink:
            x = kind(1 - eta * lam) * x
        v = kind(0.9) * v + kind(0.1) * g
        s = kind(0.999) * s + kind(0.001) * g**2
        a, b = (1 - 0.9**t, 1 - 0.999**t) if corrected else (1, 1)
        return x - kind(eta) * (v / kind(a)) / kind(math.sqrt(s / b) + 1e-8), v, s

    return update


ANSWERS = {
    "step_length": {
        "right": [
            lambda t, b1, b2: (1 - b1**t) / math.sqrt(1 - b2**t),
            lambda t, b1, b2: np.float32((1 - b1**t) / math.sqrt(1 - b2**t)),
        ],
        "wrong": [
            lambda t, b1, b2: 1.0,
            lambda t, b1, b2: (1 - b1**t) / (1 - b2**t),
            lambda t, b1, b2: math.sqrt(1 - b2**t) / (1 - b1**t),
        ],
        "open": [nothing],
    },
    "longest": {"right": [12, 12.0], "wrong": [11, 13, 6.57], "open": [None]},
    "adamw": {
        "right": [adamw(), adamw(np.float32)],
        "wrong": [
            adamw(l2=True),
            adamw(corrected=False),
            adamw(shrink=False),
            lambda x, v, s, t, g: (x, v, s),
        ],
        "open": [nothing],
    },
    "limit": {
        "right": [0.462, 0.4723, np.float32(0.46)],
        "wrong": [0.1, 0.9, 0.5, 0.43, (0.46, 0.46)],
        "open": [None],
    },
}
