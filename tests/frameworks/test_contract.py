"""What every lesson owes its readers, in every framework.

The lesson's own lines (`scratch`), the framework's optimizer (`built_in`) and the same
arithmetic in NumPy and double precision (`reference`) are one thing; its table of facts
says what the installed framework does.
"""

import importlib.util
import inspect
import re
from types import SimpleNamespace

import numpy as np
import pytest

from tests.fixtures import resolve
from weave import lessons
from weave.lessons import (
    load_cells,
    load_editions,
    load_folders,
    load_lessons,
    read_prose,
)

EXERCISES = [e.lesson for e in load_editions().values() if e.role == "exercises"]
SHARED_TERM = re.compile(r"\$.+\$|epoch")
every_lesson = pytest.mark.parametrize("lesson_name", load_lessons(), scope="module")
every_exercise = pytest.mark.parametrize("lesson_name", EXERCISES, scope="module")


@every_lesson
def test_scratch_is_the_referee_to_rounding(lesson):
    """Half of 1e-6 each: then no two frameworks differ by more than 1e-6."""
    scratch, reference = (lesson.values[name] for name in ("scratch", "reference"))
    assert len(scratch) > 10 and scratch[-1] < scratch[0]
    np.testing.assert_allclose(scratch, reference, rtol=0, atol=5e-7)


@every_lesson
def test_scratch_is_the_built_in_optimizer_to_rounding(lesson, facts):
    """Where eps stands elsewhere in the library, lines with it there are compared."""
    same = "scratch"
    if "outside" in lesson.values and not facts["eps_inside_root"]:
        same = "outside"
    built_in = lesson.values["built_in"]
    np.testing.assert_allclose(built_in, lesson.values[same], rtol=0, atol=1e-6)


@every_lesson
def test_the_defaults_are_what_the_table_says(facts):
    """`gamma: alpha` and `gamma_default: 0.99` tell of the argument `alpha`."""
    parameters = inspect.signature(resolve(facts["optimizer"])).parameters
    checked = 0
    for key, value in facts.items():
        if key.endswith("_default"):
            found = parameters[facts[key.removesuffix("_default")]].default
            none = (None, inspect.Parameter.empty)
            assert found in none if value is None else found == value, key
            checked += 1
    assert checked


@every_lesson
def test_the_lesson_calls_the_optimizer_by_the_names_of_the_table(
    lesson_name, framework, facts
):
    call = load_cells(lesson_name, framework)["concise"].source.replace('"', "'")
    assert facts["call"] in call
    assert f"'{facts['lr']}'" in call


@every_lesson
def test_the_loss_has_the_factor_of_the_table(adapter, facts):
    y_hat = np.array([[3.0], [1.0]], np.float32)
    y = np.array([[0.0], [0.0]], np.float32)
    resolve(facts["loss"])
    assert adapter.loss_value(y_hat, y) == pytest.approx(facts["loss_factor"] * 5)


def check_figures(axes):
    """Assert labels that both languages share, and a legend where lines have names."""
    for drawn in (a for cell in axes.values() for a in cell if a.axison):
        if drawn.get_label() == "<colorbar>":
            continue
        assert SHARED_TERM.fullmatch(drawn.get_xlabel()), drawn.get_xlabel()
        # Panels that share an axis carry its label once, on the left.
        shared = drawn.get_shared_y_axes().get_siblings(drawn)
        labels = [a.get_ylabel() for a in (*shared, drawn) if a.get_ylabel()]
        assert labels and all(map(SHARED_TERM.fullmatch, labels)), labels


@every_lesson
def test_every_figure_has_labelled_axes_in_terms_of_both_languages(lesson):
    assert sum(map(len, lesson.axes.values())) >= 3
    check_figures(lesson.axes)


@every_lesson
def test_every_figure_with_more_than_one_labelled_line_has_a_legend(lesson):
    for drawn in (a for cell in lesson.axes.values() for a in cell):
        several = len(drawn.get_legend_handles_labels()[1]) > 1
        assert (drawn.get_legend() is not None) == several


@every_exercise
def test_figures_of_solutions_have_labels_of_both_languages(solutions):
    check_figures(solutions.axes)


def said(notebook):
    texts = (text for cell, text in notebook.printed.items() if cell.endswith("-check"))
    return "".join(texts).splitlines()


@every_exercise
def test_every_check_says_not_yet_while_the_gaps_are_open(gaps):
    assert said(gaps)
    assert all(re.fullmatch(r"… \w+: not yet answered\.", x) for x in said(gaps))


@every_exercise
def test_every_check_is_green_when_the_solutions_are_pasted_in(solutions, gaps):
    assert len(said(solutions)) == len(said(gaps))
    assert all(line.startswith("✓ ") for line in said(solutions)), said(solutions)


# Every number of the prose is in a claim, computed from what the cells leave behind.


def stated_numbers(folder):
    """Return the numbers of the prose with a point, or of two digits and more."""
    before, _, references = read_prose(folder, "en").partition("{#references}")
    prose = before + re.sub(r"^- .*$", "", references, flags=re.MULTILINE)
    prose = re.sub(r"\]\([^)]*\)|`[^`]+`", "", prose)
    pattern = r"(?<![\w.{^-])\d+\.\d+|(?<![\w.{^-])\d{2,}(?!\d*\^)"
    return set(re.findall(pattern, prose))


def load_claims(folder):
    """Return the module `test_claims.py` of a folder of `lessons/`.

    Prose that states no number needs none.
    """
    path = lessons.SOURCE / folder / "test_claims.py"
    if not path.exists():
        if numbers := stated_numbers(folder):
            pytest.fail(
                f"lessons/{folder}/en.md states {', '.join(sorted(numbers))}, which no "
                f"test computes: write lessons/{folder}/test_claims.py, with claims(), "
                "which returns parts of sentences with the numbers computed from what "
                "the cells leave behind, and SETTINGS, the numbers that the prose sets."
            )
        return SimpleNamespace(claims=lambda told: [], SETTINGS=())
    spec = importlib.util.spec_from_file_location("claims", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def told(request, lesson_name, folder):
    """What the cells of a folder leave behind."""
    return request.getfixturevalue("solutions" if "/" in folder else "lesson")


every_folder = pytest.mark.parametrize(
    "lesson_name, folder",
    [(folder.split("/")[0], folder) for folder in load_folders()],
    scope="module",
)


@every_folder
def test_the_prose_says_what_the_cells_compute(told, folder):
    prose, claims = read_prose(folder, "en"), load_claims(folder).claims(told)
    assert not [claim for claim in claims if claim not in prose]


@every_folder
def test_no_other_number_is_stated(told, folder):
    """Those in `SETTINGS` are the lesson's own."""
    module = load_claims(folder)
    claimed = set(re.findall(r"\d+\.\d+|\d{2,}", " ".join(module.claims(told))))
    unknown = stated_numbers(folder) - claimed - set(module.SETTINGS)
    assert not unknown, f"no test computes {', '.join(sorted(unknown))}"


@pytest.fixture(params=["new", "new/exercises"])
def new_folder(request, tmp_path, monkeypatch):
    """Return write(prose), which makes a folder of a lesson without tests."""
    monkeypatch.setattr(lessons, "SOURCE", tmp_path)
    (tmp_path / request.param).mkdir(parents=True)

    def write(prose):
        (tmp_path / request.param / "en.md").write_text(prose)
        return request.param

    return write


def test_numbers_without_any_test_of_theirs_are_told(new_folder):
    folder = new_folder("The loss ends at 0.24 after 20 steps.\n")
    told = rf"states 0\.24, 20, .* write lessons/{folder}/test_claims\.py"
    with pytest.raises(pytest.fail.Exception, match=told):
        load_claims(folder)


def test_prose_without_numbers_needs_no_claims(new_folder):
    assert load_claims(new_folder("The loss falls.\n")).claims(None) == []
