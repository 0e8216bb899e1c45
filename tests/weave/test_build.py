"""Building names what is at fault and leaves what is there untouched."""

import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from weave import build, execute, lessons, readme
from weave.assemble import render
from weave.lessons import NOTEBOOKS, ROOT, LessonError, load_editions

PROSE = """# A lesson {#intro}

![](cell:first)

![A line.](cell:second)
"""
CELLS = """# %% first
{first}

# %% second
{second}
"""
NAMES = ["en/tiny-pytorch.ipynb", "vi/tiny-pytorch.ipynb"]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Return a course of one small lesson, and what one does with it."""
    for module in (build, execute, lessons, readme):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "SOURCE", tmp_path / "lessons")
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(build, "SCRATCH", tmp_path / ".build")
    folder = tmp_path / "lessons" / "tiny"
    folder.mkdir(parents=True)
    (tmp_path / ".build").mkdir()
    (tmp_path / "constraints.txt").write_text("a==1\n")
    (folder.parent / "course.yml").write_text(
        "title: {en: A, vi: A}\n"
        "picture: {lesson: tiny, framework: pytorch, cell: second}\n"
        "lessons: {tiny: {title: {en: A, vi: A}, minutes: 1}}\n"
    )
    (folder.parent / "frameworks.yml").write_text(
        "pytorch: {title: PyTorch, module: torch}"
    )
    (folder / "pytorch.py").write_text("")

    def write(first, second="pass", prose=PROSE):
        (folder / "shared.py").write_text(CELLS.format(first=first, second=second))
        for language in ("en", "vi"):
            (folder / f"{language}.md").write_text(prose)

    def make(force=False):
        return build.build(load_editions()["tiny"], "pytorch", force)

    def read():
        return [(tmp_path / "notebooks" / name).read_text() for name in NAMES]

    write("print('hello')")

    def round_differently(name, old, new):
        """Let the output of a notebook be that of another processor."""
        path = tmp_path / "notebooks" / name
        path.write_text(path.read_text().replace(f'"{old}\\n"', f'"{new}\\n"'))
        (tmp_path / "constraints.txt").write_text("a==2\n")

    return SimpleNamespace(
        root=tmp_path,
        write=write,
        make=make,
        read=read,
        round_differently=round_differently,
    )


def test_a_notebook_is_executed_once_and_again_when_an_input_changes(tiny):
    assert tiny.make() == "tiny-pytorch executed"
    before = tiny.read()
    assert "hello" in before[0]
    assert tiny.make() == "tiny-pytorch is up to date"
    (tiny.root / "constraints.txt").write_text("a==2\n")
    assert tiny.make() == "tiny-pytorch executed"
    assert tiny.read() == before, "executing twice gives the same file"
    assert tiny.make(force=True) == "tiny-pytorch executed"


def test_the_checks_of_another_lesson_are_no_input(tiny):
    tiny.make()
    for lesson, done in (("other", "is up to date"), ("tiny", "executed")):
        folder = tiny.root / "lessons" / lesson / "exercises"
        folder.mkdir(parents=True)
        (folder / "checks.py").write_text("CHECKS = {}\n")
        assert tiny.make() == f"tiny-pytorch {done}"


def test_what_common_holds_is_an_input(tiny):
    tiny.make()
    (tiny.root / "common" / "data").mkdir(parents=True)
    for name in ("common/torch.py", "common/data/airfoil.dat"):
        (tiny.root / name).write_text("new")
        assert tiny.make() == "tiny-pytorch executed", name


def test_a_changed_sentence_executes_nothing(tiny):
    tiny.write("import os; print(os.getpid())")
    tiny.make()
    (printed,) = set(re.findall(r'"(\d+)\\n"', tiny.read()[0]))
    tiny.write("import os; print(os.getpid())", prose=PROSE + "\nA new sentence.\n")
    assert tiny.make() == "tiny-pytorch is up to date"
    assert all("A new sentence." in text for text in tiny.read())
    assert printed in tiny.read()[0]


def test_an_output_that_agrees_stays_as_it_was_in_both_languages(tiny):
    tiny.write("print(0.2455)", "print(1.5)")
    tiny.make()
    for name in NAMES:
        tiny.round_differently(name, "0.2455", "0.24551")
        tiny.round_differently(name, "1.5", "2.5")
    tiny.make()
    for text in tiny.read():
        assert '"0.24551\\n"' in text, "rounding"
        assert '"1.5\\n"' in text, "another number"


def test_the_output_of_a_changed_cell_is_renewed_though_it_agrees(tiny):
    tiny.write("print('eta', 0.2455)")
    tiny.make()
    tiny.write("print('eta   ', 0.24551)")
    tiny.make()
    assert all('"eta    0.24551\\n"' in text for text in tiny.read())


def test_outputs_that_disagree_in_one_language_are_renewed_in_both(tiny):
    tiny.write("print(0.2455)")
    tiny.make()
    tiny.round_differently(NAMES[0], "0.2455", "0.24551")
    tiny.round_differently(NAMES[1], "0.2455", "0.9999")
    tiny.make()
    assert all('"0.2455\\n"' in text for text in tiny.read())


def test_forced_all_outputs_are_renewed(tiny):
    tiny.write("print(0.2455)")
    tiny.make()
    for name in NAMES:
        tiny.round_differently(name, "0.2455", "0.24551")
    tiny.make(force=True)
    assert all('"0.2455\\n"' in text for text in tiny.read())


@pytest.mark.parametrize(
    "source, sentence",
    [
        ("1 / 0", "cell 'second' failed. ZeroDivisionError: division by zero"),
        ("import sys; print('!', file=sys.stderr)", "wrote to stderr: !"),
        ("import os; os._exit(1)", "could not be executed: .*[Kk]ernel died"),
    ],
    ids=["error", "stderr", "dead kernel"],
)
def test_a_fault_names_notebook_and_cell_and_keeps_the_old_one(tiny, source, sentence):
    tiny.make()
    before = tiny.read()
    tiny.write("1", source)
    with pytest.raises(LessonError, match=rf"en/tiny-pytorch\.ipynb.*{sentence}"):
        tiny.make()
    assert tiny.read() == before
    assert not execute.running


def test_a_notebook_edited_by_hand_is_not_overwritten(tiny):
    tiny.make()
    path = tiny.root / "notebooks" / NAMES[0]
    edited = nbformat.read(path, as_version=4)
    edited.cells.append(new_markdown_cell("My notes."))
    nbformat.write(edited, path)
    tiny.write("2")
    with pytest.raises(LessonError, match=r"tiny-pytorch\.ipynb was edited by hand"):
        tiny.make(force=True)
    assert "My notes." in path.read_text()


def test_running_a_notebook_is_not_editing_it(tiny):
    tiny.make()
    before = tiny.read()
    path = tiny.root / "notebooks" / NAMES[0]
    run = nbformat.read(path, as_version=4)
    run.cells[1].execution_count = 7
    run.cells[1].outputs = []
    nbformat.write(run, path)
    tiny.make(force=True)
    assert tiny.read() == before


def test_outputs_that_are_not_those_of_the_last_execution_are_renewed(tiny):
    tiny.make()
    before = tiny.read()
    path = tiny.root / "notebooks" / NAMES[0]
    cleared = nbformat.read(path, as_version=4)
    cleared.cells[1].outputs = []
    nbformat.write(cleared, path)
    assert tiny.make() == "tiny-pytorch executed"
    assert tiny.read() == before


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff", '{"cells": 1}'])
def test_a_file_that_is_no_notebook_is_told(tiny, text):
    path = tiny.root / "x.ipynb"
    path.write_text(text, "latin-1")
    with pytest.raises(LessonError, match=r"x\.ipynb is not a notebook"):
        build.check_unedited(path)


def test_a_notebook_that_is_missing_is_told(tiny):
    with pytest.raises(LessonError, match=r"^notebooks/en/tiny-pytorch\.ipynb is miss"):
        readme.update_picture(None)


def built(monkeypatch):
    """Return the list of what is built, filled instead of building."""
    jobs = []
    monkeypatch.setattr(
        build,
        "build",
        lambda edition, framework, force: jobs.append((edition.name, framework)) or "",
    )
    return jobs


def test_a_missing_framework_is_told_and_the_rest_is_built(monkeypatch, capsys):
    jobs = built(monkeypatch)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "mxnet" else True
    )
    assert build.build_all(list(load_editions().values()), False) == []
    assert "MXNet is not installed: its notebooks stay." in capsys.readouterr().out
    assert {framework for _, framework in jobs} >= {"pytorch", "tensorflow"}
    assert "mxnet" not in {framework for _, framework in jobs}


def test_a_lesson_without_cells_for_a_framework_is_told(tiny, monkeypatch, capsys):
    jobs = built(monkeypatch)
    (tiny.root / "lessons" / "frameworks.yml").write_text(
        "pytorch: {title: PyTorch, module: torch}\njson: {title: JSON, module: json}"
    )
    assert build.build_all([load_editions()["tiny"]], False) == []
    assert "tiny has no cells for JSON." in capsys.readouterr().out
    assert jobs == [("tiny", "pytorch")]


def test_exercises_link_those_frameworks_in_which_they_are_told(tiny):
    (tiny.root / "lessons" / "frameworks.yml").write_text(
        "pytorch: {title: PyTorch, module: torch}\njson: {title: JSON, module: json}"
    )
    exercises = tiny.root / "lessons" / "tiny" / "exercises"
    exercises.mkdir()
    for file in ("json.py", "exercises/pytorch.py"):
        (tiny.root / "lessons" / "tiny" / file).write_text("")
    for folder, told in (("tiny", "pytorch json "), ("tiny/exercises", "pytorch ")):
        path = tiny.root / "lessons" / folder / "en.md"
        path.write_text("{% for name in frameworks %}{{ name }} {% endfor %}")
        name = folder.replace("/", "-")
        assert render(load_editions()[name], "en", "pytorch") == told


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
    assert 'run pip install ".[pytorch]"' in done.stdout


def test_the_picture_of_the_readmes_is_a_figure_of_a_notebook():
    written = []
    readme.update_picture(lambda path, content: written.append((path, content)))
    assert written == [(readme.PICTURE, readme.PICTURE.read_bytes())]


def test_a_picture_that_is_not_there_is_told(tiny):
    tiny.make()
    with pytest.raises(LessonError, match="the figure of the cell 'second'"):
        readme.update_picture(None)


def test_the_readmes_link_every_notebook():
    for language, path in readme.README.items():
        links = set(re.findall(r"\]\((notebooks/.+?)\)", path.read_text("utf-8")))
        there = (NOTEBOOKS / language).glob("*.ipynb")
        assert links == {str(p.relative_to(NOTEBOOKS.parent)) for p in there}


@pytest.mark.parametrize(
    "constant, name, update",
    [
        ("README", "README.md", readme.update_readmes),
        ("VALUES", "values.yaml", readme.update_values),
    ],
)
def test_a_file_without_a_place_for_what_is_written_is_told(
    tiny, monkeypatch, constant, name, update
):
    path = tiny.root / name
    path.write_text("A course.\n")
    monkeypatch.setattr(
        readme, constant, {"en": path} if constant == "README" else path
    )
    with pytest.raises(LessonError, match=f"{name} has no place for"):
        update(None)


def test_the_clusters_page_is_up_to_date_with_the_course():
    written = []
    readme.update_values(lambda path, content: written.append((path, content)))
    assert written == [(readme.VALUES, readme.VALUES.read_bytes())], "run `make`"


INPUTS = ("requirements.txt", "constraints.txt", "requirements-no-deps.txt")


@pytest.fixture
def elsewhere(tmp_path):
    """Return run(pythons): tools/venv.sh where only these interpreters are found."""
    for name in INPUTS:
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
        arguments = [".venv", "requirements.txt", "-r", "requirements-no-deps.txt"]
        return subprocess.run(
            ["/bin/sh", ROOT / "tools" / "venv.sh", *arguments],
            cwd=tmp_path,
            env={"PATH": str(programs), "BASE_PYTHON": "python-of-nobody"},
            capture_output=True,
            text=True,
        )

    return run


def test_without_a_python_one_sentence_says_what_to_install(elsewhere, tmp_path):
    done = elsewhere(python3="exit 1", python3_11="exit 127")
    assert done.returncode == 1
    assert done.stderr == (
        "make: Python 3.11, 3.12 or 3.13 is needed: install one (with its venv "
        "module) or install uv, then run make again.\n"
    )
    assert not (tmp_path / ".venv").exists()


def test_uv_makes_the_environment_where_python_is_missing(elsewhere):
    done = elsewhere(python3="exit 1", uv='echo "uv $*"; exit 3')
    assert "uv venv --clear --seed --python 3.13 .venv" in done.stdout


def test_an_environment_made_from_these_requirements_is_left_alone(elsewhere, tmp_path):
    inputs = subprocess.run(
        "cat " + " ".join(INPUTS) + " | cksum",
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
    (binaries / "python").write_text(
        '#!/bin/sh\ncase $2 in pip) echo "pip $3";; esac\n'
    )
    (binaries / "python").chmod(0o755)
    done = elsewhere(python3_11="exit 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Bringing .venv up to date.\n" + 2 * "pip install\n"
    assert elsewhere().stdout == ""
