"""A simulated student: a browser's requests, without the browser."""

import contextlib
import json
import os
import pwd
import time
import uuid

import httpx
import websocket


class Student:
    """One student of the hub at ``url``, with a login of the machine."""

    def __init__(self, url, name, password):
        self.url, self.name, self.password = url, name, password
        self.http = httpx.Client(
            base_url=url, follow_redirects=True, timeout=180, trust_env=False
        )
        self.session = uuid.uuid4().hex  # what JupyterLab keeps to get its kernel back
        self.socket = self.kernel = None
        self.received = []  # messages that were not read yet when a websocket was cut

    # The hub.

    def _xsrf(self, path):
        """Return the token of the pages under ``path``, as a script there reads it."""
        return next(
            c.value
            for c in self.http.cookies.jar
            if (c.name, c.path) == ("_xsrf", path)
        )

    def login(self):
        """Log in, and return the page that follows."""
        self.http.get("/hub/login").raise_for_status()
        form = {"username": self.name, "password": self.password}
        form["_xsrf"] = self._xsrf("/hub/")
        return self.http.post("/hub/login", data=form)

    def choose(self, lesson, language, framework):
        """Choose a lesson on the hub's page, wait until it is open, return its path."""
        self.http.get(f"/hub/spawn/{self.name}").raise_for_status()
        form = {"lesson": lesson, "language": language, "framework": framework}
        form["_xsrf"] = self._xsrf("/hub/")
        self.http.post(f"/hub/spawn/{self.name}", data=form).raise_for_status()
        progress = f"/hub/api/users/{self.name}/server/progress"
        params = {"_xsrf": self._xsrf("/hub/")}
        with self.http.stream("GET", progress, params=params) as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line[5:])
                    if event.get("failed"):
                        raise RuntimeError(event)
                    if event.get("ready"):
                        break
        page = self.http.get(f"/user/{self.name}/")
        page.raise_for_status()
        return page.url.path

    def hub(self, method, path):
        """Make a request to the hub's API, as its pages do."""
        headers = {"X-XSRFToken": self._xsrf("/hub/")}
        return self.http.request(method, f"/hub/api/{path}", headers=headers)

    # The student's own server.

    def api(self, method, path, **options):
        """Make a request to the student's server, as JupyterLab does."""
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/")}
        url = f"/user/{self.name}/api/{path}"
        return self.http.request(method, url, headers=headers, **options)

    def open(self, path):
        """Open a notebook: return it, with a kernel started and connected."""
        answer = self.api("GET", f"contents/{path}")
        answer.raise_for_status()
        body = {"path": path, "name": path, "type": "notebook"}
        body["kernel"] = {"name": "python3"}
        started = self.api("POST", "sessions", json=body)
        started.raise_for_status()
        self.kernel = started.json()["kernel"]["id"]
        self.connect()
        return answer.json()["content"]

    def connect(self):
        """Open the websocket to the kernel, also after it was cut."""
        if self.socket:
            self.socket.settimeout(1)
            with contextlib.suppress(Exception):  # whatever says that it is over
                while True:
                    self.received.append(self.socket.recv())
            self.socket.close()
        url = f"{self.url.replace('http', 'ws', 1)}/user/{self.name}/api/kernels/"
        cookies = [
            f"{c.name}={c.value}"
            for c in self.http.cookies.jar
            if f"/user/{self.name}/".startswith(c.path)
        ]
        self.socket = None
        self.socket = websocket.create_connection(
            f"{url}{self.kernel}/channels?session_id={self.session}",
            cookie="; ".join(cookies),
            timeout=180,
        )

    def send(self, code):
        """Have the kernel run ``code``; return the request's id when it has begun."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": self.name,
            "session": self.session,
            "date": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}}
        message |= {"content": content, "channel": "shell", "buffers": []}
        self.socket.send(json.dumps(message))
        self._message(header["msg_id"])  # it is busy
        return header["msg_id"]

    def _message(self, request):
        """Return the next message that answers a request."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            waiting = self.received
            message = json.loads(waiting.pop(0) if waiting else self.socket.recv())
            if message["parent_header"].get("msg_id") == request:
                return message
        raise TimeoutError("no answer from the kernel")

    def outputs(self, request):
        """Return the outputs of a request, as a notebook has them, when it is done."""
        outputs = []
        while True:
            message = self._message(request)
            kind, content = message["msg_type"], message["content"]
            if (
                kind == "stream"
                and outputs
                and outputs[-1].get("name") == content["name"]
            ):
                outputs[-1]["text"] += content["text"]
            elif kind in ("stream", "display_data", "execute_result", "error"):
                content.pop("transient", None)
                outputs.append({"output_type": kind, **content})
            elif kind == "status" and content["execution_state"] == "idle":
                return outputs

    def run(self, code):
        """Run ``code`` and return its outputs."""
        return self.outputs(self.send(code))

    def text(self, code):
        """Run ``code`` and return what it prints, or the name of its error."""
        return "".join(o.get("text", o.get("ename", "")) for o in self.run(code))

    def save(self, path, notebook):
        """Save a notebook; return the answer."""
        body = {"type": "notebook", "format": "json", "content": notebook}
        return self.api("PUT", f"contents/{path}", json=body)

    def work(self, path):
        """Run every cell of a notebook and save it; return the notebook."""
        notebook = self.open(path)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = self.run("".join(cell["source"]))
        self.save(path, notebook).raise_for_status()
        return notebook

    # What the machine knows of the student.

    @property
    def home(self):
        """The student's home folder."""
        return pwd.getpwnam(self.name).pw_dir

    def file(self, path):
        """Return the bytes of a file among the student's lessons."""
        with open(f"{self.home}/optimizers/{path}", "rb") as file:
            return file.read()

    def processes(self):
        """Return the ids of the processes of the student's account."""
        uid = pwd.getpwnam(self.name).pw_uid
        return [pid for pid in _pids() if _owner(pid) == uid]

    def cpu(self):
        """Return the CPU seconds that the student's processes have taken so far."""
        ticks = 0
        for pid in self.processes():
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))  # with the children that ended
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Return the student's memory in MB, shared pages divided (PSS)."""
        kib = 0
        for pid in self.processes():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    kib += int(next(x for x in file if x.startswith("Pss:")).split()[1])
            except (OSError, StopIteration):
                continue
        return kib / 1024


def _pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _owner(pid):
    """Return the account of a process, or None if it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return os.stat(f"/proc/{pid}").st_uid if file.read() else None
    except OSError:
        return None


def wait(what, seconds, every=0.2):
    """Call ``what()`` until it returns something true, and return that."""
    end = time.monotonic() + seconds
    while not (value := what()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what.__name__}")
        time.sleep(every)
    return value
