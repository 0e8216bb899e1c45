"""What `make bench` measured, as tables and a figure."""

import re
import statistics

from common import plotting
from tools.bench_calls import CALLS
from tools.measured import TARGETS
from weave.lessons import load_frameworks

NOTEBOOKS = ("import", "floor", "lesson")
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
FLOOR_TARGET = 1.7  # at most so many times the wall time of the floor
MEMORY_TARGET = 80  # at most so many MB above the import of the framework


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

    for framework, measured in report["frameworks"].items():
        title = facts[framework]["title"]
        for what, sides in measured["calls"].items():
            name, rule = what.split(", ")
            row = [title, f"`{name}`", rule, summary(sides["ours"]), *[""] * 5]
            if "d2l" in sides:
                times, bound = ratio(sides["d2l"], sides["ours"]), TARGETS[framework]
                judge(f"{title}, {what}", times, bound, times >= bound)
                row[4:7] = [summary(sides["d2l"]), f"{times:.1f}×", f"{bound}×"]
                times = ratio(sides["d2l, our versions"], sides["ours"])
                row[7:] = [summary(sides["d2l, our versions"]), f"{times:.1f}×"]
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
    head = ["", "", "rule", "ours", "d2l", "d2l / ours", "at least"]
    head += ["d2l, our versions", "d2l / ours"]
    names = list(report["versions"]["ours"])
    installed = [
        [who, *(found.get(name, "") for name in names)]
        for who, found in report["versions"].items()
    ]
    text = [
        "# Benchmarks",
        f"{report['date']}, {report['cores']} cores, Python {report['python']}. "
        f"Medians of {report['repeat']} runs, {(report['repeat'] // 2 + 1) ** 2} of a "
        "call, in turn (least–most); times in seconds. "
        "Whole calls with their figure. Same rule: both run the update of the lesson, "
        "or the optimizer of the framework; page against page: d2l runs that of the "
        "book, assigned to whole slices. d2l is measured as pip installs it, with the "
        "versions that it pins, and on ours.",
        table(["", *names], installed),
        table(head, calls),
        "Whole notebooks under nbconvert: the import of the framework alone, with what "
        "it puts off until its first optimizer or compilation; the floor, which is the "
        "lesson's imports, the same loading and one figure; the lesson; the book's "
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
