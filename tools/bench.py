"""Measure the lessons beside d2l, the book's own package: `make bench`.

d2l is measured twice: with the versions that it pins, as pip installs it for its
readers, in an environment of its own; and on ours, in one process with our functions.
In JAX they stand alone: d2l's module for it has no functions for optimization.

Every number comes from a notebook that nbconvert executes, as a reader's would be.
`python -m tools.bench --book PATH` also runs pages of the book: PATH is a notebook,
or a folder with such notebooks somewhere below it. `tools/measured.py` says what is
measured. Writes `docs/bench.md`, `docs/bench.json`, `docs/growth.png` and the short
table of both READMEs; `--quick` and `--only` write to `.build/`.
"""

import argparse
import contextlib
import datetime
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from common import harness
from common.data import AIRFOIL_FILE
from tools import measured
from tools.bench_tables import (
    WORDS,
    draw_growth,
    tables,
    update_readme,
)
from weave.assemble import assemble
from weave.build import SCRATCH
from weave.lessons import ROOT, load_cells, load_editions, load_frameworks

ROWS, BATCHES = (1500, 15_000, 150_000), (10, 100, 1000)
PEER = SCRATCH / "d2l"  # the environment in which d2l has the versions that it pins

PEAK = """import resource, sys
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = {"memory": peak / (2**20 if sys.platform == "darwin" else 2**10)}"""
# A file, since nbconvert drops what is printed when the machine pauses for seconds.
SAVE = """import json
with open("found.json", "w") as file:
    json.dump(found, file)"""


# What runs in a kernel: one process per framework.


def grow(framework, update, init_states, repeat):
    """Return a list of one dict for each number of rows and batch size.

    Each has the seconds of training in an epoch and of one evaluation of the loss.
    """
    module = importlib.import_module(f"common.{load_frameworks()[framework]['module']}")
    harness.plot_losses = lambda *_: None
    (data, dim), points = module.get_data_ch11(), []
    X, y = module.numpy(data.X), module.numpy(data.y)
    for rows in ROWS:
        copies = rows // len(y)
        features, labels = np.tile(X, (copies, 1)), np.tile(y, copies)
        for batch in BATCHES:
            data_iter = harness.Minibatches(features, labels, batch, module.split, 0)
            training, evaluation = [], []
            for _ in range(repeat):
                args = (update, init_states(dim), {**measured.LONG_RUN})
                start = time.perf_counter()
                with contextlib.redirect_stdout(None):
                    times, losses = module.train_ch11(*args, data_iter, dim, 1)
                rest = time.perf_counter() - start - times[-1]
                training.append(times[-1])
                evaluation.append(rest / len(losses))
            points.append(
                {
                    "rows": rows,
                    "batch": batch,
                    "steps": len(data_iter),
                    "training": training,
                    "evaluation": evaluation,
                }
            )
    return points


# What starts the kernels.


def execute(cells, folder, python=sys.executable):
    """Execute cells under nbconvert; return what is in `found` then, wall and CPU."""
    path = folder / "work" / "bench.ipynb"
    cells = [new_code_cell(source) for source in (*cells, SAVE)]
    nbformat.write(new_notebook(cells=cells), path)
    command = [python, "-m", "nbconvert", "--to=notebook", "--execute"]
    command += ["--ExecutePreprocessor.kernel_name=python3", "--log-level=ERROR"]
    command += ["--ExecutePreprocessor.timeout=-1", "--inplace", str(path)]
    env = {**os.environ, "JUPYTER_PREFER_ENV_PATH": "1"}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(folder / "stand-in")])
    with open(folder / "log", "w+") as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=env, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)  # with the kernel, its child
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        if process.returncode:
            sys.exit(f"{log.read()}\nbench: a notebook failed; the error is above.")
    found = json.loads(path.with_name("found.json").read_text())
    return found, wall, usage.ru_utime + usage.ru_stime


def furnish(folder):
    """Make a folder to work in: d2l's data, and a stand-in for what it imports."""
    for name in ("work", "data", "stand-in/torchvision"):
        (folder / name).mkdir(parents=True)
    shutil.copy(AIRFOIL_FILE, folder / "data")  # d2l looks in ../data
    for name in ("__init__.py", "transforms.py"):
        (folder / "stand-in" / "torchvision" / name).touch()


def book_page(path, module):
    """Return the code cells of the book's page for one framework, or None."""
    for page in (
        sorted(path.rglob(f"*{measured.PAGE}*.ipynb")) if path.is_dir() else [path]
    ):
        cells = nbformat.read(page, as_version=4).cells
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        if any(f"from d2l import {module} " in source for source in code):
            return [source for source in code if not source.startswith("!pip")]
    return None


def notebooks(framework, book):
    """Return the notebooks to run as a whole, {name: [source of a cell]}."""
    facts = load_frameworks()[framework]
    cells = assemble(load_editions()[measured.LESSON], "en", framework).cells
    lesson = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
    first_use = facts.get("first_use", "")
    found = {
        # MXNet needs names that NumPy 2 dropped; for the others they are in vain.
        "import": [f"import common.numpy2, {facts['module']}", first_use],
        "floor": [lesson["imports"], first_use, lesson[measured.FIGURE]],
        "lesson": list(lesson.values()),
    }
    if page := book and book_page(book, facts["module"]):
        found["book"] = page
    return found


def make_peer():
    """Return the Python of d2l's own environment; make it if there is none."""
    python, stamp = PEER / "bin" / "python", PEER / "made-from"
    wanted = (ROOT / "tools" / "peer.txt").read_text("utf-8")
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        base = shutil.which("python3.11")
        if not base:
            sys.exit("bench: d2l pins a NumPy that needs Python 3.11: install that.")
        print(f"making {PEER}, some minutes ...", file=sys.stderr, flush=True)
        venv = [base, "-m", "venv", "--clear", PEER]
        pip = [python, "-m", "pip", "install", "--quiet", "-r", "tools/peer.txt"]
        if any(subprocess.run(one, cwd=ROOT).returncode for one in (venv, pip)):
            sys.exit("bench: d2l could not be installed (see above).")
        stamp.write_text(wanted, "utf-8")
    return str(python)


def versions(python):
    """Return what an environment has of what matters to speed, {package: version}."""
    command = [python, "-m", "pip", "list", "--format=json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    listed = {
        one["name"].lower().replace("_", "-"): one["version"]
        for one in json.loads(done.stdout)
    }
    modules = [facts["module"] for facts in load_frameworks().values()]
    packages = importlib.metadata.packages_distributions()
    names = [
        name.lower().replace("_", "-")
        for module in (*modules, "numpy", "matplotlib")
        for name in packages.get(module, [])
    ]
    return {name: listed[name] for name in names if name in listed}


def measure(framework, book, repeat, peer):
    """Return all measurements of one framework; ``peer`` is the Python of d2l."""
    facts = load_frameworks(measured.LESSON)[framework]
    cells = load_cells(measured.LESSON, framework)
    setup = [cells[name].source for name in measured.CELLS]
    module, has_book = facts["module"], framework in measured.BOOK_UPDATE
    sides = {"ours": f"common.{module}"}
    if has_book:
        sides["d2l, our versions"] = f"d2l.{module}"

    def timing(sides):
        hyperparams = measured.HYPERPARAMS
        concise = {facts[name]: value for name, value in hyperparams.items()}
        updates = f"{measured.UPDATE}, {'book_update' if has_book else None}"
        return [
            measured.BOOK_UPDATE.get(framework, ""),
            "from tools import bench_calls\n"
            f"args = {sides!r}, {facts['call']}, {concise!r}",
            f"updates = {updates}, {measured.STATES}, {hyperparams!r}",
            f"found = bench_calls.compare(*args, *updates, {repeat // 2 + 1})",
        ]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)
        results = {}
        for _ in range(repeat // 2 + 1):
            found = [execute([*setup, *timing(sides)], folder)[0]]
            if has_book:
                theirs = [cell.replace("common import", "d2l import") for cell in setup]
                theirs.append(measured.BOOK_SETUP.get(framework, ""))
                theirs += timing({"d2l": f"d2l.{module}"})
                found.append(execute(theirs, folder, peer)[0])
            for one in found:
                for what, by_side in one.items():
                    for who, seconds in by_side.items():
                        results.setdefault(what, {}).setdefault(who, []).extend(seconds)
        whole = {}
        for _ in range(repeat):
            for title, sources in notebooks(framework, book).items():
                peak, wall, cpu = execute([*sources, PEAK], folder)
                for what, value in {"wall": wall, "cpu": cpu, **peak}.items():
                    whole.setdefault(what, {}).setdefault(title, []).append(value)
        names = f"{measured.UPDATE}, {measured.STATES}"
        call = f"bench.grow({framework!r}, {names}, {repeat})"
        cell = f"from tools import bench\nfound = {call}"
        growth = execute([*setup, cell], folder)[0]
    return {"calls": results, "notebooks": whole, "growth": growth}


def main():
    """Measure, print and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--book", type=Path, help="a page of the book, or its folder")
    parser.add_argument("--repeat", type=int, default=5, help="runs (default 5)")
    parser.add_argument("--quick", action="store_true", help="one run, to try it out")
    parser.add_argument("--only", action="append", choices=list(load_frameworks()))
    options = parser.parse_args()
    repeat = 1 if options.quick else options.repeat
    peer, frameworks = make_peer(), {}
    for framework in options.only or load_frameworks():
        print(f"measuring {framework} ...", file=sys.stderr, flush=True)
        frameworks[framework] = measure(framework, options.book, repeat, peer)
    report = {
        "date": datetime.date.today().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "repeat": repeat,
        "versions": {"ours": versions(sys.executable), "d2l": versions(peer)},
        "frameworks": frameworks,
    }
    folder = SCRATCH if options.quick or options.only else ROOT / "docs"
    folder.mkdir(exist_ok=True)
    text, missed = tables(report)
    print(text)
    (folder / "bench.md").write_text(text, "utf-8")
    (folder / "bench.json").write_text(json.dumps(report, indent=1), "utf-8")
    draw_growth(report, folder / "growth.png")
    if folder != SCRATCH:
        for readme in WORDS:
            update_readme(ROOT / readme, report)
    return "\n".join(f"bench: missed: {fault}" for fault in missed) or 0


if __name__ == "__main__":
    sys.exit(main())
