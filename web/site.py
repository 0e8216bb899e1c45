"""From the executed notebooks to a site that needs no network: `make site`.

`site/` is complete in one folder and opens from a disk as well as from a server. A
page shows one lesson in one language: what its notebooks for the frameworks have in
common once, and what differs in tabs. Nothing is executed and no text is written
here; `web/` has the templates, the styles, the scripts and the few words around them.
"""

import argparse
import base64
import copy
import json
import os
import re
import shutil
import sys

import jinja2
import nbformat
import yaml

from weave.lessons import (
    EDITIONS,
    LANGUAGES,
    NOTEBOOKS,
    ROOT,
    LessonError,
    load_frameworks,
)
from web.markup import FORMULA, WEB, Writer, lighten, plain, run, typeset
from web.slides import drop_editions, has_deck, make_slides

MODULES = WEB / "node_modules"
SITE = ROOT / "site"
FONTS = ("latin", "vietnamese", "greek")
REVEAL = ("reveal.js", "reveal.css", "plugin/notes.js")
BUNDLES = {
    "site.ts": "site.js",
    "explorer/element.ts": "explorer.js",
    "style.css": "style.css",
    "deck.css": "deck.css",
}
DEFAULT_FRAMEWORK = "pytorch"


def load_strings():
    """Return what the pages say besides the lessons, {language: {name: text}}."""
    return yaml.safe_load((WEB / "strings.yml").read_text("utf-8"))


def page_names():
    """Return the names of the editions there, in reading order."""
    names = {path.stem.rpartition("-")[0] for path in NOTEBOOKS.glob("*/*.ipynb")}
    if not names:
        raise LessonError("there is no notebook in notebooks/: run `make` first.")
    return [name for name in EDITIONS if name in names]


def read_notebook(path):
    """Return an executed notebook; raise LessonError if it is none."""
    where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise LessonError(f"{where} is missing: run `make` first.") from None
    except Exception:  # nbformat lets errors of several libraries through
        raise LessonError(
            f"{where} is not a notebook: delete it and run `make`."
        ) from None
    if not any(cell.get("outputs") for cell in notebook.cells):
        raise LessonError(f"{where} has no outputs: run `make` to execute it.")
    return notebook


def read_twins(name):
    """Return the notebooks of a page, {language: {framework: notebook}}.

    Raise LessonError unless they have the same cells in the same order.
    """
    twins, first = {}, None
    for language in LANGUAGES:
        for framework in load_frameworks():
            path = NOTEBOOKS / language / f"{name}-{framework}.ipynb"
            notebook = read_notebook(path)
            twins.setdefault(language, {})[framework] = notebook
            cells = [(cell.cell_type, cell.id) for cell in notebook.cells]
            first = first or cells
            if cells != first:
                here, there = (
                    set(c) - set(d) for c, d in ((cells, first), (first, cells))
                )
                odd = min(here | there, default=("", "order"))[1]
                raise LessonError(
                    f"notebooks/{language}/{path.name} does not line up with its "
                    f"twins at the cell {odd!r}: run `make`."
                )
    return twins


def variants(by_framework):
    """Return {framework: value} as pairs; as one, (None, value), if all are equal.

    Two that are equal beside a third do not merge: a panel belongs to one tab.
    """
    values = list(by_framework.values())
    if all(value == values[0] for value in values):
        return [(None, values[0])]
    return list(by_framework.items())


def lesson_cells(notebooks, writer):
    """Return title and cells of a page, made of {framework: notebook}.

    A cell is a dict: its ``id``, and ``blocks`` with the variants of each block of
    prose or ``code`` with the variants of (source, outputs), all as HTML.
    """
    titles, cells = {}, []
    for same in zip(*(notebook.cells for notebook in notebooks.values())):
        twins = dict(zip(notebooks, same))
        if same[0].cell_type == "code":
            code = {f: (writer.code(c), writer.outputs(c)) for f, c in twins.items()}
            cells.append({"id": same[0].id, "code": variants(code)})
            continue
        blocks = {f: drop_editions(writer.blocks(c)) for f, c in twins.items()}
        for framework, own in blocks.items():
            if own[0].startswith("<h1"):
                titles[framework] = own.pop(0)
        if len(set(map(len, blocks.values()))) == 1:
            rows = [dict(zip(blocks, row)) for row in zip(*blocks.values())]
        else:
            rows = [{f: "\n".join(own) for f, own in blocks.items()}]
        cells.append({"id": same[0].id, "blocks": [variants(row) for row in rows]})
    return titles, cells


def page_title(titles, name, words):
    """Return one title for all frameworks, given {framework: h1}."""
    facts = load_frameworks()
    names = [facts[framework]["title"] for framework in titles]
    framework, title = next(iter(titles.items()))
    several = f"{', '.join(names[:-1])} {words['and']} {names[-1]}"
    title = plain(title).replace(facts[framework]["title"], several)
    # Exercises with solutions have the title of those without.
    return f"{title} ({words[name]})" if name in words else title


def page_sections(cells):
    """Return the headings of a page with the text below each, for contents and search.

    Each is a dict with ``id``, ``level``, ``title`` (HTML) and ``text``; the first
    has no title and holds what stands above the first heading.
    """
    sections = [{"id": "top", "level": 2, "title": "", "text": []}]
    for cell in cells:
        for block in cell.get("blocks", []):
            for _, markup in block:
                if match := re.match(r'<h([23]) id="(.+?)">(.*)</h', markup):
                    level, name, title = match.groups()
                    section = {"id": name, "level": int(level), "title": title}
                    sections.append({**section, "text": []})
                else:
                    sections[-1]["text"].append(plain(markup))
        for _, (source, _) in cell.get("code", []):
            sections[-1]["text"].append(plain(source))
    return [{**s, "text": " ".join(dict.fromkeys(s["text"]))} for s in sections]


def write(path, content):
    """Write text or bytes to a file in a folder that need not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def copy_installed(source, folder):
    """Copy a file that npm has installed."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, folder / source.name)
    except FileNotFoundError:
        raise LessonError(
            f"{source.relative_to(ROOT)} is missing: delete web/node_modules and run "
            "`make site` again."
        ) from None


def write_assets(folder):
    """Write fonts, styles and scripts to a folder."""
    for subset in FONTS:
        font = f"noto-sans-{subset}-wght-normal.woff2"
        copy_installed(MODULES / "@fontsource-variable/noto-sans/files" / font, folder)
    for name in REVEAL:
        copy_installed(MODULES / "reveal.js/dist" / name, folder)
    for source, target in BUNDLES.items():
        run(
            str(MODULES / ".bin/esbuild"),
            str(WEB / source),
            "--bundle",
            "--minify",
            "--target=es2020",
            "--charset=utf8",
            "--external:*.woff2",
            f"--outfile={folder / target}",
            why=f"web/{source} could not be bundled",
        )


def light_notebook(notebook):
    """Return a notebook as text, with pictures that are quick to download.

    They have half the resolution; whoever runs the notebook gets them sharp.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                png = lighten(output.data["image/png"], 0.5)
                output.data["image/png"] = base64.b64encode(png).decode()
    return nbformat.writes(notebook)


def build(folder, repository):
    """Write the site to an empty folder; return how many pages and decks it has.

    ``repository`` is owner/name of the notebooks on GitHub, or empty.
    """
    strings, frameworks, images = load_strings(), load_frameworks(), {}
    pages, decks = [], []
    for name in page_names():
        for language, notebooks in read_twins(name).items():
            same = {"name": name, "language": language, "words": strings[language]}
            writer = Writer(images)
            titles, cells = lesson_cells(notebooks, writer)
            page = {
                **same,
                "title": page_title(titles, name, strings[language]),
                "cells": cells,
                "sections": page_sections(cells),
                "formulas": writer.formulas,
                "has_deck": all(map(has_deck, notebooks.values())),
            }
            pages.append(page)
            for framework, notebook in notebooks.items():
                stem = f"{name}-{framework}"
                path = folder / "notebooks" / language / f"{stem}.ipynb"
                write(path, light_notebook(notebook))
                if page["has_deck"]:
                    writer = Writer(images)
                    slides = make_slides(notebook, writer)
                    deck = {"name": f"slides-{stem}", "title": plain(titles[framework])}
                    deck |= {"slides": slides, "formulas": writer.formulas}
                    decks.append({**same, **deck})

    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    everywhere = {
        "frameworks": frameworks,
        "default": DEFAULT_FRAMEWORK,
        "repository": repository,
        "strings": strings,
    }
    documents = [*pages, *decks]
    sets = typeset([document.pop("formulas") for document in documents])
    for document, (formulas, glyphs) in zip(documents, sets):
        language, own = document["language"], {}
        if document in pages:
            siblings = [page for page in pages if page["language"] == language]
            at = siblings.index(document)
            own = {
                "siblings": siblings,
                "previous": siblings[at - 1] if at else None,
                "following": (*siblings, None)[at + 1],
                "other": next(other for other in LANGUAGES if other != language),
            }
        template = env.get_template("page.html" if own else "deck.html")
        markup = template.render(**document, **own, **everywhere, glyphs=glyphs)
        markup = FORMULA.sub(lambda match, html=formulas: html[int(match[1])], markup)
        write(folder / language / f"{document['name']}.html", markup)
    for language in LANGUAGES:
        index = search_index([page for page in pages if page["language"] == language])
        write(folder / "assets" / f"search-{language}.js", index)
    for name, png in images.items():
        write(folder / "images" / name, png)
    index = env.get_template("index.html")
    write(
        folder / "index.html",
        index.render(pages=pages, languages=LANGUAGES, **everywhere),
    )
    write_assets(folder / "assets")
    return len(pages), len(decks)


def search_index(pages):
    """Return a script that holds what can be found on the pages of one language."""
    index = [
        {
            "address": f"{page['name']}.html#{section['id']}",
            "title": plain(section["title"]) or page["title"],
            "page": page["title"],
            "text": section["text"],
        }
        for page in pages
        for section in page["sections"]
    ]
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return f"window.sections={text}\n"


def replace_folder(new, old):
    """Put a folder in the place of another that may be there."""
    aside = new.with_name(new.name + "-old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        os.replace(old, aside)
    os.replace(new, old)
    shutil.rmtree(aside, ignore_errors=True)


def main():
    """Build the site; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repository", default="", help="OWNER/NAME on GitHub, for links to Binder"
    )
    repository = parser.parse_args().repository
    if repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        return f"make: REPOSITORY={repository!r} is not of the form OWNER/NAME."
    new = ROOT / ".build" / "site"
    shutil.rmtree(new, ignore_errors=True)
    try:
        pages, decks = build(new, repository)
    except LessonError as error:
        return f"make: {error}"
    replace_folder(new, SITE)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{pages} pages, {decks} decks, {size / 1e6:.1f} MB. Open site/index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
