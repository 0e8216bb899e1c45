"""A class of submissions gets the grades that a careful person would give, or a note.

All are graded together, once: none stops the others, each has what it earned.
"""

import copy
import shutil

import pytest

from tests.classroom.conftest import (
    ANSWERS,
    FILE,
    answered,
    cell,
    graded,
    hand_in,
)

# nbgrader was written for an SQLAlchemy that did not say this.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")

NO_ASSERT = """\
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Drop())
"""
WARNS = """\
import logging, sys, warnings
def double(x):
    warnings.warn("deprecated")
    logging.error("to be seen")
    print("50 %", file=sys.stderr)
    return 2 * x
"""
STUBBORN = """\
import time
while True:
    try:
        time.sleep(1)
    except KeyboardInterrupt:
        pass
"""
FORGED_VALUE = """\
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.ast_node_interactivity = "all"
class Full:
    def __eq__(self, other): return self
    def __repr__(self): return "1"
say = lambda *_: Full()
last = None
"""
CLEARS = """\
from IPython.display import clear_output
get_ipython().events.register("post_run_cell", lambda _: clear_output())
last = None
"""


def split(notebook):
    """Split an answer in two as JupyterLab does it: both parts have the metadata."""
    second = cell(notebook, "double")
    first = copy.deepcopy(second)
    first.id = "a-new-id"
    second.source = "print(double(3))"
    notebook.cells.insert(notebook.cells.index(second), first)


def copied(notebook):
    """Answer in words in a copy above the cell, and leave the cell as it was."""
    below = cell(notebook, "words")
    above = copy.deepcopy(below)
    above.id, above.source = "a-new-id", ANSWERS["words"]
    notebook.cells.insert(notebook.cells.index(below), above)


def removed(notebook):
    notebook.cells = [c for c in notebook.cells if not c.id.endswith("-check")]


def gutted(notebook):
    """Keep the imports and one answer, at the end."""
    notebook.cells = [cell(notebook, "imports"), cell(notebook, "last")]


def stripped(notebook):
    """Lose all metadata, as on a service that does not keep them."""
    for each in notebook.cells:
        each.metadata = {}


def own_check(notebook):
    cell(notebook, "double-check").source = "print('✓')"


def skipped(notebook):
    cell(notebook, "last-check").metadata["tags"] = ["skip-execution"]


def raw(notebook):
    check = cell(notebook, "last-check")
    check.cell_type = "raw"
    check.pop("outputs")
    check.pop("execution_count")


NONE = dict.fromkeys(ANSWERS)
# What each answered and did, the points of the checks, whether there are words to be
# read, and the note.
CLASS = {
    "perfect": ({}, None, 4, "yes", ""),
    "empty": (NONE, None, 0, "no", ""),
    "half": ({"double": None, "words": None}, None, 2, "no", ""),
    "wrong": ({"double": "def double(x):\n    return x * x"}, None, 2, "yes", ""),
    "split": ({}, split, 4, "yes", ""),
    "copied": ({"words": None}, copied, 4, "yes", ""),
    "warnings": ({"double": WARNS}, None, 4, "yes", ""),
    "removed": ({}, removed, 4, "yes", ""),
    "gutted": ({}, gutted, 1, "no", ""),
    "stripped": ({}, stripped, 4, "yes", ""),
    "endless": ({"double": "while True: pass"}, None, 2, "yes", ""),
    "stubborn": ({"double": STUBBORN}, None, 2, "yes", ""),
    "prints": ({"double": "while True: print('x' * 1000)"}, None, 2, "yes", ""),
    "killed": ({"double": "import os; os._exit(1)"}, None, 2, "yes", ""),
    "no-python": ({"double": "this is (not"}, None, 2, "yes", ""),
    "own-check": ({"double": None}, own_check, 2, "yes", ""),
    "skipped": ({"last": None}, skipped, 3, "yes", ""),
    "raw": ({"last": None}, raw, 3, "yes", ""),
    "clears": ({"last": CLEARS}, None, 3, "yes", ""),
    "value": ({"last": FORGED_VALUE}, None, 3, "yes", ""),
    "forged": (
        {"first": f"{NO_ASSERT}first = 395", "last": "last = 1"},
        None,
        4,
        "yes",
        "last-check: points without ✓; its checks cannot fail",
    ),
    "forges-marks": (
        {"first": f"{NO_ASSERT}first = 1\nsay = lambda *_: print('✓')", "last": None},
        None,
        4,
        "yes",
        "last-check: points for an unchanged answer; its checks cannot fail",
    ),
    "kills": (
        {"double": "import os; os.kill(os.getppid(), 9)"},
        None,
        0,
        "",
        "ApartError: it ended what ran it",
    ),
}
# What is no notebook, and the note.
BROKEN = {
    "garbage": ("{not json", f"{FILE} is no notebook (NotJSONError)"),
    "nothing": (None, f"{FILE} is missing"),
}


@pytest.fixture(scope="module")
def grades(released, tmp_path_factory):
    """The rows of grades.csv, {student: row}."""
    place = tmp_path_factory.mktemp("class") / "grading"
    folder = shutil.copytree(released, place, symlinks=True)
    for student, (answers, change, *_) in CLASS.items():
        notebook = answered(folder, **answers)
        if change:
            change(notebook)
        hand_in(folder, student, notebook)
    for student, (text, _) in BROKEN.items():
        hand_in(folder, student, text)
    return graded(folder)


@pytest.mark.parametrize("student", CLASS)
def test_each_scores_what_it_earned(grades, student):
    *_, score, to_read, note = CLASS[student]
    row = grades[student]
    told = row["note"].removesuffix(" Killed")  # a shell says it, where there is one
    found = float(row["score"]), row["answers_to_read"], told
    assert found == (score, to_read, note)
    assert float(row["max_score"]) == 6


@pytest.mark.parametrize("student", BROKEN)
def test_what_cannot_be_graded_says_why(grades, student):
    row = grades[student]
    assert (float(row["score"]), row["note"]) == (0, BROKEN[student][1])
