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
import re
import shutil
import statistics
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
from weave.assemble import assemble
from weave.build import SCRATCH
from weave.lessons import ROOT, load_cells, load_editions, load_frameworks

EPOCHS, BATCH = 2, 10
ROWS, BATCHES = (1500, 15_000, 150_000), (10, 100, 1000)
NOTEBOOKS = ("import", "floor", "lesson")
# What is timed: the function, and whether d2l runs the lesson's update or the book's.
CALLS = {
    "train_ch11, same rule": ("train_ch11", "lesson"),
    "train_ch11, page against page": ("train_ch11", "book"),
    "train_concise_ch11, same rule": ("train_concise_ch11", None),
}
# The words of the table in a README.
WORDS = {
    "README.md": {
        "floor": "floor",
        "lesson": "lesson",
        "same rule": "same rule",
        "page against page": "page against page",
    },
    "README.vi.md": {
        "floor": "mức sàn",
        "lesson": "cả bài",
        "same rule": "cùng công thức cập nhật",
        "page against page": "trang sách so với bài này",
    },
}
# At least so many times faster than d2l is a whole call, with its figure.
TARGETS = {"mxnet": 8, "pytorch": 12, "tensorflow": 30}
FLOOR_TARGET = 1.7  # at most so many times the wall time of the floor
MEMORY_TARGET = 80  # at most so many MB above the import of the framework
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


# What is made of the numbers.


def summary(values, unit=1.0):
    """Return the median of values with their least and greatest, as text."""
    return "{:.3g} ({:.3g}–{:.3g})".format(
        *(unit * f(values) for f in (statistics.median, min, max))
    )


def ratio(a, b):
    """Return the ratio of two medians."""
    return statistics.median(a) / statistics.median(b)


def table(head, rows):
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def tables(report):
    """Return the measurements as Markdown, and the names of the targets missed."""
    facts, missed, calls, whole, growth = load_frameworks(), [], [], [], []

    def judge(name, value, bound, met):
        if not met:
            missed.append(f"{name}: {value:.2f} instead of {bound}")
        return bound

    for framework, measured in report["frameworks"].items():
        title = facts[framework]["title"]
        for what, sides in measured["calls"].items():
            name, rule = what.split(", ")
            row = [title, f"`{name}`", rule, summary(sides["ours"]), "", "", ""]
            if "d2l" in sides:
                times, bound = ratio(sides["d2l"], sides["ours"]), TARGETS[framework]
                judge(f"{title}, {what}", times, bound, times >= bound)
                row[4:] = [summary(sides["d2l"]), f"{times:.1f}×", f"{bound}×"]
            calls.append(row)
        for what, runs in measured["notebooks"].items():
            unit = {"wall": "wall, s", "cpu": "CPU, s", "memory": "peak, MB"}[what]
            row = [summary(runs[k]) for k in NOTEBOOKS]
            row.append(f"{ratio(runs['lesson'], runs['floor']):.2f}×")
            if "book" in runs:
                row += [summary(runs["book"])]
                row.append(f"{ratio(runs['book'], runs['lesson']):.1f}×")
            whole.append([title, unit, *row, *[""] * (6 - len(row))])
        runs = measured["notebooks"]
        value = ratio(runs["wall"]["lesson"], runs["wall"]["floor"])
        judge(f"{title}, lesson / floor", value, FLOOR_TARGET, value <= FLOOR_TARGET)
        medians = {k: statistics.median(v) for k, v in runs["memory"].items()}
        value = medians["lesson"] - medians["import"]
        judge(f"{title}, MB on import", value, MEMORY_TARGET, value <= MEMORY_TARGET)
        for point in measured["growth"]:
            seconds = statistics.median(point["training"])
            evaluation = statistics.median(point["evaluation"])
            row = [title, point["rows"], point["batch"], point["steps"]]
            row += [f"{seconds:.3g}", f"{1e6 * seconds / point['steps']:.0f}"]
            growth.append([*row, f"{1e3 * evaluation:.2f}"])
    text = [
        "# Benchmarks",
        f"{report['date']}, {report['cores']} cores, Python {report['python']}. "
        f"Medians of {report['repeat']} runs, {2 * report['repeat'] - 1} of a call, in "
        "turn (least–most); times in seconds. "
        "Whole calls with their figure. Same rule: both run the update of the lesson, "
        "or the optimizer of the framework; page against page: d2l runs that of the "
        "book, assigned to whole slices.",
        table(["", "", "rule", "ours", "d2l", "d2l / ours", "at least"], calls),
        "Whole notebooks under nbconvert: the import of the framework alone, with what "
        "PyTorch loads for its first optimizer and JAX for its first compilation; the "
        "floor, which is the lesson's imports and one figure; the lesson; the book's "
        "page.",
        table(
            ["", "", *NOTEBOOKS, "lesson / floor", "book", "book / lesson"],
            whole,
        ),
        "Growth of `train_ch11`: training in one epoch, and one evaluation of the "
        "loss on all rows.",
        "![Time against minibatches, log-log](growth.png)",
        table(
            ["", "rows", "batch", "steps", "epoch, s", "step, µs", "evaluation, ms"],
            growth,
        ),
    ]
    return "\n\n".join(text), missed


def short_table(report, readme):
    """Return the table of a README: medians in seconds, and ratios."""
    facts, rows = load_frameworks(), []
    head = ["", *(facts[name]["title"] for name in report["frameworks"])]
    measured = list(report["frameworks"].values())
    for what in CALLS:
        name, rule = what.split(", ")
        row = [f"`{name}`, {WORDS[readme][rule]}"]
        for one in measured:
            sides = one["calls"].get(what, {})
            medians = {who: statistics.median(sides[who]) for who in sides}
            cell = f"{medians['ours']:.2f}" if medians else ""
            if "d2l" in medians:
                times = medians["d2l"] / medians["ours"]
                cell += f" / {medians['d2l']:.2f}, {times:.0f}×"
            row.append(cell)
        rows.append(row)
    for title in ("floor", "lesson"):
        word = WORDS[readme][title]
        walls = (statistics.median(one["notebooks"]["wall"][title]) for one in measured)
        rows.append([f"nbconvert, {word}", *(f"{wall:.1f}" for wall in walls)])
    when = f"{report['date']}, {report['cores']} × CPU"
    return f"{when}; s (common / d2l):\n\n{table(head, rows)}"


def update_readme(path, report):
    """Put the short table between the marks of a README."""
    parts = re.split(r"(<!-- bench -->\n|<!-- end bench -->)", path.read_text("utf-8"))
    parts[2] = short_table(report, path.name)
    path.write_text("".join(parts), "utf-8")


def draw_growth(report, path):
    """Draw the time of an epoch and of an evaluation against its minibatches."""
    plt, facts = plotting.plt, load_frameworks()
    columns = list(report["frameworks"])
    size = 3.2 * len(columns), 6
    figure, axes = plt.subplots(
        2, len(columns), figsize=size, sharex=True, sharey="row", squeeze=False
    )
    panels = (("training", "batch", "epoch"), ("evaluation", "rows", "evaluation"))
    for column, framework in enumerate(columns):
        axes[0, column].set_title(facts[framework]["title"])
        points = report["frameworks"][framework]["growth"]
        for row, (what, same, name) in enumerate(panels):
            for value in sorted({point[same] for point in points}):
                line = [point for point in points if point[same] == value]
                medians = [statistics.median(point[what]) for point in line]
                axes[row, column].loglog(
                    [point["steps"] for point in line],
                    medians,
                    marker="o",
                    label=f"{same} {value:,}" if same == "batch" else f"{value:,} rows",
                )
            axes[row, 0].set_ylabel(f"seconds of an {name}")
        axes[1, column].set_xlabel("minibatches in an epoch")
    for row in axes:
        row[0].legend(fontsize=9)
    figure.savefig(path, metadata={"Software": None})


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
