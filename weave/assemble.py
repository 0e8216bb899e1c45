"""From a lesson's source to a notebook without outputs.

The prose is a Jinja2 template with one sentence a line; `## Title {#id}` opens a
section and `![description](cell:name)` places a code cell, described for those who
cannot see its figure. The cells are in percent format, `# %% name`;
`slideshow={"slide_type": "skip"}` or `tags=["hide-input"]` after a name keeps the cell,
or its code, off the slides.

In exercises, `# %% name nbgrader="answer"` marks a cell that a student fills in,
`nbgrader="check" points=2` one that grades it, and what stands between
`<!-- solution points=2 -->` and `<!-- end solution -->` is an answer in words. The
edition without solutions is made from the other by nbgrader itself.
"""

import re
from typing import NamedTuple

import jinja2
import nbformat
from jinja2 import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from weave.lessons import (
    LANGUAGES,
    Edition,
    LessonError,
    is_told,
    load_cells,
    load_course,
    load_frameworks,
    read_prose,
)

HEADING = re.compile(r"^(#+) (.+?) \{#([a-z][a-z0-9-]*)\}$")
SOLUTION = re.compile(r"^<!-- (?:solution points=(\d+)|end solution) -->$")
CELL = re.compile(r"^!\[(.*)\]\(cell:([a-z][a-z0-9-]*)\)$")
# What a student finds where the solution was.
CODE_STUB = {
    "en": "# Your code here.\npass",
    "vi": "# Viết mã của bạn ở đây.\npass",
}
# The last cell of a lesson leads to its neighbours; a page has links of its own.
NEIGHBOURS = "neighbours"
BEFORE_AND_AFTER = {
    "en": ("Previous lesson: ", "Next lesson: "),
    "vi": ("Bài trước: ", "Bài tiếp theo: "),
}
TEXT_STUB = {"en": "*Your answer here.*", "vi": "*Câu trả lời của bạn ở đây.*"}
# What nbgrader is to know of a cell.
MARKS = {
    "answer": {"grade": False, "solution": True, "locked": False},
    "check": {"grade": True, "solution": False, "locked": True},
    "words": {"grade": True, "solution": True, "locked": False},
}
KERNEL = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
TEMPLATES = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    comment_start_string="<#",  # {# is the beginning of a section's id
    comment_end_string="#>",
    keep_trailing_newline=True,
)


class Block(NamedTuple):
    """A piece of the prose: a text that becomes a cell, or the place of a code cell."""

    name: str
    text: str = ""  # of a Markdown cell
    points: str | None = None  # of an answer in words
    alt: str = ""  # of a code cell's figure
    is_code: bool = False


def check_branches(tree, where, frameworks):
    """Raise LessonError where a template forgets a framework.

    What is told of all others, after `{% else %}` or `!=`, would be told of every
    framework that is added later; a chain of `{% elif %}` has to have a branch for
    each of ``frameworks``. For this to be seen, a framework is named by
    `{% if framework == "a" %}` or `{% if framework in ("a", "b") %}` only.
    """
    branches = list(tree.find_all(nodes.If))
    named = {id(branch.test): _named_frameworks(branch.test) for branch in branches}
    known = load_frameworks()
    for test in tree.find_all((nodes.Compare, nodes.Test)):
        names = named.get(id(test), [])
        if _asks_for_a_name(test) and not names:
            raise LessonError(
                f"{where}:{test.lineno}: name a framework only by "
                '{% if framework == "…" %} or {% if framework in ("…", "…") %}; '
                "for several of a kind ask for a fact, {% if fw.… %}."
            )
        if odd := set(names) - set(known):
            raise LessonError(
                f"{where}:{test.lineno}: lessons/frameworks.yml has no {min(odd)!r}."
            )
    inner = {id(elif_) for branch in branches for elif_ in branch.elif_}
    for first in branches:
        chain = [first, *first.elif_]
        names = {name for branch in chain for name in named[id(branch.test)]}
        if not names or id(first) in inner:
            continue
        if first.else_:
            raise LessonError(
                f"{where}:{first.lineno}: {{% else %}} after a comparison of "
                "frameworks speaks of those that are added later too: name each."
            )
        if len(chain) > 1 and (missing := set(frameworks) - names):
            raise LessonError(
                f"{where}:{first.lineno}: there is no branch for {min(missing)}."
            )


def _asks_for_a_name(test):
    """Return whether a test compares the framework's name, or title, with a text."""
    names = {found.name for found in test.find_all(nodes.Name)}
    texts = {c.value for c in test.find_all(nodes.Const) if isinstance(c.value, str)}
    facts = {found.attr for found in test.find_all(nodes.Getattr)} | texts
    told_by_fact = "fw" in names and not facts.isdisjoint({"title", "module"})
    # Two variables, as in a loop over all frameworks, are compared without a text.
    return bool(texts) and ("framework" in names or told_by_fact)


def _named_frameworks(test):
    """Return the names in `framework == "a"` or `framework in ("a", "b")`, or []."""
    if isinstance(test, nodes.Compare) and test.expr == nodes.Name("framework", "load"):
        kind, other = test.ops[0].op, test.ops[0].expr
        if kind == "eq" and isinstance(other, nodes.Const):
            return [other.value]
        if kind == "in" and isinstance(other, nodes.Tuple | nodes.List):
            return [item.value for item in other.items if isinstance(item, nodes.Const)]
    return []


def render(edition, language, framework):
    """Return the prose of an edition for one framework, as Markdown."""
    where = f"lessons/{edition.folder}/{language}.md"
    frameworks = {
        name: facts
        for name, facts in load_frameworks(edition.lesson).items()
        if is_told(edition, name)  # exercises may be told in fewer than their lesson
    }
    if framework not in frameworks:
        raise LessonError(
            f"lessons/{edition.folder} has no cells for the framework {framework!r}."
        )
    other = next(name for name in LANGUAGES if name != language)
    text = read_prose(edition.folder, language)
    try:
        check_branches(TEMPLATES.parse(text), where, frameworks)
        return TEMPLATES.from_string(text).render(
            framework=framework,
            frameworks=frameworks,
            fw=frameworks[framework],
            edition=edition.name,
            role=edition.role,
            lesson=edition.lesson,
            twin=f"../{other}/{edition.name}-{framework}.ipynb",
        )
    except LessonError:
        raise
    except Exception as error:  # whatever an expression in the template raises
        line = f":{error.lineno}" if hasattr(error, "lineno") else ""
        raise LessonError(f"{where}{line}: {error}.") from None


def split_blocks(text):
    """Yield the Blocks of a rendered prose."""
    lines, section, count, points = [], "", 0, None

    def flush():
        nonlocal count
        if text := "\n".join(lines).strip():
            count += 1
            yield Block(f"{section}-{count}", text, points)
        lines.clear()

    for line in text.splitlines():
        if heading := HEADING.match(line):
            yield from flush()
            level, title, section = heading.groups()
            count = 0
            lines.append(f"{level} {title}")
        elif mark := SOLUTION.match(line):
            yield from flush()
            points = mark[1]
        elif place := CELL.match(line):
            yield from flush()
            yield Block(place[2], alt=place[1], is_code=True)
        else:
            lines.append(line)
    yield from flush()


def nbgrader_metadata(name, kind, points=0):
    """Return the metadata by which nbgrader knows a cell."""
    mark = {"schema_version": 3, "grade_id": name, "task": False, **MARKS[kind]}
    if mark["grade"]:
        mark["points"] = int(points)
    return mark


def make_cell(block, code, language, where):
    """Return the notebook's cell for a Block; takes what it places out of ``code``."""
    if not block.is_code:
        metadata = {}
        if block.points:
            metadata["nbgrader"] = nbgrader_metadata(block.name, "words", block.points)
        return new_markdown_cell(block.text, id=block.name, metadata=metadata)
    if block.name not in code:
        raise LessonError(
            f"{where}: there is no cell {block.name!r}; add it to shared.py or to the "
            "framework's file, or correct the name."
        )
    cell = code.pop(block.name)
    # The rest are Jupytext's own notes.
    metadata = {k: v for k, v in cell.metadata.items() if k in ("slideshow", "tags")}
    if block.alt:
        metadata["alt"] = block.alt
    if kind := cell.metadata.get("nbgrader"):
        try:
            metadata["nbgrader"] = nbgrader_metadata(
                block.name, kind, cell.metadata.get("points", 0)
            )
        except (KeyError, TypeError, ValueError):
            raise LessonError(
                f"{where}: the cell {block.name!r} has marks that are not understood."
            ) from None
    source = cell.source.replace("{{ language }}", language)
    return new_code_cell(source, id=block.name, metadata=metadata)


def link_neighbours(edition, language, framework):
    """Return the cell that links the lessons before and after, in a list, or none."""
    lessons = {
        name: lesson["title"][language]
        for name, lesson in load_course()["lessons"].items()
        if is_told(Edition(name, "lesson"), framework)
    }
    names = list(lessons)
    if edition.role != "lesson" or len(names) < 2:
        return []
    at = names.index(edition.lesson)
    before, after = BEFORE_AND_AFTER[language]
    links = [(before, name) for name in names[max(at - 1, 0) : at]]
    links += [(after, name) for name in names[at + 1 : at + 2]]
    text = " · ".join(
        f"{words}[{lessons[name]}]({name}-{framework}.ipynb)" for words, name in links
    )
    skip = {"slideshow": {"slide_type": "skip"}}
    return [new_markdown_cell(text, id=NEIGHBOURS, metadata=skip)]


def assemble(edition, language, framework):
    """Return the notebook of one edition, language and framework, not executed.

    Its metadata `course` tells lesson, role, language and framework.
    """
    where = f"lessons/{edition.folder}/{language}.md ({framework})"
    text = render(edition, language, framework)
    code = load_cells(edition.folder, framework)
    cells = [make_cell(block, code, language, where) for block in split_blocks(text)]
    if code:
        raise LessonError(f"{where}: no line places the cell {next(iter(code))!r}.")
    cells += link_neighbours(edition, language, framework)
    ids = [cell.id for cell in cells]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise LessonError(f"{where}: the notebook gets two cells {twice[0]!r}.")
    notebook = new_notebook(cells=cells, metadata=KERNEL)
    notebook.metadata["course"] = {
        **edition._asdict(),
        "language": language,
        "framework": framework,
    }
    if edition.role == "exercises":
        try:
            notebook = without_solutions(notebook, language)
        except RuntimeError as error:  # a region that has no end, for example
            raise LessonError(f"{where}: {error}.") from None
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise LessonError(f"{where} makes no notebook: {error.message}.") from None
    return notebook


def without_solutions(notebook, language):
    """Return a notebook as a student gets it, by nbgrader's own preprocessors."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions

    stubs = {
        "code_stub": {"python": CODE_STUB[language]},
        "text_stub": TEXT_STUB[language],
    }
    for clear in (ClearSolutions(**stubs), ClearHiddenTests(), ClearOutput()):
        notebook, _ = clear.preprocess(notebook, {})
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.metadata.pop("alt", None)  # it tells what the solution draws
    return notebook
