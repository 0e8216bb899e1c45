"""Answers that the check has to accept, to refuse, or to take for not yet given."""

ANSWERS = {
    "first_step": {
        "right": [0.003162],
        "wrong": [0.001, 4.0, 0.00316 * 2],
        "open": [None],
    },
}
