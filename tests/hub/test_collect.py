"""Exercises come from the homes, feedback goes there, with the students' own rights."""

import contextlib
import grp
import json
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import nbformat
import pytest

from classroom.grading import homes
from classroom.grading.course import Assignment, rights_of_owner
from tests.hub.conftest import GROUP, run
from weave.assemble import assemble
from weave.lessons import Edition

EXERCISES = Edition("rmsprop", "exercises")
FILE = "rmsprop-exercises-pytorch.ipynb"
VI, EN = (Assignment("rmsprop", language, "pytorch") for language in ("vi", "en"))
ASSIGNMENTS = {VI.name: VI, EN.name: EN}


@pytest.fixture(autouse=True)
def course(monkeypatch, tmp_path):
    """The blank exercises, as `make` writes them."""

    def path(assignment):
        return tmp_path / "notebooks" / assignment.language / FILE

    monkeypatch.setattr(Assignment, "blank", property(path))
    for assignment in (VI, EN):
        assignment.blank.parent.mkdir(parents=True)
        blank = assemble(EXERCISES, assignment.language, "pytorch")
        nbformat.write(blank, assignment.blank)


@pytest.fixture
def class_of_four(accounts):
    """Four members of the group, as the system knows them; homes are emptied after."""
    four = [pwd.getpwnam(name) for name in list(accounts)[:4]]
    yield four
    for account in four:
        shutil.rmtree(place_of(account), ignore_errors=True)


def place_of(account):
    return Path(account.pw_dir) / homes.PLACE


def answered(answer="first_step = (395, 3198)", assignment=VI):
    """Return the text of an exercise with one answer."""
    notebook = nbformat.read(assignment.blank, as_version=4)
    (cell,) = (c for c in notebook.cells if c.id == "gamma-one-step")
    cell.source = answer
    return nbformat.writes(notebook)


def executed():
    """Return the text of a blank exercise that was opened, run and saved."""
    notebook = nbformat.read(VI.blank, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="… first_step\n")]
            cell.execution_count = 1
    return nbformat.writes(notebook, indent=3)


def write(account, path, text):
    """Write a file into a student's copy, as the student would; return its path."""
    file = place_of(account) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    for each in (file, *file.parents):
        if each == Path(account.pw_dir):
            return file
        os.chown(each, account.pw_uid, account.pw_gid)


def collected(folder):
    """Return what was collected, {(student, assignment): text}."""
    return {
        (path.parts[-3], path.parts[-2]): path.read_text("utf-8")
        for path in (folder / "submitted").glob(f"*/*/{FILE}")
    }


def told(capsys):
    """Return what was said of each student, {name: words}."""
    lines = capsys.readouterr().out.splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


@pytest.fixture
def grading(tmp_path):
    """The folder of the course."""
    folder = tmp_path / "grading"
    folder.mkdir(mode=0o700)
    return folder


def test_a_link_leads_nowhere_that_the_student_could_not_go(class_of_four, grading):
    one, thief, *_ = class_of_four
    secret = grading.parent / "secret"
    secret.write_text(answered())
    secret.chmod(0o600)
    write(one, f"vi/{FILE}", answered())
    write(thief, "vi/other.txt", "")
    (place_of(thief) / "vi" / FILE).symlink_to(secret)
    homes.collect(grading, ASSIGNMENTS, GROUP)
    assert collected(grading) == {(one.pw_name, VI.name): answered()}


def test_notebooks_that_are_too_many_are_told(
    class_of_four, grading, capsys, monkeypatch
):
    many = class_of_four[0]
    monkeypatch.setattr(homes, "MOST", 1)
    write(many, f"en/{FILE}", answered(assignment=EN))
    write(many, f"vi/{FILE}", answered())
    homes.collect(grading, ASSIGNMENTS, GROUP)
    assert "only 1 of 2 notebooks were looked at" in told(capsys)[many.pw_name]
    assert collected(grading) == {(many.pw_name, EN.name): answered(assignment=EN)}


def test_a_link_in_the_folder_leads_root_nowhere(class_of_four, folder):
    one, grader, *_ = class_of_four
    write(one, f"vi/{FILE}", answered())
    write(one, f"en/{FILE}", answered(assignment=EN))
    grading, secret = folder / "grading", folder / "roots"
    secret.mkdir()
    (secret / FILE).write_text("root's")
    submitted = grading / "submitted" / one.pw_name
    submitted.mkdir(parents=True)
    (submitted / VI.name).symlink_to(secret)
    (submitted / EN.name).mkdir()
    (submitted / EN.name / FILE).symlink_to(secret / FILE)
    for path in (grading, *grading.rglob("*")):
        os.chown(path, grader.pw_uid, grader.pw_gid, follow_symlinks=False)
    groups = os.getgroups()
    with contextlib.suppress(OSError):
        homes.collect(grading, ASSIGNMENTS, GROUP)
    assert (os.geteuid(), os.getegid(), os.getgroups()) == (0, os.getgid(), groups)
    assert (secret / FILE).read_text() == "root's"
    assert not (secret / "timestamp.txt").exists()


def test_who_reads_as_a_student_shows_it_no_secret(accounts, grading, monkeypatch):
    given = []

    def run(command, **options):
        given.append(options["env"])
        return subprocess.CompletedProcess(command, 1, b"", b"")

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setenv("JPY_COOKIE_SECRET", "a secret")
    homes.collect(grading, ASSIGNMENTS, GROUP)
    assert given
    assert "a secret" not in str(given)


def test_one_student_does_not_keep_the_others_from_being_collected(
    class_of_four, grading, monkeypatch, capsys
):
    one, blocks, opened, large = class_of_four
    write(one, f"vi/{FILE}", answered())
    write(one, f"en/{FILE}", answered(assignment=EN))
    write(blocks, f"vi/{FILE}", answered())
    write(opened, f"vi/{FILE}", executed())
    write(large, f"vi/{FILE}", " " * (homes.LARGEST + 1))
    group = grp.getgrnam(GROUP)
    entry = grp.struct_group((GROUP, "x", group.gr_gid, [*group.gr_mem, "ghost"]))
    monkeypatch.setattr("grp.getgrnam", lambda _: entry)
    monkeypatch.setattr(homes, "PATIENCE", 1)
    read = homes.run_as

    def replace(account, *command, text=b""):
        if account == blocks and command[0] == "head":  # after it was listed
            file = place_of(blocks) / "vi" / FILE
            file.unlink()
            os.mkfifo(file)
        return read(account, *command, text=text)

    monkeypatch.setattr(homes, "run_as", replace)
    homes.collect(grading, ASSIGNMENTS, GROUP)
    output = capsys.readouterr().out
    said = dict(line.split(": ") for line in output.splitlines()[:-1])
    assert said[one.pw_name] == "2 files"
    assert said[blocks.pw_name] == "0 files; a file was not read in 1 s, nor the rest"
    assert said[opened.pw_name] == "0 files; 1 untouched copies left out"
    assert said[large.pw_name] == f"0 files; vi/{FILE} was left, it has more than 16 MB"
    assert said["ghost"] == "0 files; there is no such account"
    assert set(collected(grading)) == {(one.pw_name, a.name) for a in (VI, EN)}
    assert "Nothing was taken from ghost," in output
    assert one.pw_name not in output.splitlines()[-1]


def test_a_renamed_file_is_known_by_its_metadata(class_of_four, grading, capsys):
    one, two, three, _ = class_of_four
    write(one, "vi/my work.ipynb", answered())
    write(one, "vi/rmsprop-pytorch.ipynb", '{"metadata": {}, "cells": []}')
    write(two, f"vi/{FILE}", executed())
    write(two, "vi/copy.ipynb", answered("first_step = 2"))
    write(three, f"vi/{FILE}", answered("first_step = 3"))
    write(three, "vi/copy.ipynb", answered("first_step = 4"))
    homes.collect(grading, ASSIGNMENTS, GROUP)
    found, said = collected(grading), told(capsys)
    assert "first_step = (395, 3198)" in found[one.pw_name, VI.name]
    assert "first_step = 2" in found[two.pw_name, VI.name]
    assert "first_step = 3" in found[three.pw_name, VI.name]
    assert said[one.pw_name].endswith(f"vi/my work.ipynb was taken for {VI.name}")
    assert f"vi/{FILE}, 1 of 2, was taken" in said[three.pw_name]


def test_a_broken_file_is_collected_for_a_note(class_of_four, grading):
    one, *others = class_of_four
    no_source, odd_name = (json.loads(answered()) for _ in "12")
    del no_source["cells"][3]["source"]
    odd_name["cells"][3]["metadata"]["nbgrader"] = {"grade_id": ["x"]}
    texts = ["{not json", json.dumps(no_source), json.dumps(odd_name)]
    for account, text in zip((one, *others), texts):
        write(account, f"vi/{FILE}", text)
    homes.collect(grading, ASSIGNMENTS, GROUP)
    homes.collect(grading, ASSIGNMENTS, GROUP)  # beside what was collected before
    assert collected(grading) == {
        (account.pw_name, VI.name): text for account, text in zip((one, *others), texts)
    }


def test_the_time_of_handing_in_is_that_of_the_last_answer(class_of_four, grading):
    def stamp():
        path = grading / "submitted" / one.pw_name / VI.name / "timestamp.txt"
        text = path.read_text().strip()
        return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S UTC")) - time.timezone

    one, *_ = class_of_four
    began = int(time.time())
    file = write(one, f"vi/{FILE}", answered())
    os.utime(file, (0, 0))  # what the student says of the time does not count
    homes.collect(grading, ASSIGNMENTS, GROUP)
    first = stamp()
    assert began <= first <= time.time()
    later = iter([[(f"vi/{FILE}", first + 60, 1)], [(f"vi/{FILE}", first + 90, 1)]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            homes, "list_notebooks", lambda a: next(later) if a == one else []
        )
        homes.collect(grading, ASSIGNMENTS, GROUP)  # opened again, nothing changed
        assert stamp() == first
        write(one, f"vi/{FILE}", answered("first_step = 1"))
        homes.collect(grading, ASSIGNMENTS, GROUP)
    assert stamp() == first + 90


def test_feedback_goes_home_under_the_students_rights(class_of_four, folder, capsys):
    one, thief, full, teacher = class_of_four
    grading, target = folder / "course", folder / "target"
    target.mkdir(mode=0o700)
    pages = []
    for name in (one.pw_name, thief.pw_name, full.pw_name, "gone"):
        page = grading / "feedback" / name / VI.name / "page.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"for {name}")
        pages.append((name, VI.name, page))
    for path in (grading, *grading.rglob("*")):
        os.chown(path, teacher.pw_uid, teacher.pw_gid)
    write(thief, "x", "").unlink()
    (place_of(thief) / "feedback").symlink_to(target)
    write(full, "feedback", "is a file")
    homes.give_back(grading, pages, GROUP)
    page = place_of(one) / "feedback" / f"{VI.name}.html"
    assert page.read_text() == f"for {one.pw_name}"
    assert (page.stat().st_uid, page.stat().st_mode & 0o777) == (one.pw_uid, 0o600)
    assert not list(target.iterdir())
    said = told(capsys)
    assert said[one.pw_name] == f"feedback/{VI.name}.html"
    for account in (thief, full):
        assert "could not be written" in said[account.pw_name]
    assert "no such member" in said["gone"]


def test_root_works_with_the_rights_of_the_folders_owner(class_of_four, folder):
    teacher, *_ = class_of_four
    place, closed = folder / "owned", folder / "closed"
    place.mkdir()
    closed.mkdir(mode=0o755)
    os.chown(place, teacher.pw_uid, teacher.pw_gid)
    with rights_of_owner(place):
        (place / "made").touch()
        with pytest.raises(PermissionError):
            (closed / "made").touch()
    assert (place / "made").stat().st_uid == teacher.pw_uid
    assert os.geteuid() == 0


def test_whose_first_group_is_the_class_is_a_member(accounts):
    name = next(iter(accounts))
    run("usermod", "--gid", GROUP, "--groups", "", name)
    try:
        assert name not in grp.getgrnam(GROUP).gr_mem
        assert homes.members(GROUP) == sorted(accounts)
    finally:
        run("usermod", "--gid", name, "--groups", GROUP, name)
