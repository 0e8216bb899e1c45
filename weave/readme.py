"""What both READMEs show of the course: its picture, and a table of its notebooks."""

import base64

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


def update_readmes(write):
    """Write the table of the notebooks between its two marks in both READMEs."""
    for language, path in README.items():
        text = path.read_text("utf-8") if path.exists() else ""
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not (begin and end):
            raise LessonError(
                f"{path.name} has no place for the table of the notebooks: two lines, "
                f"{BEGIN.strip()} and {END}."
            )
        write(path, (before + begin + table(language) + end + after).encode())
