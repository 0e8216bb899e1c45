"""A whole class at the same time: everyone logs in, runs the lesson and saves it."""

import itertools
import math
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tests.hub.conftest import REPORT
from weave.lessons import load_frameworks

HEAD = (
    "| students | lesson | finished | ready p50 | p95 | finished p50 | p95 "
    "| CPU s each | memory MB each |"
)
PLACES = "|---|---|---|---|---|---|---|---|---|"
FRAMEWORKS = list(load_frameworks())


@pytest.mark.parametrize("count", [2, 8, 16])
def test_everyone_runs_the_lesson_and_has_it_on_disk(students, count):
    def attend(student, framework):
        path = f"vi/rmsprop-{framework}.ipynb"
        start = time.monotonic()
        student.login()
        assert student.choose("vi", framework).endswith(path)
        ready = time.monotonic() - start
        notebook = student.work(path)
        finished = time.monotonic() - start
        check_saved(student.file(path), notebook)
        return framework, ready, finished, student.cpu(), student.memory()

    with ThreadPoolExecutor(count) as pool:
        attended = list(pool.map(attend, students[:count], itertools.cycle(FRAMEWORKS)))
    if not REPORT:
        REPORT.extend([HEAD, PLACES])
    for framework in FRAMEWORKS:
        if rows := [numbers for name, *numbers in attended if name == framework]:
            REPORT.append(row(count, framework, *zip(*rows)))


def check_saved(text, notebook):
    """Assert that a file holds a notebook, and the notebook a lesson that ran well."""
    saved = nbformat.from_dict(notebook)
    assert text.decode() == nbformat.writes(saved) + "\n"
    outputs = [o for c in saved.cells for o in c.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 8
    assert any("loss: 0.24" in o.get("text", "") for o in outputs)


def row(count, framework, ready, finished, cpu, memory):
    """Return a line of the report; times in seconds."""
    cells = [count, framework, len(ready)]
    for times in (ready, finished):
        p95 = sorted(times)[math.ceil(0.95 * len(times)) - 1]
        cells += [f"{statistics.median(times):.0f}", f"{p95:.0f}"]
    for values in (cpu, memory):
        cells.append(
            "{:.1f} ({:.1f}–{:.1f})".format(
                *(f(values) for f in (statistics.median, min, max))
            )
        )
    return "| " + " | ".join(map(str, cells)) + " |"
