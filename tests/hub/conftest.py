"""A classroom in server mode, with accounts made for the tests and removed after."""

import configparser
import contextlib
import grp
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.hub.student import Student, wait
from weave.lessons import NOTEBOOKS, ROOT, load_editions, load_lessons, notebook_path

GROUP = "optimizers-test"
TEACHER, OUTSIDER = f"{GROUP}-teacher", f"{GROUP}-outside"
NUMBER = 16
LOGS = ROOT / ".build" / "test-hub"
REPORT = []  # lines that the end of the run shows


def pytest_terminal_summary(terminalreporter):
    for line in REPORT:
        terminalreporter.write_line(line)


def service(part):
    """Return the section [Service] of the unit of the hub or the proxy."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # the names of systemd have capitals
    unit.read(ROOT / "classroom" / f"optimizers-{part}.service")
    return {
        k: v.replace("/srv/optimizers", str(ROOT)) for k, v in unit["Service"].items()
    }


class Classroom:
    """The processes of a classroom, its address, and what one can do to it.

    On a laptop it is what `make hub` starts, on a server the commands of the two
    services; this class starts them again as systemd does.
    """

    def __init__(self, state, port=None, **env):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.secrets = {
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
            "HUB_METRICS_TOKEN": secrets.token_hex(32),
        }
        self.env = {"HUB_PORT": str(self.port), "HUB_STATE": str(state), **env}
        mode = env.get("HUB_MODE", "laptop")
        self.parts = ("laptop",) if mode == "laptop" else ("proxy", "hub")
        self.processes = {}
        self.log = LOGS / f"{mode}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)

    def start(self):
        """Start it and wait until it serves its login page."""
        for part in self.parts:
            self.begin(part)
        self.wait()
        return self

    def begin(self, part):
        """Start one of the processes."""
        options = {"env": {**os.environ, **self.secrets, **self.env}}
        command = [ROOT / ".venv-hub/bin/python", "classroom/start.py"]
        if part != "laptop":
            command = service(part)["ExecStart"].split()
        if service("proxy").get("DynamicUser") and part == "proxy":
            options |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
        with self.log.open("a") as log:
            self.processes[part] = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, **options
            )

    def wait(self):
        """Wait until it serves its login page."""

        def serves():
            ended = [p for p in self.processes.values() if p.poll() is not None]
            assert not ended, f"see {self.log}"
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{self.url}/hub/login", trust_env=False).is_success

        wait(serves, 120)

    def stop(self):
        """Stop it as systemd does, and assert that all ended well."""
        for process in self.processes.values():
            process.terminate()
        for part, process in self.processes.items():
            success = 2 if part == "proxy" else 0  # SuccessExitStatus= in its unit
            assert process.wait(90) == success, f"{part}: see {self.log}"

    def pid(self, part):
        """Return the process id of the hub or of the proxy."""
        return self.processes[part].pid

    def kill(self, part):
        """Kill the hub or the proxy, and wait until it runs again."""
        self.processes[part].kill()
        self.processes[part].wait()
        self.begin(part)
        self.wait()


def free_port():
    """Return a port of this machine that is free with those that belong to it."""
    for port in range(18000, 30000, 100):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in (port, port + 1, port + 81):
                stack.enter_context(socket.create_server(("127.0.0.1", number)))
            return port
    raise RuntimeError("no free port")


def lesson_path(lesson, language, framework):
    """Return the path of a lesson's notebook in a student's folder."""
    path = notebook_path(load_editions()[lesson], language, framework)
    return path.relative_to(NOTEBOOKS).as_posix()


def run(*command, **options):
    subprocess.run(command, check=True, capture_output=True, text=True, **options)


def kill(student):
    """End whatever runs under a student's account."""

    def gone():
        for pid in student.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not student.processes()

    wait(gone, 20)


def members(group):
    """Return who is in a group of this machine, which there need not be."""
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []


def remove(name):
    """Remove an account and what it runs."""
    kill(Student("", name, ""))
    run("userdel", name)


@pytest.fixture(scope="session")
def folder():
    """A folder for homes and the hub's memory, which students can pass through."""
    path = Path(tempfile.mkdtemp(prefix="optimizers-hub-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def everyone(folder):
    """Accounts of this machine, {name: password}; none of them is left behind.

    The students are in the group of the class, the teacher and the outsider are not.
    """
    if os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.exit(
            "make test-hub has to run as root on Linux: it makes accounts for its "
            "students and removes them.",
            returncode=1,
        )
    for name in (*members(GROUP), TEACHER, OUTSIDER):  # of a run that was killed
        with contextlib.suppress(KeyError):
            remove(name)
    subprocess.run(["groupdel", GROUP], capture_output=True)
    run("groupadd", GROUP)
    students = [f"{GROUP}-{i:02}" for i in range(1, NUMBER + 1)]
    names = {name: secrets.token_hex(8) for name in (*students, TEACHER, OUTSIDER)}
    (folder / "home").mkdir()
    for name in names:
        groups = ["--groups", GROUP] if name in students else []
        run(
            "useradd",
            "--create-home",
            "--home-dir",
            folder / "home" / name,
            *groups,
            name,
        )
    run("chpasswd", input="".join(f"{n}:{p}\n" for n, p in names.items()))
    yield names
    for name in names:
        remove(name)
    run("groupdel", GROUP)


@pytest.fixture(scope="session")
def accounts(everyone):
    """The accounts of the class, {name: password}."""
    members = grp.getgrnam(GROUP).gr_mem
    return {name: everyone[name] for name in members}


@pytest.fixture(scope="session")
def classroom(folder, everyone):
    """The classroom, running."""
    room = Classroom(
        folder / "state", HUB_MODE="server", HUB_GROUP=GROUP, HUB_TEACHERS=TEACHER
    )
    try:
        yield room.start()
    finally:
        room.stop()


@pytest.fixture
def students(classroom, accounts):
    """All students, without servers at the end."""
    everyone = [Student(classroom.url, *account) for account in accounts.items()]
    yield everyone
    for student in everyone:
        if student.http.cookies:
            kill(student)
            student.hub("DELETE", f"users/{student.name}/server").raise_for_status()
        student.http.close()


@pytest.fixture
def class_of_two(students):
    """Two students at their lesson, each with a notebook saved and a kernel running.

    Returns the pair; ``student.path`` is the notebook's, ``student.bytes`` what the
    disk has of it.
    """

    def begin(student):
        student.login()
        lesson = load_lessons()[0]
        student.choose(lesson, "vi", "pytorch")
        student.path = lesson_path(lesson, "vi", "pytorch")
        notebook = student.open(student.path)
        notebook["cells"][0]["source"] = f"# {student.name}"
        student.notebook = notebook
        student.save(student.path, notebook).raise_for_status()
        student.bytes = student.file(student.path)
        assert f"# {student.name}".encode() in student.bytes
        return student

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(begin, students[:2]))
