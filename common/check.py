"""The check cells of the exercises: each says in one sentence how an answer stands.

``Checker("rmsprop", "vi")`` knows the checks of a lesson, the dict ``CHECKS`` in the
file `checks.py` of the lesson's exercises. A check cell prints and never raises, so
that a notebook with open gaps runs through. Its line starts with ✓ (right), ✗ (wrong)
or … (not yet answered).
"""

import importlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from common import ReaderError

WORDS = {
    "en": {"right": "right.", "open": "not yet answered.", "raised": "it stops with"},
    "vi": {"right": "đúng.", "open": "chưa trả lời.", "raised": "bị dừng vì lỗi"},
}


class Check(NamedTuple):
    """How an answer is judged, and what helps when it is wrong.

    ``judge(answer)`` returns None (not yet answered), True, False, or a tuple: wrong,
    with what is filled into the ``hints``, {language: sentence}.
    """

    judge: Callable
    hints: dict


def is_close(value, expected, tolerance=1e-3):
    """Tell whether numbers have the shape and, nearly, the values of others."""
    value = np.asarray(value, dtype=float)
    return value.shape == np.shape(expected) and np.allclose(
        value, expected, rtol=tolerance, atol=1e-9
    )


def value(expected, **hints):
    """Return the Check of a number, or of several."""
    return Check(
        lambda answer: None if answer is None else is_close(answer, expected), hints
    )


def function(expected, **hints):
    """Return the Check of a function; ``expected`` is {arguments: value}."""

    def judge(answer):
        found = [answer(*arguments) for arguments in expected]
        if all(one is None for one in found):
            return None
        return all(map(is_close, found, expected.values()))

    return Check(judge, hints)


class Checker:
    """The checks of a lesson, told in a language, "en" or "vi".

    ``check(name, answer)`` prints a sentence, ``check.passed(name, answer)`` tells
    whether it would start with ✓.
    """

    def __init__(self, lesson, language="en"):
        name = f"lessons.{lesson}.exercises.checks"
        try:
            self._checks = importlib.import_module(name).CHECKS
        except ImportError as error:
            raise ReaderError(
                f"The checks of the lesson {lesson!r} cannot be imported here "
                f"({error}): open this notebook in a copy of the whole repository."
            ) from None
        self._language = "vi" if language == "vi" else "en"

    def __call__(self, name, answer):
        sign, words = self._verdict(name, answer)
        print(f"{sign} {name}: {words}")

    def passed(self, name, answer):
        """Tell whether an answer is right."""
        return self._verdict(name, answer)[0] == "✓"

    def _verdict(self, name, answer):
        check, words = self._checks[name], WORDS[self._language]
        try:
            found = check.judge(answer)
        except Exception as error:  # whatever a reader's code raises
            return "✗", f"{words['raised']} {type(error).__name__}: {error}"
        if found is None:
            return "…", words["open"]
        details = found if isinstance(found, tuple) else ()
        if found and not details:
            return "✓", words["right"]
        return "✗", check.hints[self._language].format(*details)
