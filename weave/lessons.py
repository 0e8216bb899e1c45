"""What stands in `lessons/`, and the notebooks made of it, read and checked.

`course.yml` lists the lessons, `frameworks.yml` the frameworks. A lesson is a folder:
its prose, `en.md` and `vi.md`, its code cells, `shared.py` for all frameworks and
`<framework>.py` for those that differ, and `facts.yml`, what it says of each
framework's own optimizer. Its folder `exercises`, if there is one, holds prose and
cells in the same way, and makes two editions more: with solutions and without.
"""

import unicodedata
from pathlib import Path
from typing import NamedTuple

import jupytext
import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lessons"
NOTEBOOKS = ROOT / "notebooks"
LANGUAGES = ("en", "vi")


class LessonError(Exception):
    """A fault in a lesson's source, in one sentence that names the place."""

    def __init__(self, sentence):
        super().__init__(" ".join(sentence.split()))  # libraries' have several lines


class Edition(NamedTuple):
    """What is told of a lesson: its role is lesson, exercises or solutions."""

    lesson: str
    role: str

    @property
    def name(self):
        """The first part of its notebooks' names."""
        return self.lesson if self.role == "lesson" else f"{self.lesson}-{self.role}"

    @property
    def folder(self):
        """The folder of its source, below `lessons/`."""
        return self.lesson if self.role == "lesson" else f"{self.lesson}/exercises"


def read_source(name):
    """Return the text of a file of `lessons/`; a BOM and CRLF are left out.

    Raises LessonError when it is missing, or is not UTF-8 in the Unicode form NFC.
    """
    where = f"lessons/{name}"
    try:
        text = (SOURCE / name).read_text("utf-8-sig")
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


def load_yaml(name, kind=dict):
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
    raise LessonError(f"lessons/{name} is not a {kind.__name__} of dicts.")


def load_course():
    """Return the course: `title`, {language: text}; `picture`; `lessons`, {name: …}.

    A lesson has a `title`, {language: text}, and the `minutes` that it takes; the
    picture is a figure of a notebook, with its `lesson`, `framework` and `cell`.
    """
    course = load_yaml("course.yml")
    if not course.get("lessons"):
        raise LessonError("lessons/course.yml names no lesson under 'lessons'.")
    for name, told in [("the course", course), *course["lessons"].items()]:
        titles = told.get("title") if isinstance(told, dict) else None
        if not isinstance(titles, dict) or set(titles) != set(LANGUAGES):
            raise LessonError(f"lessons/course.yml: {name} needs titles, en and vi.")
        if told is not course and not isinstance(told.get("minutes"), int):
            raise LessonError(f"lessons/course.yml: {name} needs its minutes.")
    picture = course.get("picture", {})
    if set(picture) != {"lesson", "framework", "cell"}:
        raise LessonError(
            "lessons/course.yml: the picture needs a lesson, a framework and a cell."
        )
    if picture["lesson"] not in course["lessons"]:
        raise LessonError(
            f"lessons/course.yml: the picture is of {picture['lesson']!r}, which is no "
            "lesson of the course."
        )
    return course


def load_lessons():
    """Return the names of the lessons, in the order of the course."""
    return list(load_course()["lessons"])


def load_editions():
    """Return all editions, {name: Edition}, in the order of the course."""
    found = {}
    for lesson in load_lessons():
        exercises = (SOURCE / lesson / "exercises").is_dir()
        for role in ("lesson", "exercises", "solutions") if exercises else ("lesson",):
            edition = Edition(lesson, role)
            other = found.setdefault(edition.name, edition)
            if other != edition:  # a lesson a-exercises, beside the exercises of a
                raise LessonError(
                    f"lessons/course.yml: the {role} of {lesson!r} and the "
                    f"{other.role} of {other.lesson!r} would be the same notebooks, "
                    f"{edition.name}: give one of the lessons another name."
                )
    return found


def load_folders():
    """Return the folders of `lessons/` that hold prose and cells."""
    return list(dict.fromkeys(edition.folder for edition in load_editions().values()))


def load_frameworks(lesson=None):
    """Return the facts about each framework, {name: {fact: value}}.

    With the name of a ``lesson``, its own `facts.yml` about each framework is added,
    and frameworks without cells in that lesson are left out.
    """
    frameworks = load_yaml("frameworks.yml")
    for name, facts in frameworks.items():
        for fact in ("title", "module"):
            if not str(facts.get(fact, "")).isidentifier():
                raise LessonError(f"lessons/frameworks.yml: {name} has no {fact}.")
    if lesson is None:
        return frameworks
    own = {}
    if (SOURCE / lesson / "facts.yml").exists():
        own = load_yaml(f"{lesson}/facts.yml")
    return {
        name: {**facts, **own.get(name, {})}
        for name, facts in frameworks.items()
        if (SOURCE / lesson / f"{name}.py").exists()
    }


def load_cells(folder, framework):
    """Return the code cells of a lesson for one framework, {name: cell}."""
    cells = {}
    for file in ("shared.py", f"{framework}.py"):
        where = f"lessons/{folder}/{file}"
        text = read_source(f"{folder}/{file}")
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


def read_prose(folder, language):
    """Return the source of the prose in a folder of `lessons/`."""
    return read_source(f"{folder}/{language}.md")


def is_told(edition, framework):
    """Return whether an edition has cells for a framework."""
    return (SOURCE / edition.folder / f"{framework}.py").exists()


def notebook_name(path):
    """Return how a notebook is named in a message."""
    return f"notebooks/{path.parent.name}/{path.name}"


def read_notebook(path):
    """Return the notebook in a file; raise LessonError if there is none."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise LessonError(
            f"{notebook_name(path)} is missing: run `make` first."
        ) from None
    except Exception:  # nbformat lets errors of several libraries through
        raise LessonError(
            f"{notebook_name(path)} is not a notebook: delete it and run `make` again."
        ) from None
    return notebook


def notebook_path(edition, language, framework):
    """Return where the notebook of an edition is kept."""
    return NOTEBOOKS / language / f"{edition.name}-{framework}.ipynb"
