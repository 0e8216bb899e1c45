"""Run what students wrote apart from all that it could read or spoil.

Root gives each submission namespaces of its own (`sandbox.sh`). Without root a
submission has the rights of whoever grades; limits on time and memory it has always.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Integer

from weave.lessons import ROOT

HERE = Path(__file__).parent
NAMESPACES = ["--net", "--ipc", "--mount", "--pid", "--mount-proc"]
# For each process: bytes of memory and of a file; in all: processes and threads.
LIMITS = ["--data=2147483648", "--fsize=67108864", "--core=0"]
MOST_PROCESSES = "--nproc=512"
UNPROTECTED = """\
Nothing is protected: what students wrote runs under your account, and can read and
change your files, the grades and the solutions among them. Started by root on Linux,
`make grade` runs each submission apart (see classroom/README.md)."""
# It has to fail; where it does not, no check can.
CANARY = "import numpy\nassert numpy.allclose(0, 1)"


class ApartError(Exception):
    """Why a submission could not be run, in a sentence."""


def is_root():
    """Return whether root started this, under whatever account it works now."""
    return hasattr(os, "getuid") and os.getuid() == 0


def command(seconds):
    """Return the command that runs a submission."""
    program = (HERE / "inside.py").read_text("utf-8")
    run = [sys.executable, "-c", program, str(seconds)]
    if is_root():
        course = [str(ROOT), sys.base_prefix, sys.prefix]
        limits = ["prlimit", *LIMITS, MOST_PROCESSES]
        return [
            "unshare",
            *NAMESPACES,
            "--fork",
            "--kill-child",
            HERE / "sandbox.sh",
            *course,
            *limits,
            *run,
        ]
    return ["prlimit", *LIMITS, *run] if shutil.which("prlimit") else run


def run_apart(sources, seconds):
    """Run code cells; return the outputs of each, as nbformat has them."""
    with (
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as told,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
    ):
        env = {
            "PATH": os.defpath if is_root() else os.environ["PATH"],
            "HOME": "/tmp" if is_root() else home,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),  # `common` of this checkout
            "PYTHONUTF8": "1",
            "JUPYTER_PREFER_ENV_PATH": "1",
            "OMP_NUM_THREADS": "1",
        }
        # Root, though it may work here with the rights of the folder's owner.
        rights = {"user": 0, "group": 0} if is_root() else {"cwd": home}
        try:
            done = subprocess.run(
                command(seconds),
                input=json.dumps(sources).encode(),
                stdout=answer,
                stderr=told,
                env=env,
                timeout=seconds + len(sources) + 60,
                **rights,
            )
        except subprocess.TimeoutExpired:
            raise ApartError("it did not end in time, and was ended") from None
        answer.seek(0)
        told.seek(0)
        try:
            outputs = nbformat.from_dict(json.load(answer))
            if done.returncode == 0 and len(outputs) == len(sources):
                return outputs
        except (ValueError, RecursionError, TypeError):
            pass  # it ended what runs it, or wrote into its answer
        last = told.read()[-500:].decode(errors="replace").strip().splitlines()[-1:]
        raise ApartError(" ".join(["it ended what ran it", *last]))


def is_kept(output):
    """Return whether an output of a check counts: what it says, and its errors.

    Warnings are no mistake of the answer, and a value would count as points.
    """
    return output.output_type == "error" or output.get("name") == "stdout"


class ExecuteApart(NbGraderPreprocessor):
    """Take the place of nbgrader's `Execute`."""

    seconds = Integer(600, help="for a submission").tag(config=True)

    def preprocess(self, nb, resources):
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        sources = [cell.source for cell in cells]
        *outputs, canary = run_apart([*sources, CANARY], self.seconds)
        for cell, output in zip(cells, outputs):
            cell.outputs = [o for o in output if not is_grade(cell) or is_kept(o)]
        nbformat.validate(nb)
        nb.metadata["checks_can_fail"] = any(
            output.get("ename") == "AssertionError" for output in canary
        )
        return nb, resources
