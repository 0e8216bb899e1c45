"""The axes of a figure can be read, also where a reader has changed it."""

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from common.harness import Training, get_data
from common.plotting import label_axes, plot_losses, plt, show_arrows_2d, show_trace_2d

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


def bowl(x1, x2):
    return x1**2 + x2**2


@pytest.fixture
def close():
    yield
    plt.close("all")


def test_the_window_of_a_trace_fits_the_trace(close):
    show_trace_2d(bowl, [(40, 10), (20, 30)])
    (axes,) = plt.gcf().axes
    assert axes.get_xlim() == pytest.approx((15, 45))
    assert axes.get_ylim() == pytest.approx((5, 35))
    show_trace_2d(bowl, [(40, 10), (20, 30)], xlim=(0, 50), ylim=(-1, 60))
    (axes,) = plt.gcf().axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 50), (-1, 60))


def test_every_fifth_step_of_a_trace_has_its_number(close):
    trace = [(-t, t) for t in range(11)]
    show_trace_2d(bowl, trace)
    (axes,) = plt.gcf().axes
    numbers = {int(text.get_text()): text.xy for text in axes.texts}
    assert {t: tuple(xy) for t, xy in numbers.items()} == {
        t: trace[t] for t in (0, 5, 10)
    }


def test_a_star_marks_the_minimum_in_the_window(close):
    for f, star in ((bowl, (0, 0)), (lambda x1, x2: x1 + x2, None)):
        show_trace_2d(f, [(-5, -2), (1.1, 0.7)])
        (axes,) = plt.gcf().axes
        stars = [tuple(p.get_xydata()[0]) for p in axes.lines if p.get_marker() == "*"]
        assert stars == ([pytest.approx(star, abs=1e-3)] if star else [])


def test_arrows_point_where_they_are_told_to(close):
    x1, x2 = np.meshgrid([-1.0, 1.0], [-2.0, 2.0])
    show_arrows_2d(bowl, x1, x2, {"to the right, up": (x1 * 0 + 3, x2 * 0 + 1)})
    (axes,) = plt.gcf().axes
    plt.gcf().canvas.draw()
    (quiver,) = [c for c in axes.collections if hasattr(c, "U")]
    np.testing.assert_array_equal(quiver.XY, np.c_[x1.ravel(), x2.ravel()])
    assert set(quiver.U) == {3} and set(quiver.V) == {1}
    assert quiver.angles == "xy" and axes.get_xlim()[0] < axes.get_xlim()[1]
    assert axes.get_ylim()[0] < axes.get_ylim()[1]


def test_a_loss_curve_is_seen_as_a_whole(close):
    plot_losses([1, 2, 3], [70.0, 2.0, 1.0], num_epochs=3)
    low, high = plt.gca().get_ylim()
    assert low <= 1 and high >= 70
    assert plt.gca().get_xlim() == (0, 3)


def test_a_live_curve_takes_the_place_of_the_one_before(close, monkeypatch):
    events = []
    monkeypatch.setattr(
        "IPython.display.clear_output", lambda wait: events.append(wait)
    )

    def show():
        (line,) = plt.gca().lines
        events.append((plt.gca().get_xlim(), *line.get_xydata().ravel()))
        plt.close()

    monkeypatch.setattr(plt, "show", show)
    data_iter, _ = get_data(100, 300, 0, lambda a, n: np.split(a, range(n, len(a), n)))
    losses = iter([3, 2, 1])
    training = Training(data_iter, 2, lambda: next(losses), live=True)
    assert len(list(training)) == 6
    points = [200 / 300, 3, 400 / 300, 2, 2, 1]
    assert events == [each for n in (2, 4, 6) for each in (True, ((0, 2), *points[:n]))]
    assert not plt.get_fignums()
