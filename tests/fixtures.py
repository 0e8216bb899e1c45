"""What the tests of the lessons share: pytest loads it as a plugin.

A lesson's own tests stand in its folder and run for each framework in a process of its
own: `pytest lessons tests/frameworks --framework pytorch`. ``lesson_name`` is the
lesson whose folder a test stands in; a test of all lessons is parametrized with it.
What the tests need of a framework is behind one small adapter.
"""

import contextlib
import functools
import importlib
import io
import sys
from types import SimpleNamespace

import pytest

from weave.lessons import (
    SOURCE,
    Edition,
    is_told,
    load_editions,
    load_frameworks,
    read_prose,
)

ALIASES = {"tf": "tensorflow", "gluon": "mxnet.gluon"}


def pytest_addoption(parser):
    parser.addoption("--framework", choices=list(load_frameworks()))


def resolve(path):
    """Return what a dotted name such as `tf.keras.optimizers.RMSprop` stands for."""
    first, *rest = path.split(".")
    found = importlib.import_module(ALIASES.get(first, first))
    for name in rest:
        found = getattr(found, name)
    return found


def run(cells):
    """Run the code of some cells; return what they leave behind.

    ``values`` is the namespace of their names, ``axes`` has, for each cell, all axes
    of its figures, ``printed`` what it prints.
    """
    import matplotlib
    import matplotlib.pyplot as plt

    matplotlib.use("agg")
    values, axes, printed = {}, {}, {}
    for cell in cells:
        if cell.cell_type != "code":
            continue
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            exec(compile(cell.source, cell.id, "exec"), values)
        assert err.getvalue() == "", cell.id
        printed[cell.id] = out.getvalue()
        axes[cell.id] = [a for n in plt.get_fignums() for a in plt.figure(n).axes]
        plt.close("all")
    return SimpleNamespace(values=values, axes=axes, printed=printed)


def pasted(name, framework):
    """Yield the students' cells with the solutions in the gaps, and hidden tests."""
    from weave.assemble import assemble

    given, solved = (
        assemble(load_editions()[f"{name}-{role}"], "en", framework).cells
        for role in ("exercises", "solutions")
    )
    for cell, solution in zip(given, solved):
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade") and cell.cell_type == "code":
            assert solution.source.startswith(cell.source), "only tests are hidden"
        yield solution if mark else cell


@functools.cache
def run_edition(name, role, framework):
    """Run all cells of a lesson, of its exercises with open gaps, or its solutions."""
    from weave.assemble import assemble

    if "jax" in sys.modules:  # its exercises switch to double precision
        sys.modules["jax"].config.update("jax_enable_x64", False)
    if role == "solutions":
        return run(pasted(name, framework))
    edition = next(e for e in load_editions().values() if e == (name, role))
    return run(assemble(edition, "en", framework).cells)


@pytest.fixture(scope="session")
def framework(request):
    name = request.config.getoption("--framework")
    if name is None:
        pytest.fail("name one: --framework " + "|".join(load_frameworks()))
    return name


@pytest.fixture(scope="session")
def d2l(framework):
    module = load_frameworks()[framework]["module"]
    return importlib.import_module(f"common.{module}")


@pytest.fixture(scope="session")
def adapter(framework):
    return importlib.import_module(f"tests.frameworks.adapt_{framework}")


@pytest.fixture(scope="module")
def lesson_name(request):
    return request.path.relative_to(SOURCE).parts[0]


@pytest.fixture(scope="module")
def facts(lesson_name, framework):
    told = load_frameworks(lesson_name)
    if framework not in told:
        pytest.skip(f"{lesson_name} is not told in {framework}")
    return told[framework]


@pytest.fixture(scope="module")
def prose(request, lesson_name):
    """The English source of the lesson or, beside the exercises, of these."""
    folder = lesson_name
    if "exercises" in request.path.parts:
        folder += "/exercises"
    return read_prose(folder, "en")


@pytest.fixture(scope="module")
def lesson(lesson_name, framework, facts):
    return run_edition(lesson_name, "lesson", framework)


def run_exercises(name, role, framework):
    """Run the exercises or solutions of a lesson; skip without cells for them."""
    if not is_told(Edition(name, role), framework):
        pytest.skip(f"the exercises of {name} are not told in {framework}")
    return run_edition(name, role, framework)


@pytest.fixture(scope="module")
def gaps(lesson_name, framework, facts):
    return run_exercises(lesson_name, "exercises", framework)


@pytest.fixture(scope="module")
def solutions(lesson_name, framework, facts):
    return run_exercises(lesson_name, "solutions", framework)


@pytest.fixture(autouse=True)
def precision(request):
    """JAX computes in double precision in tests of the exercises only."""
    if "jax" in sys.modules:
        double = bool({"gaps", "solutions"} & {*request.fixturenames})
        sys.modules["jax"].config.update("jax_enable_x64", double)


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
