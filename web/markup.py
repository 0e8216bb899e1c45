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
# For nbgrader, not for readers: ### BEGIN SOLUTION and the like.
GRADER = re.compile(r"^\s*### (?:BEGIN|END) [A-Z ]+$\n?", re.MULTILINE)


class Formula(NamedTuple):
    """A formula as MathML and, for search and titles, as a line of text."""

    html: str
    text: str


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
        """Return the HTML of a Markdown cell's blocks: paragraphs, tables, …"""
        self.place = f"{self.where}, cell {cell.id!r}"
        self.check_dollars(cell.source)
        blocks, group, env, headings = [], [], {}, 0
        for token in self.markdown.parse(cell.source, env):
            if token.type == "heading_open":
                headings += 1
                suffix = f"-h{headings}" if headings > 1 else ""
                token.attrSet("id", f"{cell.id.removesuffix('-1')}{suffix}")
            for child in token.children or []:
                if child.type == "link_open":
                    child.attrSet("href", page_address(child.attrGet("href")))
            group.append(token)
            if token.level == 0 and token.nesting <= 0:
                options = self.markdown.options
                block = self.markdown.renderer.render(group, options, env)
                block = re.sub('<span class="math inline">(.*?)</span>', r"\1", block)
                blocks.append(tidy_table(block))
                group = []
        return blocks

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
        """Return the HTML of a picture and see to it that its file will be there."""
        png = lighten(data)
        name = f"{hashlib.sha256(png).hexdigest()[:12]}.png"
        self.images[name] = png
        width, height = (
            round(size * 96 / DPI) for size in Image.open(io.BytesIO(png)).size
        )
        return (
            f'<img src="../images/{name}" alt="{html.escape(alt)}" width="{width}" '
            f'height="{height}" loading="lazy" decoding="async">'
        )

    def code(self, cell):
        """Return the HTML of a code cell's source."""
        return coloured(code_text(cell.source))

    def outputs(self, cell):
        """Return the HTML of a code cell's outputs."""
        parts = []
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                alt = cell.metadata.get("alt", "")
                parts.append(self.picture(data["image/png"], alt))
            else:
                text = output.get("text") or data["text/plain"]
                parts.append(f"<pre>{html.escape(text.rstrip())}</pre>")
        return "\n".join(parts)


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


def tidy_table(block):
    """Return a block with what Markdown cannot say about a table."""
    if not block.startswith("<table>"):
        return block
    block = re.sub(r"<thead>\s*<tr>(\s*<th></th>)+\s*</tr>\s*</thead>", "", block)
    block = block.replace("<th></th>", "<td></td>")
    # A long name may be broken at a dot or an underscore, a number nowhere.
    number = r"<code>([-+]?[\d.]+(?:e[-+]?\d+)?)</code>"
    block = re.sub(number, r'<code class="number">\1</code>', block)
    block = re.sub(r"<code>[^<]*[a-z][a-z._][^<]*</code>", breakable, block)
    return f'<div class="scroll">{block}</div>'


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
