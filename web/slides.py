"""From an executed notebook to the slides of a deck for the classroom.

Shown are titles, questions, predictions, answers, formulas, tables, lists, code and
outputs, each large and alone; the prose goes into the speaker's notes. Cell metadata
decide the rest: `slideshow.slide_type` may be `skip` or `notes`, and a cell tagged
`hide-input` shows its output only. A notebook without `slideshow` metadata has no deck.
"""

import re

SHOWN = {  # how a block of prose that is shown begins, and what kind of slide it makes
    '<div class="math': "formula",
    '<div class="scroll': "table",
    "<ul": "list",
    "<ol": "list",
    "<p><strong>": "text",  # a prediction
}


def has_deck(notebook):
    """Tell whether any cell of a notebook says something about slides."""
    return any("slideshow" in cell.metadata for cell in notebook.cells)


def drop_editions(blocks):
    """Return a cell's blocks without the links below its h1 to the other editions.

    A page has tabs and a language link for that, a deck has nowhere to go.
    """
    if (
        len(blocks) > 1
        and blocks[0].startswith("<h1")
        and blocks[1].startswith("<p><strong>")
        and ".html?framework=" in blocks[1]
    ):
        return [blocks[0], *blocks[2:]]
    return blocks


def last_question(block):
    """Return the last question in a paragraph with one sentence a line, or ""."""
    lines = block.removeprefix("<p>").removesuffix("</p>\n").split("\n")
    asked = [line for line in lines if re.search(r"\?( |$)", line)]
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
                add("output", outputs)
            continue
        blocks = iter(drop_editions(writer.blocks(cell)))
        for block in blocks:
            shown = next(
                (k for start, k in SHOWN.items() if block.startswith(start)), ""
            )
            if heading := re.match(r"<h([123])[^>]*>(.*)</h", block):
                if question:
                    add("question")
                title = heading[2]
                if heading[1] == "1":
                    add("title")
            elif block.startswith("<details"):
                summary = re.search(r"<summary>(.*)</summary>", block)[1]
                answer = [f"<p><strong>{summary}</strong></p>"]
                while not (block := next(blocks)).startswith("</details"):
                    answer.append(block)
                add("text", "".join(answer))
            elif shown and kind != "notes":
                add(shown, block)
            else:
                question = last_question(block) or question
                # What follows a slide explains it, up to the next question.
                (notes if question or notes else slides[-1]["notes"]).append(block)
    if question:
        add("question")
    return slides
