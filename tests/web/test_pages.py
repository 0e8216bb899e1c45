"""Every page works in a browser, from a server and from a disk, and for everyone."""

import functools
import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from weave.assemble import NEIGHBOURS
from weave.lessons import LANGUAGES, NOTEBOOKS, is_told, load_course, load_frameworks
from web.markup import GRADER
from web.reading import page_editions
from web.site import MODULES, load_strings

FRAMEWORKS = load_frameworks()
TOLD = {
    edition.name: [name for name in FRAMEWORKS if is_told(edition, name)]
    for edition in page_editions()
}
NAMES = list(TOLD)
PAGES = [f"{language}/{name}" for language in LANGUAGES for name in NAMES]
STARTS = ["index", "vi/index"]
EXPLORERS = [
    f"{language}/{name}-explorer"
    for language in LANGUAGES
    for name, lesson in load_course()["lessons"].items()
    if "explorer" in lesson
]
EVERYTHING = [*STARTS, *PAGES, *EXPLORERS]


def each(names, fixture="opened"):
    """Return a mark: run a test on the page of each name, opened once for all tests."""
    return pytest.mark.parametrize(fixture, names, indirect=True, scope="module")


every_page = each(PAGES)
AXE = (MODULES / "axe-core/axe.min.js").read_text("utf-8")
MEGABYTE = 1_000_000
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LESSONS = load_course()["lessons"]


def open_settled(page, address):
    """Open a page of the site and wait until all of it is laid out."""
    page.goto(address)
    page.wait_for_selector("html[data-settled], .alone .panels")


def told(name):
    """Return the frameworks in which a page, such as `vi/adam`, is told."""
    return TOLD[name.split("/")[1]]


def choose(page, framework):
    """Choose a framework by the switch in the bar; a page told in one has none."""
    switch = page.locator("#framework")
    if switch.count():
        switch.select_option(framework)


def open_folded(page):
    page.locator("main details").evaluate_all("all => all.map(e => e.open = true)")


def visit(page, address):
    """Open an address and read it to the end; return the faults that were seen."""
    faults = []
    home = re.match(r"file://|http://[^/]+/", address)[0]
    page.on("console", lambda m: m.type == "error" and faults.append(m.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((home, "data:"))
            or faults.append(f"foreign: {request.url}")
        ),
    )
    page.goto(address)
    page.evaluate(
        """[...document.images].filter(e => e.checkVisibility()).forEach(
            e => e.loading = "eager")"""  # as if somebody scrolled to all of them
    )
    page.wait_for_function(
        "[...document.images].every(e => e.complete || !e.checkVisibility())"
    )
    page.wait_for_timeout(100)  # for what a script may ask for late
    return faults


@pytest.fixture(scope="module")
def opened(request, browser, site):
    """Return a page's name, the page, open from a disk, and what failed on the way."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    faults = visit(page, f"{site.as_uri()}/{request.param}.html")
    page.wait_for_selector("html[data-settled], .alone .panels")
    open_folded(page)
    yield request.param, page, faults
    context.close()


@pytest.fixture(scope="module")
def phone(request, browser, server):
    """Return a page's name and the page on a narrow phone at night."""
    context = browser.new_context(viewport=NARROW, color_scheme="dark")
    page = context.new_page()
    open_settled(page, f"{server}/{request.param}.html")
    open_folded(page)
    yield request.param, page
    context.close()


@functools.cache
def notebooks(name):
    language, stem = name.split("/")
    return {
        framework: nbformat.read(
            NOTEBOOKS / language / f"{stem}-{framework}.ipynb", as_version=4
        )
        for framework in told(name)
    }


@each(EVERYTHING)
def test_a_page_opens_without_error_and_asks_no_other_host(opened):
    assert opened[2] == []


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_page_opens_from_a_server_as_well_and_is_small(name, new_page, server, site):
    page, asked = new_page(), set()
    page.on("request", lambda request: asked.add(request.url))
    assert visit(page, f"{server}/{name}.html") == []
    assert len(asked) > 3
    paths = [site / unquote(urlsplit(url).path)[1:] for url in asked]
    sizes = {p: len(gzip.compress(p.read_bytes())) for p in paths if p.is_file()}
    assert sum(sizes.values()) <= MEGABYTE
    words = [size for p, size in sizes.items() if p.suffix not in (".png", ".woff2")]
    assert sum(words) <= 60_000


def test_the_whole_site_is_small(site):
    files = [path for path in site.rglob("*") if path.is_file()]
    room = 1.7 * MEGABYTE * len(LESSONS) * len(FRAMEWORKS)
    assert sum(path.stat().st_size for path in files) <= room
    fonts = [path.stat().st_size for path in site.glob("assets/*.woff2")]
    assert 0 < sum(fonts) <= 40_000  # once for the whole site


@pytest.mark.parametrize(
    "planted, fault",
    [
        ('<img src="http://other.invalid/x.png">', "foreign: http://other.invalid"),
        ('<script src="gone.js"></script>', "failed: .*gone.js"),
        ("<script>undefined.x</script>", "Cannot read properties"),
        ("<script>console.error('planted')</script>", "planted"),
    ],
)
def test_a_planted_fault_is_found(planted, fault, new_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><p>x</p>{planted}")
    assert re.search(fault, "\n".join(visit(new_page(), path.as_uri())))


def test_an_address_with_a_percent_sign_is_no_error(new_page, site):
    assert visit(new_page(), f"{site.as_uri()}/vi/rmsprop.html#50%") == []


@every_page
def test_all_formulas_are_typeset(opened):
    name, page, _ = opened
    prose = page.evaluate(
        """() => {
            const copy = document.querySelector("main").cloneNode(true)
            copy.querySelectorAll("pre, code, script").forEach(e => e.remove())
            return copy.textContent
        }"""
    )
    assert not re.search(r"\\[a-zA-Z]+|\$|\ue000", prose)
    for framework, notebook in notebooks(name).items():
        choose(page, framework)
        shown = page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll(".prose")].map(
                cell => [cell.id, [...cell.querySelectorAll("math")].filter(
                    e => e.checkVisibility() && e.getBoundingClientRect().width > 2
                ).length]))"""
        )
        formula = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.DOTALL)
        written = {
            f"cell-{cell.id}": len(formula.findall(cell.source))
            for cell in notebook.cells
            if cell.cell_type == "markdown" and cell.id != NEIGHBOURS
        }
        assert shown == written and any(written.values())


@every_page
def test_every_code_cell_and_its_output_is_there_for_each_framework(opened):
    name, page, _ = opened
    for framework, notebook in notebooks(name).items():
        choose(page, framework)
        shown = page.evaluate(
            """framework => [...document.querySelectorAll(".cell:not(.prose)")].map(
                cell => {
                    const all = selector => [...cell.querySelectorAll(selector)]
                    const seen = e => e.checkVisibility()
                    const text = e => e.innerText
                    return {
                        id: cell.id,
                        code: all(".code").filter(seen).map(text),
                        printed: all(".outputs pre").filter(seen).map(text),
                        figures: all("img").filter(seen).length,
                    }
                })""",
            framework,
        )
        assert shown == [
            {
                "id": f"cell-{cell.id}",
                "code": [GRADER.sub("", cell.source).rstrip()],
                "printed": [o.text.rstrip() for o in cell.outputs if "text" in o],
                "figures": sum("image/png" in o.get("data", {}) for o in cell.outputs),
            }
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]


@every_page
def test_every_picture_is_described_in_the_language_of_the_page(opened):
    name, page, _ = opened
    described = {
        cell.metadata["alt"]
        for notebook in notebooks(name).values()
        for cell in notebook.cells
        if "alt" in cell.metadata
    }
    shown = page.locator("main img").evaluate_all("all => all.map(e => e.alt)")
    assert set(shown) <= described and all(shown)
    assert page.locator("html").get_attribute("lang") == name.split("/")[0]


def violations(page):
    """Return where a page violates the rules of accessibility."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]} {node['any'][:1]}"
        for fault in found
        for node in fault["nodes"]
    ]


@each(EVERYTHING)
def test_nothing_violates_the_rules_of_accessibility(opened):
    assert violations(opened[1]) == []


@each(EVERYTHING)
def test_nothing_overflows_a_narrow_window(opened):
    name, page, _ = opened
    page.set_viewport_size(NARROW)
    assert_narrow(name, page)
    page.set_viewport_size(WIDE)


@each([name for name in EVERYTHING if name.startswith("vi/")], "phone")
def test_a_phone_at_night_has_pages_that_fit_and_that_everybody_can_read(phone):
    name, page = phone
    assert violations(page) == []
    assert_narrow(name, page)


def assert_narrow(name, page):
    """Assert that nothing is wider than the window, whatever the framework."""
    for framework in told(name) if name in PAGES else [""]:
        if framework:
            choose(page, framework)
        wide = page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter(e =>
                e.getBoundingClientRect().right > innerWidth + 1 &&
                // What scrolls or is cut off by itself does not widen the page.
                !e.closest("pre, svg, .scroll, .equation .math, .skip")
            ).map(e => e.outerHTML.slice(0, 100))"""
        )
        assert wide == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("name", [n for n in PAGES if "rmsprop" in n])
def test_a_page_becomes_a_document_of_some_pages(name, new_page, server):
    page = new_page()
    open_settled(page, f"{server}/{name}.html")
    assert 2 < len(re.findall(rb"/Type\s*/Page\b", page.pdf())) < 60


@every_page
def test_the_print_has_one_framework_and_every_answer(opened):
    name, page, _ = opened
    *_, shown = told(name)
    choose(page, shown)
    page.locator("main details").evaluate_all("all => all.map(e => e.open = false)")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("main details:not([open])").count() == 0
    title = FRAMEWORKS[shown]["title"]
    assert page.locator(".printed:visible").all_inner_texts() == [title]
    others = "".join(f"[data-show={other}]:visible, " for other in told(name)[:-1])
    assert page.locator(f"{others}.bar:visible").count() == 0
    page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 680
    broken = page.evaluate(
        """[...document.querySelectorAll("td code")].filter(e =>
            /^[-+\\d.e]+$/.test(e.textContent) && e.checkVisibility()
            && e.getClientRects().length > 1).map(e => e.textContent)"""
    )
    assert broken == []
    page.emulate_media(media="screen")
    page.set_viewport_size(WIDE)


@every_page
def test_the_notebooks_can_be_downloaded_and_run_elsewhere(opened, site):
    name, page, _ = opened
    hrefs = page.locator("a[download]").evaluate_all("all => all.map(e => e.href)")
    assert len(hrefs) == len(LANGUAGES) * len(told(name))
    for href in hrefs:
        copy = Path(unquote(urlsplit(href).path))
        copied = nbformat.read(copy, as_version=4)
        original = nbformat.read(NOTEBOOKS / copy.relative_to(site / "notebooks"), 4)
        nbformat.validate(copied)
        assert [c.source for c in copied.cells] == [c.source for c in original.cells]
    for framework in told(name):
        address = (
            "https://mybinder.org/v2/gh/owner/name/HEAD?urlpath=lab/tree/notebooks/"
            f"{name}-{framework}.ipynb"
        )
        assert page.locator(f"a[href='{address}']").count() == 1
    colab = "https://colab.research.google.com/github/owner/name/blob/HEAD/notebooks"
    shown = next(name for name in told(name) if "wheels" not in FRAMEWORKS[name])
    assert page.locator(f"a[href='{colab}/{name}-{shown}.ipynb']").count() == 1
    choose(page, shown)
    install = page.locator(".take .code:visible").inner_text()
    assert f"[{shown}] @ git+https://github.com/owner/name" in install


def test_the_pages_lead_to_one_another(server, new_page):
    page = new_page()
    page.goto(f"{server}/vi/index.html")
    page.locator(".begin").click()
    page.wait_for_url(re.compile(rf"/vi/{NAMES[0]}\.html"))
    for name in NAMES[1:]:
        page.locator("[rel=next]").click()
        page.wait_for_url(re.compile(rf"/vi/{name}\.html"))
    for name in reversed(NAMES[:-1]):
        page.locator("[rel=prev]").click()
        page.wait_for_url(re.compile(rf"/vi/{name}\.html"))
    page.locator(".home").click()
    page.wait_for_url(re.compile(r"/vi/index\.html"))


@pytest.mark.parametrize("name", ["index", "vi/index"])
def test_every_link_of_a_start_page_leads_somewhere(name, site, new_page):
    page = new_page()
    page.goto(f"{site.as_uri()}/{name}.html")
    links = page.locator("a[href]").evaluate_all("all => all.map(e => e.href)")
    local = [unquote(urlsplit(u).path) for u in links if u.startswith("file:")]
    assert [path for path in local if not Path(path).exists()] == []
    text = page.locator("main").inner_html()
    language = "vi" if name.startswith("vi") else "en"
    for edition in NAMES:
        assert f"{edition}.html" in text
    for framework in TOLD[NAMES[0]]:
        assert f"slides-{NAMES[0]}-{framework}.html" in text
        assert f"notebooks/{language}/{NAMES[0]}-{framework}.ipynb" in text
    minutes = load_course()["lessons"][NAMES[0]]["minutes"]
    assert str(minutes) in page.locator(".lessons li").first.inner_text()
    assert page.locator("main img").get_attribute("alt")


def test_a_start_page_can_be_dark_and_searched(server, new_page):
    page = new_page(color_scheme="dark")
    open_settled(page, f"{server}/index.html")
    background = page.evaluate("getComputedStyle(document.documentElement).background")
    assert "rgb(22, 24, 28)" in background
    page.keyboard.press("/")
    page.keyboard.type("adagrad")
    page.locator("#results li a").first.click()
    page.wait_for_url(re.compile(rf"/en/({'|'.join(NAMES)})\.html.*#"))


@each([*STARTS, *PAGES])
def test_a_page_says_whose_it_is_and_under_which_licence(opened, site):
    page = opened[1]
    footer = page.locator("footer").inner_text()
    for said in ("CC BY-SA 4.0", "MIT", "©", "1.0.0", "owner/name/lessons"):
        assert said in footer
    assert page.locator("meta[name=author]").get_attribute("content") in footer
    assert len(page.locator("meta[name=description]").get_attribute("content")) > 40
    licence = page.locator("link[rel=license]").evaluate("e => e.href")
    assert "ShareAlike" in Path(unquote(urlsplit(licence).path)).read_text()
    preview = page.locator("meta[property='og:image']").get_attribute("content")
    start = "https://owner.github.io/name/"
    assert preview.startswith(start) and (site / preview.removeprefix(start)).exists()


@every_page
def test_a_page_can_be_cited(opened):
    name, page, _ = opened
    entry = page.locator("footer pre").text_content()
    assert entry.startswith(f"@misc{{{name.split('/')[1]}-")
    assert page.locator("h1").inner_text() in entry
    assert entry.count("{") == entry.count("}")


def test_without_a_repository_no_link_leads_out_of_the_site_in_vain(bare_site):
    for page in bare_site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search("mybinder|localhost|colab|github.io", text), page


@pytest.mark.parametrize("name", [n for n in PAGES if "solutions" in n])
def test_no_mark_for_the_grader_is_shown(name, site):
    text = (site / f"{name}.html").read_text("utf-8")
    assert "BEGIN" not in text and "END" not in text


@every_page
def test_tabs_are_where_the_frameworks_differ(opened):
    name, page, _ = opened
    twins = [notebook.cells for notebook in notebooks(name).values()]
    differ = {
        f"cell-{same[0].id}"
        for same in zip(*twins)
        if same[0].cell_type == "code" and len({repr(kept(cell)) for cell in same}) > 1
    }
    tabs = page.locator(".cell:has([role=tablist])").evaluate_all(
        "all => all.map(e => e.id)"
    )
    assert set(tabs) == differ and len(tabs) < len(twins[0]) / 2
    assert bool(tabs) == (len(twins) > 1)


def kept(cell):
    """Return what readers see of a code cell."""
    return cell.source, [(o.get("text"), o.get("data")) for o in cell.outputs]


def test_both_languages_have_the_same_words():
    def keys(words):
        return {k: keys(v) if isinstance(v, dict) else 0 for k, v in words.items()}

    english, vietnamese = (load_strings()[language] for language in LANGUAGES)
    assert keys(english) == keys(vietnamese)
