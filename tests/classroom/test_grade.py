"""Around the grading of a submission: assignments, deadlines, backups, tables."""

import csv
import os
import shutil
import sqlite3
import time

import nbformat
import pytest
from nbgrader.api import Gradebook

import weave.lessons
from classroom.grading import __main__ as command
from classroom.grading import apart
from classroom.grading import grade as grading
from classroom.grading.course import (
    GradeError,
    back_up,
    load_assignments,
    make_assignments,
    open_course,
)
from classroom.grading.tables import write_grades
from tests.classroom.conftest import (
    ASSIGNMENTS,
    FILE,
    NAME,
    answered,
    cell,
    hand_in,
    rows,
)
from weave.assemble import assemble
from weave.lessons import Edition

# nbgrader was written for an SQLAlchemy that did not say this.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


@pytest.fixture
def without_kernel(monkeypatch):
    """Every check passes, and nothing is executed."""

    def run(sources, _seconds):
        ran.append(sources)
        error = nbformat.v4.new_output("error", ename="AssertionError", evalue="")
        error.traceback = []
        said = nbformat.v4.new_output("stream", name="stdout", text="✓")
        return [*[[said] for _ in sources[1:]], [error]]

    ran = []
    monkeypatch.setattr(apart, "run_apart", run)
    monkeypatch.setattr(grading, "run_apart", run)
    return ran


def run_make(monkeypatch, folder, *words):
    """Run `make …` on a folder; return the exit status."""
    monkeypatch.setattr(command, "FOLDER", folder)
    monkeypatch.setattr(command, "load_assignments", lambda: ASSIGNMENTS)
    monkeypatch.setattr("sys.argv", ["make", *words])
    before = os.umask(0o022)
    try:
        return command.main()
    finally:
        os.umask(before)


# What is handed out


def test_what_students_get_is_what_the_hub_hands_out(tmp_path):
    assignments = load_assignments()
    for language in ("en", "vi"):
        name = f"rmsprop-{language}-pytorch"
        make_assignments(tmp_path, {name: assignments[name]})
        path = tmp_path / "release" / name / "rmsprop-exercises-pytorch.ipynb"
        released = nbformat.read(path, as_version=4)
        hub = assemble(Edition("rmsprop", "exercises"), language, "pytorch")
        assert released.metadata.course == hub.metadata.course
        assert [c.id for c in released.cells] == [c.id for c in hub.cells]
        assert [c.source for c in released.cells] == [c.source for c in hub.cells]


def test_what_students_get_has_no_solution_and_no_hidden_test(released):
    text = (released / "release" / NAME / FILE).read_text("utf-8")
    assert "Viết mã của bạn ở đây" in text
    for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "first = 395", "-14"):
        assert secret not in text


def test_an_assignment_is_known_by_its_role(tmp_path, monkeypatch):
    lessons = shutil.copytree(weave.lessons.SOURCE, tmp_path / "lessons")
    shutil.copytree(lessons / "rmsprop", lessons / "solutions")
    names = {name.split("-")[0] for name in load_assignments()}
    course = (lessons / "course.yml").read_text("utf-8")
    course += "  solutions: {title: {en: S, vi: S}, minutes: 1}\n"
    (lessons / "course.yml").write_text(course, "utf-8")
    monkeypatch.setattr("weave.lessons.SOURCE", lessons)
    found = load_assignments()
    assert {name.split("-")[0] for name in found} == {*names, "solutions"}
    name = "solutions-en-pytorch"
    make_assignments(tmp_path, {name: found[name]})
    text = (tmp_path / "release" / name / found[name].file).read_text("utf-8")
    assert '"role": "exercises"' in text
    for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "**Solution.**"):
        assert secret not in text


def test_a_source_that_is_wrong_is_named(released, tmp_path, monkeypatch):
    def wrong(_):
        notebook = whole(ASSIGNMENTS[NAME])
        cell(notebook, "first").source = "### BEGIN SOLUTION\nfirst = 1"
        return notebook

    whole = type(ASSIGNMENTS[NAME]).solved
    monkeypatch.setattr(type(ASSIGNMENTS[NAME]), "solved", wrong)
    with pytest.raises(GradeError, match="no end solution statement found"):
        make_assignments(tmp_path, ASSIGNMENTS)


# Deadlines


@pytest.mark.parametrize("method, score", [("none", 4), ("zero", 0)])
def test_what_is_late_counts_as_the_course_says(
    folder, without_kernel, monkeypatch, method, score
):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.update_or_create_assignment(NAME, duedate="2026-01-01 12:00:00")
    for student, hour in (("early", 11), ("late", 15)):
        hand_in(folder, student, answered(folder))
        stamp = folder / "submitted" / student / NAME / "timestamp.txt"
        stamp.write_text(f"2026-01-01 {hour}:00:00 UTC\n")
    configure = open_course

    def strict(*given):
        course = configure(*given)
        course.config.LateSubmissionPlugin.penalty_method = method
        return course

    monkeypatch.setattr(grading, "open_course", strict)
    grading.grade(folder, ASSIGNMENTS)
    write_grades(folder, ASSIGNMENTS)
    found = rows(folder)
    assert float(found["early"]["hours_late"]) == 0
    assert float(found["early"]["score"]) == 4
    assert float(found["late"]["hours_late"]) == 3
    assert float(found["late"]["score"]) == score


# Grading


def test_without_an_assignment_there_is_nothing_to_grade(tmp_path, monkeypatch):
    status = run_make(monkeypatch, tmp_path / "grading", "grade")
    assert "run `make assignment` first" in status


def test_one_student_is_graded_again_and_the_others_keep_theirs(
    folder, without_kernel, monkeypatch
):
    for student in ("an", "binh"):
        hand_in(folder, student, answered(folder))
    assert run_make(monkeypatch, folder, "grade") == 0
    hand_in(folder, "an", "{not json")
    hand_in(folder, "binh", "{not json")
    del without_kernel[:]
    assert run_make(monkeypatch, folder, "grade", "--student", "an") == 0
    found = rows(folder)
    assert (float(found["an"]["score"]), bool(found["an"]["note"])) == (0, True)
    assert (float(found["binh"]["score"]), found["binh"]["note"]) == (4, "")
    status = run_make(monkeypatch, folder, "grade", "--student", "nobody")
    assert "Nothing was handed in by 'nobody'" in status


def test_the_reason_of_a_failure_is_the_note(folder, without_kernel, monkeypatch):
    def fail(*_):
        raise apart.ApartError("it ended what ran it")

    monkeypatch.setattr(apart, "run_apart", fail)
    hand_in(folder, "an", answered(folder))
    notes = grading.grade(folder, ASSIGNMENTS)
    assert notes["an"][NAME] == "ApartError: it ended what ran it"


def test_the_gradebook_is_copied_before_each_grading(
    folder, without_kernel, monkeypatch
):
    hand_in(folder, "an", answered(folder))
    assert run_make(monkeypatch, folder, "grade") == 0
    (copy,) = (folder / "backup").iterdir()
    with (
        sqlite3.connect(copy) as before,
        sqlite3.connect(folder / "gradebook.db") as now,
    ):
        students = "select count(*) from student"
        assert before.execute(students).fetchone() == (0,)
        assert now.execute(students).fetchone() == (1,)


def test_of_the_copies_the_last_ones_stay(folder, monkeypatch):
    for number in range(25):
        monkeypatch.setattr(
            time, "strftime", lambda _, n=number: f"gradebook-{n:02}.db"
        )
        back_up(folder)
    kept = sorted(path.name for path in (folder / "backup").iterdir())
    assert kept == [f"gradebook-{n:02}.db" for n in range(5, 25)]


def test_points_that_a_teacher_gave_stay(folder, without_kernel, monkeypatch):
    hand_in(folder, "an", answered(folder))
    grading.grade(folder, ASSIGNMENTS)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        given = book.find_grade("words", FILE.removesuffix(".ipynb"), NAME, "an")
        given.manual_score, given.needs_manual_grade = 2, False
        book.db.commit()
    assert run_make(monkeypatch, folder, "grades") == 0
    assert float(rows(folder)["an"]["score"]) == 6
    assert rows(folder)["an"]["answers_to_read"] == "no"
    assert run_make(monkeypatch, folder, "grade") == 0
    assert float(rows(folder)["an"]["score"]) == 6


def test_nobody_else_reads_what_is_in_the_folder(folder, without_kernel, monkeypatch):
    folder.chmod(0o755)
    hand_in(folder, "an", answered(folder))
    assert run_make(monkeypatch, folder, "grade") == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "grades.csv").stat().st_mode & 0o777 == 0o600


def test_what_grades_does_not_inherit_the_secrets_of_the_hub(folder, monkeypatch):
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "a")
    monkeypatch.setenv("JPY_COOKIE_SECRET", "b")
    monkeypatch.setattr(command, "grade", lambda *_: seen.update(os.environ))
    seen = {}
    assert run_make(monkeypatch, folder, "grade") == 0
    assert "PATH" in seen
    assert not {"CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET"} & seen.keys()


# Tables and feedback


def test_tables_have_a_total_and_compute_nothing(folder, without_kernel):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        book.add_student("an", first_name="Ân", last_name="=1+1", lms_user_id="7")
        book.add_student("absent", first_name="Bình", email="b@example.org")
    hand_in(folder, "an", answered(folder))
    hand_in(folder, "@SUM(A1)", answered(folder))
    grading.grade(folder, ASSIGNMENTS)
    write_grades(folder, ASSIGNMENTS)
    assert (folder / "grades.csv").read_bytes().startswith(b"\xef\xbb\xbfstudent,")

    def table(name):
        return list(csv.reader((folder / name).open(encoding="utf-8-sig", newline="")))

    totals = {row[0]: row[4:6] for row in table("grades.csv") if row[1] == "total"}
    assert totals == {"'@SUM(A1)": ["4.0", "6.0"], "an": ["4.0", "6.0"]}
    moodle = {row[0]: row[1:] for row in table("moodle.csv")}
    assert moodle["username"] == ["firstname", "lastname", "email", "rmsprop"]
    assert moodle["an"] == ["Ân", "'=1+1", "", "4.0"]
    assert moodle["absent"] == ["Bình", "", "b@example.org", ""]
    head, most, *canvas = table("canvas.csv")
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert (most[0], most[5]) == ("    Points Possible", "6.0")
    assert ["'=1+1, Ân", "7", "", "an", "", "4.0"] in canvas


def test_of_a_lesson_done_twice_the_better_counts_once(folder, without_kernel):
    twin = ASSIGNMENTS[NAME]._replace(language="en")
    both = {**ASSIGNMENTS, twin.name: twin}
    make_assignments(folder, both)
    hand_in(folder, "an", answered(folder))
    place = folder / "submitted" / "an"
    shutil.copytree(place / NAME, place / twin.name)
    (place / twin.name / FILE).write_text("{not json")
    grading.grade(folder, both)
    found = write_grades(folder, both)
    (total,) = (row for row in found if row[1] == "total")
    assert total[4:6] == [4.0, 6.0]


def test_feedback_shows_points_and_comments_and_runs_no_script(
    folder, without_kernel, monkeypatch
):
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    kinds = ["text/html", "image/svg+xml", "application/javascript", "text/markdown"]

    def draw(sources, _seconds):
        return [
            [nbformat.v4.new_output("display_data", data={kind: f"<b>a</b>{script}"})]
            for kind in (*kinds, *kinds, *kinds)[: len(sources)]
        ]

    words = f"**Because** $x^2$.\n\n{script}\n\n[link](javascript:alert(1))"
    hand_in(folder, "an", answered(folder, words=words))
    hand_in(folder, "broken", "{not json")
    monkeypatch.setattr(apart, "run_apart", draw)
    grading.grade(folder, ASSIGNMENTS)
    ((student, name, page),) = grading.make_feedback(folder, ASSIGNMENTS)
    text = page.read_text("utf-8")
    assert (student, name) == ("an", NAME)
    assert "Score: 4.0 / 6.0" in text
    assert "<strong>Because</strong> $x^2$" in text
    assert "alert(1)" in text  # shown, not run
    for start in ("<script>alert", "<img src=x", '<img src="x"', "javascript:alert"):
        assert start not in text
