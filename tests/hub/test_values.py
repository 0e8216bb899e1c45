"""The files of settings for a cluster and for a lab server say what their readers know.

No cluster runs here: each setting is given to the class that it configures.
"""

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
