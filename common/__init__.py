"""What the lesson notebooks import: data, plotting and the training harness.

``from common import torch as d2l`` (or ``mxnet``, ``tensorflow``, ``jax``) gives one
framework's functions under the names and signatures of the book Dive into Deep
Learning, version 1.0.3.
"""

import locale
import os
from pathlib import Path

MISSING = {
    "en": "{title} cannot be imported here ({cause}): in the folder of the course run "
    "{command}{where}, or open this lesson for another framework.",
    "vi": "Không nạp được {title} ({cause}): hãy chạy {command} trong thư mục của khóa "
    "học{where}, hoặc mở bài này cho framework khác.",
}
WHEELS = {
    "en": " (it exists for {wheels} only)",
    "vi": " (chỉ có bản cài cho {wheels})",
}


class ReaderError(Exception):
    """An error meant for the reader: a notebook shows its sentence, no traceback."""

    def _render_traceback_(self):  # the hook that IPython looks for
        return [str(self)]


class MissingFrameworkError(ReaderError, ImportError):
    """The framework of a notebook cannot be imported.

    ``command`` installs it; ``wheels`` names its platforms where they are few.
    """

    def __init__(self, title, command, cause, wheels=""):
        language = reader_language()
        where = WHEELS[language].format(wheels=wheels) if wheels else ""
        sentence = MISSING[language]
        super().__init__(
            sentence.format(title=title, cause=cause, command=command, where=where)
        )


def reader_language():
    """Return "vi" in a notebook of a folder `vi` or on a Vietnamese system, else "en".

    A notebook's kernel runs in the notebook's folder.
    """
    variables = map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))
    system = next(filter(None, variables), locale.getlocale()[0]) or ""
    return "vi" if Path.cwd().name == "vi" or system.lower()[:2] == "vi" else "en"
