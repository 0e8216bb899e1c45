"""From the cells of an executed notebook to HTML, for the pages and for the decks."""

import base64
import functools
import hashlib
import html
import io
import json
import re
import subprocess
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from PIL import Image, ImageOps
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from weave.lessons import ROOT, LessonError

WEB = ROOT / "web"
DPI = 144  # of the figures in the notebooks
# What Pygments marks and code.css leaves as it is: most of a page's elements.
PLAIN = re.compile(
    r'<span class="(?!(?:k|kn|kc|ow|s1|s2|sa|sd|mi|mf|si|c1|cm)")\w+">(.*?)</span>'
)
FORMULA = re.compile("\ue000(\\d+)\ue001")  # stands for a formula until all are set
# What HTML there is in Markdown: the start, with a summary, and the end of details.
DETAILS = re.compile(r"\s*<(/?details)\b[^>]*>\s*(?:<summary>(.*)</summary>)?")
# For nbgrader, not for readers: ### BEGIN SOLUTION and the like.
GRADER = re.compile(r"^\s*### (?:BEGIN|END) [A-Z ]+$\n?", re.MULTILINE)


class Formula(NamedTuple):
    """A formula as MathML and, for search and titles, as a line of text."""

    html: str
    text: str


class Text(NamedTuple):
    """What a heading, a paragraph or a cell of a table says, as HTML and as tokens."""

    html: str
    tokens: list


@dataclass
class Block:
    """A block of prose or an output: what it is, and its HTML, which may yet change.

    ``kind`` is h1, p, ul, ol, table, math, details, /details, img, pre, …, and bold if
    a paragraph begins with bold words. ``rows`` are lists of Text: a table's, or one.
    """

    kind: str
    html: str
    attrs: dict
    rows: list

    @property
    def text(self):
        """Return the Text of a heading, a paragraph or a summary."""
        return self.rows[0][0]


class Writer:
    """Turns the cells of one notebook into HTML and collects what they need.

    The whole site shares ``images``, {name: bytes}, and ``formulas``,
    {(TeX, display or not): the place where it stands first}.
    """

    def __init__(self, images, formulas, where=""):
        self.images, self.formulas, self.where = images, formulas, where
        self.place = where
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        self.markdown.use(
            dollarmath_plugin, allow_labels=False, renderer=self.add_formula
        )

    def add_formula(self, tex, options):
        """Return the mark that stands for a formula until `typeset` replaces it."""
        formula = (tex.strip(), options["display_mode"])
        self.formulas.setdefault(formula, self.place)
        return f"\ue000{list(self.formulas).index(formula)}\ue001"

    def blocks(self, cell):
        """Return a Markdown cell's blocks: paragraphs, tables, …"""
        self.place = f"{self.where}, cell {cell.id!r}"
        self.check_dollars(cell.source)
        blocks, group, headings = [], [], 0
        for token in self.markdown.parse(cell.source):
            if token.type == "heading_open":
                headings += 1
                suffix = f"-h{headings}" if headings > 1 else ""
                token.attrSet("id", f"{cell.id.removesuffix('-1')}{suffix}")
            for child in token.children or []:
                if child.type == "link_open":
                    child.attrSet("href", page_address(child.attrGet("href")))
            group.append(token)
            if token.level == 0 and token.nesting <= 0:
                blocks.append(self.block(group))
                group = []
        # The other editions: a page has tabs for them, a deck has nowhere to go.
        if [block.kind for block in blocks[:2]] == ["h1", "bold"]:
            links = [t.attrs.get("href", "") for t in blocks[1].text.tokens]
            if any(".html?framework=" in link for link in links):
                del blocks[1]
        return blocks

    def block(self, tokens):
        """Return the Block that some tokens make."""
        kind, html, rows = tokens[0].tag, self.render(tokens), [[]]
        if tokens[0].type == "html_block" and (found := DETAILS.match(html)):
            kind, rows = found[1], [[Text(found[2] or "", [])]]
        for token in tokens:
            if token.type == "tr_open" and rows[-1]:
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(Text(self.render([token]), token.children))
        if kind == "table":
            html = tidy_table(html)
        elif kind == "p":
            # The parser leaves an empty text before bold words.
            first = next(t for t in tokens[1].children if t.type != "text" or t.content)
            kind = "bold" if first.type == "strong_open" else "p"
        return Block(kind, html, tokens[0].attrs, rows)

    def render(self, tokens):
        """Return the HTML of some tokens, in which a formula is only its mark."""
        html = self.markdown.renderer.render(tokens, self.markdown.options, {})
        return re.sub('<span class="math inline">(.*?)</span>', r"\1", html)

    def check_dollars(self, source):
        """Raise LessonError if a dollar sign of a text opens or closes no formula."""
        for token in self.markdown.parse(source.replace(r"\$", "")):
            for child in token.children or []:
                if child.type == "text" and "$" in child.content:
                    raise LessonError(
                        f"{self.place}: a $ has no partner in {child.content[:60]!r}; "
                        r"write \$ if a dollar is meant."
                    )

    def picture(self, data, alt):
        """Return a picture as a Block; see to it that its file will be there."""
        png = lighten(data)
        name = f"{hashlib.sha256(png).hexdigest()[:12]}.png"
        self.images[name] = png
        size = Image.open(io.BytesIO(png)).size
        width, height = (round(side * 96 / DPI) for side in size)
        attrs = {"src": f"../images/{name}", "alt": html.escape(alt)}
        markup = (
            f'<img src="{attrs["src"]}" alt="{attrs["alt"]}" width="{width}" '
            f'height="{height}" loading="lazy" decoding="async">'
        )
        return Block("img", markup, attrs, [])

    def code(self, cell):
        """Return the HTML of a code cell's source."""
        return coloured(code_text(cell.source))

    def outputs(self, cell):
        """Return a code cell's outputs as Blocks."""
        blocks = []
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                alt = cell.metadata.get("alt", "")
                blocks.append(self.picture(data["image/png"], alt))
            else:
                text = html.escape((output.get("text") or data["text/plain"]).rstrip())
                blocks.append(Block("pre", f"<pre>{text}</pre>", {}, []))
        return blocks


def code_text(source):
    """Return a cell's source as it is shown, without the marks for nbgrader."""
    return GRADER.sub("", source).rstrip("\n")


@functools.cache  # most code is the same in all languages, on pages and in decks
def coloured(source):
    """Return some Python as HTML with the kinds of its words."""
    marked = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return PLAIN.sub(r"\1", marked.rstrip("\n"))


def page_address(href):
    """Return where a link between notebooks leads on the site."""
    if match := re.fullmatch(r"((?:\.\./\w+/)?[\w-]+)-(\w+)\.ipynb", href):
        return f"{match[1]}.html?framework={match[2]}"
    return href


def tidy_table(markup):
    """Return a table with what Markdown cannot say about it."""
    markup = re.sub(r"<thead>\s*<tr>(\s*<th></th>)+\s*</tr>\s*</thead>", "", markup)
    markup = markup.replace("<th></th>", "<td></td>")
    # A long name may be broken at a dot or an underscore, a number nowhere.
    number = r"<code>([-+]?[\d.]+(?:e[-+]?\d+)?)</code>"
    markup = re.sub(number, r'<code class="number">\1</code>', markup)
    markup = re.sub(r"<code>[^<]*[a-z][a-z._][^<]*</code>", breakable, markup)
    return f'<div class="scroll">{markup}</div>'


def breakable(code):
    """Return a match of code with places where a line may end."""
    return re.sub(r"(?<=\w)([._])(?=[A-Za-z])", r"\1<wbr>", code[0])


@functools.cache  # the same figure is in the notebooks of several frameworks
def lighten(data, scale=1):
    """Return a figure, PNG in base64, as a PNG of at most 64 colours."""
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    picture = ImageOps.scale(picture, scale, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.quantize(64, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    return buffer.getvalue()


def plain(markup):
    """Return the text of some HTML; its formulas stay marks."""
    text = re.sub(r"</?(?:p|li|tr|td|th|h\d|summary|pre)\b[^>]*>", " ", markup)
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def run(*command, given=None, why):
    """Return what a program prints; raise LessonError with its reason if it fails."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, encoding="utf-8"
        )
    except FileNotFoundError:
        raise LessonError(
            f"{Path(command[0]).name} is missing: run `make web`, or delete "
            "web/node_modules if that does not help, and run `make site` again."
        ) from None
    if "ERR_MODULE_NOT_FOUND" in done.stderr or "MODULE_NOT_FOUND" in done.stderr:
        raise LessonError(
            f"{why}: a file below web/node_modules is missing; delete that folder and "
            "run `make site` again."
        )
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "rror" in line]
        raise LessonError(f"{why}: {(reasons or ['no message'])[0].strip()}")
    return done.stdout


def typeset(formulas):
    """Return a Formula for each of {(TeX, display): place}, in the same order."""
    given = json.dumps(list(formulas))
    found = run("node", str(WEB / "math.mjs"), given=given, why="no formula can be set")
    done = []
    for ((tex, _), place), one in zip(formulas.items(), json.loads(found), strict=True):
        if "fault" in one:
            raise LessonError(f"{place}: the formula {tex!r} is wrong: {one['fault']}")
        done.append(Formula(one["html"], linear(one["html"])))
    return done


def linear(mathml):
    """Return a formula in MathML as a line of text, such as s_t ← γ s_t + g^2/2."""
    text = line_of(ElementTree.fromstring(mathml))
    text = unicodedata.normalize("NFKC", text)  # bold and italic letters
    text = text.replace("\u2061", " ")  # between a function and its argument
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(^|[(=←,^≤<]) ?− (?=\S)", r"\1 −", text).replace("( ", "(").strip()


def line_of(element):
    """Return an element of MathML as text, with more spaces than needed."""
    parts = [line_of(child) for child in element]

    def one(part):
        part = part.strip()
        return part if len(part) < 2 or part.isalnum() else f"({part})"

    match element.tag:
        case "mfrac":
            return f"{one(parts[0])}/{one(parts[1])}"
        case "msqrt":
            return f"√{one(''.join(parts))}"
        case "msub" | "munder":
            return f"{parts[0]}_{one(parts[1])}"
        case "msup":
            return f"{parts[0]}^{one(parts[1])}"
        case "msubsup" | "munderover":
            return f"{parts[0]}_{one(parts[1])}^{one(parts[2])}"
        case "mover":
            return parts[0] + ("\u0302" if parts[1].strip() in "^ˆ" else "")
        case "mspace" | "mtd" | "mtr":
            return f" {''.join(parts)} "
        case "mo" if (element.text or "") in "=+−←≤≥<>⊙≈∈→":
            return f" {element.text or ''} "
        case _:
            return (element.text or "") + "".join(parts)
