"""One style for every figure of the lessons, and the figures that recur."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import AutoLocator, NullLocator

plt.style.use(Path(__file__).with_name("lessons.mplstyle"))
FIGSIZE = tuple(plt.rcParams["figure.figsize"])
COLORS = plt.rcParams["axes.prop_cycle"].by_key()["color"]
# To crop a figure, a notebook would draw it twice; to pack it well takes long, too.
PNG = {"bbox_inches": None, "pil_kwargs": {"compress_level": 1}}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

if (ipython := sys.modules.get("IPython")) and ipython.get_ipython():
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("png", **PNG)
    if "inline" in plt.get_backend():
        # Two hooks draw a figure when a cell ends; the backend's own shows it as well.
        plt.uninstall_repl_displayhook()


def set_figsize(figsize=FIGSIZE):
    """Set the size of the figures that follow, (width, height) in inches."""
    plt.rcParams["figure.figsize"] = figsize


def thin_ticks(axes):
    """Leave few ticks on linear axes; on logarithmic ones the powers of 10, as text.

    They are most of what a figure costs to draw, above all formulas like $10^{-3}$.
    Ticks that were set by hand stay, and so do those of less than two powers of 10.
    """
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        if isinstance(axis.get_major_locator(), AutoLocator):
            axis.get_major_locator().set_params(nbins=5)
        elif axis.get_scale() == "log" and np.log10(high) - np.log10(low) >= 2:
            axis.set_major_formatter(
                lambda value, _: "10" + str(round(np.log10(value))).translate(RAISED)
            )
            axis.set_minor_locator(NullLocator())


def label_axes(xlabel, ylabel, **limits):
    """Label the current axes; add a legend if more than one line has a label.

    ``limits`` are passed on to ``Axes.set``: xlim, ylim, xscale, yscale, title.
    """
    axes = plt.gca()
    axes.set(xlabel=xlabel, ylabel=ylabel, **limits)
    thin_ticks(axes)
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend()


def plot_losses(epochs, losses, num_epochs, live=False):
    """Draw a loss curve over epochs; ``live`` replaces the one drawn before."""
    plt.figure()
    plt.plot(epochs, losses)
    label_axes("epoch", "$L(w, b)$", xlim=(0, num_epochs))
    if live:
        from IPython.display import clear_output

        clear_output(wait=True)
        plt.show()


def span(values, margin=0.1):
    """Return the least and the greatest finite value, with a share of room beside."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    room = margin * np.ptp(values)
    return values.min() - room, values.max() + room


def draw_contours(axes, f, xlim, ylim):
    """Draw eight contours of ``f`` that part the plane into regions alike in area.

    A star marks the lowest point, unless it is at the edge.
    """
    x1, x2 = np.linspace(*xlim, 121), np.linspace(*ylim, 121)
    values = f(*np.meshgrid(x1, x2))
    levels = np.quantile(values, np.linspace(0.03, 0.9, 8))
    axes.contour(x1, x2, values, levels, colors="0.65", linewidths=0.8)
    row, column = np.unravel_index(np.argmin(values), values.shape)
    if 0 < row < 120 and 0 < column < 120:
        # The lowest point of the grid is next to the minimum: a finer one around it.
        x1 = np.linspace(x1[column - 1], x1[column + 1], 121)
        x2 = np.linspace(x2[row - 1], x2[row + 1], 121)
        row, column = np.unravel_index(np.argmin(f(*np.meshgrid(x1, x2))), (121, 121))
        axes.plot(x1[column], x2[row], "*", color=COLORS[4], markersize=9)
    axes.set(xlabel="$x_1$", ylabel="$x_2$")
    axes.grid(False)
    thin_ticks(axes)


def _panels(count):
    """Return ``count`` axes side by side that share their scales."""
    width, height = plt.rcParams["figure.figsize"]
    if count > 1:
        width = 3.2 * count
    _, axes = plt.subplots(
        1, count, figsize=(width, height), sharex=True, sharey=True, squeeze=False
    )
    plt.subplots_adjust(left=0.75 / width, right=1 - 0.15 / width, wspace=0.08)
    return axes[0]


def number_steps(axes, trace):
    """Write the number at every fifth step that is not too near to the one before."""
    window = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    last = np.full(2, np.inf)
    for t in range(0, len(trace), 5):
        if np.abs((trace[t] - last) / window).max() > 0.09:
            axes.annotate(
                t, trace[t], (-3, 7), textcoords="offset points", ha="center", size=11
            )
            last = trace[t]


def show_trace_2d(f, results, xlim=None, ylim=None):
    """Draw the trace of a 2-D optimization on the contours of ``f(x1, x2)``.

    ``results`` is what ``train_2d`` returned, or a dict {title: such a list} to draw
    several side by side on the same scales. ``f`` gets two NumPy arrays. Every fifth
    step carries its number where there is room. ``xlim`` and ``ylim`` are the window,
    if it is not to fit the traces.
    """
    traces = results if isinstance(results, dict) else {"": results}
    traces = {
        title: np.array([(float(x1), float(x2)) for x1, x2 in trace])
        for title, trace in traces.items()
    }
    points = np.concatenate(list(traces.values()))
    xlim, ylim = xlim or span(points[:, 0], 0.25), ylim or span(points[:, 1], 0.25)
    for axes, (title, trace) in zip(_panels(len(traces)), traces.items()):
        draw_contours(axes, f, xlim, ylim)
        axes.plot(*trace.T, "-o", color=COLORS[1])
        axes.set_title(title)
        axes.label_outer()
        number_steps(axes, trace)


def show_arrows_2d(f, x1, x2, arrows):
    """Draw fields of arrows side by side on the contours of ``f(x1, x2)``.

    ``arrows`` is a dict {title: (d1, d2)} of directions at the points (x1, x2), all
    four arrays of the same shape. In each panel the longest arrow has the same
    length; both axes have the same scale.
    """
    xlim, ylim = span(x1), span(x2)
    for axes, (title, (d1, d2)) in zip(_panels(len(arrows)), arrows.items()):
        draw_contours(axes, f, xlim, ylim)
        longest = np.hypot(d1, d2).max()
        axes.quiver(
            x1,
            x2,
            d1,
            d2,
            angles="xy",
            scale_units="width",
            scale=7 * longest,
            width=0.008,
            color=COLORS[1],
        )
        axes.set_aspect("equal")
        axes.set_title(title)
        axes.label_outer()
