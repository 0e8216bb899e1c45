"""The axes of a figure can be read, also where a reader has changed it."""

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from common.plotting import label_axes, plt

COUNT_DRAWINGS = """\
from common.plotting import plt
from matplotlib.figure import Figure
drawn, draw = [], Figure.draw
Figure.draw = lambda *args: drawn.append(draw(*args))
"""


@pytest.fixture
def draw():
    """Return draw(x, y, **limits): draw a line, return the labels of the y axis."""

    def draw(x, y, **limits):
        plt.plot(x, y)
        label_axes("x", "y", **limits)
        plt.gcf().canvas.draw()
        axes = plt.gca()
        low, high = axes.get_ylim()
        return [
            label.get_text()
            for which in ("major", "minor")
            for label in axes.get_yticklabels(which=which)
            if low <= label.get_position()[1] <= high and label.get_text()
        ]

    yield draw
    plt.close("all")


def test_a_linear_axis_has_few_ticks(draw):
    labels = draw([0, 1], [0, 0.97])
    assert 3 <= len(labels) <= 6


def test_a_logarithmic_axis_shows_powers_of_ten(draw):
    labels = draw([0, 1], [2e-3, 20], yscale="log")
    assert labels == ["10⁻²", "10⁻¹", "10⁰", "10¹"]


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_less_than_two_powers_of_ten_are_labelled_too(draw, scale):
    labels = draw([0, 1], [0.2, 0.9], yscale=scale)
    assert len(labels) >= 2


def test_ticks_that_were_set_by_hand_stay(draw):
    plt.yticks(np.arange(9))
    labels = draw([0, 1], [0, 8])
    assert len(labels) == 9


def test_a_notebook_draws_a_figure_once(monkeypatch):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    cells = [COUNT_DRAWINGS, "plt.plot([1, 2]);", "print(len(drawn))"]
    notebook = new_notebook(cells=list(map(new_code_cell, cells)))
    NotebookClient(notebook, kernel_name="python3").execute()
    _, shown, told = notebook.cells
    assert [list(output.data) for output in shown.outputs] == [
        ["text/plain", "image/png"]
    ]
    assert told.outputs[0].text == "1\n"
