"""What a check cell says; the checks of the lessons are in tests/lessons."""

import pytest

from common import ReaderError
from common.check import WORDS, Check, Checker, function, is_close, value

HINTS = {"en": "it is {0}.", "vi": "đó là {0}."}
CHECKS = {
    "pair": value((1, 2), en="one and two.", vi="một và hai."),
    "double": function({(1,): 2, (3,): 6}, en="twice.", vi="gấp đôi."),
    "size": Check(lambda n: None if n == 0 else True if n > 9 else (n,), HINTS),
}


@pytest.fixture
def say(monkeypatch, capsys):
    """Return what a checker with the checks above says."""

    def say(name, answer, language="en"):
        checker = Checker("rmsprop", language)
        monkeypatch.setattr(checker, "_checks", CHECKS)
        checker(name, answer)
        out, err = capsys.readouterr()
        assert not err
        assert checker.passed(name, answer) == out.startswith("✓")
        return out

    return say


@pytest.mark.parametrize(
    "name, answer, line",
    [
        ("pair", (1, 2), "✓ pair: right.\n"),
        ("pair", (2, 1), "✗ pair: one and two.\n"),
        ("pair", None, "… pair: not yet answered.\n"),
        ("double", lambda n: n + n, "✓ double: right.\n"),
        ("double", lambda n: n + 1, "✗ double: twice.\n"),
        ("double", lambda n: 2 if n == 1 else None, "✗ double: twice.\n"),
        ("double", lambda n: None, "… double: not yet answered.\n"),
        ("size", 12, "✓ size: right.\n"),
        ("size", 5, "✗ size: it is 5.\n"),
        ("size", 0, "… size: not yet answered.\n"),
    ],
)
def test_an_answer_is_right_wrong_or_open(say, name, answer, line):
    assert say(name, answer) == line


def test_the_same_is_told_in_vietnamese(say):
    assert WORDS["en"].keys() == WORDS["vi"].keys()
    assert say("size", 12, "vi") == "✓ size: đúng.\n"
    assert say("size", 5, "vi") == "✗ size: đó là 5.\n"
    assert say("pair", None, "vi") == "… pair: chưa trả lời.\n"


def test_an_answer_that_fails_is_told_and_does_not_stop_the_notebook(say):
    line = say("double", lambda n: n / 0)
    assert line == "✗ double: it stops with ZeroDivisionError: division by zero\n"


def test_answers_of_another_shape_are_not_close():
    assert is_close([1.0005, 2], (1, 2)) and not is_close([1.002, 2], (1, 2))
    for other in (1, (1, 2, 3), [[1], [2]], (1, None)):
        assert not is_close(other, (1, 2))


def test_a_lesson_without_checks_is_told_in_a_sentence():
    with pytest.raises(ReaderError, match="'nowhere' cannot be imported here"):
        Checker("nowhere")
