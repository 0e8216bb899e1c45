"""A whole class at the same time: everyone logs in, runs the lesson and saves it."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from tests.hub.conftest import REPORT
from tools.lessons import load_frameworks

HEAD = (
    "| students | framework | finished | ready p50 | p95 | finished p50 | p95 "
    "| CPU s each | memory MB each |"
)
PLACES = "|---|---|---|---|---|---|---|---|---|"


@pytest.mark.parametrize("framework", load_frameworks())
@pytest.mark.parametrize("count", [2, 8, 16])
def test_everyone_runs_the_lesson_and_has_it_on_disk(students, count, framework):
    path = f"vi/rmsprop-{framework}.ipynb"

    def attend(student):
        start = time.monotonic()
        student.login()
        assert student.choose("vi", framework).endswith(path)
        ready = time.monotonic() - start
        notebook = student.work(path)
        finished = time.monotonic() - start
        return notebook, ready, finished, student.cpu(), student.memory()

    attendants = students[:count]
    with ThreadPoolExecutor(count) as pool:
        notebooks, *columns = zip(*pool.map(attend, attendants))
    for student, notebook in zip(attendants, notebooks):
        saved = nbformat.from_dict(notebook)
        assert student.file(path).decode() == nbformat.writes(saved) + "\n"
        outputs = [o for c in saved.cells for o in c.get("outputs", [])]
        assert not [o for o in outputs if o.output_type == "error"]
        assert sum("image/png" in o.get("data", {}) for o in outputs) >= 8
        assert any("loss: 0.24" in o.get("text", "") for o in outputs)
    if not REPORT:
        REPORT.extend([HEAD, PLACES])
    REPORT.append(row(count, framework, *columns))


def row(count, framework, ready, finished, cpu, memory):
    """Return a line of the report; times in seconds."""
    cells = [count, framework, f"{len(ready)} of {count}"]
    for times in (ready, finished):
        p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
        cells += [f"{statistics.median(times):.0f}", f"{p95:.0f}"]
    for values in (cpu, memory):
        cells.append(
            "{:.1f} ({:.1f}–{:.1f})".format(
                *(f(values) for f in (statistics.median, min, max))
            )
        )
    return "| " + " | ".join(map(str, cells)) + " |"
