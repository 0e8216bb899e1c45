"""The page on which a student chooses a lesson, and where the choice leads."""

from html import escape
from pathlib import Path

import yaml

COURSE = Path(__file__).resolve().parent.parent
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
FRAMEWORKS = {
    name: facts["title"]
    for name, facts in yaml.safe_load(
        (COURSE / "lessons" / "frameworks.yml").read_text("utf-8")
    ).items()
}


def default_url(options):
    """Return where JupyterLab opens, e.g. "/lab/tree/vi/rmsprop-pytorch.ipynb".

    ``options`` come from a form or a link, so from anybody: what is no lesson opens
    the list of files.
    """
    language, framework = options.get("language"), options.get("framework")
    if language not in list(LANGUAGES) or framework not in list(FRAMEWORKS):
        return "/lab"
    return f"/lab/tree/{language}/rmsprop-{framework}.ipynb"


def form():
    """Return the two questions as HTML, the inside of JupyterHub's form."""
    return "\n".join(
        [
            _question("language", "Ngôn ngữ · Language", LANGUAGES),
            _question("framework", "Framework", FRAMEWORKS),
        ]
    )


def _question(name, label, answers):
    options = "".join(
        f'<option value="{value}">{escape(text)}</option>'
        for value, text in answers.items()
    )
    return (
        f'<p><label for="{name}">{escape(label)}</label>'
        f'<select class="form-control" id="{name}" name="{name}">{options}</select></p>'
    )
