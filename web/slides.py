"""From an executed notebook to the slides of a deck for the classroom.

Shown are titles, questions, predictions, answers, formulas, tables, lists, code and
outputs, each large and alone; the prose goes into the speaker's notes. Cell metadata
decide the rest: `slideshow.slide_type` may be `skip` or `notes`, and a cell tagged
`hide-input` shows its output only. A notebook without `slideshow` metadata has no deck.
"""

import re

# The blocks of prose that are shown, and what kind of slide each makes.
SHOWN = {"math": "formula", "table": "table", "ul": "list", "ol": "list"}


def has_deck(notebook):
    """Tell whether any cell of a notebook says something about slides."""
    return any("slideshow" in cell.metadata for cell in notebook.cells)


def last_question(text):
    """Return the last question in a text with one sentence a line, or ""."""
    asked = [line for line in text.split("\n") if re.search(r"\?( |$)", line)]
    return asked[-1][: asked[-1].rindex("?") + 1] if asked else ""


def make_slides(notebook, writer):
    """Return the slides of a notebook; ``writer`` is a `web.markup.Writer`.

    A slide is a dict with the HTML of ``title``, ``question``, ``body`` and ``notes``,
    and its ``kind``: title, question, text, formula, table, list, code or output.
    """
    slides, title, question, notes = [], "", "", []

    def add(kind, body=""):
        nonlocal question, notes
        slide = {"kind": kind, "title": title, "question": question, "body": body}
        slides.append({**slide, "notes": notes})
        question, notes = "", []

    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind == "skip":
            continue
        if cell.cell_type == "code":
            if "hide-input" not in cell.metadata.get("tags", []):
                add("code", f"<pre><code>{writer.code(cell)}</code></pre>")
            if outputs := writer.outputs(cell):
                add("output", "\n".join(output.html for output in outputs))
            continue
        blocks = iter(writer.blocks(cell))
        for block in blocks:
            # A prediction begins with bold words.
            shown = "text" if block.kind == "bold" else SHOWN.get(block.kind)
            if block.kind in ("h1", "h2", "h3"):
                if question:
                    add("question")
                title = block.text.html
                if block.kind == "h1":
                    add("title")
            elif block.kind == "details":
                answer = [f"<p><strong>{block.text.html}</strong></p>"]
                while (block := next(blocks)).kind != "/details":
                    answer.append(block.html)
                add("text", "".join(answer))
            elif shown and kind != "notes":
                add(shown, block.html)
            else:
                if block.kind in ("p", "bold"):
                    question = last_question(block.text.html) or question
                # What follows a slide explains it, up to the next question.
                (notes if question or notes else slides[-1]["notes"]).append(block.html)
    if question:
        add("question")
    return slides
