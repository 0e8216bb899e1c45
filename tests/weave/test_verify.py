"""A committed notebook whose outputs cannot be had again is named."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from weave import execute, verify
from weave.compare import compare_cells


def picture(change=lambda pixels: None):
    """Return an output with a PNG of black lines on white, changed by ``change``."""
    pixels = np.full((460, 720), 255, np.uint8)
    pixels[100:102] = 0
    change(pixels)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    png = base64.b64encode(buffer.getvalue()).decode()
    return new_output("display_data", {"image/png": png})


def notebook(*outputs):
    return new_notebook(cells=[new_code_cell("", id="a-cell", outputs=list(outputs))])


def compare(old, new, text_only=False):
    return compare_cells(old.cells[0], new.cells[0], text_only)


def prints(text):
    return new_output("stream", name="stdout", text=text)


@pytest.mark.parametrize(
    "old, new",
    [
        ("loss: 0.2455", "loss: 0.2455"),
        ("loss: 0.2455", "loss: 0.2456"),
        ("8e-08", "3e-07"),
        ("7e-04", "8e-04"),
        ("0e+00", "6e-08"),
        ("γ = 0.9   9.99", "γ = 0.9  10.00"),
    ],
)
def test_rounding_is_no_difference(old, new):
    assert not compare(notebook(prints(old)), notebook(prints(new)))


@pytest.mark.parametrize(
    "old, new",
    [
        ("loss: 0.2455", "loss: 0.2457"),
        ("loss: 0.2455", "lost: 0.2455"),
        ("7e-04", "9e-04"),
        ("1e-05", "nan"),
        ("150 rows", "151 rows"),
        ("x1: -0.010599", "x1: 0.010599"),
        ("a\nb", "a"),
    ],
)
def test_a_changed_print_is_told_with_its_cell(old, new):
    (difference,) = compare(notebook(prints(old)), notebook(prints(new)))
    assert repr(new) in difference or "lines" in difference


def test_every_difference_in_a_cell_is_told():
    old = notebook(prints("1.5\nsame\n2.5"), picture())
    new = notebook(prints("3.5\nsame\n4.5"), picture(lambda p: p.fill(0)))
    assert [text.split(",")[0] for text in compare(old, new)[:2]] == [
        "was '1.5'",
        "was '2.5'",
    ]
    assert "the picture differs" in compare(old, new)[2]


def test_a_figure_is_compared_as_a_picture():
    def blurred(pixels):
        pixels[102] = 250

    def moved(pixels):
        pixels[100:102] = 255
        pixels[102:104] = 0

    def marked(pixels):
        pixels[200:208, 300:308] = 0

    def faults(change):
        return compare(notebook(picture()), notebook(picture(change)))

    assert not faults(blurred)
    for change in (moved, marked):
        assert "the picture differs by" in faults(change)[0]
    assert not compare(notebook(picture()), notebook(picture(moved)), True)


def test_the_order_of_a_display_s_kinds_is_no_difference():
    kinds = {"text/plain": "<Figure>", **picture().data}
    sent, kept = kinds, dict(reversed(kinds.items()))
    old, new = (notebook(new_output("display_data", data)) for data in (kept, sent))
    assert compare(old, new) == []


def test_a_missing_or_smaller_figure_is_told():
    small = picture()
    small.data["image/png"] = base64.b64encode(png((10, 20))).decode()
    (difference,) = compare(notebook(picture()), notebook(small))
    assert "had 720 × 460 pixels, has 20 × 10" in difference
    (difference,) = compare(notebook(picture()), notebook())
    assert "had the outputs ['image/png'], has []" in difference


def png(shape):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros(shape, np.uint8)).save(buffer, "png")
    return buffer.getvalue()


def test_what_a_notebook_says_now_is_compared_with_what_it_said(tmp_path, monkeypatch):
    for module in (execute, verify):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    path, twin = (tmp_path / language / "x.ipynb" for language in ("en", "vi"))
    cells = [
        new_code_cell("print('same')", id="first", outputs=[prints("same\n")]),
        new_code_cell("print(1 / 4, 2)", id="second", outputs=[prints("0.5 3\n")]),
    ]
    for place in (path, twin):
        place.parent.mkdir()
        nbformat.write(new_notebook(cells=cells), place)
    before = path.read_bytes()
    assert verify.verify_all([path, twin]) == [
        f"{language}/x.ipynb, cell 'second': was '0.5 3', is '0.25 2'"
        for language in ("en", "vi")
    ]
    assert path.read_bytes() == before


def test_two_languages_of_the_same_code_are_executed_once(tmp_path, monkeypatch):
    for module in (execute, verify):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    ran, run = [], verify.execute
    monkeypatch.setattr(
        verify, "execute", lambda book, *rest: ran.append(1) or run(book, *rest)
    )
    paths = [tmp_path / f"{name}.ipynb" for name in "abc"]
    for path, code in zip(paths, ("print(1)", "print(1)", "print(2)")):
        cell = new_code_cell(code, id="x", outputs=[prints(f"{code[6]}\n")])
        nbformat.write(new_notebook(cells=[cell]), path)
    assert verify.verify_all(paths) == [] and len(ran) == 2


@pytest.mark.parametrize("text", ["", "{", '{"cells": 1}'])
def test_a_file_that_is_no_notebook_is_told(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    assert verify.verify_all([path]) == [
        f"notebooks/{tmp_path.name}/x.ipynb is not a notebook: delete it and run "
        "`make` again."
    ]


def test_without_notebooks_there_is_nothing_to_verify(tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr("sys.argv", ["verify"])
    assert verify.main() == "make: there is no notebook to verify."
