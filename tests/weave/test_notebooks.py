"""The committed notebooks are the lessons, executed without a fault."""

import base64
import re
import struct

import nbformat
import pytest

from weave.assemble import assemble
from weave.build import sources_digest
from weave.lessons import (
    LANGUAGES,
    NOTEBOOKS,
    ROOT,
    is_told,
    load_course,
    load_editions,
    load_frameworks,
    notebook_path,
)

EDITIONS = load_editions()
NAMES = [
    (edition, language, framework)
    for edition in EDITIONS
    for language in LANGUAGES
    for framework in load_frameworks()
    if is_told(EDITIONS[edition], framework)
]
WITH_CHECKS = [
    (edition.lesson, language, framework)
    for name, language, framework in NAMES
    if (edition := EDITIONS[name]).role == "solutions"
]
every_notebook = pytest.mark.parametrize("name", NAMES, ids="-".join)
every_exercise = pytest.mark.parametrize("lesson, language, framework", WITH_CHECKS)


def path_of(name, language, framework):
    return notebook_path(EDITIONS[name], language, framework)


def read(name):
    return nbformat.read(path_of(*name), as_version=4)


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
    notebook, source = read(name), assemble(EDITIONS[name[0]], *name[1:])
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
    assert {output.name for _, output in outputs(notebook, "stream")} <= {"stdout"}
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


@pytest.mark.parametrize(
    "edition", [name for name in EDITIONS if EDITIONS[name].role == "lesson"]
)
def test_all_frameworks_print_the_same(edition):
    told = [name for name in load_frameworks() if is_told(EDITIONS[edition], name)]
    texts = [printed(read((edition, "vi", name))) for name in told]
    cells = {cell for text in texts for cell in text}
    different = {c for c in cells if len({text.get(c) for text in texts}) > 1}
    assert different == set(load_course()["lessons"][edition].get("differs", []))


@pytest.mark.parametrize(
    "edition, framework", [name[::2] for name in NAMES if name[1] == "en"]
)
def test_both_languages_have_the_same_outputs(edition, framework):
    en, vi = (read((edition, language, framework)) for language in LANGUAGES)
    assert answers(en) == answers(vi)
    assert figures(en) == figures(vi)


@every_exercise
def test_every_check_says_not_yet_to_the_student_and_right_to_the_solution(
    lesson, language, framework
):
    gaps, solved = (
        said_by_checks(read((f"{lesson}-{role}", language, framework)))
        for role in ("exercises", "solutions")
    )
    assert gaps and len(gaps) == len(solved)
    assert {line[:2] for line in gaps} == {"… "}
    assert {line[:2] for line in solved} == {"✓ "}


@every_exercise
def test_the_edition_for_students_holds_no_solution(lesson, language, framework):
    notebook = read((f"{lesson}-exercises", language, framework))
    text = nbformat.writes(notebook)
    for mark in ("SOLUTION", "HIDDEN", "Solution.**", "Lời giải.**", "assert "):
        assert mark not in text
    solved = read((f"{lesson}-solutions", language, framework))
    assert "SOLUTION" in nbformat.writes(solved)
    for gap, answer in zip(notebook.cells, solved.cells, strict=True):
        if gap.metadata.get("nbgrader", {}).get("solution"):
            assert not gap.get("outputs") and "alt" not in gap.metadata
            assert gap.source != answer.source


@every_notebook
def test_a_notebook_tells_what_it_is(name):
    edition, (_, language, framework) = EDITIONS[name[0]], name
    assert read(name).metadata.course == {
        "lesson": edition.lesson,
        "role": edition.role,
        "language": language,
        "framework": framework,
    }


def test_there_is_no_notebook_without_a_source():
    assert {path_of(*name) for name in NAMES} == set(NOTEBOOKS.rglob("*.ipynb"))


@every_notebook
def test_links_lead_to_files_that_are_there(name):
    folder = path_of(*name).parent
    for cell in read(name).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", cell.source):
                assert (folder / target).resolve().is_file(), target


@every_notebook
def test_no_cell_ends_in_a_bare_object(name):
    for cell, output in outputs(read(name), "execute_result"):
        assert " at 0x" not in output.data["text/plain"], cell


def test_no_path_of_a_machine_is_in_a_notebook():
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        text = re.sub(r'"image/png": "[^"]+"', "", path.read_text("utf-8"))
        assert not re.search(r"/(home|root|work|Users|tmp|usr)/", text), path
