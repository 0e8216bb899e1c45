"""A figure to play with: sliders in a live notebook, a still picture elsewhere."""

import io
from types import FunctionType

import numpy as np

from common.harness import run_2d
from common.plotting import COLORS, draw_contours, plt, thin_ticks

# name of the argument: label, lowest and highest value, step
SLIDERS = {
    "eta": ("η", 0.01, 1.0, 0.01),
    "gamma": ("γ", 0.0, 0.99, 0.01),
    "eps": ("log₁₀ ε", -10.0, 1.0, 0.1),
    "x1": ("x₁", -5.0, 5.0, 0.1),
    "x2": ("x₂", -2.5, 2.5, 0.1),
}


def has_front_end():
    """Tell whether a person's notebook asked for the running cell, not nbconvert."""
    try:
        from IPython import get_ipython

        parent = get_ipython().kernel.get_parent("shell")
    except (ImportError, AttributeError):
        return False
    return "cellId" in parent.get("metadata", {})


def show_sliders(figure, update, **values):
    """Display a figure above one slider for each argument of ``update``."""
    import ipywidgets as widgets
    from IPython.display import display

    picture = widgets.Image(format="png", width=760)
    sliders = {}
    for name, (label, low, high, step) in SLIDERS.items():
        value = values[name]
        sliders[name] = widgets.FloatSlider(
            value=np.log10(value) if name == "eps" else value,
            min=low,
            max=high,
            step=step,
            description=label,
            layout={"width": "500px"},
        )

    def redraw(_=None):
        current = {name: slider.value for name, slider in sliders.items()}
        update(**{**current, "eps": 10 ** current["eps"]})
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=100, pil_kwargs={"compress_level": 1})
        picture.value = buffer.getvalue()

    for slider in sliders.values():
        slider.observe(redraw, "value")
    redraw()
    display(widgets.VBox([picture, *sliders.values()]))


def play_2d(f, trainer, steps=20, start=(-5.0, -2.0), **hyperparams):
    """Show a trace of ``trainer`` and its weights, with sliders in a live notebook.

    The sliders set the start and the global variables ``eta``, ``gamma`` and ``eps``
    that ``trainer`` reads, given here with the values to begin with; the notebook's
    own variables stay as they are. Without a front end, as under nbconvert, the
    figure for these values is drawn.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2))
    figure.subplots_adjust(left=0.08, right=0.98, wspace=0.32)
    draw_contours(left, f, (-5.5, 5.5), (-3, 3))
    left.plot(0, 0, "*", color=COLORS[4], markersize=9)
    (trace,) = left.plot([], [], "-o", color=COLORS[1])
    (weights,) = right.plot([], [], color=COLORS[0])
    right.set(xlabel="$k$", ylabel=r"$(1 - \gamma) \, \gamma^k$")
    right.set(xlim=(0, 40))
    thin_ticks(right)

    def update(x1, x2, **hyperparams):
        function = FunctionType(
            trainer.__code__, {**trainer.__globals__, **hyperparams}
        )
        trace.set_data(*zip(*run_2d(function, steps, (x1, x2))))
        gamma, k = hyperparams["gamma"], np.arange(41)
        weights.set_data(k, (1 - gamma) * gamma**k)
        right.set_ylim(0, 1.1 * (1 - gamma))

    update(*start, **hyperparams)
    if has_front_end():
        plt.close(figure)
        show_sliders(figure, update, x1=start[0], x2=start[1], **hyperparams)
