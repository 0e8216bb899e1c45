"""From the notebooks of an edition to a page: twins merged, things numbered and linked.

What a page's notebooks for the frameworks have in common is there once, what differs
once for each framework. No text is written here; `strings.yml` has the words.
"""

import itertools
import re

from weave.assemble import NEIGHBOURS
from web.markup import FORMULA, code_text, plain
from web.slides import drop_editions

DISPLAY = re.compile(r'<div class="math block">(.*?)</div>', re.DOTALL)
IMAGE = re.compile(r'<img src="([^"]+)" alt="([^"]*)"[^>]*>')
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def variants(by_framework):
    """Return {framework: value} as pairs; as one, (None, value), if all are equal.

    Two that are equal beside a third do not merge: a panel belongs to one tab.
    """
    values = list(by_framework.values())
    if all(value == values[0] for value in values):
        return [(None, values[0])]
    return list(by_framework.items())


def lesson_cells(notebooks, writers):
    """Return title and cells of a page, made of {framework: notebook}.

    A cell is a dict: its ``id``, and ``blocks`` with the variants of each block of
    prose or ``code`` with the variants of (source, outputs, source as text), of which
    all but the last is HTML, and whether it only ``draws`` what others compute.
    """
    titles, cells = {}, []
    for same in zip(*(notebook.cells for notebook in notebooks.values())):
        twins = dict(zip(notebooks, same))
        if same[0].id == NEIGHBOURS:
            continue
        if same[0].cell_type == "code":
            code = {
                f: (writers[f].code(c), writers[f].outputs(c), code_text(c.source))
                for f, c in twins.items()
            }
            draws = "hide-input" in same[0].metadata.get("tags", [])
            cells.append({"id": same[0].id, "code": variants(code), "draws": draws})
            continue
        blocks = {f: drop_editions(writers[f].blocks(c)) for f, c in twins.items()}
        for framework, own in blocks.items():
            if own[0].startswith("<h1"):
                titles[framework] = own.pop(0)
        if len(set(map(len, blocks.values()))) == 1:
            rows = [dict(zip(blocks, row)) for row in zip(*blocks.values())]
        else:
            rows = [{f: "\n".join(own) for f, own in blocks.items()}]
        cells.append({"id": same[0].id, "blocks": [variants(row) for row in rows]})
    number(cells)
    link_references(cells)
    return titles, cells


def number(cells):
    """Number equations and figures in place."""
    counts = {"equation": 0, "figure": 0}
    for cell in cells:
        if "blocks" in cell:
            cell["blocks"] = [
                numbered(block, counts, "equation", DISPLAY, equation)
                for block in cell["blocks"]
            ]
        else:
            outputs = [
                (framework, outputs) for framework, (_, outputs, _) in cell["code"]
            ]
            outputs = numbered(outputs, counts, "figure", IMAGE, figure)
            cell["code"] = [
                (framework, (code, own, text))
                for (framework, (code, _, text)), (_, own) in zip(cell["code"], outputs)
            ]


def numbered(found, counts, kind, shape, wrap):
    """Return variants with a number for each match of ``shape``.

    The variants for the frameworks have the same numbers, and go on from ``counts``.
    """
    done, last = [], counts[kind]
    for framework, markup in found:
        numbers = itertools.count(counts[kind] + 1)
        suffix = f"-{framework}" if framework else ""

        def one(match, numbers=numbers, suffix=suffix):
            number = next(numbers)
            return wrap(match, number, f"{kind}-{number}{suffix}")

        done.append((framework, shape.sub(one, markup)))
        last = max(last, next(numbers) - 1)
    counts[kind] = last
    return done


def equation(match, count, name):
    """Return a displayed formula with its number, which is a link to it."""
    return (
        f'<div class="equation" id="{name}"><div class="math">{match[1].strip()}</div>'
        f'<a href="#{name}" tabindex="-1">({count})</a></div>'
    )


def figure(match, count, name):
    """Return a figure that can be enlarged, with its number and a caption."""
    caption = f'<a href="#{name}" tabindex="-1">{{figure}} {count}</a>'
    if match[2]:
        # Who hears the picture's description need not hear it twice.
        caption += f'<span aria-hidden="true">. {match[2]}</span>'
    return (
        f'<figure id="{name}"><a class="enlarge" href="{match[1]}">{match[0]}</a>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def link_references(cells):
    """Link what the text cites, such as Graves (2013), to the list of references."""
    lists = [
        block
        for cell in cells
        if cell["id"].startswith("references")
        for block in cell.get("blocks", [])
    ]
    known = {}

    def add(match):
        text = plain(match[1])
        author = re.split("[,:]", text)[0].split()
        name = f"reference-{len(known) + 1}"
        if author and (years := YEAR.findall(text)):
            known[name] = rf"{re.escape(author[-1])}\b[^<>()]{{0,60}}?\(?{years[-1]}\)?"
        return f'<li id="{name}">{match[1]}</li>'

    for block in lists:
        for at, (framework, markup) in enumerate(block):
            if framework is None:  # one list for all
                items = re.compile(r"<li>(.*?)</li>", re.DOTALL)
                block[at] = (framework, items.sub(add, markup))

    def link(text):
        for name, shape in known.items():
            text = re.sub(shape, rf'<a class="cite" href="#{name}">\g<0></a>', text)
        return text

    for cell in cells:
        if "blocks" in cell and not cell["id"].startswith("references"):
            cell["blocks"] = [
                [(framework, linked(markup, link)) for framework, markup in block]
                for block in cell["blocks"]
            ]


def linked(markup, link):
    """Return HTML with the texts that are in no link or heading changed by ``link``."""
    pieces = re.split(r"(<(a|h\d)\b.*?</\2>|<[^>]+>)", markup, flags=re.DOTALL)
    # A group of its own is the tag's name.
    return "".join(
        link(piece) if at % 3 == 0 else piece if at % 3 == 1 else ""
        for at, piece in enumerate(piece or "" for piece in pieces)
    )


def page_title(titles, edition, frameworks, words):
    """Return one title for all frameworks, given {framework: h1}."""
    names = [frameworks[framework]["title"] for framework in titles]
    framework, title = next(iter(titles.items()))
    several = names[-1]
    if names[:-1]:
        several = f"{', '.join(names[:-1])} {words['and']} {several}"
    title = plain(title).replace(frameworks[framework]["title"], several)
    # Exercises with solutions have the title of those without.
    if edition.role == "solutions":
        title += f" ({words['solutions']})"
    return title


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
        for _, (_, _, text) in cell.get("code", []):
            sections[-1]["text"].append(" ".join(text.split()))
    return [{**s, "text": " ".join(dict.fromkeys(s["text"]))} for s in sections]


def page_learn(cells):
    """Return what one learns, HTML: of the table at a page's top, the second row."""
    for block in cells[0].get("blocks", []):
        rows = re.findall(r"<td>(.*?)</td>", block[0][1], re.DOTALL)
        if len(rows) >= 4:
            return rows[3]
    return ""


def page_terms(cells):
    """Return the table of symbols, [(formula, [name in the code], meaning)].

    It is the table whose rows begin with a formula and with nothing but code.
    """
    terms = []
    for cell in cells:
        for block in cell.get("blocks", []):
            for row in re.findall(r"<tr>(.*?)</tr>", block[0][1], re.DOTALL):
                columns = re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
                if len(columns) < 3 or not FORMULA.fullmatch(columns[0].strip()):
                    continue
                names = re.findall(r"<code>(\w+)</code>", columns[1])
                if names and not re.sub(r"<code>\w+</code>|[\s,]", "", columns[1]):
                    terms.append((columns[0].strip(), names, columns[2].strip()))
    return terms
