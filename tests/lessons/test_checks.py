"""The checks of every lesson, shown the right, wrong and open answers beside them."""

import importlib
import re

import pytest

from common.check import Checker
from weave.lessons import is_told, load_editions, load_frameworks, read_source

EXERCISES = {e.lesson: e for e in load_editions().values() if e.role == "exercises"}
LESSONS = list(EXERCISES)


def table(lesson, name):
    module = importlib.import_module(f"lessons.{lesson}.exercises.{name.lower()}")
    return getattr(module, name)


def shown():
    """Yield every answer with the sign that its check owes it."""
    for lesson in LESSONS:
        for name, answers in table(lesson, "ANSWERS").items():
            for kind, sign in (("right", "✓"), ("wrong", "✗"), ("open", "…")):
                for number, answer in enumerate(answers[kind]):
                    case = f"{lesson}-{name}-{kind}-{number}"
                    yield pytest.param(lesson, name, answer, sign, id=case)


@pytest.mark.parametrize("lesson, name, answer, sign", shown())
@pytest.mark.parametrize("language", ["en", "vi"])
def test_a_check_tells_what_an_answer_is(capsys, lesson, name, answer, sign, language):
    check = Checker(lesson, language)
    check(name, answer)
    out, err = capsys.readouterr()
    assert out.startswith(f"{sign} {name}: ") and out.count("\n") == 1 and not err
    assert check.passed(name, answer) == (sign == "✓")


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_is_shown_answers_of_each_kind(lesson):
    checks, answers = table(lesson, "CHECKS"), table(lesson, "ANSWERS")
    assert checks and checks.keys() == answers.keys()
    assert all(kinds[kind] for kinds in answers.values() for kind in kinds)
    assert all(kinds.keys() == {"right", "wrong", "open"} for kinds in answers.values())


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_wrong_answer_stops_with_an_error(capsys, lesson):
    for name, answers in table(lesson, "ANSWERS").items():
        for answer in answers["wrong"]:
            Checker(lesson)(name, answer)
            told = capsys.readouterr().out
            assert "it stops with" not in told or isinstance(answer, str), told


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_cells_use_every_check_and_points_depend_on_the_same_one(lesson):
    checks = table(lesson, "CHECKS")
    told = [name for name in load_frameworks() if is_told(EXERCISES[lesson], name)]
    for framework in told:
        files = ("shared.py", f"{framework}.py")
        cells = "".join(read_source(f"{lesson}/exercises/{file}") for file in files)
        told = re.findall(r'^check\((".+)\)$', cells, re.MULTILINE)
        points = re.findall(r'^assert check\.passed\((".+)\)$', cells, re.MULTILINE)
        assert told == points
        assert sorted(re.match('"(.+?)"', use)[1] for use in told) == sorted(checks)


@pytest.mark.parametrize("lesson", LESSONS)
def test_hints_say_the_same_in_both_languages(lesson):
    marks = re.compile(r"\{.*?\}|`.+?`")
    for name, check in table(lesson, "CHECKS").items():
        assert set(check.hints) == {"en", "vi"}, name
        assert all(len(hint) > 20 and hint[-1] == "." for hint in check.hints.values())
        en, vi = (set(marks.findall(check.hints[k])) for k in ("en", "vi"))
        assert en == vi, name
