"""Every number that the prose states, computed."""

import itertools

SETTINGS = {"100", "2012"}


def claims(lesson):
    """Return parts of sentences of the lesson, with the numbers computed."""
    x1, _ = lesson.values["trace"][-1]
    return [
        f"the run is at $x_1 = {x1:.2f}$.",
        f"the loss is {lesson.values['scratch'][-1]:.4f}.",
    ]


def test_the_steps_begin_short_and_grow(lesson):
    steps = [abs(a[0] - b[0]) for a, b in itertools.pairwise(lesson.values["trace"])]
    assert steps[0] < 0.011 < steps[-1]
