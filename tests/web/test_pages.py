"""Every page works in a browser, from a server and from a disk, and for everyone."""

import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from weave.lessons import LANGUAGES, LESSONS, NOTEBOOKS, load_frameworks
from web.site import MODULES, load_strings, page_names

FRAMEWORKS = list(load_frameworks())
PAGES = [f"{language}/{name}" for language in LANGUAGES for name in page_names()]
every_page = pytest.mark.parametrize("name", PAGES)
AXE = (MODULES / "axe-core/axe.min.js").read_text("utf-8")
MEGABYTE = 1_000_000


def open_settled(page, address):
    """Open a page of the site and wait until all of it is laid out."""
    page.goto(address)
    page.wait_for_selector("html[data-settled]")


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
    for image in page.locator("img:visible").all():
        image.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    return faults


def notebooks(name):
    language, stem = name.split("/")
    return {
        framework: nbformat.read(
            NOTEBOOKS / language / f"{stem}-{framework}.ipynb", as_version=4
        )
        for framework in FRAMEWORKS
    }


@pytest.mark.parametrize("name", ["index", *PAGES])
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_page_opens_without_error_and_asks_no_other_host(
    scheme, name, new_page, server, site
):
    home = server if scheme == "http" else site.as_uri()
    assert visit(new_page(), f"{home}/{name}.html") == []


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
def test_all_formulas_are_typeset(name, new_page, server):
    page = new_page()
    open_settled(page, f"{server}/{name}.html")
    prose = page.evaluate(
        """() => {
            const copy = document.querySelector("main").cloneNode(true)
            copy.querySelectorAll("pre, code, script").forEach(e => e.remove())
            return copy.textContent
        }"""
    )
    assert not re.search(r"\\[a-zA-Z]+|\$|\ue000", prose)
    page.locator("main details").evaluate_all("all => all.map(e => e.open = true)")
    for framework, notebook in notebooks(name).items():
        page.locator(f"[data-tab={framework}]").first.click()
        shown = page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll(".prose")].map(
                cell => [cell.id, [...cell.querySelectorAll("mjx-container")].filter(
                    e => e.checkVisibility() && e.querySelector("svg use")).length]))"""
        )
        formula = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.DOTALL)
        written = {
            f"cell-{cell.id}": len(formula.findall(cell.source))
            for cell in notebook.cells
            if cell.cell_type == "markdown"
        }
        assert shown == written and any(written.values())


@every_page
def test_every_code_cell_and_its_output_is_in_tabs_per_framework(
    name, new_page, server
):
    page = new_page()
    open_settled(page, f"{server}/{name}.html")
    for framework, notebook in notebooks(name).items():
        page.locator(f"[data-tab={framework}]").first.click()
        shown = page.evaluate(
            """framework => [...document.querySelectorAll(".cell:not(.prose)")].map(
                cell => {
                    const all = selector => [...cell.querySelectorAll(selector)]
                    const seen = e => e.checkVisibility()
                    const text = e => e.innerText
                    return {
                        id: cell.id,
                        tabs: all(`[data-tab=${framework}][aria-selected=true]`).length,
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
                "tabs": 1,
                "code": [cell.source],
                "printed": [o.text.rstrip() for o in cell.outputs if "text" in o],
                "figures": sum("image/png" in o.get("data", {}) for o in cell.outputs),
            }
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]


@every_page
def test_every_picture_is_described_in_the_language_of_the_page(name, new_page, site):
    page = new_page()
    open_settled(page, f"{site.as_uri()}/{name}.html")
    described = {
        cell.metadata["alt"]
        for notebook in notebooks(name).values()
        for cell in notebook.cells
        if "alt" in cell.metadata
    }
    shown = page.locator("main img").evaluate_all("all => all.map(e => e.alt)")
    assert set(shown) <= described and all(shown)
    assert page.locator("html").get_attribute("lang") == name.split("/")[0]


@pytest.mark.parametrize(
    "name, width, scheme",
    [(name, 1280, "light") for name in PAGES]
    + [(name, 360, "dark") for name in PAGES if name.startswith("vi/")],
)
def test_no_serious_violation_of_accessibility(name, width, scheme, new_page, server):
    page = new_page(width, color_scheme=scheme)
    open_settled(page, f"{server}/{name}.html")
    page.locator("main details").evaluate_all("all => all.map(e => e.open = true)")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [
        f"{fault['id']}: {node['html'][:120]} {node['any'][:1]}"
        for fault in found
        for node in fault["nodes"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


@every_page
def test_nothing_overflows_a_narrow_phone(name, new_page, server):
    page = new_page(360, 740)
    open_settled(page, f"{server}/{name}.html")
    page.locator("main details").evaluate_all("all => all.map(e => e.open = true)")
    for framework in FRAMEWORKS:
        page.locator(f"[data-tab={framework}]").first.click()
        wide = page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter(e =>
                e.getBoundingClientRect().right > innerWidth + 1 &&
                // What scrolls or is cut off by itself does not widen the page.
                !e.closest("pre, svg, .scroll, .glyphs, mjx-container[display], "
                    + "mjx-assistive-mml")).map(e => e.outerHTML.slice(0, 100))"""
        )
        assert wide == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_pages_and_site_are_small(site, server, new_page):
    files = [path for path in site.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 6 * MEGABYTE
    assert (site / "assets/explorer.js").stat().st_size <= 15_000
    for name in PAGES:
        page, asked = new_page(), set()
        page.on("request", lambda request, asked=asked: asked.add(request.url))
        visit(page, f"{server}/{name}.html")
        assert len(asked) > 3
        paths = [site / unquote(urlsplit(url).path)[1:] for url in asked]
        sizes = [len(gzip.compress(p.read_bytes())) for p in paths if p.is_file()]
        assert sum(sizes) <= 1.2 * MEGABYTE


@every_page
def test_the_print_has_one_framework_and_every_answer(name, new_page, server):
    page = new_page()
    open_settled(page, f"{server}/{name}.html?framework=tensorflow")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("main details:not([open])").count() == 0
    assert page.locator(".printed:visible").all_inner_texts() == ["TensorFlow"]
    assert page.locator("[data-show=mxnet]:visible, .bar:visible").count() == 0
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) > 3
    page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth") == 680


@every_page
def test_the_notebooks_can_be_downloaded_and_run_elsewhere(name, site, new_page):
    page = new_page()
    open_settled(page, f"{site.as_uri()}/{name}.html")
    hrefs = page.locator("a[download]").evaluate_all("all => all.map(e => e.href)")
    assert len(hrefs) == len(LANGUAGES) * len(FRAMEWORKS)
    for href in hrefs:
        copy = Path(unquote(urlsplit(href).path))
        copied = nbformat.read(copy, as_version=4)
        original = nbformat.read(NOTEBOOKS / copy.relative_to(site / "notebooks"), 4)
        nbformat.validate(copied)
        assert [c.source for c in copied.cells] == [c.source for c in original.cells]
    language, stem = name.split("/")
    for start in (
        "https://mybinder.org/v2/gh/owner/name/HEAD?urlpath=lab/tree/notebooks/",
        "http://localhost:8888/lab/tree/",
    ):
        for framework in FRAMEWORKS:
            address = f"{start}{language}/{stem}-{framework}.ipynb"
            assert page.locator(f"a[href='{address}']").count() == 1


def test_the_pages_lead_to_one_another(server, new_page):
    page = new_page()
    page.goto(f"{server}/index.html")
    for language in LANGUAGES:
        links = page.locator(f"section[lang={language}] a")
        shown = links.evaluate_all("all => all.map(e => e.getAttribute('href'))")
        assert shown == [f"{language}/{name}.html" for name in page_names()]
    names = page_names()
    page.goto(f"{server}/vi/{names[0]}.html")
    for name in names[1:]:
        page.locator("[rel=next]").click()
        page.wait_for_url(re.compile(rf"/vi/{name}\.html"))
    for name in reversed(names[:-1]):
        page.locator("[rel=prev]").click()
        page.wait_for_url(re.compile(rf"/vi/{name}\.html"))
    assert names[0] == LESSONS[0]


def test_both_languages_have_the_same_words():
    def keys(words):
        return {k: keys(v) if isinstance(v, dict) else 0 for k, v in words.items()}

    english, vietnamese = (load_strings()[language] for language in LANGUAGES)
    assert keys(english) == keys(vietnamese)
