"""Between the homes of the students of this machine and the folder of the course.

Everything in a home is read and written under the account of its student: a link leads
nowhere that the student could not go.
"""

import contextlib
import grp
import os
import pwd
import subprocess
import time

import nbformat

from classroom.grading.cells import is_untouched
from classroom.grading.course import GradeError, rights_of_owner

PLACE = "optimizers"  # a student's copy of the course, in the home
LARGEST = 16_000_000  # bytes of a notebook
MOST = 200  # notebooks that are looked at in a home
PATIENCE = 60  # seconds in which a student's file has to be read
LIST = """\
cd "$1" && find . -maxdepth 3 -type f -name '*.ipynb' ! -path '*/.*/*' \
    -printf '%C@ %s %P\\0' | head -c 1000000"""
WRITE = """\
umask 077 && mkdir -p "$1" && cat > "$1/.$2" && mv "$1/.$2" "$1/$2"
"""


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


def run_as(account, *command, text=b""):
    """Run a command under a student's account; return its output, None if it failed."""
    done = subprocess.run(
        command,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        env={"PATH": os.defpath},  # the student can read it
        input=text,
        capture_output=True,
        timeout=PATIENCE,  # a FIFO never ends
    )
    return done.stdout if done.returncode == 0 else None


def list_notebooks(account):
    """Return (path, time of the last change, size) of the notebooks in a home."""
    listed = run_as(account, "sh", "-c", LIST, "sh", f"{account.pw_dir}/{PLACE}")
    found = []
    for entry in (listed or b"").decode(errors="surrogateescape").split("\0")[:-1]:
        changed, size, path = entry.split(" ", 2)
        found.append((path, float(changed), int(size)))
    return sorted(found)


def parse(text):
    """Return the notebook in a text, or None if there is none or it is damaged."""
    try:
        notebook = nbformat.reads(text.decode(), as_version=4)
        whole = all(
            isinstance(cell.source, str) and isinstance(cell.metadata, dict)
            for cell in notebook.cells
        )
    except Exception:  # nbformat raises whatever it stumbles over
        return None
    return notebook if whole else None


def which(path, notebook, assignments):
    """Return the assignment that a student's notebook belongs to, or None.

    Its metadata tell; a file that is no notebook any more is known by its name.
    """
    course = {} if notebook is None else notebook.metadata.get("course", {})
    with contextlib.suppress(KeyError, TypeError):
        if course["role"] == "exercises":
            keys = course["lesson"], course["language"], course["framework"]
            return assignments.get("-".join(keys))
    if notebook is not None and course:
        return None
    blanks = {f"{a.language}/{a.file}": a for a in assignments.values()}
    return blanks.get(path)


def find_exercises(account, assignments):
    """Return ({assignment: [(is renamed, -time, path, text)]}, number of untouched,
    what was left with the reason)."""
    found, untouched, left = {}, 0, []
    listed = list_notebooks(account)
    if len(listed) > MOST:
        left.append(f"only {MOST} of {len(listed)} notebooks were looked at")
    for path, changed, size in listed[:MOST]:
        if size > LARGEST:
            left.append(f"{path} was left, it has more than {LARGEST // 10**6} MB")
            continue
        text = run_as(
            account,
            "head",
            "-c",
            str(LARGEST),
            "--",
            f"{account.pw_dir}/{PLACE}/{path}",
        )
        if text is None:
            continue
        notebook = parse(text)
        assignment = which(path, notebook, assignments)
        if assignment is None:
            continue
        blank = nbformat.read(assignment.blank, as_version=4)
        if notebook is not None and is_untouched(notebook, blank):
            untouched += 1
            continue
        renamed = path != f"{assignment.language}/{assignment.file}"
        found.setdefault(assignment, []).append((renamed, -changed, path, text))
    return found, untouched, left


def says_the_same(path, text):
    """Return whether what was collected before has the same cells."""
    if not path.is_file():
        return False
    before, now = parse(path.read_bytes()), parse(text)
    if before is None or now is None:
        return path.read_bytes() == text
    return [c.source for c in before.cells] == [c.source for c in now.cells]


def keep(folder, student, assignment, changed, text):
    """Write a submission and when it was handed in, unless it was collected before."""
    target = folder / "submitted" / student / assignment.name / assignment.file
    with rights_of_owner(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink() or not says_the_same(target, text):
            target.unlink(missing_ok=True)  # it may be a link, or a FIFO
            target.write_bytes(text)
            stamp = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(changed))
            target.with_name("timestamp.txt").unlink(missing_ok=True)
            target.with_name("timestamp.txt").write_text(f"{stamp}\n")


def check_root(doing):
    """Raise GradeError unless root started this."""
    if os.geteuid() != 0:
        raise GradeError(
            f"{doing} each home under the account of its student: run it as root."
        )


def collect(folder, assignments, group):
    """Copy the exercises of a group's members from their homes on this machine."""
    check_root("Collecting reads")
    nothing = []
    for student in members(group):
        told, taken = [], 0
        try:
            account = pwd.getpwnam(student)
            found, untouched, told = find_exercises(account, assignments)
            for assignment, copies in found.items():
                renamed, changed, path, text = min(copies)
                keep(folder, student, assignment, -changed, text)
                taken += 1
                number = f", 1 of {len(copies)}," if len(copies) > 1 else ""
                if renamed or number:
                    told.append(f"{path}{number} was taken for {assignment.name}")
            if untouched:
                told.insert(0, f"{untouched} untouched copies left out")
        except KeyError:
            told = ["there is no such account"]
        except subprocess.TimeoutExpired:
            told.append(f"a file was not read in {PATIENCE} s, nor the rest")
        except OSError as error:
            told.append(f"then {error}")
        print("; ".join([f"{student}: {taken} files", *told]), flush=True)
        if not taken:
            nothing.append(student)
    if nothing:
        print(f"Nothing was taken from {', '.join(nothing)}.")


def give_back(folder, pages, group):
    """Write the pages with feedback, (student, name, path), into the homes."""
    check_root("Feedback is written into")
    here = set(members(group))
    for student, name, path in pages:
        if student not in here:
            print(f"{student}: {name} stays in {folder.name}/feedback, no such member")
            continue
        with rights_of_owner(folder):
            text = path.read_bytes()
        account = pwd.getpwnam(student)
        place = f"{account.pw_dir}/{PLACE}/feedback"
        try:
            done = run_as(
                account, "sh", "-c", WRITE, "sh", place, f"{name}.html", text=text
            )
        except subprocess.TimeoutExpired:
            done = None
        told = f"feedback/{name}.html" if done is not None else "could not be written"
        print(f"{student}: {told}", flush=True)
