"""What other files show of the course.

Both READMEs show its picture and a table of its notebooks; the settings for a cluster
have the questions that its page asks.
"""

import base64
from textwrap import indent

from classroom.lessons import profile_options
from weave.lessons import (
    ROOT,
    LessonError,
    is_told,
    load_course,
    load_editions,
    load_frameworks,
    notebook_path,
    read_notebook,
)

PICTURE = ROOT / "docs" / "traces.png"
README = {"en": ROOT / "README.md", "vi": ROOT / "README.vi.md"}
ROLES = {
    "en": {"lesson": "lesson", "exercises": "exercises", "solutions": "solutions"},
    "vi": {"lesson": "bài học", "exercises": "bài tập", "solutions": "lời giải"},
}
BEGIN, END = "<!-- notebooks -->\n", "<!-- end notebooks -->"
VALUES = ROOT / "classroom" / "values.yaml"
BEGIN_CHOICES = "# choices, from lessons/ by `make`\n"
END_CHOICES = "# end choices"


def update_picture(write):
    """Write the READMEs' picture, a figure of a notebook that `course.yml` names."""
    place = load_course()["picture"]
    edition = load_editions()[place["lesson"]]
    path = notebook_path(edition, "en", place["framework"])
    pictures = [
        base64.b64decode(output.data["image/png"])
        for cell in read_notebook(path).cells
        for output in cell.get("outputs", [])
        if cell.id == place["cell"] and "image/png" in output.get("data", {})
    ]
    if not pictures:
        raise LessonError(
            f"lessons/course.yml wants the figure of the cell {place['cell']!r}, but "
            f"{path.relative_to(ROOT)} has no such figure."
        )
    write(PICTURE, pictures[0])


def table(language):
    """Return the table of the course's notebooks, in Markdown."""
    frameworks = load_frameworks()
    rows = [
        "| | " + " | ".join(facts["title"] for facts in frameworks.values()) + " |",
        "|---" * (len(frameworks) + 1) + "|",
    ]
    for name, lesson in load_course()["lessons"].items():
        editions = [e for e in load_editions().values() if e.lesson == name]
        cells = []
        for framework in frameworks:
            links = (
                f"[{ROLES[language][edition.role]}]"
                f"({notebook_path(edition, language, framework).relative_to(ROOT)})"
                for edition in editions
                if is_told(edition, framework)
            )
            cells.append(" · ".join(links))
        rows.append(f"| {lesson['title'][language]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def put_between(begin, end, content, path, write):
    """Write a text between its two marks in a file."""
    text = path.read_text("utf-8") if path.exists() else ""
    before, found, rest = text.partition(begin)
    _, found_too, after = rest.partition(end)
    if not (found and found_too):
        raise LessonError(
            f"{path.relative_to(ROOT)} has no place for what `make` writes there: two "
            f"lines, {begin.strip()} and {end.strip()}."
        )
    write(path, (before + begin + content + end + after).encode())


def update_readmes(write):
    """Write the table of the notebooks between its two marks in both READMEs."""
    for language, path in README.items():
        put_between(BEGIN, END, table(language), path, write)


def update_values(write):
    """Write the choices of lesson, language and framework of a cluster's page."""
    margin = 8 * " "
    choices = indent(profile_options(), margin)
    put_between(BEGIN_CHOICES, margin + END_CHOICES, choices, VALUES, write)
