"""The page on which a student chooses a lesson, a language and a framework."""

from html import escape
from pathlib import Path

import yaml

LESSONS = Path(__file__).resolve().parent.parent / "lessons"
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
LABELS = {
    "lesson": "Bài học · Lesson",
    "language": "Ngôn ngữ · Language",
    "framework": "Framework",
}
FIRST = "pytorch"  # what most readers look for


def choices():
    """Return the answers to each question, {question: {value: what one reads}}."""
    course = yaml.safe_load((LESSONS / "course.yml").read_text("utf-8"))
    frameworks = yaml.safe_load((LESSONS / "frameworks.yml").read_text("utf-8"))
    return {
        "lesson": {
            name: " · ".join(dict.fromkeys(lesson["title"][code] for code in LANGUAGES))
            for name, lesson in course["lessons"].items()
        },
        "language": LANGUAGES,
        "framework": {
            name: frameworks[name]["title"]
            for name in sorted(frameworks, key=lambda name: name != FIRST)
        },
    }


def form():
    """Return the questions as HTML, the inside of JupyterHub's form."""
    return "\n".join(
        _question(name, LABELS[name], answers) for name, answers in choices().items()
    )


def profile_options():
    """Return the questions as YAML, the `profile_options` of a cluster's page."""
    options = {
        name: {
            "display_name": LABELS[name],
            "choices": {
                value: {
                    "display_name": text,
                    **({"default": True} if value == next(iter(answers)) else {}),
                    "kubespawner_override": {
                        "environment": {f"COURSE_{name.upper()}": value}
                    },
                }
                for value, text in answers.items()
            },
        }
        for name, answers in choices().items()
    }
    style = {"default_flow_style": None, "sort_keys": False, "width": 1000}
    return yaml.safe_dump(options, allow_unicode=True, **style)


def _question(name, label, answers):
    options = "".join(
        f'<option value="{value}">{escape(text)}</option>'
        for value, text in answers.items()
    )
    return (
        f'<p><label class="form-label" for="{name}">{escape(label)}</label>'
        f'<select class="form-select" id="{name}" name="{name}">{options}</select></p>'
    )


def apply(spawner, options):
    """Tell a student's server what was chosen; `student.sh` opens it.

    ``options`` come from a form or a link, so from anybody: they are compared with
    what there is, and lead nowhere else.
    """
    spawner.environment = {
        **spawner.environment,
        **{f"COURSE_{name.upper()}": str(options.get(name, "")) for name in choices()},
    }
