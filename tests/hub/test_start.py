"""The classroom starts with one command, or says in a sentence why not."""

import grp
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from classroom import start
from tests.hub.conftest import Classroom, free_port
from tests.hub.student import Student
from weave.lessons import ROOT

SECRETS = {"CONFIGPROXY_AUTH_TOKEN": "a" * 64, "JPY_COOKIE_SECRET": "b" * 64}
START = [ROOT / ".venv-hub/bin/python", ROOT / "classroom/start.py"]


def refusal(folder, start=START, **env):
    """Return what a start that fails prints on stderr."""
    port = str(free_port())
    env = {"HUB_PORT": port, "HUB_STATE": str(folder / "state"), **env}
    clean = {k: v for k, v in os.environ.items() if k not in SECRETS}
    tried = subprocess.run(
        start, env={**clean, **env}, capture_output=True, text=True, timeout=60
    )
    assert tried.returncode == 1
    assert not (folder / "state").exists(), "nothing was written"
    return tried.stderr


@pytest.mark.parametrize(
    "env, sentence",
    [
        ({"HUB_MODE": "cloud"}, "say laptop or server"),
        ({"HUB_PORT": "http"}, "HUB_PORT is 'http'"),
        ({"HUB_PORT": "70000"}, "HUB_PORT is '70000'"),
        ({"HUB_IP": "0.0.0.0"}, "HUB_IP has to stay 127.0.0.1"),
        ({"HUB_PASSWORD": "short"}, "HUB_PASSWORD .* at least 8 characters"),
        ({"HUB_MODE": "server"}, "CONFIGPROXY_AUTH_TOKEN is not in the environment"),
        (
            {"HUB_MODE": "server", "CONFIGPROXY_AUTH_TOKEN": "a" * 64},
            "JPY_COOKIE_SECRET is not in the environment",
        ),
        (
            {"HUB_MODE": "server", "HUB_GROUP": "nobody-is-in-it", **SECRETS},
            "There is no group 'nobody-is-in-it'",
        ),
        (
            {"HUB_MODE": "server", "HUB_GROUP": "root", "HUB_IP": "192.0.2.1"}
            | SECRETS,
            "192.0.2.1 port .* cannot be used",
        ),
    ],
)
def test_it_refuses_in_one_line(tmp_path, env, sentence):
    said = refusal(tmp_path, **env)
    assert re.search(sentence, said)
    assert said.count("\n") == 1


def test_it_refuses_a_port_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refusal(tmp_path, HUB_PORT=str(taken.getsockname()[1]))
    assert "cannot be used" in said


def test_it_refuses_a_python_that_students_cannot_execute(tmp_path):
    course = tmp_path / "closed"
    for name in (".venv", ".venv-hub"):
        (course / name / "bin").mkdir(parents=True)
        (course / name / "bin" / "python").symlink_to(START[0])
    (course / "classroom").mkdir()
    script = shutil.copy(ROOT / "classroom" / "start.py", course / "classroom")
    course.chmod(0o700)
    start = [START[0], script]
    env = {"HUB_MODE": "server", "HUB_GROUP": "root", **SECRETS}
    assert "Students cannot execute" in refusal(tmp_path, start, **env)


def test_on_a_laptop_one_command_leads_into_the_lesson(tmp_path):
    room = Classroom(tmp_path / "state", HUB_PASSWORD="try it out")
    room.start()
    try:
        student = Student(room.url, "an", "try it out")
        student.login()
        opened = student.choose("en", "tensorflow")
        assert opened == "/user/an/lab/tree/en/rmsprop-tensorflow.ipynb"
        student.open("en/rmsprop-tensorflow.ipynb")
        assert student.text("import sys; print(sys.prefix)") == f"{ROOT}/.venv\n"
        assert Student(room.url, "an", "guessed").login().status_code == 403
        assert Student(room.url, "../an", "try it out").login().status_code != 200
    finally:
        assert room.stop() == 0
    assert "could read each other's files" in room.log.read_text()


def test_a_second_start_copies_what_is_missing_and_nothing_else(tmp_path):
    home = Path(tempfile.mkdtemp(dir=tmp_path))
    course = tmp_path / "the course"
    shutil.copytree(
        ROOT / "classroom", course / "classroom", ignore=lambda *_: ["node_modules"]
    )
    (course / "notebooks" / "vi").mkdir(parents=True)
    for name in ("one", "two", "solutions-one"):
        (course / "notebooks" / "vi" / f"{name}.ipynb").write_text(name)
    server = course / ".venv-hub" / "bin" / "jupyterhub-singleuser"
    server.parent.mkdir(parents=True)
    server.write_text("#!/bin/sh\necho started in $PWD with $*\n")
    server.chmod(0o755)

    def start():
        done = subprocess.run(
            [course / "classroom" / "student.sh", "--some", "arguments"],
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    mine = home / "rmsprop" / "vi"
    assert start() == f"started in {home}/rmsprop with --some arguments\n"
    assert sorted(path.name for path in mine.iterdir()) == ["one.ipynb", "two.ipynb"]
    assert (home / "rmsprop").stat().st_mode & 0o077 == 0
    (mine / "one.ipynb").write_text("my work")
    (mine / "two.ipynb").unlink()
    (course / "notebooks" / "vi" / "one.ipynb").write_text("the teacher's update")
    start()
    assert (mine / "one.ipynb").read_text() == "my work"
    assert (mine / "two.ipynb").read_text() == "two"


def test_gitpuller_keeps_edits_and_brings_updates(tmp_path):
    def git(*command):
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *command], cwd=course, check=True)

    def write(name, text):
        (course / name).write_text(text)
        git("add", name)
        git("commit", "--quiet", "--message", name)

    def pull():
        command = [ROOT / ".venv-hub/bin/gitpuller", f"file://{course}", "main", mine]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    course, mine = tmp_path / "course", tmp_path / "mine"
    course.mkdir()
    git("init", "--quiet", "--initial-branch", "main")
    write("edited.ipynb", "first")
    write("left-alone.ipynb", "first")
    pull()
    (mine / "edited.ipynb").write_text("my work")
    write("left-alone.ipynb", "second")
    write("new.ipynb", "new")
    pull()
    assert {path.name: path.read_text() for path in mine.glob("*.ipynb")} == {
        "edited.ipynb": "my work",
        "left-alone.ipynb": "second",
        "new.ipynb": "new",
    }


def test_the_accounts_that_are_tried_get_no_secret(monkeypatch):
    def run(command, **options):
        given.append(options["env"])
        return subprocess.CompletedProcess(command, 0, "", "")

    given = []
    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    start.check_server({"HUB_GROUP": grp.getgrgid(0).gr_name, **SECRETS})
    assert given
    assert not any(secret in str(given) for secret in SECRETS.values())


def test_the_hubs_memory_is_where_start_was_called(tmp_path, monkeypatch):
    def check(env):
        raise start.StartError(env["HUB_STATE"])

    monkeypatch.setattr(start, "DEFAULTS", {})
    monkeypatch.setattr(start, "check", check)
    monkeypatch.setenv("HUB_STATE", "memory")
    monkeypatch.chdir(tmp_path)
    assert start.main() == f"make: {tmp_path}/memory"


@pytest.mark.parametrize(
    "name, allowed",
    [("an", True), ("an.b-2", True), ("an/../binh", False), (".", False)],
)
def test_a_name_that_leads_elsewhere_is_none(name, allowed):
    text = (ROOT / "classroom" / "jupyterhub_config.py").read_text("utf-8")
    (pattern,) = re.findall(r'username_pattern = r"(.*)"', text)
    assert bool(re.match(pattern, name)) is allowed
