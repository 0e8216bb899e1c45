"""From the executed notebooks to a site that needs no network: `make site`.

`site/` is complete in one folder and opens from a disk as well as from a server. It
has a start page for each language, a page for each edition of a lesson (pages.py), the
decks (slides.py) and the explorers. Nothing is executed and no text is written here;
this folder has the templates, the styles, the scripts and the few words around them.
"""

import argparse
import base64
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import jinja2
import nbformat
import yaml

from classroom.lessons import FIRST
from weave.lessons import (
    LANGUAGES,
    ROOT,
    LessonError,
    load_course,
    load_frameworks,
)
from web.markup import FORMULA, WEB, Writer, lighten, plain, run, typeset
from web.pages import (
    lesson_cells,
    page_learn,
    page_sections,
    page_terms,
    page_title,
)
from web.reading import page_editions, read_twins
from web.slides import has_deck, make_slides

MODULES = WEB / "node_modules"
SITE = ROOT / "site"
# What is installed, what it is called on the site, and which of its characters.
TEXT_FONTS = {
    f"@fontsource-variable/noto-sans/files/noto-sans-{subset}-wght-normal.woff2": (
        f"noto-sans-{subset}.woff2"
    )
    for subset in ("latin", "vietnamese")
}
MATH_FONT = "@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff2"
REVEAL = ("reveal.js", "reveal.css", "plugin/notes.js")
BUNDLES = {
    "site.ts": "site.js",
    "explorer/element.ts": "explorer.js",
    "style.css": "style.css",
    "deck.css": "deck.css",
    "handout.css": "handout.css",
}
LICENCES = {
    "text.txt": ROOT / "lessons" / "LICENSE",
    "code.txt": ROOT / "LICENSE",
    "noto-sans.txt": MODULES / "@fontsource-variable/noto-sans/LICENSE",
    "noto-sans-math.txt": MODULES / "@fontsource/noto-sans-math/LICENSE",
    "reveal.txt": MODULES / "reveal.js/LICENSE",
}


def load_strings():
    """Return what the pages say besides the lessons, {language: {name: text}}."""
    return yaml.safe_load((WEB / "strings.yml").read_text("utf-8"))


def load_about():
    """Return ``authors``, ``year``, ``version`` and, in a clone, ``date`` of it all."""
    licence = (ROOT / "LICENSE").read_text("utf-8")
    year, authors = re.search(r"Copyright \(c\) (\d+) (.+)", licence).groups()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    log = ("git", "log", "-1", "--format=%cs", "--", "lessons", "notebooks")
    try:
        date = subprocess.check_output(log, cwd=ROOT, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        date = b""  # a copy without its history
    return {
        "authors": authors[0].upper() + authors[1:],
        "year": year,
        "version": project["version"],
        "package": project["name"],
        "date": date.decode().strip(),
    }


def write(path, content):
    """Write text or bytes to a file in a folder that need not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def installed(source):
    """Return the path of a file that npm has installed; raise LessonError without."""
    if not source.exists():
        raise LessonError(
            f"{source.relative_to(ROOT)} is missing: delete web/node_modules and run "
            "`make site` again."
        )
    return source


def write_fonts(folder, documents):
    """Write fonts to a folder, with the letters that the documents have."""
    text = "".join(documents)
    used = {character for character in text if character > " "}
    used |= {chr(code) for code in range(32, 127)}  # what is typed or computed
    formulas = "".join(re.findall(r"<math.*?</math>", text, re.DOTALL))
    # A browser shows the letter of an <mi> in italics: another character.
    single = set(re.findall(r"<mi>(\w)</mi>", formulas))
    tilted = {italic(letter) for letter in single}
    symbols = {c for c in used if c >= "\u0370" and not "\u1e00" <= c <= "\u1eff"}
    math = set(re.sub("<.*?>", "", formulas)) | tilted | symbols | {"√"}
    jobs = [
        {
            "source": str(installed(MODULES / source)),
            "target": str(folder / target),
            "text": "".join(sorted(used)),
            "axes": {"wght": {"min": 400, "max": 700}},
        }
        for source, target in TEXT_FONTS.items()
    ]
    jobs.append(
        {
            "source": str(installed(MODULES / MATH_FONT)),
            "target": str(folder / "noto-sans-math.woff2"),
            "text": "".join(sorted(math)),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    why = "the fonts could not be made"
    run("node", str(WEB / "fonts.mjs"), given=json.dumps(jobs), why=why)


def italic(letter):
    """Return the mathematical italic of a Latin or Greek letter."""
    for first, last, slanted in (
        ("A", "Z", 0x1D434),
        ("a", "z", 0x1D44E),
        ("Α", "Ω", 0x1D6E2),
        ("α", "ω", 0x1D6FC),
    ):
        if first <= letter <= last:
            return "ℎ" if letter == "h" else chr(slanted + ord(letter) - ord(first))
    return "\U0001d716" if letter == "ϵ" else letter


def write_assets(folder):
    """Write styles, scripts and licences to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in REVEAL:
        source = installed(MODULES / "reveal.js/dist" / name)
        shutil.copyfile(source, folder / source.name)
    for name, source in LICENCES.items():
        write(folder / "licences" / name, installed(source).read_bytes())
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


def explorer_names():
    """Return the names that the explorer's scripts know, {entry: names}."""
    optimizers = (WEB / "explorer" / "optimizers.ts").read_text("utf-8")
    element = (WEB / "explorer" / "element.ts").read_text("utf-8")
    listed = re.search(r"OPTIMIZERS = \[(.+?)\]", optimizers)[1]
    ranges = re.search(r"SLIDERS = \{(.+?)\n\}", element, re.DOTALL)[1]
    return {
        "optimizers": re.findall(r'"(\w+)"', listed),
        "sliders": re.findall(r"^  (\w+):", ranges, re.MULTILINE),
    }


def check_explorer(lesson, explorer, cells):
    """Raise LessonError for what an explorer of `course.yml` cannot show."""
    where = f"lessons/course.yml: the explorer of {lesson}"
    if explorer.get("cell") not in {cell["id"] for cell in cells}:
        raise LessonError(
            f"{where} is to stand after the cell {explorer.get('cell')!r}, but there "
            "is none of that name."
        )
    for entry, known in explorer_names().items():
        named = explorer.get(entry) or []
        if not named or (unknown := [name for name in named if name not in known]):
            problem = f"there is no {unknown[0]!r}" if named else "none is named"
            raise LessonError(f"{where}, {entry}: {problem} of {', '.join(known)}.")


def make_page(edition, language, notebooks, writers, words, course):
    """Return a page, a dict that `page.html` shows."""
    told = load_frameworks(edition.lesson)
    frameworks = {framework: told[framework] for framework in notebooks}
    titles, cells = lesson_cells(notebooks, writers)
    lesson = course["lessons"][edition.lesson]
    label = lesson["title"][language]
    explorer = lesson.get("explorer") if edition.role == "lesson" else None
    if explorer:
        check_explorer(edition.lesson, explorer, cells)
    return {
        "name": edition.name,
        "edition": edition,
        "language": language,
        "words": words,
        "frameworks": frameworks,
        "notebooks": notebooks,
        "default": FIRST if FIRST in frameworks else next(iter(frameworks)),
        "title": page_title(titles, edition, frameworks, words),
        "titles": titles,
        "label": label
        if edition.role == "lesson"
        else f"{label}: {words[edition.role]}",
        "minutes": lesson["minutes"],
        "explorer": explorer,
        "cells": cells,
        "sections": page_sections(cells),
        "learn": page_learn(cells),
        "terms": page_terms(cells),
        "decks": {f: has_deck(notebook) for f, notebook in notebooks.items()},
    }


def cover(course, language, writer):
    """Return the course's picture, HTML, from the notebook that `course.yml` names."""
    place = course["picture"]
    pictures = [
        output.html
        for edition in page_editions()
        if edition.name == place["lesson"]
        for cell in read_twins(edition)[language][place["framework"]].cells
        if cell.id == place["cell"]
        for output in writer.outputs(cell)
        if output.kind == "img"
    ]
    if not pictures:
        raise LessonError(
            f"lessons/course.yml wants the figure of the cell {place['cell']!r} of "
            f"{place['lesson']!r}, but there is none: run `make` first."
        )
    return pictures[0]


def read_course(course, strings, images, formulas):
    """Return all pages and decks, dicts; note their images and formulas."""
    pages, decks = [], []
    for edition in page_editions():
        for language, notebooks in read_twins(edition).items():
            writers = {
                framework: Writer(
                    images, formulas, f"notebooks/{language}/{edition.name}-{framework}"
                )
                for framework in notebooks
            }
            words = strings[language]
            page = make_page(edition, language, notebooks, writers, words, course)
            pages.append(page)
            decks += [
                {
                    "name": f"slides-{edition.name}-{framework}",
                    "title": plain(page["titles"][framework]),
                    "page": page,
                    "framework": framework,
                    "slides": make_slides(notebook, writers[framework]),
                }
                for framework, notebook in notebooks.items()
                if page["decks"][framework]
            ]
    return pages, decks


def load_templates(fill, **everywhere):
    """Return the templates, all of which know the values given."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["text"] = lambda markup: fill(plain(markup))
    env.globals.update(everywhere)
    return env


def documents(language, pages, decks, cover_image, fill):
    """Yield template, path and values of each document in one language."""
    shared = {
        "language": language,
        "words": load_strings()[language],
        "other": next(other for other in LANGUAGES if other != language),
        "siblings": pages,
        "cover": cover_image,
        "preview": re.search(r"images/[^\"]+", cover_image)[0],
        "frameworks": load_frameworks(),
        "default": FIRST,
    }
    for at, page in enumerate(pages):
        # Exercises write what their lesson's table of symbols explains.
        table = next(p for p in pages if p["edition"].lesson == page["edition"].lesson)
        around = {
            "symbols": [
                {"symbol": fill(formula).partition("_")[0], "names": names}
                for formula, names, _ in table["terms"]
            ],
            "previous": pages[at - 1] if at else None,
            "following": (*pages, None)[at + 1],
        }
        values = {**shared, **page, **around}
        yield "page.html", f"{language}/{page['name']}.html", values
        if page["explorer"]:
            yield "explorer.html", f"{language}/{page['name']}-explorer.html", values
    for deck in decks:
        yield "deck.html", f"{language}/{deck['name']}.html", {**shared, **deck}
    start = "index.html" if language == LANGUAGES[0] else f"{language}/index.html"
    yield "start.html", start, {**shared, "symbols": course_symbols(pages, fill)}


def build(folder, repository="", address=""):
    """Write the site to an empty folder; return how many pages and decks it has.

    ``repository`` is owner/name of the notebooks on GitHub, or empty; ``address`` is
    where the site will be, for previews of links to it.
    """
    course, strings, images, formulas = load_course(), load_strings(), {}, {}
    pages, decks = read_course(course, strings, images, formulas)
    set_formulas = typeset(formulas)

    def fill(text):
        """Return a text with its formulas as text."""
        return FORMULA.sub(lambda mark: set_formulas[int(mark[1])].text, text)

    owner, _, name = repository.partition("/")
    templates = load_templates(
        fill,
        about=load_about(),
        address=address or (f"https://{owner}.github.io/{name}/" if owner else ""),
        course=course,
        languages=LANGUAGES,
        repository=repository,
        strings=strings,
    )
    written = []
    for language in LANGUAGES:
        own = [page for page in pages if page["language"] == language]
        own_decks = [deck for deck in decks if deck["page"] in own]
        cover_image = cover(course, language, Writer(images, {}))
        found = documents(language, own, own_decks, cover_image, fill)
        for template, path, values in found:
            root = "../" * path.count("/")
            markup = templates.get_template(template).render(
                values, path=path, root=root
            )
            markup = FORMULA.sub(lambda mark: set_formulas[int(mark[1])].html, markup)
            write(folder / path, markup)
            written.append(markup)
        write(folder / "assets" / f"search-{language}.js", search_index(own, fill))
        for page in own:
            for framework, notebook in page["notebooks"].items():
                stem = f"{page['name']}-{framework}"
                path = folder / "notebooks" / language / f"{stem}.ipynb"
                write(path, light_notebook(notebook))
    for name, png in images.items():
        write(folder / "images" / name, png)
    write_fonts(folder / "assets", written)
    write_assets(folder / "assets")
    return len(pages), len(decks)


def course_symbols(pages, fill):
    """Return the symbols of all lessons, each with the names that the code has for it.

    What it means is told by the first lesson that has it, whose page is in ``page``.
    """
    symbols = {}
    for page in (page for page in pages if page["edition"].role == "lesson"):
        for formula, names, meaning in page["terms"]:
            row = symbols.setdefault(
                fill(formula).partition("_")[0],
                {"formula": formula, "names": {}, "meaning": meaning, "page": page},
            )
            row["names"] |= dict.fromkeys(names)
    return list(symbols.values())


def search_index(pages, fill):
    """Return a script that holds what can be found on the pages of one language."""
    index = [
        {
            "address": f"{page['name']}.html#{section['id']}",
            "title": fill(plain(section["title"])) or page["title"],
            "page": page["title"],
            "text": fill(section["text"]),
        }
        for page in pages
        for section in page["sections"]
    ]
    found = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return f"window.sections={found}\n"


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
        "--repository", default="", help="OWNER/NAME on GitHub, for Binder and Colab"
    )
    parser.add_argument(
        "--address", default="", help="where the site will be, for previews of links"
    )
    given = parser.parse_args()
    if given.repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", given.repository):
        return f"make: REPOSITORY={given.repository!r} is not of the form OWNER/NAME."
    if given.address and not re.fullmatch(r"https?://\S+/", given.address):
        return f"make: ADDRESS={given.address!r} is not of the form https://…/."
    new = ROOT / ".build" / "site"
    shutil.rmtree(new, ignore_errors=True)
    try:
        pages, decks = build(new, given.repository, given.address)
    except LessonError as error:
        return f"make: {error}"
    replace_folder(new, SITE)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"{pages} pages, {decks} decks, {size / 1e6:.1f} MB. Open site/index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
