"""From a lesson's source to a notebook without outputs.

A lesson is a folder of `lessons/`. Its prose, `en.md` and `vi.md`, is a Jinja2
template with one sentence a line; `## Title {#id}` opens a section and
`![description](cell:name)` places a code cell, described for those who cannot see
its figure. The cells are in percent format, `# %% name`: `shared.py` holds those of
all frameworks, `<framework>.py` those that differ. `slideshow={"slide_type": "skip"}`
or `tags=["hide-input"]` after a name keeps the cell, or its code, off the slides.

In exercises, `# %% name nbgrader="answer"` marks a cell that a student fills in,
`nbgrader="check" points=2` one that grades it, and what stands between
`<!-- solution points=2 -->` and `<!-- end solution -->` is an answer in words. The
edition without solutions is made from the other by nbgrader itself.
"""

import re
import textwrap
import unicodedata
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
# Names of notebooks, each with the folder of its source.
EDITIONS = {"rmsprop": "rmsprop", "exercises": "exercises", "solutions": "exercises"}
LESSONS = tuple(dict.fromkeys(EDITIONS.values()))

HEADING = re.compile(r"^(#+) (.+?) \{#([a-z][a-z0-9-]*)\}$")
SOLUTION = re.compile(r"^<!-- (?:solution points=(\d+)|end solution) -->$")
CELL = re.compile(r"^!\[(.*)\]\(cell:([a-z][a-z0-9-]*)\)$")
# What a student finds where the solution was.
CODE_STUB = {"python": "# YOUR CODE HERE\npass"}
TEXT_STUB = {"en": "*Your answer here.*", "vi": "*Câu trả lời của bạn ở đây.*"}
# What a reader without the framework, or without this repository, is told to do.
MISSING = {
    "en": "This notebook needs {title}{where} and the package common of its repository:"
    ' run pip install ".[{framework}]" in a copy of the whole repository, or open the'
    " lesson for another framework.",
    "vi": "Notebook này cần {title}{where} và gói common của kho mã nguồn: hãy chạy"
    ' pip install ".[{framework}]" trong một bản sao đầy đủ của kho đó, hoặc mở bài học'
    " cho framework khác.",
}
# What nbgrader is to know of a cell.
MARKS = {
    "answer": {"grade": False, "solution": True, "locked": False},
    "check": {"grade": True, "solution": False, "locked": True},
    "words": {"grade": True, "solution": True, "locked": False},
}


class LessonError(Exception):
    """A fault in a lesson's source, in one sentence that names the place."""

    def __init__(self, sentence):
        super().__init__(" ".join(sentence.split()))  # libraries' have several lines


def read_source(*parts):
    """Return the text of a file of `lessons/`; a BOM and CRLF are left out.

    Raises LessonError when it is missing, or is not UTF-8 in the Unicode form NFC.
    """
    path = SOURCE.joinpath(*parts)
    where = f"lessons/{'/'.join(parts)}"
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise LessonError(f"{where} is missing.") from None
    except UnicodeDecodeError as error:
        raise LessonError(
            f"{where} is not UTF-8 (byte {error.start}): save it as UTF-8."
        ) from None
    for number, line in enumerate(text.split("\n"), 1):
        if not unicodedata.is_normalized("NFC", line):
            raise LessonError(
                f"{where}, line {number}: the text is not in the Unicode form NFC."
            )
    return text


def load_yaml(name, kind):
    """Return what a YAML file of `lessons/` holds, a ``kind`` of dicts."""
    try:
        found = yaml.safe_load(read_source(name))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or error
        raise LessonError(f"lessons/{name}{line} is not YAML: {reason}.") from None
    if isinstance(found, kind) and found:
        values = found.values() if kind is dict else found
        if all(isinstance(value, dict) for value in values):
            return found
    raise LessonError(f"lessons/{name} has to be a {kind.__name__} of mappings.")


def load_frameworks():
    """Return the table of facts, {name: {fact: value}}."""
    frameworks = load_yaml("frameworks.yml", dict)
    for name, facts in frameworks.items():
        for fact in ("title", "module"):
            if not str(facts.get(fact, "")).isidentifier():
                raise LessonError(f"lessons/frameworks.yml: {name} has no {fact}.")
    return frameworks


def load_cells(lesson, framework):
    """Return the code cells of a lesson for one framework, {name: cell}."""
    cells = {}
    for file in ("shared.py", f"{framework}.py"):
        where = f"lessons/{lesson}/{file}"
        text = read_source(lesson, file)
        try:
            found = jupytext.reads(text, fmt="py:percent").cells
        except Exception as error:  # jupytext lets errors of several kinds through
            raise LessonError(f"{where} is not in percent format: {error}.") from None
        for cell in found:
            name = cell.metadata.get("title")
            if not name:
                raise LessonError(f"{where}: a cell has no name; write `# %% name`.")
            if cell.cell_type != "code":
                raise LessonError(f"{where}: the cell {name!r} is not a code cell.")
            if name in cells:
                raise LessonError(f"{where}: there are two cells named {name!r}.")
            cells[name] = cell
    return cells


def read_prose(lesson, language):
    """Return the source of a lesson's prose."""
    return read_source(lesson, f"{language}.md")


def render(edition, language, framework):
    """Return the prose of an edition for one framework, as Markdown."""
    lesson = EDITIONS[edition]
    env = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        comment_start_string="<#",  # {# is the beginning of a section's id
        comment_end_string="#>",
        keep_trailing_newline=True,
    )
    frameworks = load_frameworks()
    other = next(name for name in LANGUAGES if name != language)
    try:
        return env.from_string(read_prose(lesson, language)).render(
            framework=framework,
            frameworks=frameworks,
            fw=frameworks[framework],
            edition=edition,
            twin=f"../{other}/{edition}-{framework}.ipynb",
        )
    except LessonError:
        raise
    except Exception as error:  # whatever an expression in the template raises
        line = f":{error.lineno}" if hasattr(error, "lineno") else ""
        raise LessonError(f"lessons/{lesson}/{language}.md{line}: {error}.") from None


def nbgrader_metadata(name, kind, points=0):
    """Return the metadata by which nbgrader knows a cell."""
    mark = {"schema_version": 3, "grade_id": name, "task": False, **MARKS[kind]}
    if mark["grade"]:
        mark["points"] = int(points)
    return mark


def assemble(edition, language, framework):
    """Return the notebook of one edition, language and framework, not executed."""
    lesson = EDITIONS[edition]
    where = f"lessons/{lesson}/{language}.md"
    code, cells, prose = load_cells(lesson, framework), [], []
    section, count = "", 0

    def flush(points=None):
        nonlocal count
        text = "\n".join(prose).strip()
        prose.clear()
        if text:
            count += 1
            name, metadata = f"{section}-{count}", {}
            if points:
                metadata["nbgrader"] = nbgrader_metadata(name, "words", points)
            cells.append(new_markdown_cell(text, id=name, metadata=metadata))

    facts = load_frameworks().get(framework)
    if facts is None:
        raise LessonError(f"lessons/frameworks.yml has no framework {framework!r}.")
    where_it_runs = f" ({facts['wheels']})" if "wheels" in facts else ""
    missing = MISSING[language].format(
        title=facts["title"], where=where_it_runs, framework=framework
    )
    lines = textwrap.wrap(missing, 58)
    lines = [f"{line} " for line in lines[:-1]] + lines[-1:]
    missing = "[\n" + "".join(f"        {line!r}\n" for line in lines) + "    ]"
    points = None
    for line in render(edition, language, framework).splitlines():
        if heading := HEADING.match(line):
            flush()
            level, title, section = heading.groups()
            count = 0
            prose.append(f"{level} {title}")
        elif mark := SOLUTION.match(line):
            flush(points)
            points = mark[1]
        elif place := CELL.match(line):
            flush()
            alt, name = place.groups()
            if name not in code:
                raise LessonError(
                    f"{where}: there is no cell {name!r} for {framework}; add it to "
                    f"shared.py or {framework}.py, or correct the name."
                )
            cell = code.pop(name)
            kept = ("slideshow", "tags")  # the rest are Jupytext's own notes
            metadata = {key: cell.metadata[key] for key in kept if key in cell.metadata}
            if alt:
                metadata["alt"] = alt
            if kind := cell.metadata.get("nbgrader"):
                points_of_cell = cell.metadata.get("points", 0)
                try:
                    metadata["nbgrader"] = nbgrader_metadata(name, kind, points_of_cell)
                except (KeyError, TypeError, ValueError):
                    raise LessonError(
                        f"{where}: the cell {name!r} has marks that are not understood."
                    ) from None
            source = cell.source.replace("{{ language }}", language)
            source = source.replace('["{{ missing }}"]', missing)
            cells.append(new_code_cell(source, id=name, metadata=metadata))
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
    if edition == "exercises":
        try:
            notebook = without_solutions(notebook, language)
        except RuntimeError as error:  # a region that has no end, for example
            raise LessonError(f"lessons/{lesson}, {framework}: {error}.") from None
    ids = [cell.id for cell in cells]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise LessonError(f"{where}: the notebook gets two cells {twice[0]!r}.")
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise LessonError(f"{where} makes no notebook: {error.message}.") from None
    return notebook


def without_solutions(notebook, language):
    """Return a notebook as a student gets it, by nbgrader's own preprocessors."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions

    stubs = {"code_stub": CODE_STUB, "text_stub": TEXT_STUB[language]}
    for clear in (ClearSolutions(**stubs), ClearHiddenTests(), ClearOutput()):
        notebook, _ = clear.preprocess(notebook, {})
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.metadata.pop("alt", None)  # it tells what the solution draws
    return notebook
