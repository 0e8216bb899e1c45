"""What goes wrong in a class, and that nobody's work is lost by it.

Saved files are compared byte for byte with what they were before the fault.
"""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from classroom.handout import handed_out
from tests.hub.conftest import GROUP, OUTSIDER, TEACHER, kill
from tests.hub.student import Student, wait
from weave.lessons import load_lessons

SLOW = "import time\nfor i in range(8): time.sleep(1); print(i, end=' ', flush=True)"
CHOICE = (load_lessons()[0], "vi", "pytorch")
COUNTED = "0 1 2 3 4 5 6 7 "


def kernels(student):
    """Return the ids of the student's kernel processes."""
    found = []
    for pid in student.processes():
        with contextlib.suppress(OSError):
            if "ipykernel" in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(pid)
    return found


def server(student):
    """Return the id of the process of the student's server."""
    for pid in student.processes():
        if "jupyterhub-singleuser" in Path(f"/proc/{pid}/cmdline").read_text():
            return pid
    return None


def goes_on(student):
    """Assert that the student's kernel answers and that saving still works."""
    assert student.text("print(6 * 7)") == "42\n"
    student.notebook["cells"][0]["source"] += "!"
    student.save(student.path, student.notebook).raise_for_status()
    assert f"# {student.name}!".encode() in student.file(student.path)


def reconnect(student):
    """Connect again, as JupyterLab does when its websocket was cut."""

    def connected():
        with contextlib.suppress(Exception):  # refused, 404, 503: not yet
            student.connect()
            return True

    wait(connected, 90, every=1)


def test_a_kernel_killed_in_mid_cell(class_of_two):
    one, other = class_of_two
    one.send(SLOW)
    (old,) = kernels(one)
    os.kill(old, signal.SIGKILL)
    wait(lambda: kernels(one) not in ([], [old]), 30)  # the server starts a new one
    assert one.file(one.path) == one.bytes
    one.connect()
    goes_on(one)
    goes_on(other)


def test_a_server_killed(class_of_two):
    one, other = class_of_two
    (kernel,) = kernels(one)
    os.kill(server(one), signal.SIGKILL)
    wait(lambda: kernel not in kernels(one), 30)  # nothing is left behind
    assert one.file(one.path) == one.bytes
    one.hub("DELETE", f"users/{one.name}/server").raise_for_status()
    one.choose(*CHOICE)
    assert one.file(one.path) == one.bytes, "the second start copies nothing over it"
    assert f"# {one.name}" in one.open(one.path)["cells"][0]["source"]
    goes_on(one)
    goes_on(other)


def test_the_proxy_killed_while_a_cell_runs(classroom, class_of_two):
    one, other = class_of_two
    request = one.send(SLOW)
    classroom.kill("proxy")
    reconnect(one)
    assert "".join(o["text"] for o in one.outputs(request)) == COUNTED
    assert [s.file(s.path) == s.bytes for s in (one, other)] == [True, True]
    goes_on(one)
    reconnect(other)
    goes_on(other)


def test_the_hub_killed_while_a_cell_runs(classroom, class_of_two):
    one, other = class_of_two
    request = one.send(SLOW)
    servers = server(one), server(other)
    classroom.kill("hub")
    # The proxy went on, so the websocket was not even cut.
    assert "".join(o["text"] for o in one.outputs(request)) == COUNTED
    assert (server(one), server(other)) == servers
    assert [s.file(s.path) == s.bytes for s in (one, other)] == [True, True]
    goes_on(one)
    goes_on(other)


def test_the_classroom_stopped_and_started_while_a_cell_runs(classroom, class_of_two):
    one, other = class_of_two
    request = one.send(SLOW)
    servers = server(one), server(other)
    classroom.stop()
    assert (server(one), server(other)) == servers
    classroom.start()
    reconnect(one)
    assert "".join(o["text"] for o in one.outputs(request)) == COUNTED
    assert (server(one), server(other)) == servers
    assert [s.file(s.path) == s.bytes for s in (one, other)] == [True, True]
    goes_on(one)
    reconnect(other)
    goes_on(other)


@pytest.fixture
def small_disk(accounts, folder):
    """A disk with room for the course and 8 MB as the home of the first student."""
    name = next(iter(accounts))
    home = folder / "home" / name
    size = 8_000_000 + sum(len(data) for *_, data in handed_out({}))
    options = f"size={size},mode=700,uid={name},gid={name}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", home], check=True)
    yield
    subprocess.run(["umount", "--lazy", home], check=True)


def test_one_disk_is_full(small_disk, class_of_two):
    one, other = class_of_two
    fill = "f = open('filler', 'wb')\ntry:\n    while True: f.write(bytes(4096))\n"
    assert one.text(fill + "except OSError as e: print(e.strerror)") == (
        "No space left on device\n"
    )
    one.notebook["cells"][1]["source"] = "more"
    answer = one.save(one.path, one.notebook)
    assert answer.status_code == 500
    assert "No space left on device" in answer.json()["message"]
    assert one.file(one.path) == one.bytes
    goes_on(other)
    # Also from a full disk one comes back, to make room.
    kill(one)
    one.hub("DELETE", f"users/{one.name}/server").raise_for_status()
    one.choose(*CHOICE)
    assert one.file(one.path) == one.bytes
    one.api("DELETE", "contents/vi/filler").raise_for_status()
    one.open(one.path)
    goes_on(one)


def test_printing_without_bound(class_of_two):
    one, other = class_of_two
    one.send("while True: print('x' * 1000)")
    for _ in range(3):
        assert other.text("print(6 * 7)") == "42\n"
    one.api("POST", f"kernels/{one.kernel}/interrupt").raise_for_status()
    assert one.file(one.path) == one.bytes
    # The server drops what comes too fast, and hears again after some seconds.
    wait(lambda: one.text("print(6 * 7)") == "42\n", 60)
    goes_on(one)


def test_allocating_without_bound(class_of_two):
    one, other = class_of_two
    hoard = "hoard = []\nwhile True: hoard.append(bytearray(2**24))"
    assert "MemoryError" in one.text(hoard)
    assert one.memory() < 2048
    one.text("hoard.clear()")
    assert one.file(one.path) == one.bytes
    goes_on(one)
    goes_on(other)


def test_starting_processes_without_bound(class_of_two):
    one, other = class_of_two
    fork = "import subprocess as s\nwhile True: s.Popen(['sleep', '100'])"
    assert "BlockingIOError" in one.text(fork)
    assert one.file(one.path) == one.bytes
    goes_on(other)


def test_another_students_files_cannot_be_read(class_of_two, classroom):
    one, other = class_of_two
    peek = "try: print(open({!r}, 'rb').read())\nexcept OSError as e: print(e.strerror)"
    runtime = Path(f"/proc/{server(one)}/environ").read_bytes()
    for path in (
        f"{one.home}/optimizers/{one.path}",
        f"/proc/{server(one)}/environ",
        f"/proc/{kernels(one)[0]}/mem",
        f"{classroom.state}/jupyterhub.sqlite",
        f"{classroom.state}/jupyterhub_cookie_secret",
        f"/proc/{classroom.pid('hub')}/environ",
        f"/proc/{classroom.pid('proxy')}/environ",
    ):
        assert Path(path).exists()
        assert other.text(peek.format(path)) == "Permission denied\n", path
    folder = next(
        entry.partition(b"=")[2].decode()
        for entry in runtime.split(b"\0")
        if entry.startswith(b"JUPYTER_RUNTIME_DIR=")
    )
    assert "PermissionError" in other.text(f"import os; os.listdir({folder!r})")
    write = f"open({str(Path(__file__))!r}, 'a')"
    assert "PermissionError" in other.text(write), "the course is read-only"


def test_another_students_kernel_cannot_be_reached(class_of_two):
    one, other = class_of_two
    for path in ("lab", f"api/kernels/{one.kernel}", f"api/contents/{one.path}"):
        answer = other.http.get(f"/user/{one.name}/{path}")
        assert answer.status_code in (403, 404), path
    # A kernel's sockets are files of its student. One port is left, on which it takes
    # the output of its child processes, and from which nobody hears anything.
    listen = (
        "import zmq\nheard = zmq.Context().socket(zmq.SUB)\nheard.subscribe('')\n"
        f"for p in {sorted(listening(kernels(one)))}:\n"
        "    heard.connect(f'tcp://127.0.0.1:{p}')\n"
        "print('heard' if heard.poll(4000) else 'nothing')"
    )
    one.send(SLOW)
    assert other.text(listen) == "nothing\n"
    (port,) = listening([server(one)])
    answer = httpx.get(
        f"http://127.0.0.1:{port}/user/{one.name}/api/contents", trust_env=False
    )
    assert answer.status_code == 403


def listening(pids):
    """Return the TCP ports on which processes listen."""
    inodes = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(os.readlink(entry).removeprefix("socket:[").rstrip("]"))
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def test_the_secrets_of_the_hub_are_nowhere_a_student_looks(classroom, class_of_two):
    one, _ = class_of_two
    seen = one.text(
        "import os, glob, pathlib\nprint(dict(os.environ))\n"
        "for p in glob.glob('/proc/*/cmdline'):\n"
        "    try: print(pathlib.Path(p).read_text())\n"
        "    except OSError: pass"
    )
    assert "jupyterhub_config" in seen, "the student sees the processes"
    for secret in classroom.secrets.values():
        assert secret not in seen
    routes = f"http://127.0.0.1:{classroom.port + 1}/api/routes"
    get = f"import httpx; print(httpx.get({routes!r}, trust_env=False).status_code)"
    assert one.text(get) == "403\n"
    users = f"{classroom.url}/hub/api/users"
    get = (
        f"import httpx, os; t = os.environ['JUPYTERHUB_API_TOKEN']; print(httpx.get("
        f"{users!r}, headers={{'Authorization': 'token ' + t}}, trust_env=False)"
        ".status_code)"
    )
    assert one.text(get) == "403\n"


def test_who_is_not_in_the_class_does_not_get_in(classroom, everyone):
    stranger, teacher = (
        Student(classroom.url, name, everyone[name]) for name in (OUTSIDER, TEACHER)
    )
    name = next(iter(everyone))
    assert Student(classroom.url, name, "wrong").login().status_code == 403
    refused = stranger.login()
    assert refused.status_code == 403
    assert f"is not in the group {GROUP}" in refused.text
    assert teacher.login().is_success


def test_a_name_with_accents_is_told_what_a_name_is(classroom):
    refused = Student(classroom.url, "Ân", "12345678").login()
    assert refused.status_code == 403
    assert "gõ <b>an</b>" in refused.text


def test_a_teacher_stops_a_students_server_and_does_not_enter_it(
    classroom, class_of_two, everyone
):
    one, other = class_of_two
    teacher = Student(classroom.url, TEACHER, everyone[TEACHER])
    teacher.login()
    assert teacher.http.get("/hub/admin").is_success
    listed = {user["name"] for user in teacher.hub("GET", "users").json()}
    assert {one.name, other.name} <= listed
    for path in ("lab", f"api/contents/{one.path}"):
        answer = teacher.http.get(f"/user/{one.name}/{path}")
        assert answer.status_code == 403, path
    for method, path in (
        ("POST", f"users/{one.name}/tokens"),
        ("DELETE", f"users/{one.name}"),
        ("POST", "users/somebody"),
        ("POST", "shutdown"),
    ):
        assert teacher.hub(method, path).status_code in (403, 404), path
    teacher.hub("DELETE", f"users/{one.name}/server").raise_for_status()
    wait(lambda: server(one) is None, 30)
    assert one.file(one.path) == one.bytes
    goes_on(other)


def test_prometheus_reads_the_metrics_with_its_token(classroom):
    metrics = f"{classroom.url}/hub/metrics"
    token = {"Authorization": f"token {classroom.secrets['HUB_METRICS_TOKEN']}"}
    told = httpx.get(metrics, headers=token, trust_env=False)
    assert "jupyterhub_running_servers" in told.text
    assert httpx.get(metrics, trust_env=False).status_code == 403
    users = f"{classroom.url}/hub/api/users"
    assert httpx.get(users, headers=token, trust_env=False).status_code == 403
