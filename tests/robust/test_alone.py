"""A notebook away from its repository, or from its framework, says what to do."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_notebook

from weave.lessons import EDITIONS, LANGUAGES, assemble, load_frameworks

ABSENT = "raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)\n"


def imports_cell(edition, language, framework):
    cells = assemble(edition, language, framework).cells
    return next(cell for cell in cells if cell.id == "imports")


def shown(cell, folder, absent):
    """Return what a kernel shows for a cell where a package cannot be imported."""
    (folder / "first").mkdir()
    (folder / "first" / f"{absent}.py").write_text(ABSENT)
    path = folder / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    command = [sys.executable, "-m", "nbconvert", "--to=notebook", "--execute"]
    command += ["--allow-errors", "--inplace", "--log-level=ERROR", str(path)]
    command += ["--KernelManager.transport=ipc", f"--KernelManager.ip={folder}/k"]
    environment = {"PYTHONPATH": str(folder / "first"), "HOME": str(folder)}
    subprocess.run(command, check=True, env=environment, cwd=folder)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    return output


@pytest.mark.parametrize(
    "language, framework, absent",
    [
        ("en", "pytorch", "common"),
        ("vi", "tensorflow", "common"),
        ("vi", "mxnet", None),
    ],
)
def test_one_sentence_says_what_to_install(tmp_path, language, framework, absent):
    facts = load_frameworks()[framework]
    cell = imports_cell("rmsprop", language, framework)
    output = shown(cell, tmp_path, absent or facts["module"])
    (sentence,) = output.traceback
    assert f'pip install ".[{framework}]"' in sentence and facts["title"] in sentence
    assert ("bản sao" in sentence) == (language == "vi")
    assert sentence.endswith(".") and "Traceback" not in sentence
    assert ("Intel Mac" in sentence) == (framework == "mxnet")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("framework", load_frameworks())
def test_every_notebook_has_the_sentence_and_no_placeholder(
    edition, language, framework
):
    source = imports_cell(edition, language, framework).source
    assert "{{" not in source and f".[{framework}]" in re.sub(r"'\s+'", "", source)
    assert max(map(len, source.splitlines())) <= 72
