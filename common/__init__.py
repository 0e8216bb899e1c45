"""What the lesson notebooks import: data, plotting and the training harness.

``from common import torch as d2l`` (or ``mxnet``, or ``tensorflow``) gives one
framework's functions under the names and signatures of the book Dive into Deep
Learning, version 1.0.3.
"""

import contextlib
import os


class ReaderError(Exception):
    """An error meant for the reader: a notebook shows its sentence, no traceback."""

    def _render_traceback_(self):
        return [str(self)]


class MissingFrameworkError(ReaderError, ImportError):
    """The framework of a notebook cannot be imported."""

    def __init__(self, framework, cause):
        super().__init__(
            f"{framework} cannot be imported here ({cause}). Run `make` in the folder "
            "of the lessons, or open the same lesson for a framework that you have."
        )


@contextlib.contextmanager
def silence():
    """Drop what compiled code writes to stderr, for libraries that heed no setting."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
