"""What a reader does on a page: tabs, languages, colours, contents, search."""

import re

import pytest

from tests.web.test_pages import PAGES, TOLD, choose, open_settled
from weave.lessons import load_frameworks

SOURCE = {n: f"from common import {f['module']}" for n, f in load_frameworks().items()}
FRAMEWORKS = TOLD["rmsprop"]
GAMMA = {n: f["gamma"] for n, f in load_frameworks("rmsprop").items()}


@pytest.fixture
def lesson(request, new_page, server, site):
    """Return a page with the Vietnamese lesson open, from a disk or a server."""
    page = new_page()
    home = server if getattr(request, "param", "file") == "http" else site.as_uri()
    open_settled(page, f"{home}/vi/rmsprop.html")
    return page


from_disk_and_server = pytest.mark.parametrize(
    "lesson", ["file", "http"], indirect=True
)


def chosen(page):
    """Return the frameworks that the tabs and the switch of a page have chosen."""
    tabs = page.locator("[role=tab][aria-selected=true]")
    named = tabs.evaluate_all("all => all.map(e => e.dataset.tab)")
    return {*named, page.locator("#framework").input_value()}


def imports(page):
    return page.evaluate(
        """[...document.querySelectorAll("#cell-imports .code")].find(e =>
            e.closest("[data-show]").dataset.show ===
                document.documentElement.dataset.framework).textContent"""
    )


def place(page):
    """Return the id of the cell at the top of the window."""
    return page.evaluate(
        """[...document.querySelectorAll(".cell")].find(
            e => e.getBoundingClientRect().bottom > 80).id"""
    )


def go_to(page, selector):
    page.locator(selector).evaluate(
        "e => e.scrollIntoView({block: 'start', behavior: 'instant'})"
    )


@pytest.mark.parametrize(
    "lesson, framework",
    [("file", framework) for framework in FRAMEWORKS] + [("http", FRAMEWORKS[0])],
    indirect=["lesson"],
)
def test_a_click_switches_all_tabs_and_is_remembered(lesson, framework):
    lesson.locator(f"#cell-states [data-tab={framework}]").click()
    assert chosen(lesson) == {framework}
    assert SOURCE[framework] in imports(lesson)
    lesson.reload()
    lesson.wait_for_selector("html[data-settled]")
    assert chosen(lesson) == {framework}
    assert SOURCE[framework] in imports(lesson)


def test_the_switch_at_the_top_chooses_for_the_whole_page(lesson):
    go_to(lesson, "#cell-concise")
    here = lesson.locator("#cell-concise").bounding_box()["y"]
    for framework in FRAMEWORKS:
        choose(lesson, framework)
        assert chosen(lesson) == {framework}
        assert SOURCE[framework] in imports(lesson)
        assert abs(lesson.locator("#cell-concise").bounding_box()["y"] - here) < 3


def test_the_keyboard_needs_few_stops(lesson):
    stops = """[...document.querySelectorAll("a[href], button, input, select, summary,"
        + "[tabindex]")].filter(e => e.tabIndex >= 0 && e.checkVisibility()
            && !e.matches(".copy, .contents a")).length"""
    assert lesson.evaluate(stops) < 125


@from_disk_and_server
def test_a_choice_outlasts_what_the_address_asked_for(lesson):
    open_settled(lesson, f"{lesson.url}?framework=mxnet")
    assert chosen(lesson) == {"mxnet"}
    lesson.locator("#cell-states [data-tab=tensorflow]").click()
    lesson.reload()
    lesson.wait_for_selector("html[data-settled]")
    assert chosen(lesson) == {"tensorflow"}


def test_tabs_are_worked_by_the_keyboard(lesson):
    lesson.locator("#cell-states [aria-selected=true]").focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        lesson.keyboard.press(key)
        focused = lesson.evaluate("document.activeElement.id")
        seen.append(chosen(lesson))
        assert focused == f"states-tab-{next(iter(seen[-1]))}"
    assert seen == [
        {"tensorflow"},
        {FRAMEWORKS[FRAMEWORKS.index("tensorflow") + 1]},
        {"tensorflow"},
        {FRAMEWORKS[0]},
        {FRAMEWORKS[-1]},
    ]
    stops = lesson.locator("#cell-states [role=tab][tabindex='0']")
    assert stops.count() == 1


@pytest.mark.parametrize("key", ["Alt", "Control", "Meta", "Shift"])
def test_an_arrow_with_another_key_is_the_browsers(lesson, key):
    before = chosen(lesson)
    lesson.locator("#cell-states [aria-selected=true]").focus()
    lesson.keyboard.press(f"{key}+ArrowRight")
    assert chosen(lesson) == before
    search = lesson.locator("#search")
    search.fill("adagrad")
    lesson.locator("#results li").first.wait_for()
    search.press(f"{key}+ArrowDown")
    assert search.evaluate("e => e === document.activeElement")


@pytest.mark.parametrize("stop", ["main summary", "#cell-states [aria-selected=true]"])
def test_what_has_the_focus_is_not_below_the_bar(lesson, stop):
    lesson.locator(stop).first.evaluate(
        """e => {
            e.scrollIntoView({behavior: "instant"})
            scrollBy({top: e.getBoundingClientRect().top + 30, behavior: "instant"})
            e.focus()
        }"""
    )
    bar = lesson.locator(".bar").bounding_box()
    assert lesson.locator(stop).first.bounding_box()["y"] >= bar["height"]


def test_switching_tabs_keeps_the_tab_in_its_place(lesson):
    tab = lesson.locator("#cell-eps-outside [data-tab=mxnet]")
    tab.scroll_into_view_if_needed()
    before = tab.bounding_box()["y"]
    tab.click()
    assert abs(tab.bounding_box()["y"] - before) < 2


def test_the_prose_names_the_chosen_framework(lesson):
    for framework, name in GAMMA.items():
        lesson.locator(f"#cell-states [data-tab={framework}]").click()
        prose = lesson.locator("#cell-concise-1").inner_text()
        assert [n for n in GAMMA.values() if n in prose] == [name]


@from_disk_and_server
@pytest.mark.parametrize(
    "by, cell", [("mouse", "cell-weights"), ("keyboard", "cell-compare-1")]
)
def test_the_language_link_keeps_the_place_and_the_framework(lesson, cell, by):
    lesson.locator("#cell-states [data-tab=mxnet]").click()
    go_to(lesson, f"#{cell}")
    here = place(lesson)
    for language in ("en", "vi"):
        link = lesson.locator("#language")
        if by == "mouse":
            link.click()
        else:
            link.focus()
            lesson.keyboard.press("Enter")
        lesson.wait_for_url(re.compile(rf"/{language}/rmsprop\.html"))
        lesson.wait_for_selector("html[data-settled]")
        assert place(lesson) == here
        assert chosen(lesson) == {"mxnet"}


def test_light_and_dark_are_switched_and_remembered(lesson):
    def background():
        return lesson.evaluate("getComputedStyle(document.body.parentNode).background")

    light = background()
    lesson.locator("#theme").click()
    dark = background()
    assert light != dark
    lesson.reload()
    assert background() == dark


def test_dark_is_dark_at_first_where_the_system_is(new_page, server):
    page = new_page(color_scheme="dark")
    page.goto(f"{server}/en/rmsprop.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_contents_lead_to_every_heading(lesson):
    links = lesson.locator(".contents ul ul a")
    headings = lesson.locator("main :is(h2, h3):not(lesson-explorer *)")
    assert [text.strip() for text in links.all_inner_texts()] == [
        text.removesuffix("#").strip() for text in headings.all_inner_texts()
    ]
    for link in links.all():
        assert lesson.locator(link.get_attribute("href")).count() == 1


@pytest.mark.parametrize(
    "lesson, query",
    [("file", "tốc độ học"), ("http", "toc do hoc"), ("file", "TỐC  độ HỌC ")],
    indirect=["lesson"],
)
def test_search_works_with_and_without_diacritics(lesson, query):
    lesson.locator("#search").click()
    lesson.locator("#search").fill(query)
    first = lesson.locator("#results li").first
    first.wait_for()
    assert first.locator("mark").first.inner_text().lower() == "tốc độ học"
    fragment = first.locator("a").get_attribute("href").partition("#")[2]
    first.locator("a").click()
    lesson.wait_for_url(re.compile("#"))
    lesson.wait_for_selector("html[data-settled]")
    assert lesson.url.partition("#")[2] == fragment
    assert lesson.locator("#results").is_hidden()
    target = lesson.locator(f"[id='{fragment}']").bounding_box()
    assert lesson.locator(".bar").bounding_box()["height"] <= target["y"] < 200


def test_the_results_are_within_a_phone(new_page, site):
    for width in (360, 700):
        page = new_page(width, 740)
        open_settled(page, f"{site.as_uri()}/vi/rmsprop.html")
        page.locator("#search").fill("adagrad")
        page.locator("#results").wait_for()
        box = page.locator("#results").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_a_diacritic_that_was_typed_counts(lesson):
    counts = {}
    lesson.locator("#search").click()
    for query in ("gian", "giãn", "giạn"):
        lesson.locator("#search").fill(query)
        lesson.locator("#results").wait_for()
        counts[query] = lesson.locator("#results li").count()
    assert counts["gian"] >= counts["giãn"] > 0
    assert counts["giạn"] == 0
    said = lesson.locator("search [role=status]:not(#results *)")
    for place in (said, lesson.locator("#results p")):
        assert place.inner_text() == "Không tìm thấy gì."
    lesson.locator("#search").fill("")
    assert said.inner_text() == ""


def test_all_words_of_a_search_have_to_be_there(lesson):
    counts = []
    for query in ("adagrad", "adagrad beale", "adagrad beale qqq"):
        lesson.locator("#search").fill(query)
        lesson.locator("#results").wait_for()
        counts.append(lesson.locator("#results li").count())
    assert counts[0] > counts[1] > counts[2] == 0


def test_no_two_results_look_the_same(lesson):
    lesson.locator("#search").fill("fashion")
    lesson.locator("#results li").first.wait_for()
    shown = lesson.locator("#results li").all_inner_texts()
    assert len(shown) > 3 and len(set(shown)) == len(shown)


def test_search_is_worked_by_the_keyboard(lesson):
    lesson.locator("#search").focus()
    lesson.keyboard.type("adagrad")
    lesson.locator("#results li").first.wait_for()
    lesson.keyboard.press("ArrowDown")
    lesson.keyboard.press("ArrowDown")
    second = lesson.locator("#results li").nth(1).locator("a")
    assert second.evaluate("e => e === document.activeElement")
    lesson.keyboard.press("Escape")
    assert lesson.locator("#results").is_hidden()
    assert lesson.locator("#search").evaluate("e => e === document.activeElement")


def test_the_results_are_there_while_the_search_has_the_focus(lesson):
    search, results = lesson.locator("#search"), lesson.locator("#results")
    search.fill("adagrad")
    results.wait_for()
    results.locator("p").first.click()  # between the links
    assert results.is_visible()
    results.locator("a").last.focus()
    lesson.keyboard.press("Tab")
    assert lesson.evaluate("document.activeElement.id") == "framework"
    assert results.is_hidden()
    search.focus()
    assert results.is_visible()
    lesson.mouse.click(10, 790)
    assert results.is_hidden()


def test_without_scripts_everything_can_be_read(new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site.as_uri()}/en/rmsprop.html")
    assert page.locator("#cell-states .code:visible").count() == len(FRAMEWORKS)
    assert page.locator(".tabs:visible, #framework:visible").count() == 0
    assert page.locator("lesson-explorer").inner_text() == "The explorer needs scripts."
    assert page.locator("main math").first.bounding_box()["width"] > 5


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_no_page_shows_what_does_nothing(name, new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site.as_uri()}/{name}.html")
    assert page.locator("button:visible, select:visible, input:visible").count() == 0
    shown = page.locator("main .code:visible").count()
    folded = page.locator("main details:not([open]) .code").count()
    assert shown + folded == page.locator("main .code").count() > folded


@pytest.mark.parametrize(
    "query, marked",
    [
        ("np.arange(40)", "np.arange(40)"),
        ("s=gamma*s", "s = gamma * s"),
        ("γ=0,9", "γ = 0,9"),
        ("γ = 0,9", "γ = 0,9"),
        ("ε = 10^(-6)", "ε = 10^(−6)"),
    ],
)
def test_code_and_formulas_are_found_as_they_are_written(lesson, query, marked):
    lesson.locator("#search").fill(query)
    first = lesson.locator("#results mark").first
    first.wait_for()
    assert first.inner_text() == marked


def test_nothing_is_missing_in_what_search_shows(lesson):
    lesson.locator("#search").fill("gamma")
    lesson.locator("#results li").first.wait_for()
    texts = lesson.evaluate("window.sections.map(s => s.text)")
    assert not [t for text in texts for t in re.findall(r".{9}\ue000.{9}", text)]
    holes = r"(?:khi|với|at|with|if|is) [,.?](?: |$)"
    assert not [t for text in texts for t in re.findall(holes, text)]
    question = next(text for text in texts if "không rò rỉ" in text or "γ = 1" in text)
    assert "γ = 1" in question


def test_a_key_leads_to_the_search(lesson):
    lesson.keyboard.press("/")
    assert lesson.evaluate("document.activeElement.id") == "search"
    lesson.keyboard.type("a/b")
    assert lesson.locator("#search").input_value() == "a/b"


def test_code_can_be_copied_as_it_stands(new_page, server):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    open_settled(page, f"{server}/en/rmsprop.html?framework=pytorch")
    source = page.locator("#cell-states [data-show=pytorch] .source")
    source.hover()
    assert source.locator(".copy").inner_text() == "Copy"
    source.locator(".copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == source.locator("code").text_content()
    assert copied.startswith("def init_rmsprop_states")
    assert source.locator(".copy").inner_text() == "Copied"


def test_every_heading_has_a_link_to_itself(lesson):
    heading = lesson.locator("main h2[id]").first
    heading.hover()
    heading.locator(".permalink").click()
    assert lesson.url.endswith(f"#{heading.get_attribute('id')}")
    headings = lesson.locator("main :is(h2, h3)[id]").count()
    assert lesson.locator("main .permalink").count() == headings > 10


def test_the_section_that_is_read_is_marked(lesson):
    mark = lesson.locator(".contents [aria-current=location]")
    for name in ("scratch", "summary", "algorithm"):
        go_to(lesson, f"#{name}")
        lesson.wait_for_function(
            f"document.querySelector('[aria-current=location]')?.hash === '#{name}'"
        )
        assert mark.count() == 1


def test_figures_are_numbered_captioned_and_can_be_enlarged(lesson):
    figures = lesson.locator(".outputs figure:visible")
    captions = figures.locator("figcaption").all_inner_texts()
    assert len(captions) > 10
    for number, caption in enumerate(captions, 1):
        assert re.match(rf"Hình {number}\. \w", caption)
    small = figures.first.locator("img").bounding_box()["width"]
    figures.first.locator("a.enlarge").press("Enter")
    large = lesson.locator("dialog img")
    large.wait_for()
    assert large.bounding_box()["width"] > 1.3 * small
    assert large.get_attribute("alt") in captions[0]
    lesson.keyboard.press("Escape")
    assert lesson.locator("dialog").is_hidden()
    assert lesson.evaluate("document.activeElement.className") == "enlarge"


def test_displayed_equations_are_numbered_and_can_be_referred_to(lesson):
    numbers = lesson.locator(".equation:visible > a").all_inner_texts()
    assert (
        numbers == [f"({n})" for n in range(1, len(numbers) + 1)] and len(numbers) > 5
    )
    assert lesson.locator("#equation-2 > a").get_attribute("href") == "#equation-2"


def test_a_citation_leads_to_its_reference(lesson):
    cites = lesson.locator("a.cite")
    assert cites.count() >= 5
    for cite in cites.all():
        year = re.search(r"\d{4}", cite.inner_text())[0]
        author = cite.inner_text().split()[0].strip(",")
        reference = lesson.locator(cite.get_attribute("href")).inner_text()
        assert author in reference and year in reference


def test_the_way_home_is_there_on_a_phone(new_page, server):
    page = new_page(360, 740)
    page.goto(f"{server}/en/rmsprop.html")
    page.locator(".home").click()
    page.wait_for_url(re.compile(r"/index\.html"))


def test_what_a_page_imports_is_folded_until_somebody_asks(lesson):
    setup = lesson.locator("#cell-imports")
    assert setup.locator(".code:visible").count() == 0
    setup.locator("summary").click()
    assert setup.locator(".code:visible").count() == 1


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_symbol_of_a_formula_marks_the_lines_that_compute_it(lesson, framework):
    choose(lesson, framework)
    symbol = lesson.locator(".equation:has(mi:text('𝐩')) mi[data-term=s]").first
    symbol.scroll_into_view_if_needed()
    symbol.hover()
    code = lesson.locator("#cell-rmsprop .code:visible")
    lines = [line.strip() for line in code.inner_text().splitlines()]
    writes = r"s(tates)?(\[[:i]\])?(\.assign\(| [*+]?= )"
    computing = [line for line in lines if re.match(writes, line)]
    marked = code.locator(".computes").all_inner_texts()
    assert [line.strip() for line in marked] == computing != []
    names = {"s", "states"} & set(re.findall(r"\w+", code.inner_text()))
    assert set(code.locator(".marked").all_inner_texts()) == names
    lesson.mouse.move(5, 5)
    assert code.locator(".marked, .computes").count() == 0


def test_a_name_in_the_code_marks_its_symbol_in_the_formula(lesson):
    name = lesson.locator("#cell-rmsprop .code:visible [data-term=γ]").first
    name.scroll_into_view_if_needed()
    name.hover()
    marked = lesson.locator(".equation .marked").all_text_contents()
    assert set(marked) == {"γ"} and len(marked) >= 2


def test_the_symbols_of_a_formula_are_gone_through_by_the_keyboard(lesson):
    first = lesson.locator("#equation-2 [data-term]").first
    first.focus()
    seen = []
    for _ in range(4):
        seen.append(lesson.evaluate("document.activeElement.dataset.term"))
        assert lesson.locator(".code .marked").count() > 0
        lesson.keyboard.press("ArrowRight")
    assert seen == ["s", "γ", "s", "γ"]
    assert lesson.locator("#equation-2 [tabindex='0']").count() == 1


def test_a_formula_is_linked_only_to_code_that_has_all_its_symbols(lesson):
    assert lesson.locator("#cell-scaling [data-term]").count() == 0
    assert lesson.locator("#equation-1 [data-term]").count() == 0


@pytest.mark.parametrize(
    "name, cells",
    [
        ("momentum", ["momentum-2d"]),
        ("adagrad", ["first-step", "adagrad"]),
        ("adam", ["adam-2d", "adadelta"]),
    ],
)
def test_an_update_is_linked_to_the_cells_that_compute_it(name, cells, new_page, site):
    page = new_page()
    open_settled(page, f"{site.as_uri()}/en/{name}.html")
    linked = page.locator(".cell:has(.code [data-term])").evaluate_all(
        "all => all.map(e => e.id)"
    )
    assert linked == [f"cell-{cell}" for cell in cells]
