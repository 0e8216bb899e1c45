"""What a submission reaches from where it is graded, and what it leaves behind."""

import os
import shutil
import socket
import subprocess

import pytest

from classroom.grading import apart
from classroom.grading.__main__ import main
from weave.lessons import ROOT

FORK = """\
import subprocess
children = []
for _ in range(700):
    children.append(subprocess.Popen(["sleep", "60"]))
"""
STAY = """\
import os, pathlib, subprocess
subprocess.Popen(["sleep", "12345.678"], start_new_session=True)
startup = pathlib.Path.home() / ".ipython/profile_default/startup"
startup.mkdir(parents=True, exist_ok=True)
(startup / "mine.py").write_text("print('left behind')")
pathlib.Path("/dev/shm/mine").touch(), pathlib.Path("/tmp/mine").touch()
"""


def can_run_apart():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    tried = subprocess.run(["unshare", *apart.NAMESPACES, "--fork", "true"])
    return tried.returncode == 0


root_only = pytest.mark.skipif(
    not can_run_apart(), reason="this needs root, and the right to make namespaces"
)


def said(*sources, seconds=60):
    """Return what each cell printed, or the name of its error."""
    return [
        "".join(o.get("text") or o.get("ename", "") for o in cell).strip()
        for cell in apart.run_apart(list(sources), seconds)
    ]


@root_only
def test_grades_sources_homes_processes_and_the_network_are_out_of_reach(tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    secret.chmod(0o666)
    tmp_path.chmod(0o777)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        account, seen, read, wrote, others, connected, imported = said(
            "import os; print(os.getuid(), os.getgroups())",
            f"print(sorted(os.listdir({str(ROOT)!r})))\n"
            f"print({{f for *_, all in os.walk({str(ROOT / 'lessons')!r})"
            " for f in all})",
            f"print(open({str(secret)!r}).read())",
            f"open({str(ROOT / 'common' / 'check.py')!r}, 'a')",
            "print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 10)",
            f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)",
            "import common, common.check; print(common.__file__)\n"
            "common.check.Checker('rmsprop')",
        )
    assert account.startswith("65534 ")
    assert seen == "['.venv', 'common', 'lessons']\n{'checks.py'}"
    assert (read, wrote) == ("FileNotFoundError", "PermissionError")
    assert others == "True"
    assert connected in ("OSError", "ConnectionRefusedError")
    assert imported == str(ROOT / "common" / "__init__.py")


@root_only
def test_processes_and_memory_are_limited():
    forked, allocated, after = said(
        FORK,
        "x = bytearray(3 * 2**30)",
        "[child.kill() for child in children]\nprint(1)",
    )
    assert (forked, allocated, after) == ("BlockingIOError", "MemoryError", "1")


@root_only
def test_a_strict_umask_keeps_nothing_from_running():
    before = os.umask(0o077)  # as `make grade` has it
    try:
        assert said("print(1)") == ["1"]
    finally:
        os.umask(before)


@root_only
def test_nothing_stays_for_the_next_submission():
    said(STAY)
    running = subprocess.run(["ps", "ax"], capture_output=True, text=True).stdout
    assert "12345.678" not in running
    (found,) = said("import os; print(os.path.exists('/dev/shm/mine'), os.listdir())")
    assert found.startswith("False")
    assert "mine" not in found and "left behind" not in found


def test_an_endless_output_is_cut_and_what_comes_after_counts():
    ((printed, *_), (after,)) = apart.run_apart(
        ["for _ in range(300): print('x' * 100_000)", "print(1)"], 60
    )
    assert 0 < len(printed.text) < 6_000_000
    assert after.text == "1\n"


def test_who_ends_what_runs_a_submission_gets_a_note_and_no_outputs():
    forge = """
import os
parent = f"/proc/{os.getppid()}"
for file in os.listdir(f"{parent}/fd"):
    try:
        open(f"{parent}/fd/{file}", "w").write("[[], [], []]")
    except OSError:
        pass
os.kill(os.getppid(), 9)
"""
    with pytest.raises(apart.ApartError, match="it ended what ran it"):
        apart.run_apart([forge, "1 / 0"], 60)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root grades apart")
def test_a_place_where_nothing_can_be_run_apart_is_named(monkeypatch):
    monkeypatch.setattr(apart, "NAMESPACES", ["--no-such-namespace"])
    with pytest.raises(apart.ApartError, match="unshare"):
        apart.run_apart(["1"], 20)


def test_who_grades_without_root_reads_what_is_not_protected(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("classroom.grading.__main__.FOLDER", tmp_path / "grading")
    monkeypatch.setattr("sys.argv", ["make", "grade"])
    monkeypatch.setattr("os.getuid", lambda: 1000)
    before = os.umask(0o077)
    try:
        assert "run `make assignment` first" in main()
    finally:
        os.umask(before)
    assert "Nothing is protected" in capsys.readouterr().err
