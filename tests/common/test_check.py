"""What the check cells of the exercises say."""

import re

import numpy as np
import pytest

from common.check import HINTS, WORDS, Checker

# check: an answer that is right, one that is wrong
ANSWERS = {
    "first_step": ((395, 3198), (0.9, -2.4)),
    "factors": ((-79, -1599), (79, 1599)),
    "first_nan": (np.array([12, 7]), (7, 12)),
    "gradient": (
        lambda x1, x2: (4.2 * x1 - 3.8 * x2, 4.2 * x2 - 3.8 * x1),
        lambda x1, x2: (0.2 * x1, 4 * x2),
    ),
    "step": (
        lambda p: 1 if p < 0.5 else 0.1 if p < 0.75 else 0.01,
        lambda p: 1 - p,
    ),
    "cosine": (lambda p: (1 + np.cos(np.pi * p)) / 2, np.cos),
    "warmup": (
        lambda p: 10 * p if p < 0.1 else (1 + np.cos(np.pi * (p - 0.1) / 0.9)) / 2,
        lambda p: p,
    ),
    "gamma_schedule": (lambda t: 1 - 0.5 / t, lambda t: 0.9),
    "curves": (
        {name: [[(1, 1, 0.8)] * 10] * 3 for name in ("constant", "step")},
        {"constant": [[(1, 1, 0.8)] * 10] * 3, "step": [[(1, 1, 0.1)] * 10] * 3},
    ),
}
OPEN = {"curves": {"constant": [], "step": []}}
FUNCTIONS = ("gradient", "step", "cosine", "warmup", "gamma_schedule")


def said(capsys, name, *answer, language="en"):
    getattr(Checker(language), name)(*answer)
    out, err = capsys.readouterr()
    assert err == "" and out.count("\n") == 1
    return out.rstrip("\n")


@pytest.mark.parametrize("name", ANSWERS)
def test_right_wrong_and_open_answers_are_told_apart(capsys, name):
    right, wrong = ANSWERS[name]
    unanswered = OPEN.get(name, (lambda *_: None) if name in FUNCTIONS else None)
    assert re.fullmatch(r"✓ \w+: right\.", said(capsys, name, right))
    assert re.fullmatch(r"✗ \w+: .{20,}\.", said(capsys, name, wrong))
    assert re.fullmatch(r"… \w+: not yet answered\.", said(capsys, name, unanswered))


def test_the_learning_rate_is_read_off_the_optimizer(capsys):
    assert said(capsys, "learning_rate", 0.003, 0.125).startswith("✓")
    assert said(capsys, "learning_rate", 0.003, 0.003).startswith("…")
    assert "has the rate 0.25" in said(capsys, "learning_rate", 0.003, 0.25)


def test_a_repair_that_does_not_repair_is_told_its_loss(capsys):
    def stay(x1, x2, s1, s2):
        return x1, x2, s1, s2

    assert "the loss is 2.3e+01" in said(capsys, "repair", stay)
    assert said(capsys, "repair", lambda *_: None).startswith("…")
    assert said(capsys, "repair", lambda *_: (0, 0, 0, 0)).startswith("✓")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_answer_that_fails_is_told_and_does_not_stop_the_notebook(capsys, name):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    line = said(capsys, name, broken)
    assert line.endswith("it stops with ZeroDivisionError: division by zero")


def test_answers_of_another_shape_are_wrong_not_errors(capsys):
    for answer in (395, (395, 3198, 0), "(395, 3198)", [[395], [3198]]):
        assert said(capsys, "first_step", answer).startswith("✗")
    assert said(capsys, "losses", {20: (1, 2), 50: None, 100: None}).startswith("✗")
    assert said(capsys, "losses", {20: None, 50: None, 100: None}).startswith("…")


def test_both_languages_say_the_same_things(capsys):
    assert WORDS["en"].keys() == WORDS["vi"].keys()
    for hints in HINTS.values():
        assert set(hints) == {"en", "vi"}
        assert re.findall(r"\{.*?\}|`.+?`", hints["en"]) == re.findall(
            r"\{.*?\}|`.+?`", hints["vi"]
        )
    assert said(capsys, "factors", None, language="vi").endswith("chưa trả lời.")
    assert said(capsys, "factors", (-79, -1599), language="vi").endswith("đúng.")
