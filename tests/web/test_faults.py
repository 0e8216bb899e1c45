"""A fault stops the build with one sentence and leaves the site that is there."""

import json
import shutil
import sys

import nbformat
import pytest
from nbformat.v4 import new_output

from weave.lessons import NOTEBOOKS, LessonError, load_course
from web import markup, reading
from web import site as tool
from web.markup import typeset


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a folder with two lessons and an old site, in which the tool works."""
    copied = {"rmsprop", load_course()["picture"]["lesson"]}
    for path in NOTEBOOKS.glob("*/*.ipynb"):
        if path.stem.rpartition("-")[0] in copied:
            copy = tmp_path / "notebooks" / path.relative_to(NOTEBOOKS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old")
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(tool.ROOT / name, tmp_path)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "SITE", tmp_path / "site")
    monkeypatch.setattr(reading, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(sys, "argv", ["site"])
    return tmp_path


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook.cells)
    nbformat.write(notebook, path)


def clear(cells):
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def plant_edit(change):
    def plant(checkout):
        edit(checkout / "notebooks" / "vi" / "rmsprop-mxnet.ipynb", change)

    return plant


def plant_text(text):
    return plant_edit(lambda cells: cells[0].update(source=cells[0].source + text))


def plant_output(*args, **data):
    """Replace the output of the cell `first-step`, or clear it."""

    def change(cells):
        cell = next(cell for cell in cells if cell.id == "first-step")
        cell.outputs = [new_output(*args, **data)] if args else []

    return plant_edit(change)


def forget_figure(cells):
    next(cell for cell in cells if cell.id == "weights").outputs = []


RICH = {"text/plain": "x", "text/html": "<b>x</b>"}
DRAWN = {"text/plain": "x", "image/svg+xml": "<svg/>"}
PLACE = "notebooks/vi/rmsprop-mxnet.ipynb, cell 'first-step'"
FAULTS = {
    "no outputs": (plant_edit(clear), "vi/rmsprop-mxnet.ipynb has no outputs"),
    "a cell too few": (
        plant_edit(lambda cells: cells.pop(4)),
        "vi/rmsprop-mxnet.ipynb does not line up with its twins at the cell",
    ),
    "two cells exchanged": (
        plant_edit(lambda cells: cells.insert(1, cells.pop(4))),
        "vi/rmsprop-mxnet.ipynb does not line up",
    ),
    "a notebook missing": (
        lambda checkout: (checkout / "notebooks/vi/rmsprop-mxnet.ipynb").unlink(),
        "vi/rmsprop-mxnet.ipynb is missing",
    ),
    "the picture's lesson missing": (
        lambda checkout: [p.unlink() for p in checkout.glob("notebooks/*/adam-*")],
        "lessons/course.yml wants the figure of the cell 'four-traces' of 'adam'",
    ),
    "not a notebook": (
        lambda checkout: (checkout / "notebooks/en/rmsprop-pytorch.ipynb").write_text(
            "{"
        ),
        "en/rmsprop-pytorch.ipynb is not a notebook",
    ),
    "no notebook at all": (
        lambda checkout: shutil.rmtree(checkout / "notebooks"),
        "there is no notebook in notebooks/",
    ),
    "a cell without its output": (plant_output(), f"{PLACE} has other outputs"),
    "a figure that is gone": (
        plant_edit(forget_figure),
        "cell 'weights' has a description, but no figure",
    ),
    "an error": (
        plant_output("error", ename="ValueError", evalue="", traceback=[]),
        f"{PLACE} raised ValueError",
    ),
    "an output of HTML": (
        plant_output("display_data", data=RICH),
        f"{PLACE} has an output of the type text/html, which no page can show",
    ),
    "an output of SVG": (
        plant_output("display_data", data=DRAWN),
        f"{PLACE} has an output of the type image/svg+xml, which no page",
    ),
    "a formula without an end": (
        plant_text("\n\nIt costs $x + 1."),
        "notebooks/vi/rmsprop-mxnet, cell 'intro-1': a $ has no partner in 'It costs $",
    ),
    "a wrong formula": (
        plant_text("\n\n$\\frac{1$"),
        r"notebooks/vi/rmsprop-mxnet, cell 'intro-1': the formula '\\frac{1' is wrong",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_notebook(fault, checkout):
    plant, sentence = FAULTS[fault]
    plant(checkout)
    told = tool.main()
    assert told.startswith("make: ") and "\n" not in told
    assert sentence in told
    assert (checkout / "site" / "index.html").read_text() == "old"


@pytest.mark.parametrize(
    "entry, value, sentence",
    [
        ("cell", "plays", "to stand after the cell 'plays', but there is none"),
        ("optimizers", ["gd", "adamm"], "optimizers: there is no 'adamm' of gd, mom"),
        ("sliders", ["etta"], "sliders: there is no 'etta' of eta, beta"),
        ("sliders", None, "sliders: none is named of eta, beta"),
    ],
)
def test_an_explorer_that_cannot_be_shown(
    entry, value, sentence, checkout, monkeypatch
):
    course = load_course()
    course["lessons"]["rmsprop"]["explorer"][entry] = value
    monkeypatch.setattr(tool, "load_course", lambda: course)
    told = tool.main()
    assert told.startswith("make: lessons/course.yml: the explorer of rmsprop")
    assert sentence in told and "\n" not in told
    assert (checkout / "site" / "index.html").read_text() == "old"


def test_a_dollar_that_is_meant_is_none_of_a_formula(checkout):
    plant_text("\n\nIt costs \\$5 in `$HOME`.")(checkout)
    assert tool.main() == 0


@pytest.mark.parametrize("missing", ["font", "script", "formulas"])
def test_a_missing_font_or_script(missing, checkout, monkeypatch):
    web = checkout / "web"
    shutil.copytree(tool.WEB, web, ignore=shutil.ignore_patterns("node_modules"))
    modules = web / "node_modules"
    modules.mkdir()
    for name in tool.MODULES.iterdir():
        if name.name != {"font": "@fontsource-variable", "formulas": "temml"}.get(
            missing
        ):
            (modules / name.name).symlink_to(name)
    if missing == "script":
        (web / "site.ts").unlink()
    monkeypatch.setattr(tool, "WEB", web)
    monkeypatch.setattr(markup, "WEB", web)
    monkeypatch.setattr(tool, "MODULES", modules)
    told = tool.main()
    expected = {
        "font": "noto-sans-latin-wght-normal.woff2 is missing: delete web/node_modules",
        "formulas": "no formula can be set: a file below web/node_modules is missing",
        "script": "web/site.ts could not be bundled",
    }
    assert expected[missing] in told and "\n" not in told
    assert (checkout / "site" / "index.html").read_text() == "old"


def test_without_node_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LessonError, match="node is missing: run `make web`"):
        typeset({("x", False): "here"})


def test_a_repository_that_is_none_is_told(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["site", "--repository=https://x.org/a/b"])
    assert "is not of the form OWNER/NAME" in tool.main()


def test_a_new_site_replaces_the_old_one(checkout):
    assert tool.main() == 0
    assert (checkout / "site" / "index.html").read_text().startswith("<!doctype")
    assert {path.name for path in checkout.iterdir()} >= {"site", ".build"}
    assert not list((checkout / ".build").glob("site*"))
    sections = (checkout / "site" / "assets" / "search-vi.js").read_text()
    assert json.loads(sections.removeprefix("window.sections="))
