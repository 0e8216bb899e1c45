"""Measure the lessons beside d2l, the book's own package: `make bench`.

In JAX they stand alone: d2l's module for it has no functions for optimization.

Every number comes from a notebook that nbconvert executes, as a reader's would be.
`python -m tools.bench --book PATH` also runs pages of the book: PATH is a notebook,
or a folder with notebooks named rmsprop somewhere below it. Writes `docs/bench.md`,
`docs/bench.json`, `docs/growth.png` and the short table of both READMEs; `--quick` and
`--only` write to `.build/`.
"""

import argparse
import contextlib
import datetime
import importlib
import io
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

from common import harness, plotting
from common.data import AIRFOIL_FILE
from tools.bench_tables import (
    CALLS,
    WORDS,
    draw_growth,
    tables,
    update_readme,
)
from weave.assemble import assemble
from weave.build import SCRATCH
from weave.lessons import ROOT, load_cells, load_editions, load_frameworks

EPOCHS, BATCH = 2, 10
ROWS, BATCHES = (1500, 15_000, 150_000), (10, 100, 1000)
# What a framework loads when it is first used, whoever uses it.
FIRST_USE = {
    "pytorch": "torch.optim.SGD([torch.zeros(1)])",
    "jax": "import optax; jax.jit(jax.grad(lambda x: x ** 2))(1.0)",
}

# The update as the book's pages write it: values assigned to whole slices. There is no
# such page, and no d2l beside ours, for a framework that is not in here.
BOOK_UPDATE = {
    "mxnet": """
        s[:] = gamma * s + (1 - gamma) * mx.np.square(p.grad)
        p[:] -= lr * p.grad / mx.np.sqrt(s + eps)""",
    "pytorch": """
        with torch.no_grad():
            s[:] = gamma * s + (1 - gamma) * torch.square(p.grad)
            p[:] -= lr * p.grad / torch.sqrt(s + eps)
        p.grad.data.zero_()""",
    "tensorflow": """
        s[:].assign(gamma * s + (1 - gamma) * tf.square(g))
        p[:].assign(p - lr * g / tf.sqrt(s + eps))""",
}

PEAK = """import json, resource, sys
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"memory": peak / (2**20 if sys.platform == "darwin" else 2**10)}))"""


def book_cell(framework):
    """Return the code of `book_rmsprop`, the book's update for one framework."""
    args, items = "params, states", "p, s"
    if framework == "tensorflow":
        args, items = "params, grads, states", "p, g, s"
    return (
        f"def book_rmsprop({args}, hyperparams):\n"
        "    lr, gamma, eps = hyperparams['lr'], hyperparams['gamma'], 1e-6\n"
        f"    for {items} in zip({args}):{BOOK_UPDATE[framework]}"
    )


# What runs in a kernel: one process per framework.


def compare(framework, rmsprop, init_states, book_rmsprop, trainer, repeat):
    """Time our calls and d2l's in turn; return {what: {who: [seconds]}}.

    ``rmsprop`` and ``init_states`` are the lesson's own, ``book_rmsprop`` is the
    update of the book's page, or None without d2l, and ``trainer`` is the framework's.
    A first round, which pays for imports that the frameworks put off, is not counted:
    the time of a whole notebook has it.
    """
    from matplotlib import pyplot as plt
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    facts = load_frameworks("rmsprop")[framework]
    keys = (facts["lr"], facts["gamma"], facts["eps"])
    packages = {"ours": "common"} | ({"d2l": "d2l"} if book_rmsprop else {})
    sides = {
        who: importlib.import_module(f"{package}.{facts['module']}")
        for who, package in packages.items()
    }
    data = {who: module.get_data_ch11(BATCH) for who, module in sides.items()}
    results = {}
    for _ in range(repeat + 1):
        for what, (name, rule) in CALLS.items():
            if rule == "book" and "d2l" not in sides:
                continue
            for who, module in sides.items():
                data_iter, dim = data[who]
                args = (trainer, dict(zip(keys, (0.01, 0.9, 1e-6))), data_iter)
                if name == "train_ch11":
                    hyperparams = {"lr": 0.01, "gamma": 0.9, "eps": 1e-6}
                    by_the_book = who == "d2l" and rule == "book"
                    update = book_rmsprop if by_the_book else rmsprop
                    args = (update, init_states(dim), hyperparams, data_iter, dim)
                # Both as PNG (d2l's plot switches to SVG by itself), ours as it is set.
                set_matplotlib_formats("png", **(plotting.PNG if who == "ours" else {}))
                with plt.style.context("default" if who == "d2l" else {}):
                    seconds = time_call(getattr(module, name), args)
                results.setdefault(what, {}).setdefault(who, []).append(seconds)
    return {
        what: {who: seconds[1:] for who, seconds in by_side.items()}
        for what, by_side in results.items()
    }


def time_call(function, args):
    """Return the seconds of a call with its figure displayed."""
    from matplotlib_inline.backend_inline import flush_figures

    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        function(*args, num_epochs=EPOCHS)
    flush_figures()  # what the end of a cell does
    return time.perf_counter() - start


def grow(framework, rmsprop, init_states, repeat):
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
                hyperparams = {"lr": 0.001, "gamma": 0.9, "eps": 1e-6}
                args = (rmsprop, init_states(dim), hyperparams)
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


def execute(cells, folder):
    """Execute cells under nbconvert; return what the last one prints, wall and CPU."""
    path = folder / "work" / "bench.ipynb"
    nbformat.write(new_notebook(cells=list(map(new_code_cell, cells))), path)
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
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
    printed = nbformat.read(path, as_version=4).cells[-1].outputs[-1].text
    return json.loads(printed), wall, usage.ru_utime + usage.ru_stime


def furnish(folder):
    """Make a folder to work in: d2l's data, and a stand-in for what it imports."""
    for name in ("work", "data", "stand-in/torchvision"):
        (folder / name).mkdir(parents=True)
    shutil.copy(AIRFOIL_FILE, folder / "data")  # d2l looks in ../data
    for name in ("__init__.py", "transforms.py"):
        (folder / "stand-in" / "torchvision" / name).touch()


def book_page(path, module):
    """Return the code cells of the book's page for one framework, or None."""
    for page in sorted(path.rglob("*rmsprop*.ipynb")) if path.is_dir() else [path]:
        cells = nbformat.read(page, as_version=4).cells
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        if any(f"from d2l import {module} " in source for source in code):
            return [source for source in code if not source.startswith("!pip")]
    return None


def notebooks(framework, book):
    """Return the notebooks to run as a whole, {name: [source of a cell]}."""
    facts = load_frameworks()[framework]
    cells = assemble(load_editions()["rmsprop"], "en", framework).cells
    lesson = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
    found = {
        # MXNet needs names that NumPy 2 dropped; for the others they are in vain.
        "import": [
            f"import common.numpy2, {facts['module']}",
            FIRST_USE.get(framework, ""),
        ],
        "floor": [lesson["imports"], lesson["bowl"]],
        "lesson": list(lesson.values()),
    }
    if page := book and book_page(book, facts["module"]):
        found["book"] = page
    return found


def measure(framework, book, repeat):
    """Return all measurements of one framework."""
    facts, cells = (
        load_frameworks("rmsprop")[framework],
        load_cells("rmsprop", framework),
    )
    setup = [cells[name].source for name in ("imports", "states", "rmsprop")]
    book_rmsprop = "None"
    if framework in BOOK_UPDATE:
        setup, book_rmsprop = [*setup, book_cell(framework)], "book_rmsprop"
    setup.append("import json")
    args = f"{framework!r}, rmsprop, init_rmsprop_states"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)

        def run(call):
            cell = f"from tools import bench\nresult = bench.{call}"
            return execute([*setup, cell, "print(json.dumps(result))"], folder)[0]

        # Calls are short, and so the more disturbed by what else the machine does.
        calls = 2 * repeat - 1
        results = run(f"compare({args}, {book_rmsprop}, {facts['call']}, {calls})")
        whole = {}
        for _ in range(repeat):
            for title, sources in notebooks(framework, book).items():
                peak, wall, cpu = execute([*sources, PEAK], folder)
                for what, value in {"wall": wall, "cpu": cpu, **peak}.items():
                    whole.setdefault(what, {}).setdefault(title, []).append(value)
        growth = run(f"grow({args}, {repeat})")
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
    frameworks = {}
    for framework in options.only or load_frameworks():
        print(f"measuring {framework} ...", file=sys.stderr, flush=True)
        frameworks[framework] = measure(framework, options.book, repeat)
    report = {
        "date": datetime.date.today().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "repeat": repeat,
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
