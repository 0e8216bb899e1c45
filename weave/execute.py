"""A notebook executed in a kernel of its own, as `make` and `make verify` need it."""

import asyncio
import os
import signal
import tempfile

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from traitlets.config import Config

from weave.lessons import ROOT, LessonError

# What a user has set for other work must not change a notebook.
PERSONAL = ("IPYTHON", "JUPYTER", "KERAS", "MATPLOTLIB", "MPL", "PYTHON", "XDG")
running = set()  # the clients of all kernels, for who wants to end them
# The kernel python3 is this environment's, not one of the user's.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"


def execute(notebook, home, name):
    """Execute a notebook in place; raise LessonError for a cell that fails.

    The kernel imports `common` from this checkout, and reads no settings but those in
    the folder ``home``. ``name`` is what the notebook is called in a message.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith(PERSONAL)}
    env |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # Over TCP, two kernels that start at the same time can pick the same port.
        address = {"transport": "ipc", "ip": f"{folder}/k"}
        client = NotebookClient(
            notebook,
            config=Config(KernelManager=address),
            timeout=None,
            iopub_timeout=60,  # a machine that pauses for seconds would lose outputs
            raise_on_iopub_timeout=True,
            allow_errors=True,
            record_timing=False,
            resources={"metadata": {"path": folder}},
        )
        running.add(client)
        try:
            client.execute(env=env)
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise LessonError(f"{name} could not be executed: {reason}") from None
        finally:
            running.discard(client)
    # Prints may arrive in one piece or in several.
    CoalesceStreamsPreprocessor(enabled=True)(notebook, {})
    check_outputs(notebook, name)
    # The metadata of the kernel that ran would name the versions of this machine.
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    return notebook


def code_of(notebook):
    """Return the code of a notebook, by which two languages are executed together."""
    return tuple((c.id, c.source) for c in code_cells(notebook))


def code_cells(notebook):
    """Return a notebook's cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


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


def stop_kernels():
    """End every kernel that is running."""
    for client in list(running):
        if client.km and client.km.has_kernel:
            asyncio.run(client.km.signal_kernel(signal.SIGKILL))
