"""The files of settings for a cluster and for a lab server say what their readers know.

No cluster runs here: each setting is given to the class that it configures.
"""

import json
import shutil
import subprocess

import pytest
import yaml

from classroom.lessons import choices
from tests.hub.conftest import ROOT
from tests.hub.test_login import PYTHON, needs

CLASSROOM = ROOT / "classroom"
LOAD = """
import sys, types, yaml, importlib
from traitlets.config import Config
module, name = sys.argv[1].rsplit(".", 1)
kind = getattr(importlib.import_module(module), name)
config = yaml.safe_load(open(sys.argv[2]))["hub"]["config"]
unknown = [t for t in config.get(name, {}) if not kind.class_traits(config=True).get(t)]
assert not unknown, unknown
user = types.SimpleNamespace(name="an", id=1)
kind(config=Config(config), **({"user": user} if name.endswith("Spawner") else {}))
"""


def values(name):
    return yaml.safe_load((CLASSROOM / name).read_text("utf-8"))


def load(kind, name):
    """Return what is said when a class is made with the settings of a file."""
    command = [PYTHON, "-c", LOAD, kind, CLASSROOM / name]
    return subprocess.run(command, capture_output=True, text=True).stderr


def test_the_clusters_page_asks_what_the_hubs_page_asks():
    (profile,) = values("values.yaml")["singleuser"]["profileList"]
    asked = {}
    for name, option in profile["profile_options"].items():
        asked[name] = {v: c["display_name"] for v, c in option["choices"].items()}
        first = next(iter(option["choices"].values()))
        assert [c.get("default") for c in option["choices"].values()].count(True) == 1
        assert first["default"]
        for value, choice in option["choices"].items():
            environment = choice["kubespawner_override"]["environment"]
            assert environment == {f"COURSE_{name.upper()}": value}
    assert asked == choices()
    assert {n: list(a) for n, a in asked.items()} == {
        n: list(a) for n, a in choices().items()
    }


def test_nobody_logs_in_to_the_cluster_before_it_has_a_password_of_its_own():
    code = (
        "import asyncio, sys, yaml\nfrom traitlets.config import Config\n"
        "from jupyterhub.authenticators.shared import SharedPasswordAuthenticator\n"
        "config = Config(yaml.safe_load(open(sys.argv[1]))['hub']['config'])\n"
        "login = SharedPasswordAuthenticator(config=config).get_authenticated_user\n"
        "for password in ('', 'None', 'EXAMPLE-password'):\n"
        "    data = {'username': 'an', 'password': password}\n"
        "    print(asyncio.run(login(None, data)))"
    )
    command = [PYTHON, "-c", code, CLASSROOM / "values.yaml"]
    assert subprocess.check_output(command, text=True).split() == 3 * ["None"]


@pytest.mark.parametrize(
    "kind, name",
    [
        ("oauthenticator.generic.GenericOAuthenticator", "login/oidc.yaml"),
        ("ldapauthenticator.LDAPAuthenticator", "login/ldap.yaml"),
        ("ltiauthenticator.lti13.auth.LTI13Authenticator", "login/lti.yaml"),
        ("systemdspawner.SystemdSpawner", "limits.yaml"),
    ],
)
def test_each_setting_is_one_that_its_class_has(kind, name):
    needs(kind.partition(".")[0])
    said = load(kind, name)
    assert "Error" not in said, said


def test_a_learning_platform_gives_the_name_in_a_parameter_of_its_own():
    """A sample of what comes: Moodle and Canvas send no name of an account else."""
    needs("ltiauthenticator")
    code = (
        "import sys, yaml\nfrom traitlets.config import Config\n"
        "from ltiauthenticator.lti13.auth import LTI13Authenticator\n"
        "config = Config(yaml.safe_load(open(sys.argv[1]))['hub']['config'])\n"
        "custom = 'https://purl.imsglobal.org/spec/lti/claim/custom'\n"
        "token = {'sub': '17', 'name': 'Lê Ân', custom: {'username': 'an'}}\n"
        "print(LTI13Authenticator(config=config).get_username(token))"
    )
    command = [PYTHON, "-c", code, CLASSROOM / "login/lti.yaml"]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.stdout == "an\n", said.stderr


def test_teachers_can_do_on_the_cluster_what_they_can_on_a_lab_server():
    config = (CLASSROOM / "jupyterhub_config.py").read_text("utf-8")
    scopes = values("values.yaml")["hub"]["loadRoles"]["teacher"]["scopes"]
    assert f'"scopes": {scopes!r},'.replace("'", '"') in config


def test_a_copy_of_the_caddyfile_is_one(tmp_path):
    if not shutil.which("caddy"):
        pytest.skip("no caddy: apt install caddy")
    text = (CLASSROOM / "Caddyfile").read_text("utf-8")
    file = tmp_path / "Caddyfile"
    file.write_text(text.replace("HUB_HOST", "hub.school.org"))
    command = ["caddy", "adapt", "--config", file]
    said = subprocess.run(command, capture_output=True, text=True)
    (server,) = json.loads(said.stdout)["apps"]["http"]["servers"].values()
    assert server["listen"] == [":443"]
    assert '"hub.school.org"' in said.stdout and '"127.0.0.1:8000"' in said.stdout
