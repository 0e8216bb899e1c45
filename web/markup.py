"""From the cells of an executed notebook to HTML, for the pages and for the decks."""

import base64
import functools
import hashlib
import html
import io
import json
import re
import subprocess
from pathlib import Path

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


class Writer:
    """Turns the cells of one page into HTML and collects what they need.

    ``formulas`` are the page's formulas as (TeX, display or not), ``images`` all
    pictures of the site as {name: PNG bytes}, shared by its pages.
    """

    def __init__(self, images):
        self.formulas, self.images = [], images
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        self.markdown.use(
            dollarmath_plugin, allow_labels=False, renderer=self.add_formula
        )

    def add_formula(self, tex, options):
        """Return the mark that stands for a formula until `typeset` replaces it."""
        formula = (tex.strip(), options["display_mode"])
        if formula not in self.formulas:
            self.formulas.append(formula)
        return f"\ue000{self.formulas.index(formula)}\ue001"

    def blocks(self, cell):
        """Return the HTML of a Markdown cell's blocks: paragraphs, tables, …"""
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
                blocks.append(self.markdown.renderer.render(group, options, env))
                group = []
        return [tidy_table(block) for block in blocks]

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
        source = highlight(cell.source, PythonLexer(), HtmlFormatter(nowrap=True))
        return PLAIN.sub(r"\1", source.rstrip("\n"))

    def outputs(self, cell):
        """Return the HTML of a code cell's outputs."""
        parts = []
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                alt = cell.metadata.get("alt", "")
                parts.append(self.picture(data["image/png"], alt))
            elif text := output.get("text") or data.get("text/plain"):
                parts.append(f'<pre tabindex="0">{html.escape(text.rstrip())}</pre>')
        return "\n".join(parts)


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
    return f'<div class="scroll" tabindex="0">{block}</div>'


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
    """Return the text of some HTML, without its formulas."""
    text = re.sub(r"<[^>]+>", " ", FORMULA.sub(" ", markup))
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def run(*command, given=None, why):
    """Return what a program prints; raise LessonError with its reason if it fails."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, encoding="utf-8"
        )
    except FileNotFoundError:
        raise LessonError(
            f"{Path(command[0]).name} is missing: install Node.js with npm, delete "
            "web/node_modules, and run `make site` again."
        ) from None
    if done.returncode:
        reason = (done.stderr.strip() or "no message").splitlines()[0]
        raise LessonError(f"{why}: {reason}")
    return done.stdout


def typeset(pages):
    """Return [(formulas, glyphs)] as HTML for [(TeX, display)] of each page."""
    sets = run(
        "node", str(WEB / "math.mjs"), given=json.dumps(pages), why="a formula is wrong"
    )
    return [(page["formulas"], page["glyphs"]) for page in json.loads(sets)]
