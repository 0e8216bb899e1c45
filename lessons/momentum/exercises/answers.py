"""Answers that tests show to the checks: right ones, wrong ones and open ones."""

import numpy as np


def nothing(*_):
    """A function whose gap is open."""


def steps(rule, eta, beta, kind=float):
    """Return an update of the valley; ``rule(v, g, eta, beta)``: new v, and step."""

    def update(x1, x2, v1, v2):
        v1, step1 = rule(kind(v1), kind(0.2 * x1), eta, beta)
        v2, step2 = rule(kind(v2), kind(4 * x2), eta, beta)
        return kind(x1) - step1, kind(x2) - step2, v1, v2

    return update


def nesterov(v, g, eta, beta):
    v = beta * v + g
    return v, eta * (g + beta * v)


def heavy_ball(v, g, eta, beta):
    v = beta * v + g
    return v, eta * v


def old_velocity(v, g, eta, beta):
    return beta * v + g, eta * (g + beta * v)


def average(v, g, eta, beta):
    v = beta * v + (1 - beta) * g
    return v, eta * v


ANSWERS = {
    "largest_eta": {
        "right": [
            lambda beta, h: 2 * (1 + beta) / h,
            lambda beta, h: np.float32(1.995 * (1 + beta) / h),
        ],
        "wrong": [
            lambda beta, h: 2 / h,
            lambda beta, h: 2 * (1 + beta),
            lambda beta, h: (1 + beta**0.5) ** 2 / h,
            lambda beta, h: 4 / h,
        ],
        "open": [nothing],
    },
    "nesterov_2d": {
        "right": [steps(nesterov, 0.1, 0.9), steps(nesterov, 0.1, 0.9, np.float32)],
        "wrong": [
            steps(heavy_ball, 0.1, 0.9),
            steps(old_velocity, 0.1, 0.9),
            steps(nesterov, 0.1, 0.5),
            lambda x1, x2, v1, v2: (x1, x2, v1, v2),
        ],
        "open": [nothing],
    },
    "nesterov_limit": {
        "right": [0.3393, 0.34, np.float32(0.339)],
        "wrong": [0.95, 0.5, 6.786, 0.3, (0.3393, 0.3393)],
        "open": [None],
    },
    "average_2d": {
        "right": [steps(average, 0.4, 0.5), steps(average, 0.4, 0.5, np.float32)],
        "wrong": [
            steps(heavy_ball, 0.4, 0.5),
            steps(average, 0.4, 0.9),
            lambda x1, x2, v1, v2: (x1, x2, v1, v2),
        ],
        "open": [nothing],
    },
    "same_eta": {
        "right": [0.8, np.float32(0.8)],
        "wrong": [0.4, 0.2, 0.6, (0.8, 0.8)],
        "open": [None],
    },
}
