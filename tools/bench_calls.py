"""What `make bench` times in a kernel, ours or d2l's own.

It imports nothing but what both environments have, so that d2l's can run it, too.
"""

import contextlib
import importlib
import io
import time

EPOCHS, BATCH = 2, 10
# What is timed: the function, and whether d2l runs the lesson's update or the book's.
CALLS = {
    "train_ch11, same rule": ("train_ch11", "lesson"),
    "train_ch11, page against page": ("train_ch11", "book"),
    "train_concise_ch11, same rule": ("train_concise_ch11", None),
}


def compare(
    sides, trainer, concise, update, book_update, init_states, hyperparams, repeat
):
    """Time the calls of all sides in turn; return {what: {who: [seconds]}}.

    ``sides`` is {who: name of a module}, "ours" or another. ``trainer`` is the
    framework's optimizer, and ``concise`` what it is called with. ``update``,
    ``init_states`` and ``hyperparams`` are the lesson's own, and ``book_update`` is
    that of the book's page, or None where there is none. A first round, which pays for
    imports that the frameworks put off, is not counted: the time of a whole notebook
    has it.
    """
    from matplotlib import pyplot as plt
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    sides = {who: importlib.import_module(module) for who, module in sides.items()}
    png = importlib.import_module("common.plotting").PNG if "ours" in sides else {}
    data = {who: module.get_data_ch11(BATCH) for who, module in sides.items()}
    results = {}
    for _ in range(repeat + 1):
        for what, (name, rule) in CALLS.items():
            if rule == "book" and not book_update:
                continue
            for who, module in sides.items():
                data_iter, dim = data[who]
                args = trainer, {**concise}, data_iter
                if name == "train_ch11":
                    by_the_book = rule == "book" and who != "ours"
                    chosen = book_update if by_the_book else update
                    args = chosen, init_states(dim), {**hyperparams}, data_iter, dim
                # Both as PNG (d2l's plot switches to SVG by itself), ours as it is set.
                set_matplotlib_formats("png", **(png if who == "ours" else {}))
                with plt.style.context({} if who == "ours" else "default"):
                    seconds = time_call(getattr(module, name), args)
                results.setdefault(what, {}).setdefault(who, []).append(seconds)
    return {
        what: {who: seconds[1:] for who, seconds in by_side.items()}
        for what, by_side in results.items()
    }


def time_call(function, args):
    """Return the seconds of a call with its figure displayed."""
    from matplotlib_inline.backend_inline import flush_figures

    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        function(*args, num_epochs=EPOCHS)
    flush_figures()  # what the end of a cell does
    return time.perf_counter() - start
