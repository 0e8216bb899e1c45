"""From a lesson's source to a notebook without outputs.

A lesson is a folder of `lessons/`. Its prose, `en.md` and `vi.md`, is a Jinja2
template with one sentence a line; `## Title {#id}` opens a section and
`![description](cell:name)` places a code cell, described for those who cannot see
its figure. The cells are in percent format, `# %% name`: `shared.py` holds those of
all frameworks, `<framework>.py` those that differ.
"""

import re
from pathlib import Path

import jinja2
import jupytext
import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lessons"
NOTEBOOKS = ROOT / "notebooks"
LANGUAGES = ("en", "vi")
LESSONS = ("rmsprop",)

HEADING = re.compile(r"^(#+) (.+?) \{#([a-z][a-z0-9-]*)\}$")
CELL = re.compile(r"^!\[(.*)\]\(cell:([a-z][a-z0-9-]*)\)$")


class LessonError(Exception):
    """A fault in a lesson's source, in one sentence that names the place."""


def load_frameworks():
    """Return the table of facts, {name: {fact: value}}."""
    return yaml.safe_load((SOURCE / "frameworks.yml").read_text("utf-8"))


def load_cells(lesson, framework):
    """Return the code of a lesson's cells for one framework, {name: source}."""
    cells = {}
    for path in (SOURCE / lesson / "shared.py", SOURCE / lesson / f"{framework}.py"):
        for cell in jupytext.read(path, fmt="py:percent").cells:
            name = cell.metadata.get("title")
            where = path.relative_to(ROOT)
            if not name:
                raise LessonError(f"{where}: a cell has no name; write `# %% name`.")
            if name in cells:
                raise LessonError(f"{where}: there are two cells named {name!r}.")
            cells[name] = cell.source
    return cells


def read_prose(lesson, language):
    """Return the source of a lesson's prose."""
    path = SOURCE / lesson / f"{language}.md"
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise LessonError(f"{path.relative_to(ROOT)} is missing.") from None
    except UnicodeDecodeError as error:
        raise LessonError(
            f"{path.relative_to(ROOT)} is not UTF-8 (byte {error.start}): save it as "
            "UTF-8."
        ) from None


def render(lesson, language, framework):
    """Return a lesson's prose for one framework, as Markdown."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SOURCE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        comment_start_string="<#",  # {# is the beginning of a section's id
        comment_end_string="#>",
        keep_trailing_newline=True,
    )
    frameworks = load_frameworks()
    other = next(name for name in LANGUAGES if name != language)
    try:
        return env.get_template(f"{lesson}/{language}.md").render(
            framework=framework,
            frameworks=frameworks,
            fw=frameworks[framework],
            twin=f"../{other}/{lesson}-{framework}.ipynb",
        )
    except jinja2.TemplateNotFound as error:
        raise LessonError(f"lessons/{error.name} is missing.") from None
    except jinja2.TemplateError as error:
        line = (
            f":{error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        )
        raise LessonError(f"lessons/{lesson}/{language}.md{line}: {error}.") from None


def assemble(lesson, language, framework):
    """Return the notebook of one lesson, language and framework, not executed."""
    where = f"lessons/{lesson}/{language}.md"
    code, cells, prose = load_cells(lesson, framework), [], []
    section, count = "", 0

    def flush():
        nonlocal count
        text = "\n".join(prose).strip()
        prose.clear()
        if text:
            count += 1
            cells.append(new_markdown_cell(text, id=f"{section}-{count}"))

    for line in render(lesson, language, framework).splitlines():
        if heading := HEADING.match(line):
            flush()
            level, title, section = heading.groups()
            count = 0
            prose.append(f"{level} {title}")
        elif place := CELL.match(line):
            flush()
            alt, name = place.groups()
            if name not in code:
                raise LessonError(
                    f"{where}: there is no cell {name!r} for {framework}; add it to "
                    f"shared.py or {framework}.py, or correct the name."
                )
            metadata = {"alt": alt} if alt else {}
            cells.append(new_code_cell(code.pop(name), id=name, metadata=metadata))
        else:
            prose.append(line)
    flush()
    if code:
        raise LessonError(f"{where}: no line places the cell {next(iter(code))!r}.")
    notebook = new_notebook(cells=cells)
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    nbformat.validate(notebook)
    return notebook
