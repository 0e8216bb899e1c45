"""Hand the course out: `handout.py FOLDER`, run by each student's own account.

Lessons and exercises are copied, solutions only of the lessons that COURSE_SOLUTIONS
names, all without outputs if COURSE_OUTPUTS is `no`; a notebook's metadata says which
it is. What is missing is copied, and what the student left as it was is brought up to
date; where a cell was changed, the file is the student's and stays.
It ends by printing the notebook that the student chose, if there is one.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
CHOICES = ("lesson", "language", "framework")
RECORD = ".handed-out.json"  # {path: [what its cells said, its bytes] when copied}


def handed_out(env):
    """Yield (path, what the course says of it, bytes) of each notebook for students.

    The environment ``env`` says of which lessons the solutions are released, and
    whether there are outputs.
    """
    released = env.get("COURSE_SOLUTIONS", "").split()
    for file in sorted(NOTEBOOKS.glob("*/*.ipynb")):
        try:
            data = file.read_bytes()
        except PermissionError:
            continue  # a teacher keeps it from this account
        about = json.loads(data)["metadata"].get("course", {})
        role, lesson = about.get("role"), about.get("lesson")
        if role in ("lesson", "exercises") or (
            role == "solutions" and lesson in released
        ):
            if env.get("COURSE_OUTPUTS") == "no":
                data = without_outputs(data)
            yield file.relative_to(NOTEBOOKS).as_posix(), about, data


def without_outputs(data):
    """Return a notebook, as bytes, as it was before any cell was run."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode()


def fingerprint(data):
    """Return two hashes: of what the cells of a notebook say, and of all its bytes."""
    cells = json.loads(data)["cells"]
    said = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    return [hashlib.sha256(x).hexdigest() for x in (json.dumps(said).encode(), data)]


def hand_out(mine, notebooks):
    """Copy to the folder ``mine`` what is missing there, or older and untouched."""
    record = mine / RECORD
    try:
        copied = json.loads(record.read_text())
    except (OSError, ValueError):
        copied = {}  # the first time; a student may also have deleted or changed it
    for path, _, data in notebooks:
        target = mine / path
        try:
            if target.exists():
                known = copied.get(path)  # before there were two hashes, the first
                said, whole = known if isinstance(known, list) else (known, None)
                old, new = fingerprint(target.read_bytes()), fingerprint(data)
                # Changed by the student, or run since and nothing new to bring.
                if old[0] != said or new[1] in (old[1], whole):
                    continue
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target, data)
            copied[path] = fingerprint(data)
        except Exception as error:  # whatever is there under that name
            print(f"{target} was left as it is: {error!r}", file=sys.stderr)
    try:
        write(record, json.dumps(copied).encode())
    except OSError as error:
        print(f"{record} was not written: {error!r}", file=sys.stderr)


def write(target, data):
    """Write a file under its name only when it is whole: a disk may be full."""
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def chosen(notebooks, env):
    """Return the path of the lesson that the environment names, or None."""
    wish = {name: env.get(f"COURSE_{name.upper()}") for name in CHOICES}
    for path, about, _ in notebooks:
        if about["role"] == "lesson" and wish == {
            name: about[name] for name in CHOICES
        }:
            return path
    return None


if __name__ == "__main__":
    everything = list(handed_out(os.environ))
    hand_out(Path(sys.argv[1]), everything)
    print(chosen(everything, os.environ) or "")
