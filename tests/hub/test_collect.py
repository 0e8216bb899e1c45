"""Exercises are collected from the students' homes, with the students' own rights."""

import os
import pwd
from pathlib import Path

from tests.hub.conftest import GROUP
from tools import grade


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
