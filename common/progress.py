"""Progress bars that a person sees and that a committed output never holds."""

import sys

from common.play import has_front_end


def progress(iterable=None, label="", **options):
    """Return a tqdm bar over ``iterable``, drawn on stdout.

    Where nobody watches (under nbconvert or nbgrader, or when stdout is a file) and
    where tqdm is missing, the iterable itself is returned. ``options`` are tqdm's.
    """
    if not (has_front_end() or sys.stdout.isatty()):
        return iterable
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return iterable
    return tqdm(iterable, desc=label, file=sys.stdout, **options)
