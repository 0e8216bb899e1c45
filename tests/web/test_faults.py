"""A fault stops the build with one sentence and leaves the site that is there."""

import json
import shutil
import sys

import nbformat
import pytest

from weave.lessons import NOTEBOOKS, LessonError
from web import site as tool


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a folder with notebooks and an old site, in which the tool works."""
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    for old in tmp_path.glob("notebooks/*/*"):
        if not old.name.startswith("rmsprop-"):
            old.unlink()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "SITE", tmp_path / "site")
    monkeypatch.setattr(tool, "NOTEBOOKS", tmp_path / "notebooks")
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


def plant_formula(cells):
    cells[0].source += "\n\n$\\frac{1$"


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
        lambda checkout: next(checkout.glob("notebooks/vi/*-mxnet.ipynb")).unlink(),
        "vi/rmsprop-mxnet.ipynb is missing",
    ),
    "not a notebook": (
        lambda checkout: next(checkout.glob("notebooks/en/*-pytorch.ipynb")).write_text(
            "{"
        ),
        "en/rmsprop-pytorch.ipynb is not a notebook",
    ),
    "no notebook at all": (
        lambda checkout: shutil.rmtree(checkout / "notebooks"),
        "there is no notebook in notebooks/",
    ),
    "a wrong formula": (
        plant_edit(plant_formula),
        r"a formula is wrong: \frac{1: Missing close brace",
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


@pytest.mark.parametrize("missing", ["font", "script"])
def test_a_missing_font_or_script(missing, checkout, monkeypatch):
    web = checkout / "web"
    shutil.copytree(tool.WEB, web, ignore=shutil.ignore_patterns("node_modules"))
    modules = web / "node_modules"
    modules.mkdir()
    for name in tool.MODULES.iterdir():
        if missing != "font" or name.name != "@fontsource-variable":
            (modules / name.name).symlink_to(name)
    if missing == "script":
        (web / "site.ts").unlink()
    monkeypatch.setattr(tool, "WEB", web)
    monkeypatch.setattr(tool, "MODULES", modules)
    told = tool.main()
    expected = {
        "font": "noto-sans-latin-wght-normal.woff2 is missing: delete web/node_modules",
        "script": "web/site.ts could not be bundled",
    }
    assert expected[missing] in told and "\n" not in told
    assert (checkout / "site" / "index.html").read_text() == "old"


def test_without_node_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LessonError, match="node is missing: install Node"):
        tool.typeset([[["x", False]]])


def test_a_repository_that_is_none_is_told(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["site", "--repository=https://x.org/a/b"])
    assert "is not of the form OWNER/NAME" in tool.main()


def test_a_new_site_replaces_the_old_one(checkout):
    assert tool.main() == 0
    assert "old" not in (checkout / "site" / "index.html").read_text()
    assert {path.name for path in checkout.iterdir()} >= {"site", ".build"}
    assert not list((checkout / ".build").glob("site*"))
    sections = (checkout / "site" / "assets" / "search-vi.js").read_text()
    assert json.loads(sections.removeprefix("window.sections="))
