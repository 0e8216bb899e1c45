"""What a reader does on a page: tabs, languages, colours, contents, search."""

import re

import pytest

from tests.web.test_pages import open_settled

FRAMEWORKS = ["mxnet", "pytorch", "tensorflow"]
SOURCE = {"mxnet": "from mxnet", "pytorch": "import torch", "tensorflow": "as tf"}


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
    """Return the frameworks whose tabs are chosen anywhere on the page."""
    tabs = page.locator("[role=tab][aria-selected=true]")
    return set(tabs.evaluate_all("all => all.map(e => e.dataset.tab)"))


def imports(page):
    return page.locator("#cell-imports .code:visible").inner_text()


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


@from_disk_and_server
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_click_switches_all_tabs_and_is_remembered(lesson, framework):
    lesson.locator(f"#cell-states [data-tab={framework}]").click()
    assert chosen(lesson) == {framework}
    assert SOURCE[framework] in imports(lesson)
    lesson.reload()
    lesson.wait_for_selector("html[data-settled]")
    assert chosen(lesson) == {framework}
    assert SOURCE[framework] in imports(lesson)


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
        {"mxnet"},
        {"tensorflow"},
        {"mxnet"},
        {"tensorflow"},
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


@pytest.mark.parametrize("stop", ["main summary", "#cell-states .code:visible"])
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
    for framework, name in zip(FRAMEWORKS, ("gamma1", "alpha", "rho")):
        lesson.locator(f"#cell-states [data-tab={framework}]").click()
        prose = lesson.locator("#cell-concise-1").inner_text()
        assert [n for n in ("gamma1", "alpha", "rho") if n in prose] == [name]


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
    headings = lesson.locator("main :is(h2, h3):not(rms-explorer *)")
    assert [text.strip() for text in links.all_inner_texts()] == [
        text.strip() for text in headings.all_inner_texts()
    ]
    for link in links.all():
        assert lesson.locator(link.get_attribute("href")).count() == 1


@from_disk_and_server
@pytest.mark.parametrize("query", ["tốc độ học", "toc do hoc", "TỐC  độ HỌC "])
def test_search_works_with_and_without_diacritics(lesson, query):
    lesson.locator("#search").click()
    lesson.locator("#search").fill(query)
    first = lesson.locator("#results li").first
    first.wait_for()
    assert first.locator("mark").inner_text().lower() == "tốc độ học"
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
    assert lesson.evaluate("document.activeElement.id") == "language"
    assert results.is_hidden()
    search.focus()
    assert results.is_visible()
    lesson.mouse.click(10, 790)
    assert results.is_hidden()


def test_without_scripts_everything_can_be_read(new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site.as_uri()}/en/rmsprop.html")
    assert page.locator("#cell-states .code:visible").count() == 3
    assert page.locator(".tabs:visible").count() == 0
    assert page.locator("rms-explorer:visible").count() == 0
    assert page.locator("button:visible").count() == 0
