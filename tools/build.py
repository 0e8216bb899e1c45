"""Execute the lessons: `python -m tools.build [--force]`, or `make`.

Every notebook is assembled first, executed by nbconvert in `.build/`, checked, and
only then moved to `notebooks/`, so that what is there is always whole. A notebook
whose inputs have not changed since it was last executed here is left alone.
"""

import argparse
import base64
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import nbformat
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor

from tools.checks import check_parallel
from tools.lessons import (
    LANGUAGES,
    LESSONS,
    NOTEBOOKS,
    ROOT,
    LessonError,
    assemble,
    load_frameworks,
)

SCRATCH = ROOT / ".build"
PICTURE = ROOT / "docs" / "traces.png"
INPUTS = ("common/**/*.*", "requirements.txt", "constraints.txt")


def notebook_path(lesson, language, framework):
    """Return where a notebook is kept."""
    return NOTEBOOKS / language / f"{lesson}-{framework}.ipynb"


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
    name = path.relative_to(ROOT)
    try:
        old = nbformat.read(path, as_version=4)
    except Exception:  # nbformat lets errors of several libraries through
        raise LessonError(
            f"{name} is not a notebook: delete it and run `make` again."
        ) from None
    if old.metadata.get("sources") != sources_digest(old):
        raise LessonError(
            f"{name} was edited by hand and would be overwritten: keep your copy "
            "under another name, then run `make` again."
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


def execute(notebook, scratch, name):
    """Return the notebook executed by nbconvert; raise LessonError if it fails."""
    scratch.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, scratch)
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
    command += ["--allow-errors", "--ExecutePreprocessor.record_timing=False"]
    command += ["--inplace", "--log-level=ERROR", str(scratch)]
    # The kernel python3 is this environment's, not one of the user's.
    env = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1"}
    with tempfile.TemporaryDirectory() as sockets:
        # Over TCP, two kernels that start at the same time can pick the same port.
        command += ["--KernelManager.transport=ipc", f"--KernelManager.ip={sockets}/k"]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
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


def build(job, force):
    """Execute one notebook if need be; return what was done to it."""
    path, notebook = job
    name = path.relative_to(ROOT)
    check_unedited(path)
    stamp = SCRATCH / path.relative_to(NOTEBOOKS).with_suffix(".inputs")
    digest = inputs_digest(notebook)
    if not force and path.exists() and stamp.exists() and stamp.read_text() == digest:
        return f"{name} is up to date"
    scratch = stamp.with_suffix(".ipynb")
    nbformat.write(execute(notebook, scratch, name), scratch)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(scratch, path)
    stamp.write_text(digest)
    return f"{name} executed"


def update_picture():
    """Write the README's picture, a figure of a notebook, if it has changed."""
    notebook = nbformat.read(notebook_path("rmsprop", "en", "pytorch"), as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "three-traces")
    image = next(o.data["image/png"] for o in cell.outputs if "data" in o)
    if (png := base64.b64decode(image)) != PICTURE.read_bytes():
        PICTURE.write_bytes(png)


def main():
    """Build all notebooks; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="execute every notebook")
    force = parser.parse_args().force
    frameworks = load_frameworks()
    faults = []
    for name, facts in list(frameworks.items()):
        if importlib.util.find_spec(facts["module"]) is None:
            faults.append(f"{facts['title']} is not installed: its notebooks stay.")
            del frameworks[name]
    try:
        for lesson in LESSONS:
            check_parallel(lesson)
        jobs = [
            (notebook_path(*key), assemble(*key))
            for framework in reversed(frameworks)  # TensorFlow, the slowest, first
            for lesson in LESSONS
            for language in LANGUAGES
            for key in [(lesson, language, framework)]
        ]
    except LessonError as error:
        return f"make: {error}"
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = [pool.submit(build, job, force) for job in jobs]
        for number, future in enumerate(futures, 1):
            try:
                print(f"[{number}/{len(jobs)}] {future.result()}", flush=True)
            except LessonError as error:
                print(f"[{number}/{len(jobs)}] {error}", flush=True)
                faults.append(str(error))
    if faults:
        return "\n".join(f"make: {fault}" for fault in faults)
    update_picture()
    print("Open notebooks/vi or notebooks/en, for example with `make lab`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
