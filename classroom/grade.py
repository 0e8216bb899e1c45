"""Hand out the exercises and grade what comes back, with nbgrader.

`make assignment` makes what students get; `make collect` fetches their notebooks from
the homes of a lab server; `make grade` grades them into `grading/grades.csv`. Each
pair of language and framework is an assignment of nbgrader, such as `vi-pytorch`:

    grading/release/vi-pytorch/exercises-pytorch.ipynb           what students get
    grading/submitted/an/vi-pytorch/exercises-pytorch.ipynb      what came from `an`
"""

import argparse
import contextlib
import csv
import grp
import os
import pwd
import subprocess
import sys
import time

import nbformat
from nbclient.exceptions import DeadKernelError
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from traitlets import Integer
from traitlets.config import Config

from weave.assemble import assemble
from weave.lessons import LANGUAGES, ROOT, load_editions, load_frameworks

FOLDER = ROOT / "grading"
SECONDS = 600  # for a submission; its slowest cell, a training, takes about one minute
LARGEST = "64M"  # of a submission
PATIENCE = 60  # seconds in which a file of a student has to be read


class GradeError(Exception):
    """What keeps from grading, and what to do, in a sentence."""


class ExecuteWithin(Execute):
    """Execute a submission in a limited time, whatever its cells do.

    A cell may take a quarter of ``seconds``; when all are used up, each cell that is
    left gets one. A cell that ends the kernel is set aside, and the rest runs again,
    unless the time is over or the kernel ends in a cell that was set aside already.
    """

    seconds = Integer(SECONDS, help="for a submission").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self._end = time.monotonic() + self.seconds
        self.timeout_func = self._left
        aside = {None}  # before the first cell none is to blame
        while True:
            self._index = None
            try:
                return super().preprocess(nb, resources, km)
            except DeadKernelError:
                if self._index in aside or time.monotonic() > self._end:
                    raise
                aside.add(self._index)
                cell = nb.cells[self._index]
                quoted = "\n".join(f"# {line}" for line in cell.source.splitlines())
                cell.source = f"raise SystemError('it ended the kernel')\n{quoted}"

    def preprocess_cell(self, cell, resources, index):
        self._index = index
        return super().preprocess_cell(cell, resources, index)

    def _left(self, _cell):
        return max(1, int(min(self.seconds / 4, self._end - time.monotonic())))


def assignments():
    """Return the names of the assignments, {name: (language, framework)}."""
    return {
        f"{language}-{framework}": (language, framework)
        for language in LANGUAGES
        for framework in load_frameworks()
    }


def api(folder, seconds=SECONDS):
    """Return nbgrader's own interface to the course in ``folder``."""
    programs = os.path.dirname(sys.executable)  # nbgrader looks for alembic on PATH
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.ExecuteWithin.seconds = seconds
    config.Autograde.autograde_preprocessors = [
        ExecuteWithin if step is Execute else step
        for step in Autograde.autograde_preprocessors.default()
    ]
    return NbGraderAPI(config=config)


def make_assignments(folder, names):
    """Write what students get, into ``folder / "release"``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    course = api(folder)
    for name, (language, framework) in names.items():
        source = folder / "source" / name / f"exercises-{framework}.ipynb"
        source.parent.mkdir(parents=True, exist_ok=True)
        solutions = load_editions()["rmsprop-solutions"]
        nbformat.write(assemble(solutions, language, framework), source)
        made = course.generate_assignment(name, force=True, create=True)
        if not made["success"]:
            raise GradeError(f"{name} could not be made: {last_line(made)}")
        print(f"{folder.name}/release/{name}")


@contextlib.contextmanager
def rights_of_owner(folder):
    """Take from root, within the context, all rights but those of a folder's owner.

    What students wrote is run by that account and may leave links in the folder: they
    shall lead nowhere that the account could not go itself.
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


def check_owner(folder):
    """Raise GradeError if root would follow the links of another account."""
    if os.geteuid() == 0 and folder.exists() and folder.lstat().st_uid != 0:
        raise GradeError(
            f"{folder} belongs to another account, whose links root would follow: run "
            "this under that account (see classroom/README.md)."
        )


def members(group):
    """Return who is in a group of this machine, as their first group or a further."""
    try:
        entry = grp.getgrnam(group)
    except KeyError:
        raise GradeError(
            f"There is no group {group!r}: give it as HUB_GROUP."
        ) from None
    first = {user.pw_name for user in pwd.getpwall() if user.pw_gid == entry.gr_gid}
    return sorted(first.union(entry.gr_mem))


def read_as(account, path):
    """Return the bytes of a file of a student's copy, or None if there is none."""
    # As the student: a link of theirs leads nowhere that they cannot go.
    read = subprocess.run(
        ["head", "-c", LARGEST, f"{account.pw_dir}/rmsprop/{path}"],
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        env={"PATH": os.defpath},  # the student can read it
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,  # a FIFO never ends
    )
    return read.stdout if read.returncode == 0 else None


def collect(folder, names, group):
    """Copy the notebooks of a group's members from their homes on this machine."""
    if os.geteuid() != 0:
        raise GradeError(
            "Collecting reads each home under the account of its student: run it as "
            "root."
        )
    folder.mkdir(mode=0o700, exist_ok=True)
    with rights_of_owner(folder):
        folder.chmod(0o700)
    nothing = []
    for student in members(group):
        taken, untouched, problem = 0, 0, ""
        try:
            account = pwd.getpwnam(student)
            for name, (language, framework) in names.items():
                file = f"exercises-{framework}.ipynb"
                text = read_as(account, f"{language}/{file}")
                if text is None:
                    continue
                if text == (ROOT / "notebooks" / language / file).read_bytes():
                    untouched += 1
                    continue
                target = folder / "submitted" / student / name / file
                with rights_of_owner(folder):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.unlink(missing_ok=True)  # it may be a link, or a FIFO
                    target.write_bytes(text)
                taken += 1
        except KeyError:
            problem = "; there is no such account"
        except subprocess.TimeoutExpired:
            problem = f"; {language}/{file} was not read in {PATIENCE} s, nor the rest"
        except OSError as error:
            problem = f"; then {error}"
        left = f", {untouched} untouched copies left out" if untouched else ""
        print(f"{student}: {taken} files{left}{problem}", flush=True)
        if not taken:
            nothing.append(student)
    if nothing:
        print(f"Nothing was taken from {', '.join(nothing)}.")


def grade(folder, names, seconds=SECONDS):
    """Grade every submission, write ``grades.csv`` and return what went wrong."""
    if not (folder / "gradebook.db").exists():
        raise GradeError("There are no assignments yet: run `make assignment` first.")
    folder.chmod(0o700)
    course, notes = api(folder, seconds), {}
    for name in names:
        for path in sorted((folder / "submitted").glob(f"*/{name}")):
            student = path.parent.name
            note = unreadable(path / f"exercises-{names[name][1]}.ipynb")
            if not note:
                done = course.autograde(name, student, force=True, create=True)
                note = None if done["success"] else last_line(done)
            if note:
                notes[student, name] = note
            print(f"{student} {name}: {note or 'graded'}", flush=True)
    rows = []
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for path in sorted((folder / "submitted").glob("*/*")):
            student, name = path.parent.name, path.name
            if name not in names:
                continue
            score, to_read = 0.0, ""
            try:
                submission = book.find_submission(name, student)
                score = submission.score
                to_read = "yes" if submission.needs_manual_grade else "no"
            except MissingEntry:
                notes.setdefault((student, name), "not graded")
            most = book.find_assignment(name).max_score
            note = notes.get((student, name), "")
            if note:  # the book may still have what an earlier submission earned
                score, to_read = 0.0, ""
            rows.append([student, name, score, most, to_read, note])
    beside = folder / "grades.csv.part"
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["student", "assignment", "score", "max_score", "answers_to_read", "note"]
        )
        writer.writerows(rows)
    os.replace(beside, folder / "grades.csv")
    print(
        f"{folder.name}/grades.csv: {len(rows)} submissions, {len(notes)} with a note"
    )
    return notes


def unreadable(path):
    """Return why a submitted file cannot be graded, or None."""
    try:
        nbformat.validate(nbformat.read(path, as_version=4))
    except FileNotFoundError:
        return f"{path.name} is missing"
    except Exception as error:  # nbformat raises whatever it stumbles over
        return f"{path.name} is no notebook ({type(error).__name__})"
    return None


def last_line(result):
    """Return the last thing that nbgrader said of a failure."""
    told = (result.get("error") or result.get("log") or "no reason given").strip()
    return told.splitlines()[-1]


def main():
    """Do one of the three; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["assignment", "collect", "grade"])
    parser.add_argument("--group", default="students", help="whose homes to collect")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="per submission")
    options = parser.parse_args()
    names = assignments()
    for secret in ("CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET"):
        os.environ.pop(secret, None)  # what students wrote would inherit the hub's
    os.umask(0o077)  # solutions, work and grades are for nobody else to read
    try:
        if options.what != "collect":
            check_owner(FOLDER)
        if options.what == "assignment":
            make_assignments(FOLDER, names)
        elif options.what == "collect":
            collect(FOLDER, names, options.group)
        elif os.geteuid() == 0 and not os.environ.get("GRADE_AS_ROOT"):
            raise GradeError(
                "Grading runs what students wrote, and root may do anything. Grade "
                "under an account that owns nothing but the folder of the course (see "
                "classroom/README.md), or say GRADE_AS_ROOT=1."
            )
        else:
            grade(FOLDER, names, options.seconds)
    except (GradeError, OSError) as error:
        return f"make: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
