"""A figure to play with: sliders in a live notebook, a still picture elsewhere."""

import contextlib
import functools
import inspect
import io
import math
from typing import NamedTuple

import numpy as np

from common.harness import OptionError, run_2d
from common.plotting import COLORS, draw_contours, plt, span, thin_ticks


class Slider(NamedTuple):
    """The label and the range of a slider; its steps are powers of ten if ``log``."""

    label: str
    low: float
    high: float
    step: float
    log: bool = False


# What these names commonly stand for; a call may bring others.
SLIDERS = {
    "eta": Slider("η", 0.01, 1.0, 0.01),
    "gamma": Slider("γ", 0.0, 0.99, 0.01),
    "beta": Slider("β", 0.0, 0.99, 0.01),
    "beta1": Slider("β₁", 0.0, 0.99, 0.01),
    "beta2": Slider("β₂", 0.0, 0.999, 0.001),
    "eps": Slider("ε", 1e-10, 10.0, 0.1, log=True),
    "x1": Slider("x₁", -5.0, 5.0, 0.1),
    "x2": Slider("x₂", -2.5, 2.5, 0.1),
}


def has_front_end():
    """Tell whether a person's notebook asked for the running cell, not nbconvert."""
    try:
        from IPython import get_ipython

        parent = get_ipython().kernel.get_parent("shell")
    except (ImportError, AttributeError):
        return False
    return "cellId" in parent.get("metadata", {})


def make_slider(slider, value):
    """Return a widget for a Slider; its range includes the value to begin with."""
    import ipywidgets as widgets

    low, high = min(slider.low, value), max(slider.high, value)
    options = {"step": slider.step, "description": slider.label, "value": value}
    layout = {"width": "500px"}
    if slider.log:
        low, high = math.log10(low), math.log10(high)
        return widgets.FloatLogSlider(min=low, max=high, layout=layout, **options)
    return widgets.FloatSlider(min=low, max=high, layout=layout, **options)


def show_sliders(figure, update, sliders, values):
    """Display a figure above sliders; ``update(**values)`` changes the figure."""
    import ipywidgets as widgets
    from IPython.display import display

    picture = widgets.Image(format="png", width=760)
    bars = {name: make_slider(sliders[name], value) for name, value in values.items()}

    def redraw(_=None):
        update(**{name: bar.value for name, bar in bars.items()})
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=100, pil_kwargs={"compress_level": 1})
        picture.value = buffer.getvalue()

    for bar in bars.values():
        bar.observe(redraw, "value")
    redraw()
    display(widgets.VBox([picture, *bars.values()]))


@contextlib.contextmanager
def given(trainer, hyperparams):
    """Give ``trainer`` values of its hyperparameters for a while; yield what to call.

    Those that are arguments of ``trainer`` are passed to it, the others are its global
    variables; where it takes any argument, as ``**kwargs`` does, all are passed.
    """
    arguments = inspect.signature(trainer).parameters
    any_name = any(a.kind is a.VAR_KEYWORD for a in arguments.values())
    passed = {k: v for k, v in hyperparams.items() if any_name or k in arguments}
    others = {k: v for k, v in hyperparams.items() if k not in arguments}
    variables = getattr(trainer, "__globals__", {})
    before = {name: variables[name] for name in others if name in variables}
    variables.update(others)
    try:
        yield functools.partial(trainer, **passed)
    finally:
        for name in others:
            del variables[name]
        variables.update(before)


def check_used(trainer, steps, start, states, hyperparams):
    """Raise OptionError for hyperparameters that ``trainer`` does not use."""
    useless, unused = np.array([None, None]), []  # to use it is an error
    for name in hyperparams:
        with (
            contextlib.suppress(Exception),
            given(trainer, {**hyperparams, name: useless}) as bound,
        ):
            run_2d(bound, steps, start, states)
            unused.append(name)
    if unused:
        raise OptionError(
            f"No slider can move {', '.join(unused)}: write the update so that it uses "
            "a global variable of this name, or takes it as an argument."
        )


def choose_sliders(values, declared):
    """Return {name: Slider}; raise OptionError for a value that none can show."""
    sliders = SLIDERS | {k: Slider(*v) for k, v in (declared or {}).items()}
    if unknown := [name for name in values if name not in sliders]:
        raise OptionError(
            f"There is no slider for {', '.join(unknown)}: pass on sliders="
            f"{{{unknown[0]!r}: (label, low, high, step)}}."
        )
    for name, value in values.items():
        if sliders[name].log and not value > 0:
            raise OptionError(
                f"{name} is {value}, but its slider is logarithmic: pass a number "
                "above 0."
            )
    return {name: sliders[name] for name in values}


def play_2d(
    f,
    trainer,
    steps=20,
    start=(-5.0, -2.0),
    states=(0, 0),
    sliders=None,
    **hyperparams,
):
    """Show a trace of ``trainer``, with sliders in a live notebook.

    The sliders set the start and the ``hyperparams``, given here with the values to
    begin with: arguments of ``trainer``, or global variables that it reads; the
    notebook's own variables stay as they are. One that it does not use is refused.
    ``sliders`` brings ranges for names that are not in SLIDERS, or others: {name:
    (label, low, high, step)}, and True behind for a logarithmic one. If there is a
    ``gamma``, the weights of its leaky average stand beside the trace. Without a front
    end, as under nbconvert, the figure for the values to begin with is drawn.
    """
    values = dict(hyperparams, x1=start[0], x2=start[1])
    ranges = choose_sliders(values, sliders)
    check_used(trainer, steps, start, states, hyperparams)
    panels = 2 if "gamma" in hyperparams else 1
    size = (5 if panels == 1 else 8), 3.2
    figure, [axes] = plt.subplots(1, panels, figsize=size, squeeze=False)
    figure.subplots_adjust(left=0.16 / panels, right=0.98, wspace=0.35)
    window = [span((ranges[x].low, ranges[x].high), 0.05) for x in ("x1", "x2")]
    draw_contours(axes[0], f, *window)
    (trace,) = axes[0].plot([], [], "-o", color=COLORS[1])
    if panels == 2:
        k = np.arange(41)
        (weights,) = axes[1].plot(k, k, color=COLORS[0])
        axes[1].set(xlabel="$k$", ylabel=r"$(1 - \gamma) \, \gamma^k$", xlim=(0, 40))
        thin_ticks(axes[1])

    def update(x1, x2, **hyperparams):
        with given(trainer, hyperparams) as bound:
            trace.set_data(*zip(*run_2d(bound, steps, (x1, x2), states)))
        if panels == 2:
            gamma = hyperparams["gamma"]
            weights.set_ydata((1 - gamma) * gamma**k)
            axes[1].set_ylim(0, 1.1 * (1 - gamma))

    update(**values)
    if has_front_end():
        plt.close(figure)
        show_sliders(figure, update, ranges, values)
