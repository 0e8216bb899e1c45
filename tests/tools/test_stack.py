"""The pins, what is installed, and what `make lab` opens."""

import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from weave.lessons import ROOT

PLATFORMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "Linux, ARM": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "Apple silicon": {"sys_platform": "darwin", "platform_machine": "arm64"},
    "Intel Mac": {"sys_platform": "darwin", "platform_machine": "x86_64"},
    "Windows": {"sys_platform": "win32", "platform_machine": "AMD64"},
}
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


def pins(file, platform=None):
    """Return {name: version} of a requirements file, as a platform reads it."""
    found = {}
    for line in (ROOT / file).read_text("utf-8").splitlines():
        line = line.split("  #")[0].strip()
        if not line or line[0] in "#-":
            continue
        requirement = Requirement(line)
        marker = requirement.marker
        if marker and not marker.evaluate(PLATFORMS.get(platform)):
            continue
        (pin,) = requirement.specifier
        assert pin.operator == "==" and "*" not in pin.version, line
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} is pinned twice on {platform}"
        found[name] = pin.version
    return found


def test_what_is_installed_is_what_is_pinned():
    # Of a name that is there twice (setuptools brings copies), the first counts.
    found = reversed(list(metadata.distributions()))
    here = {canonicalize_name(d.name): d for d in found}
    versions = {name: d.version.split("+")[0] for name, d in here.items()}
    pinned = pins("constraints.txt")
    assert {name: versions.get(name) for name in pinned} == pinned
    needed = {
        canonicalize_name(requirement.name)
        for name in pinned
        for requirement in map(Requirement, here[name].requires or [])
        if not requirement.marker or requirement.marker.evaluate({"extra": ""})
    }
    # What an update of the environment left behind is needed by nothing.
    assert needed <= {*pinned, "pip", "setuptools", "wheel"}


@every_platform
def test_the_requirements_agree_with_the_constraints(platform):
    constraints = pins("constraints.txt", platform)
    for name, version in pins("requirements.txt", platform).items():
        assert constraints.get(name, version) == version


@every_platform
def test_every_platform_gets_one_of_each_framework_that_has_wheels_for_it(platform):
    names = set(pins("requirements.txt", platform))
    assert "torch" in names
    assert len(names & {"tensorflow", "tensorflow-cpu"}) == 1
    assert ("mxnet" in names) == (platform not in ("Apple silicon", "Windows"))


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2"])
def test_the_pins_admit_the_oldest_python_3_11(python):
    for distribution in metadata.distributions():
        admitted = SpecifierSet(distribution.metadata["Requires-Python"] or "")
        assert python in admitted, f"{distribution.name} needs Python {admitted}"


# pip asks the platform it runs on which markers hold, so that is told it as well.
PIP = """import sys
from pip._vendor.packaging import markers
here = markers.default_environment()
markers.default_environment = lambda: {**here, **ENVIRONMENT}
from pip._internal.cli.main import main
sys.exit(main(sys.argv[1:]))"""
WHEELS = {"Apple silicon": "macosx_14_0_arm64", "Windows": "win_amd64"}


@pytest.mark.slow
@pytest.mark.parametrize("platform", WHEELS)
def test_pip_finds_all_wheels_for_a_platform_without_mxnet(platform, tmp_path):
    environment = {
        **PLATFORMS[platform],
        "platform_system": {"Apple silicon": "Darwin", "Windows": "Windows"}[platform],
        "os_name": {"Apple silicon": "posix", "Windows": "nt"}[platform],
    }
    command = [sys.executable, "-c", PIP.replace("ENVIRONMENT", repr(environment))]
    command += ["install", "--dry-run", "--ignore-installed", "--target", tmp_path]
    command += ["--only-binary=:all:", "--python-version=3.11.2", "--implementation=cp"]
    command += ["--abi=cp311", "--abi=abi3", "--abi=none", "-r", "requirements.txt"]
    command += ["--platform", WHEELS[platform]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    installed = done.stdout.partition("Would install")[2]
    assert f"torch-{pins('requirements.txt', platform)['torch']}" in installed
    assert "mxnet" not in installed


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
    assert set(project["optional-dependencies"]) == {"mxnet", "pytorch", "tensorflow"}
