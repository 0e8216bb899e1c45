"""The pins, what is installed, and what `make lab` opens."""

import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from weave.lessons import ROOT, load_frameworks

PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "Linux, ARM": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "Apple silicon": {"sys_platform": "darwin", "platform_machine": "arm64"},
    "Intel Mac": {"sys_platform": "darwin", "platform_machine": "x86_64"},
    "Windows": {"sys_platform": "win32", "platform_machine": "AMD64"},
}
every_place = pytest.mark.parametrize(
    "place",
    [
        {**facts, "python_version": python, "python_full_version": f"{python}.9"}
        for facts in PLATFORMS.values()
        for python in PYTHONS
    ],
    ids=[f"{name}, {python}" for name in PLATFORMS for python in PYTHONS],
)


def requirements(file, place=None):
    """Return {name: Requirement} of a file, as pip reads it in a place, or here."""
    found = {}
    for line in (ROOT / file).read_text("utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(place):
            continue
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} stands twice in {file}"
        found[name] = requirement
    return found


def pins(place=None):
    """Return {name: version} of all pins."""
    found = requirements("constraints.txt", place)
    assert all(str(r.specifier).startswith("==") for r in found.values())
    return {name: str(r.specifier)[2:] for name, r in found.items()}


def test_what_is_installed_is_what_is_pinned():
    pinned = pins() | {
        name: str(r.specifier)[2:]
        for name, r in requirements("requirements-no-deps.txt").items()
    }
    command = [sys.executable, "-m", "pip", "list", "--format=json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    here = {
        canonicalize_name(found["name"]): found["version"].split("+")[0]
        for found in json.loads(done.stdout)
    }
    own = {"optimizers-course", "pip", "wheel"}
    # A build of PyTorch without CUDA brings less than is pinned, none brings more.
    assert here.keys() - own <= pinned.keys()
    assert {name: pinned[name] for name in here.keys() - own} == {
        name: here[name] for name in here.keys() - own
    }
    assert requirements("requirements.txt").keys() <= here.keys()


def test_pip_complains_of_the_two_wheels_only():
    command = [sys.executable, "-m", "pip", "check"]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = tuple(requirements("requirements-no-deps.txt"))
    assert {line for line in done.stdout.splitlines() if line[0] != "N"}
    assert all(line.startswith(wheels) for line in done.stdout.splitlines())


@every_place
def test_every_requirement_has_one_pin_in_every_place(place):
    pinned = pins(place)
    for file in (
        "requirements.txt",
        "web/requirements.txt",
        "classroom/requirements.txt",
    ):
        for name, requirement in requirements(file, place).items():
            assert requirement.specifier.contains(pinned[name]), name


@every_place
def test_every_place_gets_the_frameworks_that_have_wheels_for_it(place):
    names = {
        *requirements("requirements.txt", place),
        *requirements("requirements-no-deps.txt", place),
    }
    system, machine = place["sys_platform"], place["platform_machine"]
    intel_mac = (system, machine) == ("darwin", "x86_64")
    assert ("torch" in names) != intel_mac
    assert len(names & {"tensorflow", "tensorflow-cpu"}) == (not intel_mac)
    assert ("mxnet" in names) == (system == "linux" or intel_mac)


@pytest.mark.parametrize("file", ["constraints.txt", "requirements.txt"])
def test_no_address_stands_in_the_pins(file):
    assert "://" not in (ROOT / file).read_text("utf-8")


def test_no_code_is_fetched_when_a_lesson_runs():
    for path in [*(ROOT / "lessons").rglob("*.py"), *(ROOT / "common").rglob("*.py")]:
        text = path.read_text("utf-8")
        for word in ("!pip", "%pip", "import urllib", "import requests", "torch.hub"):
            assert word not in text, f"{word} in {path}"
    # The one download there is asked for by name, is data, and has a checksum.
    assert [
        path.name
        for path in (ROOT / "common").rglob("*.py")
        if "http" in path.read_text("utf-8").replace("https://d2l", "")
    ] == ["fashion_mnist.py"]


@pytest.fixture
def lab(tmp_path):
    """Start `make lab` under settings that would open it to all; return its facts."""
    careless = {"ip": "0.0.0.0", "token": "", "open_browser": False, "allow_root": True}
    careless["port"] = 0
    settings = {"ServerApp": careless, "IdentityProvider": {"token": ""}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(settings))
    env = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_TOKEN": ""}
    env |= {"JUPYTER_RUNTIME_DIR": str(tmp_path), "MAKEFLAGS": ""}
    process = subprocess.Popen(
        ["make", "lab"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        while not (found := list(tmp_path.glob("jpserver-*.json"))):
            assert process.poll() is None, process.stdout.read().decode()
            time.sleep(0.1)
        time.sleep(0.2)
        yield json.loads(found[0].read_text())
    finally:
        os.killpg(process.pid, 15)
        process.communicate()


def status(url):
    """Return the HTTP status of a page."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_lab_is_open_to_its_token_on_this_computer_only(lab):
    assert lab["hostname"] in ("localhost", "127.0.0.1", "::1")
    address = f"http://127.0.0.1:{lab['port']}/api/contents"
    assert len(lab["token"]) > 30
    assert status(address) == 403
    assert status(f"{address}?token={lab['token']}") == 200


def test_every_extra_of_the_package_is_a_framework():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["optional-dependencies"]) == set(load_frameworks())
