"""Each framework is tested in a process of its own: `pytest tests/frameworks
--framework pytorch`. What the tests need of it is behind one small adapter."""

import contextlib
import importlib
import io
from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import pytest

from weave.assemble import assemble
from weave.lessons import load_editions, load_frameworks

matplotlib.use("agg")
ALIASES = {"tf": "tensorflow", "gluon": "mxnet.gluon"}


def resolve(path):
    """Return what a dotted name such as `tf.keras.optimizers.RMSprop` stands for."""
    first, *rest = path.split(".")
    found = importlib.import_module(ALIASES.get(first, first))
    for name in rest:
        found = getattr(found, name)
    return found


def pytest_addoption(parser):
    parser.addoption("--framework", choices=list(load_frameworks()))


@pytest.fixture(scope="session")
def framework(request):
    name = request.config.getoption("--framework")
    if name is None:
        pytest.fail("name one: --framework " + "|".join(load_frameworks()))
    return name


@pytest.fixture(scope="session")
def facts(framework):
    return load_frameworks("rmsprop")[framework]


@pytest.fixture(scope="session")
def d2l(facts):
    return importlib.import_module("common." + facts["module"])


@pytest.fixture(scope="session")
def adapter(framework):
    return importlib.import_module(f"tests.frameworks.adapt_{framework}")


@pytest.fixture(scope="session")
def lesson(framework):
    """Run all cells of the lesson; return their names' values, and the figures.

    ``lesson.values`` is the namespace that the cells leave behind, ``lesson.axes``
    has, for each cell that draws, all axes of its figures, ``lesson.printed`` what
    each cell prints.
    """
    values, axes, printed = {}, {}, {}
    for cell in assemble(load_editions()["rmsprop"], "en", framework).cells:
        if cell.cell_type != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(cell.source, cell.id, "exec"), values)
        printed[cell.id] = out.getvalue()
        axes[cell.id] = [a for n in plt.get_fignums() for a in plt.figure(n).axes]
        plt.close("all")
    return SimpleNamespace(values=values, axes=axes, printed=printed)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")
