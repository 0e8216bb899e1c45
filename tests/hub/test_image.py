"""The image that `make image` built holds what one reader or a cluster's pod needs.

`make test-image` runs this where there is no network but the machine's own.
"""

import json
import os
import re
import shutil
import socket
import subprocess

import httpx
import pytest
import yaml

from tests.hub.conftest import Classroom, free_port, lesson_path
from tests.hub.student import Student, wait
from weave.lessons import load_frameworks, load_lessons

IMAGE = "localhost/optimizers"
pytestmark = pytest.mark.slow
EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.execute(notebook, timeout=600)
print("executed")
"""
SOLUTIONS = """
import json, pathlib
for folder in ("/srv", "/home"):
    for file in pathlib.Path(folder).rglob("*.ipynb"):
        print(json.loads(file.read_text()).get("metadata", {}).get("course", {}))
"""


@pytest.fixture(scope="module")
def container():
    """A container of the image, and how one runs a command in it."""
    if not shutil.which("buildah"):
        pytest.fail("there is no buildah: apt install buildah")
    made = subprocess.run(
        ["buildah", "from", "--pull-never", IMAGE], capture_output=True, text=True
    )
    if made.returncode:
        pytest.fail("there is no image: run `make image`")
    name = made.stdout.strip()
    yield ["buildah", "run", "--isolation", "chroot", name, "--"]
    subprocess.run(["buildah", "rm", name], check=True, capture_output=True)


def output(container, *command):
    """Return what a command in the container prints."""
    return subprocess.run(
        [*container, *command], check=True, capture_output=True, text=True
    ).stdout


def test_nothing_outside_the_machine_can_be_reached():
    with socket.socket() as there, pytest.raises(OSError, match="unreachable"):
        there.connect(("192.0.2.1", 80))


def test_it_runs_as_an_account_that_is_not_root_and_has_no_solutions(container):
    assert output(container, "id", "--user", "--name") == "jovyan\n"
    found = output(container, "python", "-c", SOLUTIONS)
    assert "'role': 'exercises'" in found
    assert "solutions" not in found
    assert "solutions-" not in output(container, "find", "/srv/optimizers/notebooks")


@pytest.mark.parametrize("framework", load_frameworks())
@pytest.mark.parametrize("lesson", load_lessons())
@pytest.mark.parametrize("role", ["lesson", "exercises"])
def test_a_lesson_and_its_exercises_run_in_it(container, lesson, framework, role):
    name = lesson if role == "lesson" else f"{lesson}-exercises"
    path = f"/srv/optimizers/notebooks/{lesson_path(name, 'vi', framework)}"
    assert output(container, "python", "-c", EXECUTE, path) == "executed\n"


def test_one_reader_gets_jupyterlab_with_a_token(container, tmp_path):
    command = json.loads(
        subprocess.run(
            ["buildah", "inspect", "--type", "image", IMAGE],
            check=True,
            capture_output=True,
        ).stdout
    )["OCIv1"]["config"]["Cmd"]
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [*container, *command, f"--port={port}"], stderr=file, stdout=file
        )
    try:
        pattern = r"http://127\.0\.0\.1:\d+/lab\S*\?token=\w+"
        (url,) = wait(lambda: re.findall(pattern, log.read_text())[:1], 120)
        page, _, token = url.partition("?token=")
        host = page.partition("/lab")[0]
        assert httpx.get(url, follow_redirects=True, trust_env=False).is_success
        assert httpx.get(f"{host}/api/contents", trust_env=False).status_code == 403
        listed = httpx.get(f"{host}/api/contents/vi?token={token}", trust_env=False)
        paths = {entry["path"] for entry in listed.json()["content"]}
        assert lesson_path(load_lessons()[0], "vi", "pytorch") in paths
    finally:
        server.terminate()
        server.wait(60)


def test_a_hub_starts_it_and_a_student_logs_in(container, tmp_path):
    spawn = tmp_path / "spawn.sh"  # what a pod gets as its environment
    run, name = container[:-2], container[-2]
    spawn.write_text(
        "#!/bin/bash\nfor name in $(compgen -e | grep -E '^(JUPYTERHUB|COURSE)_'); do\n"
        '    options+=(--env "$name=${!name}")\ndone\n'
        f'exec {" ".join(run)} "${{options[@]}}" {name} -- '
        '/srv/optimizers/classroom/student.sh "$@"\n'
    )
    spawn.chmod(0o755)
    config = {
        "Spawner": {"cmd": [str(spawn)], "notebook_dir": "/home/jovyan/optimizers"}
    }
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"hub": {"config": config}}))
    room = Classroom(
        tmp_path / "state", HUB_PASSWORD="try it out", HUB_VALUES=str(values)
    )
    room.start()
    try:
        student = Student(room.url, "an", "try it out")
        student.login()
        path = lesson_path(load_lessons()[0], "vi", "pytorch")
        opened = student.choose(load_lessons()[0], "vi", "pytorch")
        assert opened == f"/user/an/lab/tree/{path}"
        student.open(path)
        assert student.text("import os; print(os.getuid())") == "1000\n"
        assert (
            student.text("import torch; print(torch.ones(2).sum())") == "tensor(2.)\n"
        )
        assert os.getuid() == 0
    finally:
        room.stop()
