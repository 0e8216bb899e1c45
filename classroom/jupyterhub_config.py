"""JupyterHub for one class. `classroom/start.py` checks the environment it reads."""

import grp
import logging
import os
import pwd
import shutil
import sys
from pathlib import Path

import yaml
from tornado.web import HTTPError

COURSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(COURSE))
from classroom.lessons import apply, form  # noqa: E402
from classroom.start import proxy_program  # noqa: E402

c = get_config()  # noqa: F821
env = os.environ
port = int(env["HUB_PORT"])
laptop = env["HUB_MODE"] == "laptop"
state = Path(env["HUB_STATE"])
teachers = set(env.get("HUB_TEACHERS", "").split())

# Where it listens. Students reach the proxy only; hub and proxy talk on loopback.
c.JupyterHub.bind_url = f"http://{env['HUB_IP']}:{port}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = port + 81
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 1}"
# Should the hub be killed, its own proxy ends with it and frees the ports.
follow = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
c.ConfigurableHTTPProxy.command = follow + proxy_program()
c.ConfigurableHTTPProxy.log_level = "warn"
# The guide says what TLS is for; at each start it would be noise.
logging.getLogger("JupyterHub").addFilter(lambda line: "without SSL" not in line.msg)
# The hub gives a proxy that was restarted its routes back this often (seconds).
c.JupyterHub.last_activity_interval = 30

# On a server, a hub that stops leaves the students' servers running and finds them
# again; on a laptop, Ctrl-C ends everything.
c.JupyterHub.cleanup_servers = laptop

# What the hub remembers. The folder is closed to all but its owner.
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"

# A name becomes part of a path: nothing in it may lead elsewhere.
c.Authenticator.username_pattern = r"[a-z0-9_][a-z0-9_.-]*$"
c.JupyterHub.template_paths = [str(COURSE / "classroom" / "templates")]
c.JupyterHub.template_vars = {
    "announcement_login": "Tên đăng nhập chỉ gồm a–z, 0–9, _ . - và không có dấu: "
    "Ân thì gõ <b>an</b>.<br>"
    "A name has a–z, 0–9, _ . - and no accents: <b>an</b> for Ân."
}


def in_the_class(_authenticator, _handler, authentication):
    """Let in who is in the class's group on this machine, and its teachers."""
    name = authentication["name"]
    try:
        groups = os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
        if name in teachers or grp.getgrnam(env["HUB_GROUP"]).gr_gid in groups:
            return authentication
        problem = f"is not in the group {env['HUB_GROUP']}"
    except KeyError:
        problem = "has no account on this machine"
    raise HTTPError(403, f"{name} {problem}: ask your teacher.")


c.Authenticator.allow_all = True
if laptop:
    # One password for all, and everyone runs as the person who started the hub.
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = env["HUB_PASSWORD"]
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(state / "home" / "{username}")
else:
    # The accounts of this machine, and of these only the class's.
    c.JupyterHub.authenticator_class = "pam"
    c.Authenticator.post_auth_hook = in_the_class
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"

# A teacher sees who is here and stops servers; nobody enters another's.
c.JupyterHub.load_roles = [
    {"name": "admin", "users": []},
    {
        "name": "teacher",
        "scopes": ["admin-ui", "list:users", "read:servers", "delete:servers"],
        "users": sorted(teachers),
    },
]
# Prometheus reads /hub/metrics with this token.
if token := env.get("HUB_METRICS_TOKEN"):
    c.JupyterHub.services = [{"name": "prometheus", "api_token": token}]
    c.JupyterHub.load_roles.append(
        {"name": "metrics", "scopes": ["read:metrics"], "services": ["prometheus"]}
    )

# As the student: copy what is missing, set the limits, start the server.
c.Spawner.cmd = [str(COURSE / "classroom" / "student.sh")]
c.Spawner.notebook_dir = "~/optimizers"
c.Spawner.args = [
    # A kernel without a browser ends after an hour, a terminal too, and a server that
    # has neither: nobody has to tidy up after a class.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--TerminalManager.cull_inactive_timeout=3600",
    "--ServerApp.shutdown_no_activity_timeout=3600",
    "--log-level=WARN",
    "--LabApp.extension_manager=readonly",  # students cannot install what it offers
    # Else each start runs npm, half a second of CPU, to find servers that are not here.
    "--LanguageServerManager.autodetect=False",
]
if laptop:
    if os.geteuid() == 0:
        c.Spawner.args.append("--allow-root")  # Jupyter asks for it in words
else:
    # Over TCP every account of the machine can read what a kernel prints.
    c.Spawner.args.append("--KernelManager.transport=ipc")

c.Spawner.environment = {
    # Thirty kernels share the cores: threads that wait for each other waste them.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # What handout.py copies to the students.
    "COURSE_SOLUTIONS": env.get("HUB_SOLUTIONS", ""),
    "COURSE_OUTPUTS": env.get("HUB_OUTPUTS", ""),
}
if not laptop:
    # 1 GiB is enough for each lesson, half is not; the number is for each process.
    c.Spawner.environment["STUDENT_MEMORY_KIB"] = env["STUDENT_MEMORY_KIB"]
    # TensorFlow takes dozens of threads, and a fork bomb takes all there are.
    c.Spawner.environment["STUDENT_PROCESSES"] = "512"

# Lesson, language and framework, on the page between login and lesson, or in a link:
# /hub/spawn?lesson=rmsprop&language=vi&framework=pytorch
c.Spawner.options_form = form()
c.Spawner.options_from_form = "simple"
c.Spawner.apply_user_options = apply

# Thirty students press the button at the same time, on a few cores.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 40

# A login of the school, limits, or anything else: a file like the cluster's values.
if file := env.get("HUB_VALUES"):
    values = yaml.safe_load(Path(file).read_text("utf-8"))
    for name, traits in values["hub"]["config"].items():
        c[name].update(traits)
