"""The assignments, and nbgrader's interface to them.

Each exercise, language and framework is an assignment, such as `rmsprop-vi-pytorch`:

    grading/release/rmsprop-vi-pytorch/rmsprop-exercises-pytorch.ipynb
    grading/submitted/an/rmsprop-vi-pytorch/rmsprop-exercises-pytorch.ipynb
"""

import contextlib
import os
import re
import sqlite3
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import nbformat
import sqlalchemy.exc
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from classroom.grading.apart import ApartError
from weave.assemble import assemble
from weave.lessons import (
    LANGUAGES,
    ROOT,
    Edition,
    is_told,
    load_editions,
    load_frameworks,
    notebook_path,
)

FOLDER = ROOT / "grading"
CONFIG = Path(__file__).with_name("nbgrader_config.py")
BACKUPS = 20
# nbgrader was written for an SQLAlchemy that did not say this.
warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)


class GradeError(Exception):
    """What keeps from grading, and what to do, in a sentence."""


class Assignment(NamedTuple):
    """One exercise in one language and framework."""

    lesson: str
    language: str
    framework: str

    @property
    def name(self):
        return f"{self.lesson}-{self.language}-{self.framework}"

    @property
    def blank(self):
        """The notebook that students get on the hub."""
        edition = Edition(self.lesson, "exercises")
        return notebook_path(edition, self.language, self.framework)

    @property
    def file(self):
        return self.blank.name

    def solved(self):
        """Return what students get, with the solutions and hidden tests put in."""
        blank, solved = (
            assemble(Edition(self.lesson, role), self.language, self.framework)
            for role in ("exercises", "solutions")
        )
        for cell, answer in zip(blank.cells, solved.cells):
            if "nbgrader" in cell.metadata:
                cell.source = answer.source
        return blank


def load_assignments():
    """Return the assignments of the course, {name: Assignment}."""
    found = [
        Assignment(edition.lesson, language, framework)
        for edition in load_editions().values()
        if edition.role == "exercises"
        for language in LANGUAGES
        for framework in load_frameworks(edition.lesson)
        if is_told(edition, framework)
    ]
    return {assignment.name: assignment for assignment in found}


def open_course(folder, seconds=None):
    """Return nbgrader's own interface to the course in ``folder``."""
    programs = os.path.dirname(sys.executable)  # nbgrader looks for alembic on PATH
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
    config = PyFileConfigLoader(CONFIG.name, path=str(CONFIG.parent)).load_config()
    config.CourseDirectory.root = str(folder)
    config.Restore.released = str(folder / "release")
    config.Exchange.root = str(folder / "exchange")
    if seconds:
        config.ExecuteApart.seconds = seconds
    return NbGraderAPI(config=config)


@contextlib.contextmanager
def rights_of_owner(folder):
    """Take from root, within the context, all rights but those of a folder's owner.

    Who grades may leave links in the folder: they shall lead nowhere that the account
    could not go itself.
    """
    owner, groups = folder.lstat(), os.getgroups()
    other = os.geteuid() == 0 and owner.st_uid != 0
    if other:
        os.setgroups([])
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        if other:
            os.seteuid(0)
            os.setegid(os.getgid())
            os.setgroups(groups)


def back_up(folder):
    """Copy the gradebook into ``folder / "backup"``, and keep the last few copies."""
    if not (folder / "gradebook.db").exists():
        return
    (folder / "backup").mkdir(exist_ok=True)
    copy = folder / "backup" / time.strftime("gradebook-%Y%m%d-%H%M%S.db")
    with (
        contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as book,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        book.backup(target)
    for old in sorted((folder / "backup").glob("gradebook-*.db"))[:-BACKUPS]:
        old.unlink()


def reason(result):
    """Return what nbgrader's log gives as the reason of a failure."""
    log = result.get("log") or result.get("error") or "no reason was given"
    # After the trace come lines that say that there is one.
    trace = re.split(r"\[\w+\] (?:Removing failed |There was an error.* for )", log)[0]
    last = trace.strip().splitlines()[-1].strip()
    return last.removeprefix("[ERROR] ").removeprefix(f"{ApartError.__module__}.")


def make_assignments(folder, assignments):
    """Write what students get, into ``folder / "release"``."""
    back_up(folder)
    link = folder / CONFIG.name
    if not link.is_symlink():
        link.symlink_to(CONFIG)
    (folder / "exchange").mkdir(exist_ok=True)
    course = open_course(folder)
    for name, assignment in assignments.items():
        source = folder / "source" / name / assignment.file
        source.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment.solved(), source)
        made = course.generate_assignment(name, force=True, create=True)
        if not made["success"]:
            raise GradeError(f"{name} could not be made: {reason(made)}")
        print(f"{folder.name}/release/{name}")
