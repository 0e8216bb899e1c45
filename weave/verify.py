"""Execute the committed notebooks anew and compare: `make verify`.

Nothing in the checkout is written; `weave.compare` says what counts as the same.
`--text` leaves the pictures out: another matplotlib draws them a little differently.
"""

import argparse
import copy
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from weave.compare import compare_cells
from weave.execute import execute, read_notebook
from weave.lessons import NOTEBOOKS, ROOT, LessonError, load_frameworks


def verify(path, home, text_only=False):
    """Execute a notebook and return its faults, each a sentence."""
    name = path.relative_to(ROOT)
    try:
        old = read_notebook(path)
        new = execute(copy.deepcopy(old), home, name)
    except LessonError as error:
        return [str(error)]
    return [
        f"{name}, cell {before.id!r}: {difference}"
        for before, after in zip(old.cells, new.cells)
        for difference in compare_cells(before, after, text_only)
    ]


def main():
    """Verify the notebooks of the frameworks named; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frameworks", nargs="*", default=list(load_frameworks()))
    parser.add_argument("--text", action="store_true", help="do not compare figures")
    options = parser.parse_args()
    paths = sorted(
        path
        for framework in options.frameworks
        for path in NOTEBOOKS.glob(f"*/*-{framework}.ipynb")
    )
    if not paths:
        return "make: there is no notebook to verify."
    faults = []
    with (
        tempfile.TemporaryDirectory() as home,
        ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
    ):
        jobs = [pool.submit(verify, p, Path(home), options.text) for p in paths]
        for path, job in zip(paths, jobs):
            faults += job.result()
            print(path.relative_to(ROOT), "differs" if job.result() else "verified")
    if faults:
        return "\n".join(f"make: {fault}" for fault in faults)
    return 0


if __name__ == "__main__":
    sys.exit(main())
