"""JupyterHub for one class. `classroom/start.py` checks the environment it reads."""

import os
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(COURSE))
from classroom.lessons import default_url, form  # noqa: E402

c = get_config()  # noqa: F821
env = os.environ
port = int(env["HUB_PORT"])
laptop = env["HUB_MODE"] == "laptop"
state = Path(env["HUB_STATE"])

# Where it listens. Students reach the proxy only; hub and proxy talk on loopback.
c.JupyterHub.bind_url = f"http://{env['HUB_IP']}:{port}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = port + 81

# start.py runs the proxy beside the hub, under the token CONFIGPROXY_AUTH_TOKEN: a hub
# that is restarted then cuts no student's connection.
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{port + 1}"
# The hub gives a restarted proxy its routes back this often (seconds).
c.JupyterHub.last_activity_interval = 30

# On a server, a hub that stops leaves the students' servers running and finds them
# again; on a laptop, Ctrl-C ends everything.
c.JupyterHub.cleanup_servers = laptop

# What the hub remembers. The folder is closed to all but its owner. The secret of the
# cookies comes from JPY_COOKIE_SECRET and is not on disk.
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"

# A name becomes part of a path: nothing in it may lead elsewhere.
c.Authenticator.username_pattern = r"[a-z0-9_][a-z0-9_.-]*$"

if laptop:
    # One password for all, and everyone runs as the person who started the hub.
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = env["HUB_PASSWORD"]
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(state / "home" / "{username}")
else:
    # The accounts of this machine, and of these only the students'.
    c.JupyterHub.authenticator_class = "pam"
    c.LocalAuthenticator.allowed_groups = {env["HUB_GROUP"]}
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Authenticator.admin_users = set(env.get("HUB_ADMINS", "").split())

# As the student: copy what is missing, set the limits, start the server.
c.Spawner.cmd = [str(COURSE / "classroom" / "student.sh")]
c.Spawner.notebook_dir = "~/rmsprop"
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
}
if not laptop:
    # 1 GiB is enough for each lesson, half is not; the number is for each process.
    c.Spawner.environment["STUDENT_MEMORY_KIB"] = env["STUDENT_MEMORY_KIB"]
    # TensorFlow takes dozens of threads, and a fork bomb takes all there are.
    c.Spawner.environment["STUDENT_PROCESSES"] = "512"

# Language and framework, on the page between login and lesson, or in a link:
# /hub/spawn?language=vi&framework=pytorch
c.Spawner.options_form = form()
c.Spawner.options_from_form = "simple"
c.Spawner.apply_user_options = lambda spawner, options: setattr(
    spawner, "default_url", default_url(options)
)

# Thirty students press the button at the same time, on a few cores.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 40
