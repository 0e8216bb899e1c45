"""A notebook whose framework is missing says in one sentence what to do."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_notebook

from weave.assemble import assemble
from weave.lessons import LANGUAGES, ROOT, is_told, load_editions, load_frameworks

ABSENT = "raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)\n"


def install(framework):
    """Return the command that installs a framework."""
    if framework == "mxnet":  # pip would refuse today's NumPy
        return "pip install --no-deps -r requirements-no-deps.txt"
    return f'pip install ".[{framework}]"'


LESSONS = [
    (edition, language, framework)
    for edition in load_editions().values()
    if edition.role == "lesson"
    for language in LANGUAGES
    for framework in load_frameworks()
    if is_told(edition, framework)
]


def imports_cell(edition, language, framework):
    cells = assemble(edition, language, framework).cells
    return next(cell for cell in cells if cell.id == "imports")


def shown(cell, folder, absent, **environment):
    """Return what a kernel in ``folder`` shows where a package cannot be imported."""
    (folder / "first").mkdir(parents=True)
    (folder / "first" / f"{absent}.py").write_text(ABSENT)
    path = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
    command += ["--allow-errors", "--inplace", "--log-level=ERROR", str(path)]
    environment |= {"PYTHONPATH": f"{folder / 'first'}:{ROOT}", "HOME": str(folder)}
    subprocess.run(command, check=True, env=environment, cwd=folder)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    return output


@pytest.mark.parametrize(
    "framework, folder, locale, vietnamese",
    [
        ("pytorch", "en", "C.UTF-8", False),
        ("mxnet", "vi", "C.UTF-8", True),
        ("tensorflow", "copy", "vi_VN.UTF-8", True),
        ("jax", "copy", "C.UTF-8", False),
    ],
)
def test_one_sentence_says_what_to_install(
    tmp_path, framework, folder, locale, vietnamese
):
    facts = load_frameworks()[framework]
    cell = imports_cell(load_editions()["rmsprop"], "en", framework)
    output = shown(cell, tmp_path / folder, facts["module"], LC_ALL=locale)
    (sentence,) = output.traceback
    assert install(framework) in sentence and facts["title"] in sentence
    assert ("thư mục" in sentence) == vietnamese
    assert ("another framework" in sentence) != vietnamese
    assert sentence.endswith(".") and "\n" not in sentence
    assert ("Intel Mac" in sentence) == (framework == "mxnet")


@pytest.mark.parametrize("edition, language, framework", LESSONS)
def test_a_lesson_begins_with_plain_imports(edition, language, framework):
    lines = imports_cell(edition, language, framework).source.splitlines()
    assert all(line.startswith(("import ", "from ")) for line in lines)
    module = load_frameworks()[framework]["module"]
    own = f"from common import {module} as d2l"
    assert [line.split("  #")[0] for line in lines].index(own) == 2, "it tells first"
