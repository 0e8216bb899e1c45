"""Submissions are graded one by one: none stops the others, each has what it earned."""

import csv
import itertools
import os
import shutil

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError

from classroom import grade

NAMES = {"vi-pytorch": ("vi", "pytorch")}
FILE = "exercises-pytorch.ipynb"
# The cells that the tests of grading need; the others cost minutes.
KEPT = (
    "imports",
    "gamma-one-step",
    "gamma-one-step-check",
    "gamma-one-factors",
    "gamma-one-factors-check",
    "gamma-one-nan",
    "gamma-one-nan-check",
)
EARNED = {
    "gamma-one-step": "first_step = (395, 3198)",
    "gamma-one-nan": "first_nan = (12, 7)",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose assignment has three questions, for 1, 1 and 2 points."""
    folder = tmp_path_factory.mktemp("grading")
    folder.chmod(0o755)
    whole = grade.assemble

    def short(*edition):
        notebook = whole(*edition)
        notebook.cells = [cell for cell in notebook.cells if cell.id in KEPT]
        # Without the framework, which takes its time on a busy machine.
        imports = "import numpy as np\nfrom common.check import Checker\n"
        notebook.cells[0].source = imports + "check = Checker('vi')"
        return notebook

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grade, "assemble", short)
        grade.make_assignments(folder, NAMES)
    return folder


@pytest.fixture(scope="module")
def grades(course):
    """The rows of the CSV for one submission of each kind, {student: row}."""
    middle = {
        "blank": None,
        "right": "factors = (-79, -1599)",
        "wrong": "factors = (1, 2)",
        "raises": "1 / 0",
        "no-python": "this is (not",
        "endless": "while True: pass",
        "prints": "while True: print('x' * 1000)",
        "dies": "import os; os._exit(1)",
        "no-check": "",
        "own-check": "",
    }
    for student, source in middle.items():
        notebook = nbformat.read(course / "release" / "vi-pytorch" / FILE, as_version=4)
        answers = {**EARNED, "gamma-one-factors": source} if source is not None else {}
        cells = {
            c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells
        }
        for name, answer in answers.items():
            cells[name].source = answer
        if student == "own-check":
            cells["gamma-one-factors-check"].source = "print('✓')"
        if student == "no-check":
            notebook.cells.remove(cells["gamma-one-factors-check"])
        submit(course, student, nbformat.writes(notebook))
    submit(course, "garbage", "{not json")
    submit(course, "nothing", None)
    grade.grade(course, NAMES, seconds=20)
    with (course / "grades.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def submit(course, student, text):
    folder = course / "submitted" / student / "vi-pytorch"
    folder.mkdir(parents=True)
    if text is not None:
        (folder / FILE).write_text(text, "utf-8")


def test_what_students_get_has_no_solution_and_no_hidden_test(course):
    text = (course / "release" / "vi-pytorch" / FILE).read_text("utf-8")
    assert "# YOUR CODE HERE" in text
    for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "395", "1599"):
        assert secret not in text


@pytest.mark.parametrize(
    "student, score",
    {
        "blank": 0,
        "right": 4,
        "wrong": 3,
        "raises": 3,
        "no-python": 3,
        "endless": 3,
        "prints": 3,
        "dies": 3,
        "no-check": 3,
        "own-check": 3,
        "garbage": 0,
        "nothing": 0,
    }.items(),
)
def test_each_scores_what_it_earned(grades, student, score):
    assert float(grades[student]["score"]) == score
    assert float(grades[student]["max_score"]) == 4


def test_a_note_says_why_something_could_not_be_graded(grades):
    notes = {student: row["note"] for student, row in grades.items() if row["note"]}
    assert notes == {
        "garbage": f"{FILE} is no notebook (NotJSONError)",
        "nothing": f"{FILE} is missing",
    }


def test_without_an_assignment_there_is_nothing_to_grade(tmp_path):
    with pytest.raises(grade.GradeError, match="run `make assignment` first"):
        grade.grade(tmp_path, NAMES)
    assert not list(tmp_path.iterdir())


def test_grading_as_root_is_refused(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.argv", ["grade", "grade"])
    monkeypatch.delenv("GRADE_AS_ROOT", raising=False)
    assert "Grading runs what students wrote" in grade.main()


@pytest.mark.parametrize("what", ["assignment", "grade"])
def test_root_does_not_write_where_another_account_may_put_links(
    what, tmp_path, monkeypatch
):
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
    monkeypatch.setattr(grade, "FOLDER", tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sys.argv", ["grade", what])
    monkeypatch.setenv("GRADE_AS_ROOT", "1")
    assert "belongs to another account" in grade.main()
    assert not list(tmp_path.iterdir())


def test_nobody_else_reads_what_is_in_the_folder(course, tmp_path, monkeypatch):
    assert course.stat().st_mode & 0o777 == 0o700
    grading = tmp_path / "grading"
    grading.mkdir(mode=0o755)
    monkeypatch.setattr(grade, "FOLDER", grading)
    monkeypatch.setattr(grade, "grade", lambda *_: (grading / "made").touch())
    monkeypatch.setattr("sys.argv", ["grade", "grade"])
    monkeypatch.setenv("GRADE_AS_ROOT", "1")
    before = os.umask(0o022)
    try:
        assert grade.main() == 0
    finally:
        os.umask(before)
    assert (grading / "made").stat().st_mode & 0o777 == 0o600


def test_what_students_wrote_does_not_inherit_the_secrets_of_the_hub(monkeypatch):
    monkeypatch.setattr(grade, "grade", lambda *_: seen.update(os.environ))
    monkeypatch.setattr("sys.argv", ["grade", "grade"])
    monkeypatch.setenv("GRADE_AS_ROOT", "1")
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "a")
    monkeypatch.setenv("JPY_COOKIE_SECRET", "b")
    seen, before = {}, os.umask(0o077)
    try:
        assert grade.main() == 0
    finally:
        os.umask(before)
    assert "PATH" in seen
    assert not {"CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET"} & seen.keys()


@pytest.mark.parametrize(
    "seconds, dying, runs", [(60, [0, 1, 1], 3), (60, [None], 1), (-1, [0], 1)]
)
def test_a_kernel_that_keeps_ending_is_given_up(monkeypatch, seconds, dying, runs):
    def end(step, *_):
        counted.append(next(cells))
        step._index = counted[-1]
        raise DeadKernelError("Kernel died")

    counted, cells = [], itertools.chain(dying, itertools.repeat(2, 5))
    monkeypatch.setattr(grade.Execute, "preprocess", end)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("1") for _ in range(3)]
    with pytest.raises(DeadKernelError):
        grade.ExecuteWithin(seconds=seconds).preprocess(notebook, {})
    assert len(counted) == runs


def test_a_submission_that_cannot_be_read_loses_what_an_earlier_one_earned(
    course, tmp_path
):
    again = shutil.copytree(course, tmp_path / "grading")
    shutil.rmtree(again / "submitted", ignore_errors=True)
    notebook = nbformat.read(again / "release" / "vi-pytorch" / FILE, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = EARNED.get(name, cell.source)
    submit(again, "an", nbformat.writes(notebook))
    scores = []
    for _ in range(2):
        grade.grade(again, NAMES, seconds=20)
        with (again / "grades.csv").open(encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        scores.append((float(row["score"]), bool(row["note"])))
        handed_in = again / "submitted" / "an" / "vi-pytorch" / FILE
        handed_in.write_text("{not json", "utf-8")
    assert scores == [(3, False), (0, True)]
