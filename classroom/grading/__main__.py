"""`make assignment`, `collect`, `grade`, `grades` and `feedback`."""

import argparse
import os
import sys
from pathlib import Path

from classroom.grading import apart, homes
from classroom.grading.course import (
    FOLDER,
    GradeError,
    load_assignments,
    make_assignments,
    rights_of_owner,
)
from classroom.grading.grade import grade, make_feedback
from classroom.grading.tables import write_grades
from weave.lessons import LessonError


def tabulate(folder, assignments):
    """Write the tables, and say so."""
    rows = write_grades(folder, assignments)
    noted = sum(1 for row in rows if row[-1])
    print(f"{folder.name}/grades.csv, moodle.csv, canvas.csv; {noted} with a note")


def check_python():
    """Raise GradeError if the account that does the work cannot import anything."""
    try:
        Path(os.__file__).read_bytes(), Path(apart.__file__).read_bytes()
    except PermissionError as error:
        raise GradeError(
            f"The account that owns {FOLDER} cannot read {error.filename}: keep Python "
            "and the course where all may read, in /usr and /srv, for example."
        ) from None


def do(what, folder, assignments, group, student):
    """Do one of the five, as root or as the owner of the folder."""
    if what == "collect":
        return homes.collect(folder, assignments, group)
    with rights_of_owner(folder):
        if what == "assignment":
            make_assignments(folder, assignments)
        elif what == "grade":
            if not apart.is_root():
                print(apart.UNPROTECTED, file=sys.stderr)
            grade(folder, assignments, student)
            tabulate(folder, assignments)
        elif what == "grades":
            tabulate(folder, assignments)
        else:
            pages = make_feedback(folder, assignments)
            print(f"{folder.name}/feedback: {len(pages)} pages")
    if what == "feedback" and apart.is_root():
        homes.give_back(folder, pages, group)


def main():
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="make", description=__doc__)
    choices = ["assignment", "collect", "grade", "grades", "feedback"]
    parser.add_argument("what", choices=choices)
    parser.add_argument("--group", default="students", help="whose homes")
    parser.add_argument("--student", help="grade this one only")
    options = parser.parse_args()
    for secret in ("CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET"):
        os.environ.pop(secret, None)  # who grades would inherit the hub's
    os.umask(0o077)  # solutions, work and grades are for nobody else to read
    try:
        FOLDER.mkdir(exist_ok=True)
        with rights_of_owner(FOLDER):
            FOLDER.chmod(0o700)
            check_python()
        do(options.what, FOLDER, load_assignments(), options.group, options.student)
    except (GradeError, LessonError, OSError) as error:
        return f"make: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
