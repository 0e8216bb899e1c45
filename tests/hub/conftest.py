"""A classroom in server mode, with accounts made for the tests and removed after."""

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
from weave.lessons import ROOT

GROUP = "rmsprop-test"
NUMBER = 16
LOGS = ROOT / ".build" / "test-hub"
REPORT = []  # lines that the end of the run shows


def pytest_terminal_summary(terminalreporter):
    for line in REPORT:
        terminalreporter.write_line(line)


class Classroom:
    """`make hub` as a process: its address, and what one can do to it."""

    def __init__(self, state, **env):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.secrets = {
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
            "JPY_COOKIE_SECRET": secrets.token_hex(32),
        }
        self.env = {"HUB_PORT": str(self.port), "HUB_STATE": str(state), **env}
        self.process = None
        self.log = LOGS / f"{env.get('HUB_MODE', 'laptop')}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)

    def start(self):
        """Start it and wait until it serves its login page."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [ROOT / ".venv-hub/bin/python", ROOT / "classroom/start.py"],
                env={**os.environ, **self.secrets, **self.env},
                stdout=log,
                stderr=log,
            )
        self.wait()
        return self

    def wait(self):
        """Wait until it serves its login page."""

        def serves():
            assert self.process.poll() is None, f"see {self.log}"
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{self.url}/hub/login", trust_env=False).is_success

        wait(serves, 120)

    def stop(self):
        """Stop it as a service manager does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def child(self, word):
        """Return the process id of the hub or of the proxy."""
        for path in Path(f"/proc/{self.process.pid}/task").iterdir():
            for pid in map(int, (path / "children").read_text().split()):
                if word in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return None

    def kill(self, word):
        """Kill the hub or the proxy, and wait until it runs again."""
        old = self.child(word)
        os.kill(old, signal.SIGKILL)
        wait(lambda: self.child(word) not in (None, old), 30)
        self.wait()


def free_port():
    """Return a port of this machine that is free with those that belong to it."""
    for port in range(18000, 30000, 100):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in (port, port + 1, port + 81):
                stack.enter_context(socket.create_server(("127.0.0.1", number)))
            return port
    raise RuntimeError("no free port")


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


@pytest.fixture(scope="session")
def folder():
    """A folder for homes and the hub's memory, which students can pass through."""
    path = Path(tempfile.mkdtemp(prefix="rmsprop-hub-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def accounts(folder):
    """Accounts of this machine, {name: password}; none of them is left behind."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.exit(
            "make test-hub has to run as root on Linux: it makes accounts for its "
            "students and removes them.",
            returncode=1,
        )
    with contextlib.suppress(KeyError):  # of a run that was killed
        for name in grp.getgrnam(GROUP).gr_mem:
            kill(Student("", name, ""))
            run("userdel", name)
        run("groupdel", GROUP)
    run("groupadd", GROUP)
    names = {f"{GROUP}-{i:02}": secrets.token_hex(8) for i in range(1, NUMBER + 1)}
    for name in names:
        home = folder / "home" / name
        home.parent.mkdir(exist_ok=True)
        run("useradd", "--create-home", "--home-dir", home, "--groups", GROUP, name)
    run("chpasswd", input="".join(f"{n}:{p}\n" for n, p in names.items()))
    yield names
    for name in names:
        kill(Student("", name, ""))
        run("userdel", name)
    run("groupdel", GROUP)


@pytest.fixture(scope="session")
def classroom(folder, accounts):
    """The classroom, running."""
    room = Classroom(folder / "state", HUB_MODE="server", HUB_GROUP=GROUP)
    yield room.start()
    assert room.stop() == 0


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
        student.choose("vi", "pytorch")
        student.path = "vi/rmsprop-pytorch.ipynb"
        notebook = student.open(student.path)
        notebook["cells"][0]["source"] = f"# {student.name}"
        student.notebook = notebook
        student.save(student.path, notebook).raise_for_status()
        student.bytes = student.file(student.path)
        assert f"# {student.name}".encode() in student.bytes
        return student

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(begin, students[:2]))
