"""Accounts are made from the list of a class, once, or not at all."""

import contextlib
import csv
import grp
import pwd
import subprocess
import sys

import pytest

from classroom.accounts import names
from tests.hub.conftest import GROUP, remove
from weave.lessons import ROOT

NEW = f"{GROUP}-new"


@pytest.fixture
def new():
    """The name of an account that is not there, before and after."""
    yield NEW
    with contextlib.suppress(KeyError):
        remove(NEW)


def make(file, name=GROUP, **options):
    command = [sys.executable, ROOT / "classroom" / "accounts.py", file, name]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_a_list_becomes_accounts_with_passwords_in_the_group(accounts, new, tmp_path):
    one = next(iter(accounts))
    file = tmp_path / "list.csv"
    file.write_text(f"\ufeffName,Username\nÂn,{new.upper()}\nBình,{one}\nÂn,{new}\n")
    before = grp.getgrnam(GROUP).gr_mem
    first, again = (list(csv.DictReader(make(file).stdout.splitlines())) for _ in "12")
    assert [row["username"] for row in first] == [new, one]
    assert len(first[0]["password"]) >= 12
    assert first[1]["password"] == "", "whoever has an account keeps the password"
    assert again[0]["password"] == ""
    assert set(grp.getgrnam(GROUP).gr_mem) == {*before, new}
    pwd.getpwnam(new)


def test_a_roster_for_nbgrader_is_a_list_too():
    assert names(["id,first_name,last_name", "an,Ân,Lê", "binh,Bình,Trần"]) == [
        "an",
        "binh",
    ]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("name\nan\n", "there is no column username"),
        ("username\n{new}\nÂn\n", "line 3: 'Ân' is no name"),
        ("username\n{new}\n../an\n", "line 3: '../an' is no name"),
        ("username\n{new}\n-rf\n", "line 3: '-rf' is no name"),
    ],
)
def test_a_list_with_a_fault_makes_nothing(accounts, new, tmp_path, text, sentence):
    file = tmp_path / "list.csv"
    file.write_text(text.format(new=new))
    said = make(file)
    assert said.returncode == 1
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr
    with pytest.raises(KeyError):
        pwd.getpwnam(new)


@pytest.mark.parametrize(
    "name, options, sentence",
    [
        ("no-such-group", {}, "run `groupadd no-such-group` first"),
        (GROUP, {"user": 65534, "group": 65534}, "are made by root"),
    ],
)
def test_what_cannot_work_is_told_first(accounts, new, folder, name, options, sentence):
    file = folder / "list.csv"
    file.write_text(f"username\n{new}\n")
    said = make(file, name, **options)
    assert said.returncode == 1
    assert sentence in said.stderr and "Traceback" not in said.stderr
    assert said.stdout == ""


def test_canvas_names_its_column_otherwise():
    assert names(["Student,SIS Login ID", "Trần Ân,an"]) == ["an"]
