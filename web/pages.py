"""From the notebooks of an edition to a page: twins merged, things numbered and linked.

What a page's notebooks for the frameworks have in common is there once, what differs
once for each framework. No text is written here; `strings.yml` has the words.
"""

import itertools
import re

from weave.assemble import NEIGHBOURS
from web.markup import FORMULA, code_text, plain

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
    prose, as lists, or ``code`` with the variants of (source as HTML, outputs, source
    as text), and whether it only ``draws`` what others compute.
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
        blocks = {f: writers[f].blocks(c) for f, c in twins.items()}
        for framework, own in blocks.items():
            if own[0].kind == "h1":
                titles[framework] = own.pop(0).html
        if len(set(map(len, blocks.values()))) == 1:
            rows = zip(*([[block] for block in own] for own in blocks.values()))
        else:
            rows = [blocks.values()]
        found = [variants(dict(zip(blocks, row))) for row in rows]
        cells.append({"id": same[0].id, "blocks": found})
    number(cells, "math", equation)
    number(cells, "img", figure)
    link_references(cells)
    return titles, cells


def number(cells, kind, show):
    """Number the blocks of a kind in place, for each framework alike."""
    count = 0
    for cell in cells:
        outputs = [(f, outputs) for f, (_, outputs, _) in cell.get("code", [])]
        for row in cell.get("blocks", [outputs]):
            own = {f: [b for b in blocks if b.kind == kind] for f, blocks in row}
            for framework, found in own.items():
                for at, block in enumerate(found, count + 1):
                    block.html = show(block, at, f"-{framework}" if framework else "")
            count += max(map(len, own.values()))


def equation(block, count, suffix):
    """Return a displayed formula with its number, which is a link to it."""
    name = f"equation-{count}{suffix}"
    return (
        f'<div class="equation" id="{name}">'
        f'<div class="math">{FORMULA.search(block.html)[0]}</div>'
        f'<a href="#{name}" tabindex="-1">({count})</a></div>\n'
    )


def figure(block, count, suffix):
    """Return a figure that can be enlarged, with its number and a caption."""
    name, alt = f"figure-{count}{suffix}", block.attrs["alt"]
    caption = f'<a href="#{name}" tabindex="-1">{{figure}} {count}</a>'
    if alt:
        # Who hears the picture's description need not hear it twice.
        caption += f'<span aria-hidden="true">. {alt}</span>'
    picture = f'<a class="enlarge" href="{block.attrs["src"]}">{block.html}</a>'
    return f'<figure id="{name}">{picture}<figcaption>{caption}</figcaption></figure>'


def prose(cells):
    """Yield the framework, None for all, and the Block of each block of prose."""
    for cell in cells:
        for row in cell.get("blocks", []):
            for framework, blocks in row:
                for block in blocks:
                    yield framework, block


def link_references(cells):
    """Link what the text cites, such as Graves (2013), to the list of references."""
    lists = [cell for cell in cells if cell["id"].startswith("references")]
    known = {}

    def add(match):
        text = plain(match[1])
        author = re.split("[,:]", text)[0].split()
        name = f"reference-{len(known) + 1}"
        if author and (years := YEAR.findall(text)):
            known[name] = rf"{re.escape(author[-1])}\b[^<>()]{{0,60}}?\(?{years[-1]}\)?"
        return f'<li id="{name}">{match[1]}</li>'

    items = re.compile(r"<li>(.*?)</li>", re.DOTALL)
    for framework, block in prose(lists):
        if framework is None:  # one list for all
            block.html = items.sub(add, block.html)

    def link(text):
        for name, shape in known.items():
            text = re.sub(shape, rf'<a class="cite" href="#{name}">\g<0></a>', text)
        return text

    for _, block in prose(cell for cell in cells if cell not in lists):
        if not block.kind.startswith("h"):
            block.html = linked(block.html, link)


def linked(markup, link):
    """Return HTML with the texts that are in no link changed by ``link``."""
    pieces = re.split(r"(<a\b.*?</a>|<[^>]+>)", markup, flags=re.DOTALL)
    pieces[::2] = map(link, pieces[::2])
    return "".join(pieces)


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
        for _, blocks in itertools.chain(*cell.get("blocks", [])):
            text = plain("\n".join(block.html for block in blocks))
            if blocks and blocks[0].kind in ("h2", "h3"):
                section = {"id": blocks[0].attrs["id"], "level": int(blocks[0].kind[1])}
                sections.append({**section, "title": blocks[0].text.html, "text": []})
            else:
                sections[-1]["text"].append(text)
        for _, (_, _, text) in cell.get("code", []):
            sections[-1]["text"].append(" ".join(text.split()))
    return [{**s, "text": " ".join(dict.fromkeys(s["text"]))} for s in sections]


def page_learn(cells):
    """Return what one learns, HTML: of the table at a page's top, the second row."""
    for _, block in prose(cells[:1]):
        match block.rows:
            case [_, _, [_, learn, *_], *_]:
                return learn.html
    return ""


def page_terms(cells):
    """Return the table of symbols, [(formula, [name in the code], meaning)].

    It is the table whose rows begin with a formula and with nothing but code.
    """
    terms = []
    first = [blocks for cell in cells for (_, blocks), *_ in cell.get("blocks", [])]
    tables = [block for block in itertools.chain(*first) if block.kind == "table"]
    for row in (row for table in tables for row in table.rows if len(row) >= 3):
        names = [t.content for t in row[1].tokens if t.type == "code_inline"]
        others = "".join(t.content for t in row[1].tokens if t.type != "code_inline")
        is_code = "".join(names).isidentifier() and not others.strip(" ,")
        if is_code and FORMULA.fullmatch(row[0].html):
            terms.append((row[0].html, names, row[2].html))
    return terms
