"""A short course: three questions with checks, for 1, 2 and 1 points, one in words."""

import csv
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom.grading.course import Assignment, make_assignments
from classroom.grading.grade import grade
from classroom.grading.tables import write_grades
from weave.assemble import nbgrader_metadata

SAY = "def say(name, right):\n    print('✓' if right else '✗', name)\n"
ANSWERS = {
    "first": "first = 395",
    "double": "def double(x):\n    return 2 * x",
    "last": "last = (12, 7)",
    "words": "Because the state stays 0.",
}
CELLS = {
    "first": "first = None\n### BEGIN SOLUTION\nfirst = 395\n### END SOLUTION",
    "first-check": "say('first', first == 395)\n"
    "### BEGIN HIDDEN TESTS\nassert first == 395\n### END HIDDEN TESTS",
    "double": "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n"
    "    ### END SOLUTION",
    "double-check": "say('double', double(2) == 4)\n"
    "### BEGIN HIDDEN TESTS\nassert double(-7) == -14\n### END HIDDEN TESTS",
    "last": "last = None\n### BEGIN SOLUTION\nlast = (12, 7)\n### END SOLUTION",
    "last-check": "say('last', last == (12, 7))\n"
    "### BEGIN HIDDEN TESTS\nassert last == (12, 7)\n### END HIDDEN TESTS",
}
POINTS = {"first-check": 1, "double-check": 2, "last-check": 1}


class Short(Assignment):
    """An assignment with the short course's cells."""

    def solved(self):
        cells = [new_markdown_cell("# Bài tập", id="intro-1")]
        cells.append(new_code_cell(SAY, id="imports"))
        for name, source in CELLS.items():
            kind = "check" if name in POINTS else "answer"
            mark = nbgrader_metadata(name, kind, POINTS.get(name, 0))
            cells.append(new_code_cell(source, id=name, metadata={"nbgrader": mark}))
        mark = nbgrader_metadata("words", "words", 2)
        words = new_markdown_cell("s = 0", id="words", metadata={"nbgrader": mark})
        course = {**self._asdict(), "role": "exercises"}
        return new_notebook(cells=[*cells, words], metadata={"course": course})


NAME = "rmsprop-vi-pytorch"
ASSIGNMENTS = {NAME: Short("rmsprop", "vi", "pytorch")}
FILE = ASSIGNMENTS[NAME].file


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The folder of a course whose assignment was made, and nothing handed in."""
    folder = tmp_path_factory.mktemp("released") / "grading"
    folder.mkdir()
    make_assignments(folder, ASSIGNMENTS)
    return folder


@pytest.fixture
def folder(released, tmp_path):
    """A copy of that folder."""
    return shutil.copytree(released, tmp_path / "grading", symlinks=True)


def blank(folder):
    """Return what a student gets."""
    return nbformat.read(folder / "release" / NAME / FILE, as_version=4)


def cell(notebook, name):
    """Return the cell of that name."""
    (found,) = (c for c in notebook.cells if c.id == name)
    return found


def answered(folder, **answers):
    """Return the notebook with the right answers, but for those given; None is none."""
    notebook = blank(folder)
    for name, source in {**ANSWERS, **answers}.items():
        if source is not None:
            cell(notebook, name).source = source
    return notebook


def hand_in(folder, student, handed_in):
    """Put a notebook, a text or nothing where collecting would put it."""
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True, exist_ok=True)
    if isinstance(handed_in, str):
        (place / FILE).write_text(handed_in, "utf-8")
    elif handed_in is not None:
        nbformat.write(handed_in, place / FILE)


def graded(folder, seconds=20):
    """Grade what was handed in and return the rows of grades.csv, {student: row}."""
    grade(folder, ASSIGNMENTS, seconds=seconds)
    write_grades(folder, ASSIGNMENTS)
    return rows(folder)


def rows(folder):
    with (folder / "grades.csv").open(encoding="utf-8-sig") as file:
        found = [row for row in csv.DictReader(file) if row["assignment"] == NAME]
    return {row["student"]: row for row in found}
