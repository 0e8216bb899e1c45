"""Start the classroom, a hub and the proxy in front of it, and keep both running.

`make hub` tries it out on a laptop; `make hub HUB_MODE=server` is for a class, as root
on a machine where each student has an account. `classroom/README.md` tells the rest.
"""

import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
HUB = COURSE / ".venv-hub" / "bin"
PROXY = COURSE / "classroom" / "node_modules" / ".bin" / "configurable-http-proxy"
SECRETS = ("CONFIGPROXY_AUTH_TOKEN", "JPY_COOKIE_SECRET")
DEFAULTS = {
    "HUB_MODE": "laptop",
    "HUB_IP": "127.0.0.1",
    "HUB_PORT": "8000",
    "HUB_GROUP": "students",
    "HUB_STATE": str(COURSE / ".hub"),
    "STUDENT_MEMORY_KIB": str(2**20),
}
AT_ONCE = 5  # a child that ends within so many seconds will not do better next time


class StartError(Exception):
    """What keeps the classroom from starting, and what to do, in a sentence or two."""


def check(env):
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
    (check_server if env["HUB_MODE"] == "server" else check_laptop)(env)
    port = int(env["HUB_PORT"])
    for ip, number in ((env["HUB_IP"], port), *[("", port + i) for i in (1, 81)]):
        try:
            with socket.create_server((ip or "127.0.0.1", number)):
                pass
        except OSError as error:
            raise StartError(
                f"{ip or '127.0.0.1'} port {number} cannot be used ({error.strerror}): "
                "stop what uses it (another hub?), or give another HUB_PORT or HUB_IP."
            ) from None


def check_laptop(env):
    """Raise StartError if others could reach a hub in which nobody is protected."""
    if env["HUB_IP"] not in ("127.0.0.1", "localhost"):
        raise StartError(
            "On a laptop all students are one account, so HUB_IP has to stay "
            "127.0.0.1. For other machines start it with HUB_MODE=server."
        )
    if len(env.get("HUB_PASSWORD", 8 * " ")) < 8:
        raise StartError("HUB_PASSWORD has to have at least 8 characters.")


def check_server(env):
    """Raise StartError unless students' accounts, and only they, can work here."""
    for name in SECRETS:
        if len(env.get(name, "")) < 32:
            raise StartError(
                f"{name} is not in the environment. Make each secret once with "
                "`openssl rand -hex 32` and keep it in a file that only root can read; "
                f"the two are {' and '.join(SECRETS)}."
            )
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
    pythons = {COURSE / ".venv/bin/python": "common.data", HUB / "python": "jupyterlab"}
    for python, module in pythons.items():
        try:
            tried = subprocess.run(
                [python, "-c", f"import {module}"],
                user="nobody",
                group=pwd.getpwnam("nobody").pw_gid,
                extra_groups=[],
                cwd=COURSE,
                env={"PATH": os.defpath},  # without the secrets
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


def furnish(env):
    """Make the folder for the hub's memory, and a laptop's secrets for this run."""
    state = Path(env["HUB_STATE"])
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    if env["HUB_MODE"] == "laptop":
        for name in SECRETS:
            env.setdefault(name, secrets.token_hex(32))
        env.setdefault("HUB_PASSWORD", secrets.token_hex(4))


def greet(env):
    """Say where the classroom is, and what one should know about it."""
    url = f"http://{env['HUB_IP']}:{env['HUB_PORT']}"
    if env["HUB_MODE"] == "laptop":
        print(
            f"\nOpen {url} and log in under any name, password {env['HUB_PASSWORD']}.\n"
            "This is for trying it out: all students are one account here and could "
            "read each other's files.\nCtrl-C ends it.\n"
        )
    else:
        print(
            f"\nThe classroom is at {url} for the group {env['HUB_GROUP']}.\n"
            "Passwords cross the network as they are: put a web server with TLS in "
            "front of it.\n"
        )
    sys.stdout.flush()


def answers(port):
    """Return whether a program of this machine answers on ``port``."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def supervise(commands, cwd, port, ready):
    """Run ``commands``, {name: argv}; start again what ends; stop all on a signal.

    Calls ``ready()`` once, when something answers on ``port``. Returns 0 after a
    signal, 1 when a command cannot be kept running.
    """
    children, stopping = {}, []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    # Should this process be killed, hub and proxy end with it and free their ports.
    follow = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    status = 0
    while not stopping:
        for name, command in commands.items():
            child, since = children.get(name, (None, 0))
            if child and child.poll() is None:
                continue
            if child and time.monotonic() - since < AT_ONCE:
                print(f"make: the {name} does not start; its message is above.")
                stopping.append(True)
                status = 1
                break
            if child:
                print(f"The {name} ended ({child.returncode}) and is started again.")
            # In a session of its own Ctrl-C reaches it through this process only.
            child = subprocess.Popen(
                [*follow, *command], start_new_session=True, cwd=cwd
            )
            children[name] = child, time.monotonic()
        if ready and answers(port):
            ready = ready()
        time.sleep(0.5)
    for child, _ in reversed(children.values()):
        child.terminate()
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
    return status


def main():
    """Start the classroom; return the exit status."""
    env = os.environ
    for name, value in DEFAULTS.items():
        env[name] = env.get(name) or value
    # The hub works in that folder, where a relative path would mean another.
    env["HUB_STATE"] = os.path.abspath(env["HUB_STATE"])
    try:
        check(env)
        furnish(env)
    except (StartError, OSError) as error:
        return f"make: {error}"
    print("The classroom starts.", flush=True)
    port = int(env["HUB_PORT"])
    proxy = [PROXY, "--ip", env["HUB_IP"], "--port", str(port), "--log-level", "warn"]
    proxy += ["--api-ip", "127.0.0.1", "--api-port", str(port + 1)]
    # Where a browser goes whose route is not back yet after a restart.
    proxy += ["--error-target", f"http://127.0.0.1:{port + 81}/hub/error"]
    hub = [HUB / "jupyterhub", "--config", COURSE / "classroom/jupyterhub_config.py"]
    hub += ["--log-level", env.get("HUB_LOG_LEVEL", "WARN")]
    return supervise(
        {"proxy": proxy, "hub": hub}, env["HUB_STATE"], port + 81, lambda: greet(env)
    )


if __name__ == "__main__":
    sys.exit(main())
