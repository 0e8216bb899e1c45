"""Grade what was handed in, and write feedback and tables."""

import json
import os
import shutil

import nbformat

from classroom.grading.apart import ApartError, run_apart
from classroom.grading.cells import doubts
from classroom.grading.course import GradeError, back_up, open_course, reason


def unreadable(path):
    """Return why a submitted file cannot be graded, or None."""
    try:
        nbformat.validate(nbformat.read(path, as_version=4))
    except FileNotFoundError:
        return f"{path.name} is missing"
    except Exception as error:  # nbformat raises whatever it stumbles over
        return f"{path.name} is no notebook ({type(error).__name__})"
    return None


def find_submissions(folder, assignments, student=None):
    """Return (student, assignment) for what was handed in, by all or by one."""
    found = [
        (path.parent.name, assignments[path.name])
        for path in sorted((folder / "submitted").glob("*/*"))
        if path.name in assignments and student in (None, path.parent.name)
    ]
    if student and not found:
        raise GradeError(f"Nothing was handed in by {student!r}: run `make collect`.")
    return found


def grade_one(course, folder, student, assignment):
    """Grade a submission and return a note, "" if all is well."""
    place = f"{student}/{assignment.name}/{assignment.file}"
    if note := unreadable(folder / "submitted" / place):
        # What an earlier submission earned is no longer what was handed in.
        shutil.rmtree((folder / "autograded" / place).parent, ignore_errors=True)
        return note
    done = course.autograde(assignment.name, student, force=True, create=True)
    if not done["success"]:
        return reason(done)
    graded = nbformat.read(folder / "autograded" / place, as_version=4)
    released = folder / "release" / assignment.name / assignment.file
    return "; ".join(doubts(graded, nbformat.read(released, as_version=4)))


def load_notes(folder):
    """Return what was noted of submissions, {student: {assignment: note}}."""
    path = folder / "notes.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def grade(folder, assignments, student=None, seconds=None):
    """Grade every submission, or those of one student; return all notes."""
    if not (folder / "gradebook.db").exists():
        raise GradeError("There are no assignments yet: run `make assignment` first.")
    submissions = find_submissions(folder, assignments, student)
    try:
        run_apart(["1"], 60)
    except (ApartError, OSError) as error:
        raise GradeError(
            f"What students wrote cannot be run apart here: {error}. Root needs "
            "Linux and the right to make namespaces, which containers often lack."
        ) from None
    back_up(folder)
    course, notes = open_course(folder, seconds), load_notes(folder)
    for student, assignment in submissions:
        note = grade_one(course, folder, student, assignment)
        notes.setdefault(student, {})[assignment.name] = note
        print(f"{student} {assignment.name}: {note or 'graded'}", flush=True)
        beside = folder / "notes.json.part"
        beside.write_text(json.dumps(notes, ensure_ascii=False), "utf-8")
        os.replace(beside, folder / "notes.json")
    return notes


def make_feedback(folder, assignments):
    """Write a page for each graded submission; return [(student, name, path)]."""
    course, pages = open_course(folder), []
    for student, assignment in find_submissions(folder, assignments):
        name = assignment.name
        if not (folder / "autograded" / student / name).is_dir():
            continue
        done = course.generate_feedback(name, student, force=True)
        if not done["success"]:
            raise GradeError(f"{student} {name} got no feedback: {reason(done)}")
        page = folder / "feedback" / student / name / assignment.file
        pages.append((student, name, page.with_suffix(".html")))
    return pages
