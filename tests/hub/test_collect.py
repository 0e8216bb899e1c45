"""Exercises are collected from the students' homes, with the students' own rights."""

import contextlib
import grp
import os
import pwd
import subprocess
from pathlib import Path

from classroom import grade
from tests.hub.conftest import GROUP, run
from weave.lessons import ROOT

FILE = "exercises-pytorch.ipynb"


def hand_in(account, text, language="vi"):
    """Write a student's exercise, as the student would; return its path."""
    exercise = Path(account.pw_dir) / "rmsprop" / language / FILE
    exercise.parent.mkdir(parents=True, exist_ok=True)
    exercise.write_text(text)
    for path in (exercise, exercise.parent, exercise.parent.parent):
        os.chown(path, account.pw_uid, account.pw_gid)
    return exercise


def test_collecting_takes_what_a_student_may_read_and_nothing_else(accounts, tmp_path):
    one, thief, absent, *_ = accounts
    secret = tmp_path / "secret"
    secret.write_text("another's work")
    secret.chmod(0o600)
    for name in (one, thief):
        account = pwd.getpwnam(name)
        exercise = Path(account.pw_dir) / "rmsprop" / "vi" / "exercises-pytorch.ipynb"
        exercise.parent.mkdir(parents=True)
        if name == one:
            exercise.write_text("my work")
        else:
            exercise.symlink_to(secret)
        for path in (exercise, exercise.parent, exercise.parent.parent):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    grade.collect(tmp_path / "grading", grade.assignments(), GROUP)
    collected = tmp_path / "grading" / "submitted"
    found = [path.relative_to(collected) for path in collected.rglob("*.ipynb")]
    assert found == [Path(one, "vi-pytorch", "exercises-pytorch.ipynb")]
    assert (collected / found[0]).read_text() == "my work"
    for name in (one, thief):
        for path in (Path(pwd.getpwnam(name).pw_dir) / "rmsprop" / "vi").iterdir():
            path.unlink()
    assert absent not in str(found)


def test_who_reads_as_a_student_shows_it_no_secret(accounts, tmp_path, monkeypatch):
    given = []

    def run(command, **options):
        given.append(options["env"])
        return subprocess.CompletedProcess(command, 1, b"", b"")

    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setenv("JPY_COOKIE_SECRET", "a secret")
    grade.collect(tmp_path / "grading", grade.assignments(), GROUP)
    assert given
    assert "a secret" not in str(given)


def test_a_link_in_the_folder_leads_root_nowhere(accounts, folder):
    one, grader, *_ = (pwd.getpwnam(name) for name in accounts)
    exercise = hand_in(one, "my work")
    grading, secret = folder / "grading", folder / "roots"
    secret.mkdir()
    (secret / FILE).write_text("root's")
    submitted = grading / "submitted" / one.pw_name
    submitted.mkdir(parents=True)
    (submitted / "vi-pytorch").symlink_to(secret)
    (submitted / "en-pytorch").mkdir()
    (submitted / "en-pytorch" / FILE).symlink_to(secret / FILE)
    english = hand_in(one, "my work", "en")
    for path in (grading, *grading.rglob("*")):
        os.chown(path, grader.pw_uid, grader.pw_gid, follow_symlinks=False)
    groups = os.getgroups()
    with contextlib.suppress(OSError):
        grade.collect(grading, grade.assignments(), GROUP)
    assert (os.geteuid(), os.getegid(), os.getgroups()) == (0, os.getgid(), groups)
    assert (secret / FILE).read_text() == "root's"
    exercise.unlink()
    english.unlink()


def test_one_student_does_not_keep_the_others_from_being_collected(
    accounts, folder, monkeypatch, capsys
):
    one, blocks, untouched, *_ = (pwd.getpwnam(name) for name in accounts)
    released = (ROOT / "notebooks" / "vi" / FILE).read_text("utf-8")
    made = [
        hand_in(one, "my work"),
        hand_in(one, "my work", "en"),
        hand_in(untouched, released),
        hand_in(blocks, ""),
    ]
    made[-1].unlink()
    os.mkfifo(made[-1])
    os.chown(made[-1], blocks.pw_uid, blocks.pw_gid)
    group = grp.getgrnam(GROUP)
    entry = grp.struct_group((GROUP, "x", group.gr_gid, [*group.gr_mem, "ghost"]))
    monkeypatch.setattr("grp.getgrnam", lambda _: entry)
    monkeypatch.setattr(grade, "PATIENCE", 1)
    grade.collect(folder / "collected", grade.assignments(), GROUP)
    for path in made:
        path.unlink()
    *told, end = capsys.readouterr().out.splitlines()
    told = dict(line.split(": ") for line in told)
    assert told[one.pw_name] == "2 files"
    assert told[blocks.pw_name] == (
        f"0 files; vi/{FILE} was not read in 1 s, nor the rest"
    )
    assert told[untouched.pw_name] == "0 files, 1 untouched copies left out"
    assert told["ghost"] == "0 files; there is no such account"
    assert end.startswith(f"Nothing was taken from ghost, {blocks.pw_name}, ")
    assert one.pw_name not in end
    assert [path.name for path in (folder / "collected" / "submitted").iterdir()] == [
        one.pw_name
    ]


def test_whose_first_group_is_the_class_is_a_member(accounts):
    name = next(iter(accounts))
    run("usermod", "--gid", GROUP, "--groups", "", name)
    try:
        assert name not in grp.getgrnam(GROUP).gr_mem
        assert grade.members(GROUP) == sorted(accounts)
    finally:
        run("usermod", "--gid", name, "--groups", GROUP, name)
