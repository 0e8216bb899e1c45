"""The committed notebooks are the lessons, executed without a fault."""

import base64
import re
import struct

import nbformat
import pytest

from weave.build import notebook_path, sources_digest
from weave.lessons import EDITIONS, LANGUAGES, ROOT, assemble, load_frameworks

NOTEBOOKS = [
    (edition, language, framework)
    for edition in EDITIONS
    for language in LANGUAGES
    for framework in load_frameworks()
]
every_notebook = pytest.mark.parametrize("name", NOTEBOOKS, ids="-".join)
CHECKS = 13  # sentences that the check cells of the exercises say


def read(name):
    return nbformat.read(notebook_path(*name), as_version=4)


def outputs(notebook, kind):
    """Return (cell id, output) for all outputs of one type."""
    return [
        (cell.id, output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == kind
    ]


def printed(notebook):
    return {cell: output.text for cell, output in outputs(notebook, "stream")}


def answers(notebook):
    """Return what the cells print, without the checks, which speak a language."""
    return {k: text for k, text in printed(notebook).items() if "-check" not in k}


def said_by_checks(notebook):
    texts = (text for k, text in printed(notebook).items() if "-check" in k)
    return "".join(texts).splitlines()


def figures(notebook):
    return [output.data["image/png"] for _, output in outputs(notebook, "display_data")]


@every_notebook
def test_the_notebook_is_up_to_date_with_its_source(name):
    notebook, source = read(name), assemble(*name)
    nbformat.validate(notebook)
    keys = ("cell_type", "id", "source", "metadata")
    assert [[cell[key] for key in keys] for cell in notebook.cells] == [
        [cell[key] for key in keys] for cell in source.cells
    ], "run `make`"
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.sources == sources_digest(source)


@every_notebook
def test_all_cells_were_executed_in_order_without_error_or_warning(name):
    notebook = read(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not outputs(notebook, "error")
    assert {output.name for _, output in outputs(notebook, "stream")} == {"stdout"}
    for _, output in outputs(notebook, "stream"):
        assert not re.search(r"/\w+/|\bsec\b|warning", output.text, re.I), output.text


@every_notebook
def test_every_described_cell_shows_one_figure(name):
    notebook = read(name)
    drawn = [cell for cell, _ in outputs(notebook, "display_data")]
    described = [cell.id for cell in notebook.cells if "alt" in cell.metadata]
    assert drawn == described
    for picture in figures(notebook):
        width, height = struct.unpack(">II", base64.b64decode(picture)[16:24])
        assert width > 600 and height > 100, "readable on a projector"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("framework", load_frameworks())
def test_the_numbers_are_those_of_the_lesson(language, framework):
    text = printed(read(("rmsprop", language, framework)))
    assert "x1: -0.010599, x2: 0.000000" in text["rmsprop-2d"]
    for cell in ("train", "concise"):
        assert 0.242 < float(re.search(r"loss: (\S+)", text[cell])[1]) < 0.247
    assert text["referee"] == "max |ΔL| < 1e-06\n"
    same = (
        "compare" if load_frameworks()[framework]["eps_inside_root"] else "eps-outside"
    )
    assert text[same].endswith("max |ΔL| < 1e-06\n")


def test_all_frameworks_print_the_same_but_for_the_last_digits():
    texts = [printed(read(("rmsprop", "vi", name))) for name in load_frameworks()]
    rounding = {"compare", "eps-outside", "referee"}
    for cell in texts[0].keys() - rounding:
        assert len({text[cell] for text in texts}) == 1, cell


@pytest.mark.parametrize("framework", load_frameworks())
@pytest.mark.parametrize("edition", EDITIONS)
def test_both_languages_have_the_same_outputs(edition, framework):
    en, vi = (read((edition, language, framework)) for language in LANGUAGES)
    assert answers(en) == answers(vi)
    assert figures(en) == figures(vi)


@pytest.mark.parametrize("framework", load_frameworks())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_says_not_yet_to_the_student_and_right_to_the_solution(
    language, framework
):
    for edition, sign in (("exercises", "…"), ("solutions", "✓")):
        said = said_by_checks(read((edition, language, framework)))
        assert [line[:2] for line in said] == [sign + " "] * CHECKS


@pytest.mark.parametrize("framework", load_frameworks())
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_edition_for_students_holds_no_solution(language, framework):
    notebook = read(("exercises", language, framework))
    text = nbformat.writes(notebook)
    for mark in ("SOLUTION", "HIDDEN", "Solution.**", "Lời giải.**", "assert "):
        assert mark not in text
    solved = read(("solutions", language, framework))
    for gap, answer in zip(notebook.cells, solved.cells, strict=True):
        if gap.metadata.get("nbgrader", {}).get("solution"):
            assert not gap.get("outputs") and "alt" not in gap.metadata
            assert gap.source != answer.source


@every_notebook
def test_links_lead_to_files_that_are_there(name):
    folder = notebook_path(*name).parent
    for cell in read(name).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", cell.source):
                assert (folder / target).resolve().is_file(), target


def test_no_path_of_a_machine_is_in_a_notebook():
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        text = re.sub(r'"image/png": "[^"]+"', "", path.read_text("utf-8"))
        assert not re.search(r"/(home|root|work|Users|tmp|usr)/", text), path
