"""Building names what is at fault and leaves what is there untouched."""

import base64
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from weave import build
from weave.lessons import ROOT, LessonError


def notebook(*sources):
    cells = [new_code_cell(s, id=f"cell-{i}") for i, s in enumerate(sources)]
    return new_notebook(cells=cells)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a folder in which `build` does its work, with no inputs but its own."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(build, "SCRATCH", tmp_path / ".build")
    return tmp_path


def test_a_notebook_is_executed_once_and_again_when_an_input_changes(checkout):
    path = checkout / "notebooks" / "en" / "x.ipynb"
    (checkout / "requirements.txt").write_text("a==1\n")
    job = path, notebook("print('hello')", "1 + 1")
    assert build.build(job, force=False).endswith("x.ipynb executed")
    first = path.read_bytes()
    assert b"hello" in first
    assert build.build(job, force=False).endswith("x.ipynb is up to date")
    (checkout / "requirements.txt").write_text("a==2\n")
    assert build.build(job, force=False).endswith("x.ipynb executed")
    assert path.read_bytes() == first, "executing twice gives the same file"
    assert build.build(job, force=True).endswith("x.ipynb executed")


@pytest.mark.parametrize(
    "source, sentence",
    [
        ("1 / 0", "cell 'cell-1' failed. ZeroDivisionError: division by zero"),
        ("import sys; print('!', file=sys.stderr)", "wrote to stderr: !"),
        ("import os; os._exit(1)", "could not be executed: .*[Kk]ernel died"),
    ],
    ids=["error", "stderr", "dead kernel"],
)
def test_a_fault_names_notebook_and_cell_and_keeps_the_old_one(
    checkout, source, sentence
):
    path = checkout / "notebooks" / "en" / "x.ipynb"
    build.build((path, notebook("1")), force=False)
    before = path.read_bytes()
    with pytest.raises(LessonError, match=rf"notebooks/en/x\.ipynb.*{sentence}"):
        build.build((path, notebook("1", source)), force=False)
    assert path.read_bytes() == before


def test_a_notebook_edited_by_hand_is_not_overwritten(checkout):
    path = checkout / "notebooks" / "en" / "x.ipynb"
    build.build((path, notebook("1")), force=False)
    edited = nbformat.read(path, as_version=4)
    edited.cells.append(new_markdown_cell("My notes."))
    nbformat.write(edited, path)
    with pytest.raises(LessonError, match=r"x\.ipynb was edited by hand"):
        build.build((path, notebook("2")), force=True)
    assert "My notes." in path.read_text()


def test_running_a_notebook_is_not_editing_it(checkout):
    path = checkout / "notebooks" / "en" / "x.ipynb"
    build.build((path, notebook("print(1)")), force=False)
    run = nbformat.read(path, as_version=4)
    run.cells[0].execution_count = 7
    run.cells[0].outputs = []
    nbformat.write(run, path)
    assert build.build((path, notebook("print(1)")), force=True)


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff", '{"cells": 1}'])
def test_a_file_that_is_no_notebook_is_told(checkout, text):
    path = checkout / "x.ipynb"
    path.write_text(text, "latin-1")
    with pytest.raises(LessonError, match=r"x\.ipynb is not a notebook"):
        build.check_unedited(path)


def test_a_missing_framework_is_told_and_its_notebooks_stay(monkeypatch, capsys):
    executed = []
    monkeypatch.setattr(sys, "argv", ["build"])
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "mxnet" else True
    )
    monkeypatch.setattr(
        build, "build", lambda job, force: executed.append(job[0].name) or "done"
    )
    assert build.main() == "make: MXNet is not installed: its notebooks stay."
    assert len(executed) == 12 and not any("mxnet" in name for name in executed)


def test_a_framework_that_cannot_be_imported_is_told_in_one_sentence():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "try:\n    from common import torch\n"
        "except ImportError as error:\n    print(error._render_traceback_()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("PyTorch cannot be imported here")
    assert "Run `make`" in done.stdout


def test_the_picture_of_the_readme_is_a_figure_of_a_notebook():
    path = build.notebook_path("rmsprop", "en", "pytorch")
    outputs = next(
        cell.outputs
        for cell in nbformat.read(path, as_version=4).cells
        if cell.id == "three-traces"
    )
    pictures = [o.data["image/png"] for o in outputs if "data" in o]
    assert base64.b64decode(pictures[0]) == build.PICTURE.read_bytes()


@pytest.fixture
def elsewhere(tmp_path):
    """Return run(pythons): tools/venv.sh where only these interpreters are found."""
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("cat", "cksum", "rm"):
        os.symlink(shutil.which(name), programs / name)

    def run(**pythons):
        for name, text in pythons.items():
            part = programs / f"part-{threading.get_ident()}"
            part.write_text("#!/bin/sh\n" + text)
            part.chmod(0o755)
            # Another run may be executing the one that is there.
            part.replace(programs / name.replace("_", "."))
        arguments = [".venv", "requirements.txt", "-e", "."]
        return subprocess.run(
            ["/bin/sh", ROOT / "tools" / "venv.sh", *arguments],
            cwd=tmp_path,
            env={"PATH": str(programs), "BASE_PYTHON": "python-of-nobody"},
            capture_output=True,
            text=True,
        )

    return run


def test_without_python_3_11_one_sentence_says_what_to_install(elsewhere, tmp_path):
    done = elsewhere(python3="exit 1", python3_11="exit 127")
    assert done.returncode == 1
    assert done.stderr == (
        "make: Python 3.11 is needed: install it (with its venv module) or install "
        "uv, then run make again.\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_uv_makes_the_environment_where_python_3_11_is_missing(elsewhere):
    done = elsewhere(python3="exit 1", uv='echo "uv $*"; exit 3')
    assert "uv venv --clear --seed --python 3.11 .venv" in done.stdout


def test_an_environment_made_from_these_requirements_is_left_alone(elsewhere, tmp_path):
    inputs = subprocess.run(
        "cat requirements.txt constraints.txt | cksum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "made-from").write_text(inputs.stdout)
    done = elsewhere()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_environment_behind_a_link_is_never_cleared(elsewhere, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "made-from").write_text("something else")
    (tmp_path / ".venv").symlink_to(other)
    done = elsewhere(python3_11="rm .venv/*")
    assert done.returncode == 1
    assert done.stderr.startswith("make: .venv is a link, and what it leads to was")
    assert (other / "made-from").read_text() == "something else"


def test_a_pip_that_fails_leaves_an_environment_that_is_made_again(elsewhere, tmp_path):
    venv = """[ "$2" = venv ] || exit 0
mkdir -p .venv/bin
echo made >> made
printf '#!/bin/sh\nexit 1\n' > .venv/bin/python
chmod +x .venv/bin/python"""
    for name in ("mkdir", "chmod"):
        os.symlink(shutil.which(name), tmp_path / "bin" / name)
    for count in (1, 2):
        done = elsewhere(python3_11=venv)
        assert done.returncode == 1
        assert done.stderr.startswith("make: the environment is incomplete (see above)")
        assert (tmp_path / "made").read_text() == "made\n" * count


def test_two_makes_at_a_time_make_one_environment(elsewhere, tmp_path):
    python = tmp_path / "bin" / "python3.11"
    python.write_text(f"""#!/bin/sh
[ "$2" = venv ] || exec {sys.executable} "$@"
mkdir -p .venv/bin
echo made >> made
sleep 0.3
printf '#!/bin/sh\\n' > .venv/bin/python
chmod +x .venv/bin/python""")
    python.chmod(0o755)
    for name in ("mkdir", "chmod", "sleep"):
        os.symlink(shutil.which(name), tmp_path / "bin" / name)
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: elsewhere(), range(3)))
    assert [(d.returncode, d.stderr) for d in done] == [(0, "")] * 3
    assert (tmp_path / "made").read_text() == "made\n"


def test_a_complete_environment_is_brought_up_to_date(elsewhere, tmp_path):
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (tmp_path / ".venv" / "made-from").write_text("older requirements")
    (binaries / "python").write_text('#!/bin/sh\necho "pip $3"\n')
    (binaries / "python").chmod(0o755)
    done = elsewhere(python3_11="exit 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Bringing .venv up to date.\npip install\n"
    assert elsewhere().stdout == ""
