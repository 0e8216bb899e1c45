"""Execute the committed notebooks anew and compare: `make verify`.

Nothing in the checkout is written. Words and whole numbers must be the same, other
numbers agree to one unit of their last printed digit or to 1e-6, whichever is more (on
another processor rounding differs). Figures are compared as pictures: the root mean
square of the differences of their pixels, from 0 to 255, is at most 1.
`--text` leaves the pictures out: another matplotlib draws them a little differently.
"""

import argparse
import base64
import io
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import numpy as np
from PIL import Image

from weave.build import execute, read_notebook
from weave.lessons import NOTEBOOKS, ROOT, LessonError, load_frameworks

NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")
NUMBER_TOLERANCE = Decimal("1e-6")
PICTURE_TOLERANCE = 1.0


def same_number(a, b):
    """Tell whether two printed numbers agree."""
    if a == b or all(x.lstrip("+-").isdigit() for x in (a, b)):
        return a == b
    a, b = Decimal(a), Decimal(b)
    units = (Decimal(10) ** x.as_tuple().exponent for x in (a, b))
    return abs(a - b) <= max(*units, NUMBER_TOLERANCE)


def same_text(a, b):
    """Tell whether two lines say the same, whatever the width of their columns."""
    a, b = (NUMBER.split(" ".join(line.split())) for line in (a, b))
    words = a[::2] == b[::2]
    return words and all(map(same_number, a[1::2], b[1::2]))


def compare_text(a, b):
    """Return the first difference between two texts, or None."""
    a, b = a.splitlines(), b.splitlines()
    for old, new in zip(a, b):
        if not same_text(old, new):
            return f"was {old.strip()!r}, is {new.strip()!r}"
    if len(a) != len(b):
        return f"had {len(a)} lines, has {len(b)}"
    return None


def compare_pictures(a, b):
    """Return how two PNG pictures, in base64, differ, or None."""
    a, b = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(x))).convert("RGBA"), float)
        for x in (a, b)
    )
    if a.shape != b.shape:
        return "the picture had {1} × {0} pixels, has {3} × {2}".format(
            *a.shape[:2], *b.shape[:2]
        )
    difference = np.sqrt(np.mean((a - b) ** 2))
    if difference > PICTURE_TOLERANCE:
        return f"the picture differs by {difference:.1f} of 255"
    return None


def compare_output(a, b, text_only):
    """Return how two outputs of a cell differ, or None."""
    if a.output_type == "stream":
        return compare_text(a.text, b.text)
    for kind, old in a.data.items():
        if kind == "image/png":
            difference = None if text_only else compare_pictures(old, b.data[kind])
        else:
            difference = compare_text(str(old), str(b.data[kind]))
        if difference:
            return difference
    return None


def kinds(outputs):
    """Return the kinds of outputs, as they are told."""
    return [
        output.get("name") or "+".join(output.get("data", [output.output_type]))
        for output in outputs
    ]


def compare(old, new, text_only=False):
    """Return all differences between two notebooks' outputs, as sentences' ends."""
    differences = []
    for before, after in zip(old.cells, new.cells):
        a, b = before.get("outputs", []), after.get("outputs", [])
        if kinds(a) == kinds(b):
            found = (compare_output(x, y, text_only) for x, y in zip(a, b))
            difference = next(filter(None, found), None)
        else:
            difference = f"had the outputs {kinds(a)}, has {kinds(b)}"
        if difference:
            differences.append(f"cell {before.id!r}: {difference}")
    return differences


def verify(path, home, text_only=False):
    """Execute a notebook and return its faults, each a sentence."""
    name = path.relative_to(ROOT)
    try:
        old = read_notebook(path)
        new = execute(old, home, name)
    except LessonError as error:
        return [str(error)]
    return [f"{name}, {difference}" for difference in compare(old, new, text_only)]


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
