"""The classroom starts with one command, or says in a sentence why not."""

import grp
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from classroom import start
from classroom.lessons import choices, form
from tests.hub.conftest import LOGS, Classroom, free_port, lesson_path, run, service
from tests.hub.student import Student
from weave.lessons import ROOT, load_frameworks, load_lessons

SECRETS = {"CONFIGPROXY_AUTH_TOKEN": "a" * 64}
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
        ({"HUB_VALUES": "no-such.yaml"}, "no-such.yaml', which cannot be read"),
        (
            {"HUB_VALUES": str(ROOT / "classroom/login/oidc.yaml")},
            "oidc.yaml still has an EXAMPLE",
        ),
        ({"HUB_SOLUTIONS": "adam eve"}, "HUB_SOLUTIONS has 'eve', which is no lesson"),
        ({"HUB_OUTPUTS": "yes"}, "HUB_OUTPUTS is 'yes': say no, or nothing"),
        (
            {"HUB_MODE": "server", "HUB_GROUP": "root", "HUB_TEACHERS": "root nobody-"}
            | SECRETS,
            "HUB_TEACHERS has 'nobody-', which is no account",
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
    (course / "lessons").symlink_to(ROOT / "lessons")
    for name in ("lessons.py", "start.py"):
        script = shutil.copy(ROOT / "classroom" / name, course / "classroom")
    course.chmod(0o700)
    start = [START[0], script]
    env = {"HUB_MODE": "server", "HUB_GROUP": "root", **SECRETS}
    assert "Students cannot execute" in refusal(tmp_path, start, **env)


@pytest.fixture
def laptop(tmp_path):
    """The classroom of a laptop, running."""
    handout = {"HUB_SOLUTIONS": "adam", "HUB_OUTPUTS": "no"}
    room = Classroom(tmp_path / "state", HUB_PASSWORD="try it out", **handout)
    try:
        yield room.start()
    finally:
        room.stop()


def test_on_a_laptop_one_command_leads_into_the_lesson(laptop):
    student = Student(laptop.url, "an", "try it out")
    student.login()
    lesson = load_lessons()[-1]
    path = lesson_path(lesson, "en", "tensorflow")
    assert student.choose(lesson, "en", "tensorflow") == f"/user/an/lab/tree/{path}"
    student.open(path)
    assert student.text("import sys; print(sys.prefix)") == f"{ROOT}/.venv\n"
    assert Student(laptop.url, "an", "guessed").login().status_code == 403
    assert Student(laptop.url, "../an", "try it out").login().status_code != 200
    assert "could read each other's files" in laptop.log.read_text()


def test_whoever_chooses_what_there_is_not_gets_the_list_of_files(laptop):
    student = Student(laptop.url, "an", "try it out")
    student.login()
    assert student.choose("../../etc", "vi", "pytorch") == "/user/an/lab"


def test_students_get_what_the_hub_is_told_to_hand_out(laptop, tmp_path):
    student = Student(laptop.url, "an", "try it out")
    student.login()
    student.choose("adam", "vi", "jax")
    mine = tmp_path / "state" / "home" / "an" / "optimizers" / "vi"
    assert (mine / "adam-solutions-jax.ipynb").exists()
    assert not (mine / "rmsprop-solutions-jax.ipynb").exists()
    cells = nbformat.read(mine / "adam-jax.ipynb", as_version=4).cells
    assert not any(cell.get("outputs") for cell in cells)


def test_a_laptops_hub_that_is_killed_frees_its_ports(laptop):
    student = Student(laptop.url, "an", "try it out")
    laptop.kill("laptop")
    student.login()


def test_the_start_tells_the_address_and_warns_of_nothing(laptop):
    said = laptop.log.read_text()
    assert f"open {laptop.url} and log in" in said
    # The proxy answers before the hub does: what the test itself asked for too early.
    early = [line for line in said.splitlines() if "/hub/login" in line]
    assert len(re.findall(r"\[W |\[E |warn|WARN|error.*ConfigProxy", said)) <= len(
        early
    )


def course_of(folder, **notebooks):
    """Make a course with notebooks, {name: (role, words)}; return its folder."""
    for name, (role, words) in notebooks.items():
        path = folder / "notebooks" / "vi" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"lesson": "one", "language": "vi", "framework": "any", "role": role}
        cells = [nbformat.v4.new_markdown_cell(words, id="intro")]
        metadata = {"course": about} if role else {}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    shutil.copytree(
        ROOT / "classroom",
        folder / "classroom",
        ignore=shutil.ignore_patterns("node_modules"),
        dirs_exist_ok=True,
    )
    programs = folder / ".venv-hub" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    (programs / "python").unlink(missing_ok=True)
    (programs / "python").symlink_to(sys.executable)
    for server in ("jupyterhub-singleuser", "jupyter-lab"):
        said = "$JUPYTER_RUNTIME_DIR $JUPYTERHUB_DEFAULT_URL $PWD $*"
        (programs / server).write_text(f"#!/bin/sh\necho {server} {said}\n")
        (programs / server).chmod(0o755)
    return folder


def start_as_student(course, home, *arguments, **env):
    """Run student.sh; return what the server was started with, and stderr."""
    done = subprocess.run(
        [course / "classroom" / "student.sh", *arguments],
        env={"HOME": str(home), "PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split(), done.stderr


def said_as(account, command, **options):
    """Return what a command prints that an account of this machine runs."""
    options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(
        command, capture_output=True, text=True, check=True, **options
    ).stdout


def said_by(path):
    return "".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def test_lessons_and_exercises_are_handed_out_and_solutions_never(tmp_path):
    course = course_of(
        tmp_path / "the course",
        one=("lesson", "a"),
        more=("exercises", "b"),
        exercises=("solutions", "c"),
        other=(None, "d"),
    )
    home = tmp_path / "home"
    started, _ = start_as_student(
        course,
        home,
        "--some",
        JUPYTERHUB_API_TOKEN="x",
        COURSE_LESSON="one",
        COURSE_LANGUAGE="vi",
        COURSE_FRAMEWORK="any",
    )
    assert started[0] == "jupyterhub-singleuser"
    assert started[2:] == ["/lab/tree/vi/one.ipynb", f"{home}/optimizers", "--some"]
    mine = home / "optimizers"
    assert sorted(p.name for p in mine.rglob("*.ipynb")) == ["more.ipynb", "one.ipynb"]
    assert mine.stat().st_mode & 0o077 == 0
    alone, _ = start_as_student(course, home)
    assert alone[0] == "jupyter-lab", "without a hub"
    assert alone[2] == "/lab"


def test_solutions_are_handed_out_when_they_are_released(tmp_path):
    course = course_of(tmp_path / "course", some=("solutions", "of the lesson one"))
    home = tmp_path / "home"

    def have(**env):
        start_as_student(course, home, **env)
        return sorted(p.stem for p in (home / "optimizers").rglob("*.ipynb"))

    assert have() == []
    assert have(COURSE_SOLUTIONS="on some another") == []
    assert have(COURSE_SOLUTIONS="another one") == ["some"]


def test_what_the_students_account_cannot_read_keeps_nobody_out(folder, accounts):
    course = course_of(folder / "kept", one=("lesson", "a"), two=("solutions", "b"))
    (course / "notebooks" / "vi" / "two.ipynb").chmod(0o600)
    one = pwd.getpwnam(next(iter(accounts)))
    code = "import sys; sys.path.insert(0, 'classroom'); import handout\n"
    code += "print(*(path for path, *_ in handout.handed_out({})))"
    command = [sys.executable, "-c", code]
    assert said_as(one, command, cwd=course).split() == ["vi/one.ipynb"]


def test_notebooks_without_outputs_are_the_same_but_for_these(tmp_path):
    course, home = tmp_path / "course", tmp_path / "home"
    course_of(course, one=("lesson", "a"))
    source = course / "notebooks" / "vi" / "one.ipynb"
    notebook = nbformat.read(source, as_version=4)
    cell = nbformat.v4.new_code_cell("1 + 1", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text="2")]
    notebook.cells.append(cell)
    nbformat.write(notebook, source)
    copy = home / "optimizers" / "vi" / "one.ipynb"
    start_as_student(course, home, COURSE_OUTPUTS="no")
    cell.outputs, cell.execution_count = [], None
    assert nbformat.read(copy, as_version=4) == notebook
    start_as_student(course, home)
    assert nbformat.read(copy, as_version=4).cells[-1].outputs


def test_outputs_of_a_students_own_run_stay(tmp_path):
    course, home = tmp_path / "course", tmp_path / "home"
    course_of(course, one=("lesson", "a"))
    start_as_student(course, home, COURSE_OUTPUTS="no")
    copy = home / "optimizers" / "vi" / "one.ipynb"
    notebook = nbformat.read(copy, as_version=4)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
    nbformat.write(notebook, copy)
    ran = copy.read_bytes()
    start_as_student(course, home, COURSE_OUTPUTS="no")
    assert copy.read_bytes() == ran


def test_an_update_reaches_what_the_student_left_alone_and_nothing_else(tmp_path):
    course, home = tmp_path / "course", tmp_path / "home"
    names = ("ran", "changed", "deleted", "broken")
    course_of(course, **dict.fromkeys(names, ("lesson", "first")))
    start_as_student(course, home)
    mine = home / "optimizers" / "vi"
    notebook = nbformat.read(mine / "ran.ipynb", as_version=4)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
    nbformat.write(notebook, mine / "ran.ipynb")  # opened, run and saved by itself
    notebook.cells[0].source = "my work"
    nbformat.write(notebook, mine / "changed.ipynb")
    (mine / "deleted.ipynb").unlink()
    (mine / "broken.ipynb").write_text("{")
    course_of(course, **dict.fromkeys((*names, "new"), ("lesson", "second")))
    _, complaints = start_as_student(course, home)
    assert {
        n: said_by(mine / f"{n}.ipynb") for n in ("ran", "changed", "deleted", "new")
    } == {
        "ran": "second",
        "changed": "my work",
        "deleted": "second",
        "new": "second",
    }
    assert (mine / "broken.ipynb").read_text() == "{"
    assert "broken.ipynb was left as it is" in complaints
    assert not list(mine.glob("*.part"))


def test_an_update_reaches_a_copy_of_which_only_the_cells_were_recorded(tmp_path):
    course, home = tmp_path / "course", tmp_path / "home"
    course_of(course, one=("lesson", "first"))
    start_as_student(course, home)
    record = home / "optimizers" / ".handed-out.json"
    known = {path: said for path, (said, _) in json.loads(record.read_text()).items()}
    record.write_text(json.dumps(known))
    course_of(course, one=("lesson", "second"))
    start_as_student(course, home)
    assert said_by(home / "optimizers" / "vi" / "one.ipynb") == "second"


def test_one_starts_also_when_nothing_can_be_handed_out(tmp_path):
    course = course_of(tmp_path / "course", one=("lesson", "first"))
    (course / "notebooks" / "vi" / "one.ipynb").write_text("no notebook")
    started, complaints = start_as_student(course, tmp_path / "home")
    assert started[2] == "/lab"
    assert "JSONDecodeError" in complaints


def test_the_folder_for_sockets_is_the_accounts_own_and_stays_one(folder, accounts):
    course = course_of(folder / "course")
    one, thief = map(pwd.getpwnam, list(accounts)[:2])
    expected = Path(f"/tmp/optimizers-{one.pw_uid}")
    shutil.rmtree(expected, ignore_errors=True)

    def made():
        command = [course / "classroom" / "student.sh"]
        env = {"HOME": one.pw_dir, "PATH": os.environ["PATH"]}
        path = Path(said_as(one, command, env=env).split()[1])
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (one.pw_uid, 0o700)
        return path

    assert made() == made() == expected
    expected.rmdir()
    for trap in (lambda: expected.mkdir(), lambda: expected.symlink_to(one.pw_dir)):
        trap()
        os.chown(expected, thief.pw_uid, thief.pw_gid, follow_symlinks=False)
        other = made()
        assert other != expected
        other.rmdir()
        expected.unlink() if expected.is_symlink() else expected.rmdir()


def test_the_choices_are_the_course_with_pytorch_first():
    asked = choices()
    assert list(asked["lesson"]) == load_lessons()
    assert sorted(asked["framework"]) == sorted(load_frameworks())
    assert next(iter(asked["framework"])) == "pytorch"
    page = form()
    assert page.count('class="form-select"') == 3
    assert page.index("PyTorch") < page.index("MXNet")


def test_the_units_are_what_systemd_reads():
    assert service("hub")["KillMode"] == "process", "a restart ends no student's server"
    if shutil.which("systemd-analyze"):
        units = []
        for part in ("hub", "proxy"):
            text = (ROOT / "classroom" / f"optimizers-{part}.service").read_text()
            units.append(LOGS / f"optimizers-{part}.service")
            LOGS.mkdir(parents=True, exist_ok=True)
            units[-1].write_text(text.replace("/srv/optimizers", str(ROOT)))
        run("systemd-analyze", "verify", *units)


def test_the_accounts_that_are_tried_get_no_secret(monkeypatch):
    def run(command, **options):
        given.append(options["env"])
        return subprocess.CompletedProcess(command, 0, "", "")

    given = []
    monkeypatch.setattr("subprocess.run", run)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    start.check_server({"HUB_GROUP": grp.getgrgid(0).gr_name, **SECRETS})
    assert given
    assert SECRETS["CONFIGPROXY_AUTH_TOKEN"] not in str(given)


def test_the_hubs_memory_is_where_start_was_called(tmp_path, monkeypatch):
    def check(env, _part):
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
