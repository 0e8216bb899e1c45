"""The logins of a school, each from its example in `classroom/login`, on a lab server.

A hub with the example, filled in, lets in who is in the class and no one else.
"""

import shutil
import subprocess

import httpx
import pytest
import yaml

from tests.hub.conftest import GROUP, OUTSIDER, Classroom, free_port
from tests.hub.student import Student, wait
from weave.lessons import ROOT

LOGIN = ROOT / "classroom" / "login"
PYTHON = ROOT / ".venv-hub/bin/python"


def filled_in(name, folder, **answers):
    """Write an example with other values for its traits; return its path."""
    values = yaml.safe_load((LOGIN / f"{name}.yaml").read_text("utf-8"))
    (authenticator,) = set(values["hub"]["config"]) - {"JupyterHub"}
    values["hub"]["config"][authenticator].update(answers)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(values))
    return str(file)


@pytest.fixture
def room(everyone, folder):
    """Start a lab server's classroom with an address and a file of values."""
    started = []

    def start(values, port):
        state = folder / values.rpartition("/")[2].removesuffix(".yaml")
        room = Classroom(
            state, port, HUB_MODE="server", HUB_GROUP=GROUP, HUB_VALUES=values
        )
        started.append(room)
        return room.start()

    yield start
    for one in started:
        one.stop()


def needs(module):
    """Skip the test if the hub's environment has no such module."""
    found = subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True)
    if found.returncode:
        pytest.skip(f"no {module}: see classroom/login/requirements.txt")


@pytest.fixture
def provider():
    """The address of an OpenID provider that lets anybody log in under any name."""
    needs("oidc_provider_mock")
    port = free_port()
    command = [PYTHON, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    configuration = f"{url}/.well-known/openid-configuration"
    wait(lambda: reached(configuration), 60)
    yield httpx.get(configuration, trust_env=False).json()
    process.terminate()
    process.wait()


def reached(url):
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_openid_connect(provider, room, accounts, tmp_path):
    needs("oauthenticator")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    values = filled_in(
        "oidc",
        tmp_path,
        login_service="the school",
        client_id="hub",
        client_secret="secret",
        oauth_callback_url=f"{url}/hub/oauth_callback",
        authorize_url=provider["authorization_endpoint"],
        token_url=provider["token_endpoint"],
        userdata_url=provider["userinfo_endpoint"],
        username_claim="sub",
    )
    room(values, port)

    def login(name):
        with httpx.Client(follow_redirects=True, trust_env=False) as browser:
            page = browser.get(f"{url}/hub/oauth_login")
            assert str(page.url).startswith(provider["authorization_endpoint"])
            return browser.post(page.url, data={"sub": name})

    assert login(next(iter(accounts))).url.path == "/hub/spawn"
    for name, sentence in {
        OUTSIDER: f"is not in the group {GROUP}",
        "ghost": "has no account on this machine",
    }.items():
        refused = login(name)
        assert refused.status_code == 403
        assert sentence in refused.text


@pytest.fixture
def directory(accounts, tmp_path):
    """The port of an LDAP server that knows two people of the class, by a password."""
    if not shutil.which("slapd"):
        pytest.skip("no slapd: apt install slapd ldap-utils")
    port = free_port()
    (tmp_path / "data").mkdir()
    (tmp_path / "slapd.conf").write_text(
        "".join(f"include /etc/ldap/schema/{n}.schema\n" for n in ("core", "cosine"))
        + "include /etc/ldap/schema/inetorgperson.schema\n"
        f"modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {tmp_path}/pid\n"
        f'database mdb\nsuffix "dc=school"\nrootdn "cn=root,dc=school"\nrootpw root\n'
        f"directory {tmp_path}/data\n"
    )
    url = f"ldap://127.0.0.1:{port}"
    command = ["slapd", "-f", tmp_path / "slapd.conf", "-h", url, "-d", "0"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    entries = [
        "dn: dc=school\nobjectClass: dcObject\nobjectClass: organization\no: school\n",
        "dn: ou=people,dc=school\nobjectClass: organizationalUnit\n",
    ]
    for name in (next(iter(accounts)), OUTSIDER):
        entries.append(
            f"dn: uid={name},ou=people,dc=school\nobjectClass: inetOrgPerson\n"
            f"cn: {name}\nsn: {name}\nuserPassword: of {name}\n"
        )

    def added():
        return not subprocess.run(
            ["ldapadd", "-x", "-c", "-H", url, "-D", "cn=root,dc=school", "-w", "root"],
            input="\n".join(entries),
            text=True,
            capture_output=True,
        ).returncode

    wait(added, 30, every=1)
    yield port
    process.terminate()
    process.wait()


def test_ldap(directory, room, accounts, tmp_path):
    needs("ldapauthenticator")
    port = free_port()
    values = filled_in(
        "ldap",
        tmp_path,
        server_address="127.0.0.1",
        server_port=directory,
        tls_strategy="insecure",
        bind_dn_template="uid={username},ou=people,dc=school",
    )
    url = room(values, port).url
    one, two = list(accounts)[:2]
    assert Student(url, one, f"of {one}").login().is_success
    for name, password in ((one, "guessed"), (two, f"of {two}"), (one, "")):
        assert Student(url, name, password).login().status_code == 403
    refused = Student(url, OUTSIDER, f"of {OUTSIDER}").login()
    assert refused.status_code == 403
    assert f"is not in the group {GROUP}" in refused.text
