"""Execute the lessons: `python -m weave.build [--force] [EDITION ...]`, or `make`.

Every notebook is assembled first, executed by nbconvert in a folder of its own,
checked, and only then moved to `notebooks/`, so that what is there is always whole. A
notebook whose inputs have not changed since it was last executed here is left alone.
"""

import argparse
import base64
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor

from weave.languages import check_parallel
from weave.lessons import (
    EDITIONS,
    LANGUAGES,
    NOTEBOOKS,
    ROOT,
    LessonError,
    assemble,
    load_frameworks,
)

SCRATCH = ROOT / ".build"
PICTURE = ROOT / "docs" / "traces.png"
INPUTS = ("common/**/*.*", "requirements.txt", "constraints.txt")
# What a user has set for other work must not change a notebook.
PERSONAL = ("IPYTHON", "JUPYTER", "KERAS", "MATPLOTLIB", "MPL", "PYTHON", "XDG")
running = set()
warnings.filterwarnings("ignore", module="nbformat")  # of notebooks of older tools


def notebook_path(edition, language, framework):
    """Return where a notebook is kept."""
    return NOTEBOOKS / language / f"{edition}-{framework}.ipynb"


def read_notebook(path):
    """Return the notebook in a file; raise LessonError if there is none."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception:  # nbformat lets errors of several libraries through
        raise LessonError(
            f"{path.relative_to(ROOT)} is not a notebook: delete it and run `make` "
            "again."
        ) from None
    return notebook


def sources_digest(notebook):
    """Return a hash of what a notebook's cells say, whatever their outputs."""
    sources = [[cell.cell_type, cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def inputs_digest(notebook):
    """Return a hash of all that the outputs of an assembled notebook depend on."""
    digest = hashlib.sha256(nbformat.writes(notebook).encode())
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            if "__pycache__" not in path.parts:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def check_unedited(path):
    """Raise LessonError if a reader has changed a cell of a generated notebook."""
    if not path.exists():
        return
    old = read_notebook(path)
    if old.metadata.get("sources") != sources_digest(old):
        raise LessonError(
            f"{path.relative_to(ROOT)} was edited by hand and would be overwritten: "
            "keep your copy under another name, then run `make` again."
        )


def check_outputs(notebook, name):
    """Raise LessonError for the first cell that failed or wrote to stderr."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                text = f"{output.ename}: {output.evalue}"
            elif output.get("name") == "stderr":
                text = f"it wrote to stderr: {output.text.strip()}"
            else:
                continue
            raise LessonError(f"{name}, cell {cell.id!r} failed. {text}")


def execute(notebook, home, name):
    """Return the notebook executed by nbconvert; raise LessonError if it fails.

    The kernel imports `common` from this checkout, and reads no settings but those in
    the folder ``home``.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith(PERSONAL)}
    env |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    # The kernel python3 is this environment's, not one of the user's.
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "lesson.ipynb"
        nbformat.write(notebook, scratch)
        command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
        command += ["--allow-errors", "--ExecutePreprocessor.record_timing=False"]
        command += ["--inplace", "--log-level=ERROR", str(scratch)]
        # Over TCP, two kernels that start at the same time can pick the same port.
        command += ["--KernelManager.transport=ipc", f"--KernelManager.ip={folder}/k"]
        with subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            running.add(process)
            messages = process.communicate()[1].decode(errors="replace").strip()
            running.remove(process)
        if process.returncode:
            reason = (messages or "no message").splitlines()[-1]
            raise LessonError(f"{name} could not be executed: {reason}")
        executed = nbformat.read(scratch, as_version=4)
    # Prints may arrive in one piece or in several.
    CoalesceStreamsPreprocessor(enabled=True)(executed, {})
    check_outputs(executed, name)
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}) and "alt" in cell.metadata:
                output.metadata["image/png"] = {"alt": cell.metadata["alt"]}
    # The metadata of the kernel that ran would name the versions of this machine.
    executed.metadata = nbformat.from_dict(notebook.metadata)
    executed.metadata["sources"] = sources_digest(executed)
    return executed


def write_whole(path, content):
    """Write bytes to a file that is, at any moment, the old one or the new one."""
    part = SCRATCH / path.with_suffix(".part").relative_to(ROOT)
    part.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    os.replace(part, path)


def build(job, force):
    """Execute one notebook if need be; return what was done to it."""
    path, notebook = job
    name = path.relative_to(ROOT)
    check_unedited(path)
    stamp = SCRATCH / path.relative_to(NOTEBOOKS).with_suffix(".inputs")
    digest = inputs_digest(notebook)
    if not force and path.exists() and stamp.exists() and stamp.read_text() == digest:
        return f"{name} is up to date"
    executed = execute(notebook, SCRATCH / "home", name)
    write_whole(path, (nbformat.writes(executed) + "\n").encode())
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    return f"{name} executed"


def update_picture():
    """Write the README's picture, a figure of a notebook, if it has changed."""
    path, name = notebook_path("rmsprop", "en", "pytorch"), "three-traces"
    pictures = [
        base64.b64decode(output.data["image/png"])
        for cell in read_notebook(path).cells
        for output in cell.get("outputs", [])
        if cell.id == name and "image/png" in output.get("data", {})
    ]
    if not pictures:
        raise LessonError(
            f"{PICTURE.relative_to(ROOT)} shows the figure of the cell {name!r}, but "
            f"{path.relative_to(ROOT)} has no such figure."
        )
    if not PICTURE.exists() or pictures[0] != PICTURE.read_bytes():
        write_whole(PICTURE, pictures[0])


@contextlib.contextmanager
def one_at_a_time():
    """Wait until no other process builds in this checkout."""
    SCRATCH.mkdir(exist_ok=True)
    with open(SCRATCH / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another make in this folder.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def interrupt(*_):
    """End what runs, once: `make` passes on a signal that has come here already."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def build_all(editions, force):
    """Build the notebooks; return the sentences that say what went wrong."""
    frameworks = load_frameworks()
    faults = []
    for name, facts in list(frameworks.items()):
        if importlib.util.find_spec(facts["module"]) is None:
            faults.append(f"{facts['title']} is not installed: its notebooks stay.")
            del frameworks[name]
    for lesson in dict.fromkeys(EDITIONS[edition] for edition in editions):
        check_parallel(lesson)
    jobs = [
        (notebook_path(*key), assemble(*key))
        for edition in reversed(editions)  # the solutions, the slowest, first
        for framework in reversed(frameworks)
        for language in LANGUAGES
        for key in [(edition, language, framework)]
    ]
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    futures = [pool.submit(build, job, force) for job in jobs]
    try:
        for number, (future, (path, _)) in enumerate(zip(futures, jobs), 1):
            try:
                told = future.result()
            except (LessonError, OSError) as error:
                told = error
                if isinstance(error, OSError):
                    told = f"{path.relative_to(ROOT)} could not be made: {error}."
                faults.append(str(told))
            print(f"[{number}/{len(jobs)}] {told}", flush=True)
    finally:  # nothing goes on after Ctrl-C
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            process.terminate()
    return faults


def main():
    """Build all notebooks; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="execute every notebook")
    # No choices=: until Python 3.12 argparse holds an empty list against them.
    parser.add_argument("editions", nargs="*", metavar="EDITION")
    options = parser.parse_args()
    if unknown := set(options.editions) - set(EDITIONS):
        parser.error(f"there is no {min(unknown)!r}, but {', '.join(EDITIONS)}.")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        with one_at_a_time():
            faults = build_all(options.editions or list(EDITIONS), options.force)
            if not faults:
                update_picture()
    except (LessonError, OSError) as error:
        faults = [error]
    except KeyboardInterrupt:
        faults = ["interrupted. What was finished is kept; run `make` to go on."]
    if faults:
        return "\n".join(f"make: {fault}" for fault in faults)
    print("Open notebooks/vi or notebooks/en, for example with `make lab`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
