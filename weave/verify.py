"""Execute the committed notebooks anew and compare: `make verify`.

Nothing in the checkout is written; `weave.compare` says what counts as the same.
`--edition` verifies the notebooks of one edition of a lesson, `rmsprop-exercises`.
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
from weave.execute import code_cells, code_of, execute
from weave.lessons import NOTEBOOKS, ROOT, LessonError, load_frameworks, read_notebook


def verify(notebooks, home, text_only=False):
    """Execute the code that some notebooks share, {path: notebook}, and compare.

    Returns each one's faults, {path: sentences}.
    """
    first, *_ = notebooks
    try:
        new = execute(copy.deepcopy(notebooks[first]), home, first.relative_to(ROOT))
    except LessonError as error:
        return {path: [str(error)] for path in notebooks}
    return {
        path: [
            f"{path.relative_to(ROOT)}, cell {before.id!r}: {difference}"
            for before, after in zip(code_cells(old), code_cells(new))
            for difference in compare_cells(before, after, text_only)
        ]
        for path, old in notebooks.items()
    }


def verify_all(paths, text_only=False):
    """Verify the notebooks in some files, print how each stands, return the faults."""
    faults, groups = {}, {}
    for path in paths:
        try:
            notebook = read_notebook(path)
            groups.setdefault(code_of(notebook), {})[path] = notebook
        except LessonError as error:
            faults[path] = [str(error)]
    with (
        tempfile.TemporaryDirectory() as home,
        ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
    ):
        jobs = [
            pool.submit(verify, groups[code], Path(home), text_only)
            # The longest first: else the last one runs alone.
            for code in sorted(groups, key=lambda code: -len(str(code)))
        ]
        for job in jobs:
            faults |= job.result()
            for path, found in job.result().items():
                told = "differs" if found else "verified"
                print(path.relative_to(ROOT), told, flush=True)
    return list(dict.fromkeys(fault for path in paths for fault in faults[path]))


def main():
    """Verify the notebooks of the frameworks named; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frameworks", nargs="*", default=list(load_frameworks()))
    parser.add_argument("--edition", default="*", help="verify this one only")
    parser.add_argument("--text", action="store_true", help="do not compare figures")
    options = parser.parse_args()
    paths = sorted(
        path
        for framework in options.frameworks
        for path in NOTEBOOKS.glob(f"*/{options.edition}-{framework}.ipynb")
    )
    if not paths:
        return "make: there is no notebook to verify."
    faults = verify_all(paths, options.text)
    if faults:
        return "\n".join(f"make: {fault}" for fault in faults)
    return 0


if __name__ == "__main__":
    sys.exit(main())
