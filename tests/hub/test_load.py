"""A whole class at the same time: everyone logs in, runs the lesson and saves it."""

import itertools
import math
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tests.hub.conftest import REPORT, lesson_path
from weave.lessons import NOTEBOOKS, load_frameworks, load_lessons

HEAD = (
    "| students | lesson | finished | ready p50 | p95 | finished p50 | p95 "
    "| CPU s each | memory MB each |"
)
PLACES = "|---|---|---|---|---|---|---|---|---|"
LESSONS = [
    (lesson, framework)
    for lesson in load_lessons()
    for framework in load_frameworks(lesson)
]


@pytest.mark.parametrize("count", [2, 8, 16])
def test_everyone_runs_the_lesson_and_has_it_on_disk(students, count):
    def attend(student, lesson):
        path = lesson_path(lesson[0], "vi", lesson[1])
        start = time.monotonic()
        student.login()
        assert student.choose(lesson[0], "vi", lesson[1]).endswith(path)
        ready = time.monotonic() - start
        notebook = student.work(path)
        finished = time.monotonic() - start
        check_saved(student.file(path), notebook, NOTEBOOKS / path)
        return lesson, ready, finished, student.cpu(), student.memory()

    with ThreadPoolExecutor(count) as pool:
        attended = list(pool.map(attend, students[:count], itertools.cycle(LESSONS)))
    if not REPORT:
        REPORT.extend([HEAD, PLACES])
    for lesson in LESSONS:
        if rows := [numbers for name, *numbers in attended if name == lesson]:
            REPORT.append(row(count, " ".join(lesson), *zip(*rows)))


def check_saved(text, notebook, committed):
    """Assert that a file holds a notebook, and the notebook a lesson that ran well."""
    saved = nbformat.from_dict(notebook)
    assert text.decode() == nbformat.writes(saved) + "\n"
    assert kinds(saved) == kinds(nbformat.read(committed, as_version=4))


def kinds(notebook):
    """Return what kinds of output each cell of a notebook has."""
    return [
        (cell.id, [(o.output_type, sorted(o.get("data", {}))) for o in cell.outputs])
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def row(count, lesson, ready, finished, cpu, memory):
    """Return a line of the report; times in seconds."""
    cells = [count, lesson, len(ready)]
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
