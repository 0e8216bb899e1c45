"""Whether two runs of a notebook say the same, on processors that round differently.

Words and whole numbers must be the same, other numbers agree to one unit of their last
printed digit or to 1e-6, whichever is more. Figures are compared as pictures: the root
mean square of the differences of their pixels, from 0 to 255, is at most 1.
"""

import base64
import io
import re
from decimal import Decimal

import numpy as np
from PIL import Image

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
    """Return the differences between two texts, as sentences' ends."""
    a, b = a.splitlines(), b.splitlines()
    found = [
        f"was {old.strip()!r}, is {new.strip()!r}"
        for old, new in zip(a, b)
        if not same_text(old, new)
    ]
    if len(a) != len(b):
        found.append(f"had {len(a)} lines, has {len(b)}")
    return found


def compare_pictures(a, b):
    """Return how two PNG pictures, in base64, differ, as a list."""
    if a == b:
        return []
    try:
        a, b = (
            Image.open(io.BytesIO(base64.b64decode(x))).convert("RGBA") for x in (a, b)
        )
    except (OSError, ValueError):
        return ["a picture is damaged"]
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape:
        return [
            "the picture had {1} × {0} pixels, has {3} × {2}".format(
                *a.shape[:2], *b.shape[:2]
            )
        ]
    difference = np.sqrt(np.mean((a - b) ** 2))
    if difference > PICTURE_TOLERANCE:
        return [f"the picture differs by {difference:.1f} of 255"]
    return []


def compare_output(a, b, text_only):
    """Return how two outputs of the same kinds differ, as a list."""
    if a.output_type == "stream":
        return compare_text(a.text, b.text)
    found = []
    for kind, old in a.data.items():
        if kind != "image/png":
            found += compare_text(str(old), str(b.data[kind]))
        elif not text_only:
            found += compare_pictures(old, b.data[kind])
    return found


def kinds(outputs):
    """Return the kinds of outputs, as they are told."""
    return [
        # A file has the kinds of a display in another order than the kernel sends.
        output.get("name") or "+".join(sorted(output.get("data", [output.output_type])))
        for output in outputs
    ]


def compare_cells(before, after, text_only=False):
    """Return all differences between two cells' outputs, as sentences' ends."""
    a, b = before.get("outputs", []), after.get("outputs", [])
    if kinds(a) != kinds(b):
        return [f"had the outputs {kinds(a)}, has {kinds(b)}"]
    return [
        difference
        for x, y in zip(a, b)
        for difference in compare_output(x, y, text_only)
    ]
