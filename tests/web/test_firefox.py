"""The main path in Firefox: from the start page to a lesson, and what readers do."""

import time

import pytest

from weave.lessons import load_course


@pytest.fixture(params=["http", "file"])
def home(request, server, site):
    """Return the address of the site, on a server and on a disk."""
    return server if request.param == "http" else site.as_uri()


def shown(firefox, selector):
    """Return the texts of all elements that can be seen."""
    return firefox.run(
        "return [...document.querySelectorAll(arguments[0])]"
        ".filter(e => e.checkVisibility()).map(e => e.innerText)",
        selector,
    )


def test_a_reader_comes_from_the_start_page_to_a_lesson(firefox, home):
    firefox.goto(f"{home}/vi/index.html")
    address = firefox.run("return document.querySelector('.begin').href")
    firefox.goto(address)
    first = next(iter(load_course()["lessons"].values()))
    assert first["title"]["vi"] in shown(firefox, "h1")[0]


def test_formulas_are_drawn_with_the_font_of_the_site(firefox, home):
    firefox.goto(f"{home}/en/rmsprop.html")
    sizes = firefox.run(
        "return [...document.querySelectorAll('.prose math')]"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
        ".map(box => Math.min(box.width, box.height))"
    )
    assert len(sizes) > 100 and min(sizes) > 2
    fonts = firefox.run("return [...document.fonts].map(f => [f.family, f.status])")
    assert ['"Noto Sans Math"', "loaded"] in fonts or [
        "Noto Sans Math",
        "loaded",
    ] in fonts


def test_the_switch_and_the_tabs_choose_the_framework(firefox, home):
    firefox.goto(f"{home}/en/rmsprop.html?framework=pytorch")
    assert "torch.zeros" in shown(firefox, "#cell-states code")[0]
    firefox.run(
        "const s = document.querySelector('#framework'); s.value = 'tensorflow';"
        "s.dispatchEvent(new Event('change'))"
    )
    assert "tf." in shown(firefox, "#cell-states code")[0]
    firefox.run("document.querySelector('#cell-states [data-tab=mxnet]').click()")
    assert firefox.run("return document.querySelector('#framework').value") == "mxnet"


def test_search_finds_code(firefox, home):
    firefox.goto(f"{home}/en/rmsprop.html")
    firefox.run("document.querySelector('#search').focus()")
    firefox.press("np.arange(40)")
    for _ in range(200):
        if found := shown(firefox, "#results mark"):
            break
        time.sleep(0.05)
    assert found[0] == "np.arange(40)"


def test_the_explorer_draws_what_the_sliders_say(firefox, home):
    firefox.goto(f"{home}/en/rmsprop.html")
    curve = "return document.querySelector('.rmsprop polyline').getAttribute('points')"
    before = firefox.run(curve)
    firefox.run("document.querySelector('[name=gamma]').focus()")
    firefox.press("\ue010")  # the key End
    assert firefox.run(curve) not in ("", before)


def test_no_formula_of_a_deck_is_empty(firefox, server):
    firefox.ask("WebDriver:Navigate", url=f"{server}/en/slides-rmsprop-pytorch.html#/6")
    sizes = firefox.run(
        "return [...document.querySelectorAll('section.present math')]"
        ".filter(e => e.checkVisibility())"
        ".map(e => e.getBoundingClientRect().width)"
    )
    assert sizes and min(sizes) > 5
