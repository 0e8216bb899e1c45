"""The grades as tables: for people, for Moodle and for Canvas."""

import csv
import os

from nbgrader.api import Gradebook, MissingEntry

from classroom.grading.course import GradeError
from classroom.grading.grade import find_submissions, load_notes

COLUMNS = ["student", "assignment", "submitted", "hours_late", "score", "max_score"]
COLUMNS += ["answers_to_read", "note"]


def harmless(value):
    """Return a cell of a table; what a spreadsheet would compute becomes a text."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def write_table(path, rows, encoding="utf-8"):
    """Write a CSV file, under its name only when it is whole."""
    beside = path.with_name(f"{path.name}.part")
    with beside.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)
    os.replace(beside, path)


def submission_row(book, folder, student, assignment, note):
    """Return the row of a submission, as the columns have it."""
    most = book.find_assignment(assignment.name).max_score
    graded = (folder / "autograded" / student / assignment.name).is_dir()
    try:
        found = book.find_submission(assignment.name, student)
    except MissingEntry:
        found = None
    if found is None or not graded:  # the book may have what an earlier one earned
        row = ["", "", 0.0, most, "", note or "not graded"]
    else:
        score = max(0.0, found.score - found.late_submission_penalty)
        to_read = "yes" if found.needs_manual_grade else "no"
        hours = round(found.total_seconds_late / 3600, 1)
        row = [found.timestamp or "", hours, score, most, to_read, note]
    return [student, assignment.name, *row]


def read_roster(book):
    """Return what the gradebook knows of the students, {name: (first, last, …)}."""
    keys = ["first_name", "last_name", "email", "lms_user_id"]
    return {s.id: [getattr(s, key) or "" for key in keys] for s in book.students}


def write_grades(folder, assignments):
    """Write `grades.csv`, `moodle.csv` and `canvas.csv`; return the rows of the first.

    Of a lesson that a student did in several frameworks or languages the best counts.
    """
    if not (folder / "gradebook.db").exists():
        raise GradeError("There are no assignments yet: run `make assignment` first.")
    notes, rows, best, most = load_notes(folder), [], {}, {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for student, assignment in find_submissions(folder, assignments):
            note = notes.get(student, {}).get(assignment.name, "")
            row = submission_row(book, folder, student, assignment, note)
            rows.append(row)
            scores = best.setdefault(student, {})
            scores[assignment.lesson] = max(row[4], scores.get(assignment.lesson, 0.0))
        for name, assignment in assignments.items():
            most[assignment.lesson] = book.find_assignment(name).max_score
        roster = read_roster(book)
    for student, scores in best.items():
        total = [sum(scores.values()), sum(most.values())]
        rows.append([student, "total", "", "", *total, "", ""])
    rows.sort(key=lambda row: row[0])  # the total stays behind what it adds up
    write_table(folder / "grades.csv", [COLUMNS, *rows], "utf-8-sig")
    moodle = [["username", "firstname", "lastname", "email", *most]]
    canvas = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *most],
        ["    Points Possible", "", "", "", "", *most.values()],
    ]
    for name in sorted({*roster, *best}):
        first, last, email, number = roster.get(name, [""] * 4)
        scores = [best.get(name, {}).get(lesson, "") for lesson in most]
        moodle.append([name, first, last, email, *scores])
        full = ", ".join(filter(None, [last, first])) or name
        canvas.append([full, number, "", name, "", *scores])
    write_table(folder / "moodle.csv", moodle)
    write_table(folder / "canvas.csv", canvas)
    return rows
