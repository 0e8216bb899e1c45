"""The decks hold the lesson, fit a projector and keep the prose in the notes."""

import itertools
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.web.test_pages import AXE, visit
from weave.lessons import LANGUAGES, NOTEBOOKS, is_told, load_frameworks
from web.markup import Writer
from web.reading import page_editions
from web.slides import has_deck, last_question, make_slides


def read(deck):
    language, stem = deck.split("/")
    return nbformat.read(NOTEBOOKS / language / f"{stem}.ipynb", as_version=4)


STEMS = [
    f"{language}/{edition.name}-{framework}"
    for language in LANGUAGES
    for edition in page_editions()
    for framework in load_frameworks()
    if is_told(edition, framework)
]
DECKS = [stem for stem in STEMS if has_deck(read(stem))]
every_deck = pytest.mark.parametrize("deck", DECKS)

# What of the current slide reaches over its edges of 1280 × 720, or lies on the next.
OVERFLOW = """() => {
    const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect()
    return [...slide.querySelectorAll("*")]
        .filter(e => !e.closest("aside, svg"))
        .filter(e => {
            const box = e.getBoundingClientRect()
            return box.right > edge.right || box.bottom > edge.bottom - 20
                || e.scrollWidth > e.clientWidth + 1 && e.matches("pre, table, p")
        })
        .map(e => `${slide.querySelector("h1, h2").textContent}: ${e.outerHTML}`)
}"""


def slides(*cells):
    """Return the slides of a notebook of such cells, without its title."""
    notebook = new_notebook(cells=[new_markdown_cell("# T", id="intro-1"), *cells])
    return make_slides(notebook, Writer({}, {}))[1:]


def prose(text):
    return new_markdown_cell(text, id="part-1")


def code(source, **metadata):
    output = nbformat.v4.new_output("stream", text="42\n")
    return new_code_cell(source, id="x", metadata=metadata, outputs=[output])


def test_there_is_a_deck_for_each_language_and_framework_of_the_lesson():
    lesson = [stem for stem in STEMS if re.search("/rmsprop-(?!ex|sol)", stem)]
    assert [deck for deck in DECKS if deck in lesson] == lesson
    assert len(lesson) == len(LANGUAGES) * len(load_frameworks("rmsprop"))


@pytest.fixture(scope="module", params=DECKS)
def opened(request, browser, site):
    """Return a deck's name, its page, open from a disk, and what failed on the way."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    faults = visit(page, address_of(request.param, site.as_uri()))
    page.wait_for_function("Reveal.isReady()")
    yield request.param, page, faults
    context.close()


def address_of(deck, home):
    return home + "/{}/slides-{}.html".format(*deck.split("/"))


def test_a_deck_opens_without_error_and_asks_no_other_host(opened):
    assert opened[2] == []


@pytest.mark.parametrize("deck", [deck for deck in DECKS if "-pytorch" in deck])
def test_a_deck_opens_from_a_server_as_well_and_everybody_can_read_it(
    deck, new_page, server
):
    page = new_page(1280, 720)
    assert visit(page, address_of(deck, server) + "#/3") == []
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    assert [f for f in found if f["impact"] in ("serious", "critical")] == []
    assert page.locator("link[rel=license], meta[name=author]").count() == 2


def test_no_slide_overflows(opened):
    deck, page, _ = opened
    count = page.evaluate("Reveal.getTotalSlides()")
    assert count == len(make_slides(read(deck), Writer({}, {})))
    faults = []
    for number in range(count):
        page.evaluate(f"Reveal.slide({number})")
        faults += page.evaluate(OVERFLOW)
    assert faults == []


def test_an_overflow_is_found(new_page, site):
    page = new_page(1280, 720)
    page.goto(f"{site.as_uri()}/en/slides-rmsprop-pytorch.html#/2")
    page.wait_for_function("Reveal.isReady()")
    assert page.evaluate(OVERFLOW) == []
    long = "document.querySelectorAll('section.code pre').forEach"
    page.evaluate(long + "(e => e.append('\\n'.repeat(20) + 'end'))")
    assert page.evaluate(OVERFLOW)


def test_a_deck_shows_the_lesson_and_notes_the_prose(opened):
    deck, page, _ = opened
    notebook = read(deck)
    alts = page.locator("img").evaluate_all("all => all.map(e => e.alt)")
    figures = [
        cell.metadata["alt"]
        for cell in notebook.cells
        if "alt" in cell.metadata
        and cell.metadata.get("slideshow", {}).get("slide_type") != "skip"
    ]
    assert alts == figures and figures
    shown = page.locator("section.code pre code").all_text_contents()
    assert shown == [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.metadata.get("slideshow", {}).get("slide_type") != "skip"
        and "hide-input" not in cell.metadata.get("tags", [])
    ]
    notes = page.locator("aside.notes").all_text_contents()
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert sum(map(len, notes)) > sum(map(len, prose)) / 10
    prose = page.locator(".slides").evaluate(
        "all => { const copy = all.cloneNode(true);"
        "copy.querySelectorAll('code').forEach(e => e.remove());"  # its labels are TeX
        "return copy.innerHTML; }"
    )
    assert not re.search(r"\$|\\(frac|gamma|mathbf)|\ue000", prose)


@every_deck
def test_no_slide_holds_the_links_to_the_other_editions(deck):
    title, first, *_ = make_slides(read(deck), Writer({}, {}))
    assert (title["kind"], first["kind"]) == ("title", "table")
    assert not any("<p><strong>" in note for note in title["notes"])


def test_only_links_right_below_the_title_are_those_to_other_editions():
    line = "**A** [B](x-b.ipynb)"
    for text, kinds in (
        (f"# T\n\n{line}\n\n{line}", ["h1", "bold"]),
        ("# T\n\n**A** [B](x.html)", ["h1", "bold"]),
        (f"a\n\n{line}", ["p", "bold"]),
    ):
        assert [block.kind for block in Writer({}, {}).blocks(prose(text))] == kinds


def test_the_speakers_notes_open_in_a_window_of_their_own(new_page, site):
    page = new_page(1280, 720)
    page.goto(f"{site.as_uri()}/en/slides-rmsprop-pytorch.html#/3")
    page.wait_for_function("Reveal.isReady()")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    opened.value.wait_for_function("document.querySelector('.speaker-controls-notes')")
    notes = opened.value.locator(".speaker-controls-notes")
    notes.get_by_text("The slope is").wait_for()


FORMULA_BOXES = """all => all.map(e => e.getBoundingClientRect()).map(
    box => Math.min(box.width, box.height))"""


def test_the_speakers_notes_show_every_formula(new_page, site):
    page = new_page(1280, 720)
    page.goto(f"{site.as_uri()}/en/slides-rmsprop-pytorch.html")
    page.wait_for_function("Reveal.isReady()")
    written = page.evaluate(
        """Reveal.getSlides().map(e =>
            e.querySelectorAll("aside.notes math").length)"""
    )
    assert sum(written) > 30
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    window = opened.value
    window.wait_for_function("document.querySelector('.speaker-controls-notes')")
    most = sorted(range(len(written)), key=lambda i: -written[i])[:5]
    for slide in most:
        page.evaluate(f"Reveal.slide({slide})")
        window.wait_for_function(
            f"document.querySelectorAll('.speaker-controls-notes math').length"
            f" === {written[slide]}"
        )
        sizes = window.locator(".speaker-controls-notes math").evaluate_all(
            FORMULA_BOXES
        )
        assert min(sizes) > 3
        assert window.locator(".speaker-controls-notes svg").count() == 0


def test_a_deck_prints_one_slide_a_page(opened):
    _, page, _ = opened
    count = page.evaluate("Reveal.getTotalSlides()")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == count
    page.emulate_media(media="print")
    faults = page.evaluate(
        """() => [...document.querySelectorAll(".slides > section")].flatMap(slide => {
            const edge = slide.getBoundingClientRect()
            return [...slide.querySelectorAll("h1, h2, p, pre, table, img, math")]
                .filter(e => e.checkVisibility())
                .filter(e => {
                    const box = e.getBoundingClientRect()
                    return box.left < edge.left + 40 || box.right > edge.right
                        || box.bottom > edge.bottom || e.naturalWidth === 0
                        || e.matches("pre") && e.scrollWidth > e.clientWidth + 1
                }).map(e => e.outerHTML.slice(0, 90))
        })"""
    )
    assert faults == []
    assert page.locator("aside:visible, .back:visible").count() == 0
    page.emulate_media(media="screen")


def test_how_to_print_a_deck_is_said(new_page, site):
    page = new_page()
    page.goto(f"{site.as_uri()}/en/rmsprop.html#take")
    assert "PDF with one slide a page" in page.locator(".take").inner_text()


def test_a_deck_leads_back_to_its_lesson(opened):
    deck, page, _ = opened
    language, stem = deck.split("/")
    name, _, framework = stem.rpartition("-")
    page.evaluate("Reveal.slide(5)")
    page.locator(".back a").click()
    page.wait_for_url(re.compile(f"/{language}/{name}.html.framework={framework}"))


def test_without_scripts_the_slides_are_below_one_another(new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site.as_uri()}/en/slides-rmsprop-pytorch.html")
    boxes = [slide.bounding_box() for slide in page.locator(".slides > section").all()]
    assert len(boxes) > 40 and all(boxes)
    for above, below in itertools.pairwise(boxes):
        assert below["y"] >= above["y"] + above["height"] > above["y"]


def test_a_cell_becomes_a_slide_of_code_and_one_of_outputs():
    kinds = [slide["kind"] for slide in slides(code("6 * 7"))]
    assert kinds == ["code", "output"]


def test_metadata_hide_the_code_or_the_cell():
    hidden = slides(code("6 * 7", tags=["hide-input"]))
    assert [slide["kind"] for slide in hidden] == ["output"]
    assert slides(code("6 * 7", slideshow={"slide_type": "skip"})) == []


def test_metadata_send_prose_to_the_notes():
    cell = prose("- a list")
    assert [slide["kind"] for slide in slides(cell)] == ["list"]
    cell.metadata["slideshow"] = {"slide_type": "notes"}
    assert slides(cell) == []


def test_a_question_is_asked_on_the_slide_that_answers_it():
    asking = prose("## Why\n\nA fact.\nWhy is that?\n\n$$x$$\n\nBecause.")
    (formula,) = slides(asking)
    assert (formula["kind"], formula["question"]) == ("formula", "Why is that?")
    assert formula["title"] == "Why"
    assert [note[:10] for note in formula["notes"]] == ["<p>A fact.", "<p>Because"]


def test_the_answer_to_a_prediction_is_the_next_slide():
    hidden = "<details>\n<summary>Answer</summary>\n\nIt.\n\n</details>"
    predict, answer = slides(prose(f"**Predict.**\nWhat now?\n\n{hidden}"))
    assert "What now?" in predict["body"]
    assert answer["body"] == "<p><strong>Answer</strong></p><p>It.</p>\n"


@pytest.mark.parametrize(
    "paragraph, question",
    [
        ("A.\nB?", "B?"),
        ("A? Then b.\nC.", "A?"),
        ("A?\nB?", "B?"),
        ("None.", ""),
        ("See x?y=1 there.", ""),
    ],
)
def test_the_last_question_of_a_paragraph(paragraph, question):
    assert last_question(paragraph) == question


def test_a_notebook_without_slideshow_metadata_has_no_deck():
    assert not has_deck(new_notebook(cells=[prose("a"), code("b")]))
    assert has_deck(new_notebook(cells=[code("b", slideshow={"slide_type": "skip"})]))
