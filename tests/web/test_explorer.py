"""The explorer computes what the lesson's Python computes, and can be played with."""

import itertools
import json
import math
import re
import subprocess
from types import SimpleNamespace

import nbformat
import pytest

from tests.web.test_pages import open_settled
from weave.lessons import LANGUAGES, NOTEBOOKS, load_course
from web.site import MODULES, WEB, explorer_names, load_strings

START = {
    "eta": 0.4,
    "beta": 0.9,
    "gamma": 0.9,
    "eps": 1e-6,
    "x1": -5,
    "x2": -2,
    "steps": 20,
}
CASES = [
    {**START, **change, "rotated": rotated}
    for rotated in (False, True)
    for change in (
        {},
        {"eta": 1.0, "steps": 100},
        {"gamma": 0.0},
        {"gamma": 0.99, "steps": 100},
        {"beta": 0.5, "eta": 0.1},
        {"eps": 10.0, "x1": 3.3, "x2": 0.1},
        {"eps": 1e-10, "eta": 0.01, "x1": 0, "x2": -3},
    )
]
# The two valleys as matrices: the gradient at x is H x.
HESSIAN = {False: ((0.2, 0), (0, 4)), True: ((4.2, -3.8), (-3.8, 4.2))}


def lesson_functions():
    """Return the functions that the cells of the notebook define."""

    def nothing(*_, **__):
        return 0

    ignored = SimpleNamespace(show_trace_2d=nothing, train_2d=nothing)
    names = {"d2l": ignored, "math": math}
    notebook = nbformat.read(NOTEBOOKS / "en" / "rmsprop-pytorch.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id in ("bowl", "rmsprop-2d", "three-traces"):
            exec(cell.source, names)
    return names


def gradient(x, rotated):
    return [sum(h * v for h, v in zip(row, x)) for row in HESSIAN[rotated]]


def reference(optimizer, case):
    """Yield (x1, x2) from the start on, for any valley, as the papers have it."""
    x, s, m = [case["x1"], case["x2"]], [0, 0], [0, 0]
    eta, gamma, eps = case["eta"], case["gamma"], case["eps"]
    yield x
    for t in range(1, case["steps"] + 1):
        g = gradient(x, case["rotated"])
        if optimizer == "gd":
            step = g
        elif optimizer == "momentum":
            s = [case["beta"] * a + b for a, b in zip(s, g)]
            step = s
        elif optimizer == "adagrad":
            s = [a + b**2 for a, b in zip(s, g)]
            step = [b / math.sqrt(a + eps) for a, b in zip(s, g)]
        else:
            s = [gamma * a + (1 - gamma) * b**2 for a, b in zip(s, g)]
            step = [b / math.sqrt(a + eps) for a, b in zip(s, g)]
        if optimizer == "adam":
            beta = case["beta"]
            m = [beta * a + (1 - beta) * b for a, b in zip(m, g)]
            fair = [(a / (1 - beta**t), b / (1 - gamma**t)) for a, b in zip(m, s)]
            step = [a / (math.sqrt(b) + eps) for a, b in fair]
        x = [a - eta * b for a, b in zip(x, step)]
        yield x


def lesson_trace(optimizer, case):
    """Yield (x1, x2) from the start on, by the lesson's own function."""
    names = lesson_functions()
    names |= {name: case[name] for name in ("eta", "gamma", "eps")}
    state = case["x1"], case["x2"], 0, 0
    yield state[:2]
    for _ in range(case["steps"]):
        state = names[f"{optimizer}_2d"](*state)
        yield state[:2]


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """Return what the TypeScript computes, [{optimizer: [state]} for each case]."""
    script = tmp_path_factory.mktemp("explorer") / "run.mjs"
    entry = (
        f"import {{ OPTIMIZERS, trace }} from '{WEB / 'explorer/optimizers'}';"
        f"const run = (c) => OPTIMIZERS.map((name) => [name, trace(name, c)]);"
        f"const cases = {json.dumps(CASES)};"
        "console.log(JSON.stringify(cases.map((c) => Object.fromEntries(run(c)))))"
    )
    command = [MODULES / ".bin/esbuild", "--bundle", f"--outfile={script}"]
    subprocess.run(
        [*command, "--format=esm", "--log-level=error"],
        input=entry,
        text=True,
        check=True,
        cwd=WEB,
    )
    return json.loads(subprocess.check_output(["node", script]))


def assert_same(states, expected):
    for state, point in zip(states, expected, strict=True):
        assert state["x"] == pytest.approx(list(point), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("optimizer", ["gd", "adagrad", "rmsprop"])
def test_a_trace_is_that_of_the_function_in_the_lesson(optimizer, traces):
    for case, found in zip(CASES, traces, strict=True):
        if not case["rotated"]:
            assert_same(found[optimizer], lesson_trace(optimizer, case))


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adagrad", "rmsprop", "adam"])
def test_a_trace_is_that_of_the_papers_in_either_valley(optimizer, traces):
    for case, found in zip(CASES, traces, strict=True):
        assert_same(found[optimizer], reference(optimizer, case))


def test_the_steps_and_the_states_belong_to_the_trace(traces):
    for case, found in zip(CASES, traces):
        for optimizer, states in found.items():
            for before, after in itertools.pairwise(states):
                for i in (0, 1):
                    moved = after["x"][i] - before["x"][i]
                    assert after["step"][i] == pytest.approx(moved, rel=1e-9, abs=1e-9)
                g = gradient(before["x"], case["rotated"])
                if optimizer == "rmsprop":
                    s = case["gamma"] * before["s"][0] + (1 - case["gamma"]) * g[0] ** 2
                    assert after["s"][0] == pytest.approx(s, rel=1e-9)


def test_the_types_are_right():
    subprocess.run([MODULES / ".bin/tsc", "-p", WEB], check=True)


@pytest.fixture
def explorer(new_page, site):
    """Return the explorer of the English lesson."""
    page = new_page(1280, 1000)
    open_settled(page, f"{site.as_uri()}/en/rmsprop.html")
    found = page.locator("lesson-explorer")
    found.locator("details").first.evaluate("e => e.open = true")
    found.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    return found


def drawn(explorer, name="rmsprop"):
    """Return the points of a curve."""
    points = explorer.locator(f".{name} polyline").get_attribute("points")
    return [tuple(map(float, point.split(","))) for point in points.split()]


def values(explorer):
    return explorer.locator("tbody").inner_text()


def test_the_curve_is_the_trace(explorer):
    for name in ("gd", "adagrad", "rmsprop", "adam"):
        expected = list(reference(name, CASES[0]))
        points = drawn(explorer, name)
        assert len(points) == 21
        for (x, y), (x1, x2) in zip(points, expected):
            assert (x, -y) == pytest.approx((x1, x2), abs=1e-4)


@pytest.mark.parametrize("name", ["eta", "gamma", "eps", "x1", "x2", "steps"])
def test_a_slider_moves_curve_values_and_summary_by_keyboard(explorer, name):
    before = drawn(explorer), values(explorer)
    slider = explorer.locator(f"[name={name}]")
    label = explorer.locator(f"label[for={slider.get_attribute('id')}]")
    said = slider.get_attribute("aria-valuetext")
    slider.focus()
    for _ in range(8):
        slider.press(
            "ArrowRight" if name in ("eps", "x1", "x2", "steps") else "ArrowLeft"
        )
    assert label.inner_text()
    assert slider.get_attribute("aria-valuetext") != said
    shown = label.locator("+ span").inner_text()
    assert shown == slider.get_attribute("aria-valuetext")
    assert explorer.locator("output").count() == 0  # it would be read at every step
    assert drawn(explorer) != before[0]
    assert values(explorer) != before[1]


def grab(explorer, name):
    """Press the mouse on the start in a picture; return it and the box of the grip."""
    grip = explorer.locator(f".{name} .grip").bounding_box()
    mouse = explorer.page.mouse
    mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    mouse.down()
    return mouse, grip


def test_the_start_can_be_dragged_in_any_picture(explorer):
    for name, (x, y) in {"gd": (2, -1), "adam": (-1, 2)}.items():
        box = explorer.locator(f".{name} svg").bounding_box()
        scale = box["width"] / 11.8
        mouse, _ = grab(explorer, name)
        target = (box["x"] + (x + 5.9) * scale, box["y"] + (y + 3.4) * scale)
        mouse.move(*target, steps=4)
        mouse.up()
        for curve in ("gd", "adagrad", "rmsprop", "adam"):
            assert drawn(explorer, curve)[0] == pytest.approx((x, y), abs=0.15)
        assert float(explorer.locator("[name=x1]").input_value()) == pytest.approx(
            x, abs=0.15
        )


def test_a_drag_ends_at_the_edge_of_what_the_sliders_allow(explorer):
    box = explorer.locator(".gd svg").bounding_box()
    mouse, _ = grab(explorer, "gd")
    mouse.move(box["x"] + 2 * box["width"], box["y"] - box["height"], steps=4)
    mouse.up()
    edge = [
        explorer.locator(f"[name={name}]").get_attribute("max") for name in ("x1", "x2")
    ]
    assert drawn(explorer, "gd")[0] == (float(edge[0]), -float(edge[1]))


def test_turning_the_valley_turns_contours_and_traces(explorer):
    ellipse = explorer.locator(".rmsprop ellipse").first
    flat, before = ellipse.get_attribute("transform"), drawn(explorer)
    explorer.locator("[name=rotated]").press("Space")
    assert ellipse.get_attribute("transform") != flat
    assert drawn(explorer) != before
    explorer.locator("[data-do=reset]").click()
    assert drawn(explorer) == before


def test_steps_are_taken_one_by_one_and_played(explorer):
    step, play = (explorer.locator(f"[data-do={name}]") for name in ("step", "play"))
    for count in (1, 2, 3):
        step.press("Enter")
        assert len(drawn(explorer)) == count + 1
        assert str(count) in explorer.locator("summary").first.inner_text()
    play.click()
    assert play.inner_text() == "Pause"
    explorer.page.wait_for_function(
        "document.querySelector('[data-do=play]').textContent === 'Play'"
    )
    assert len(drawn(explorer)) == 21


def test_the_summary_says_what_the_picture_shows(explorer, new_page, site):
    said = explorer.locator("[role=status]").text_content()
    assert "After 20 steps" in said and "RMSProp at (−0.011;" in said
    assert said.endswith("Lowest: RMSProp.")
    page = new_page()
    page.goto(f"{site.as_uri()}/vi/rmsprop.html")
    said = page.locator("lesson-explorer [role=status]").text_content()
    assert re.match(r"Sau 20 bước: Hạ gradient ở \(−0,94;", said)


def test_a_finger_can_drag_the_start_and_still_scroll_the_page(explorer):
    touch = "e => getComputedStyle(e).touchAction"
    assert explorer.locator(".gd .grip").evaluate(touch) == "none"
    assert explorer.locator(".gd svg").evaluate(touch) == "auto"


def test_the_sentence_follows_while_somebody_drags(explorer):
    before = explorer.locator(".said").inner_text()
    mouse, grip = grab(explorer, "gd")
    mouse.move(grip["x"] + 150, grip["y"] - 20, steps=3)
    during = explorer.locator(".said").inner_text()
    assert during != before
    # Who listens is told at the end, not at every step.
    assert explorer.locator("[role=status]").text_content() == before
    mouse.up()
    assert explorer.locator("[role=status]").text_content() == during


def test_the_ring_is_whole_at_the_edge_of_the_picture(explorer):
    for name, key in (("x1", "End"), ("x2", "Home")):
        explorer.locator(f"[name={name}]").press(key)
    ring = explorer.locator(".gd .start").bounding_box()
    picture = explorer.locator(".gd svg").bounding_box()
    for at, size in (("x", "width"), ("y", "height")):
        assert picture[at] < ring[at]
        assert ring[at] + ring[size] < picture[at] + picture[size]


def test_what_an_explorer_can_show_has_a_name_in_both_languages():
    names = explorer_names()
    assert names["sliders"] == list(START)
    for language in LANGUAGES:
        words = load_strings()[language]["explorer"]
        assert {*names["optimizers"], *names["sliders"]} <= words.keys()


def test_the_explorer_stands_where_the_lesson_calls_for_it(explorer):
    before = explorer.evaluate("e => e.previousElementSibling.id")
    assert before == f"cell-{load_course()['lessons']['rmsprop']['explorer']['cell']}"


def test_the_explorer_is_no_higher_than_a_phone_or_so(new_page, site):
    page = new_page(390, 844)
    open_settled(page, f"{site.as_uri()}/vi/rmsprop.html")
    assert page.locator("lesson-explorer").bounding_box()["height"] < 844


def test_the_settings_are_in_an_address_that_can_be_embedded(new_page, server):
    page = new_page()
    open_settled(page, f"{server}/en/rmsprop.html")
    explorer = page.locator("lesson-explorer")
    explorer.locator("details").first.evaluate("e => e.open = true")
    explorer.locator("[name=gamma]").press("Home")
    explorer.locator("[name=rotated]").press("Space")
    explorer.locator(".share").evaluate("e => e.open = true")
    address = explorer.locator(".share a").get_attribute("href")
    frame = explorer.locator(".share code").text_content()
    page = new_page()
    page.goto(server + re.search(r"/en/[^#]*$", address)[0])
    alone = page.locator("lesson-explorer")
    assert alone.locator("[name=gamma]").input_value() == "0"
    assert alone.locator("[name=rotated]").is_checked()
    assert alone.locator("[name=eta]").input_value() == "0.4"
    alone.locator("[name=eta]").press("ArrowRight")
    assert "eta=0.41" in page.url
    page.set_content(frame)
    inside = page.frame_locator("iframe").locator("lesson-explorer")
    inside.locator(".panels").wait_for()
    assert inside.locator("[name=gamma]").input_value() == "0"
    assert 'title="' in frame and "explorer.html?" in frame


def test_every_lesson_that_declares_one_has_an_explorer(site):
    found = {
        path.relative_to(site).as_posix() for path in site.glob("*/*-explorer.html")
    }
    lessons = load_course()["lessons"].items()
    declared = [name for name, lesson in lessons if "explorer" in lesson]
    assert declared
    assert found == {
        f"{lang}/{name}-explorer.html" for lang in LANGUAGES for name in declared
    }


@pytest.mark.parametrize(
    "query", ["eta=99&steps=-3", "eta=x&gamma=", "rotated=yes&%ff"]
)
def test_what_an_address_cannot_ask_for_is_left_out(query, new_page, server):
    page = new_page()
    page.goto(f"{server}/en/rmsprop-explorer.html?{query}")
    alone = page.locator("lesson-explorer")
    alone.locator("polyline").first.wait_for(state="attached")
    assert 0 < float(alone.locator("[name=eta]").input_value()) <= 1
    assert int(alone.locator("[name=steps]").input_value()) >= 1


def test_a_lesson_says_which_optimizers_and_sliders_it_has(new_page, site):
    page = new_page()
    page.goto(f"{site.as_uri()}/en/rmsprop-explorer.html")
    page.evaluate(
        """() => {
            const e = document.querySelector("lesson-explorer"), copy = e.cloneNode()
            copy.dataset.optimizers = "momentum gd", copy.dataset.sliders = "beta eta"
            e.replaceWith(copy)
        }"""
    )
    captions = page.locator("lesson-explorer figcaption").all_inner_texts()
    assert captions == ["Gradient descent", "Momentum"]
    names = page.locator("lesson-explorer input[type=range]").evaluate_all(
        "all => all.map(e => e.name)"
    )
    assert names == ["eta", "beta"]
