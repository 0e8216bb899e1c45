"""A small checkout in which `make` is put to trouble: one short lesson, two notebooks.

Its path has spaces and Vietnamese letters throughout.
"""

import base64
import os
import shutil
import subprocess
from types import SimpleNamespace

import nbformat
import pytest

from weave.build import sources_digest
from weave.lessons import ROOT

FILES = ("Makefile", "requirements.txt", "constraints.txt", "requirements-no-deps.txt")
FILES += ("classroom", "tools", "common", "weave")
COURSE = """title: {en: A, vi: A}
picture: {lesson: tiny, framework: pytorch, cell: face}
lessons: {tiny: {title: {en: A, vi: A}, minutes: 1}}
"""
FRAMEWORKS = "pytorch: {title: PyTorch, module: torch}\n"
PROSE = "# A {#intro}\n\n![](cell:text)\n![B](cell:face)\n"
CELLS = """# %% text
print("γ = 0.9, version {version}")

# %% face
{code}
display({{"image/png": "{png}"}}, raw=True)
"""
# A lesson for `test_new_lesson.py` to add; its tests run where it is added.
collect_ignore = ["adadelta"]
PNG = base64.b64encode((ROOT / "docs" / "traces.png").read_bytes()[:300]).decode()


def fill(folder):
    """Make the small checkout in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (ROOT / name).is_dir():
            made = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=made)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    lesson = folder / "lessons" / "tiny"
    lesson.mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "lessons" / "frameworks.yml").write_text(FRAMEWORKS)
    (folder / "lessons" / "course.yml").write_text(COURSE)
    for name in ("README.md", "README.vi.md"):
        (folder / name).write_text("<!-- notebooks -->\n<!-- end notebooks -->\n")
    (lesson / "pytorch.py").write_text("")
    for language in ("en", "vi"):
        (lesson / f"{language}.md").write_text(PROSE)


@pytest.fixture
def checkout(tmp_path):
    """Return the small checkout and what one does in it."""
    folder = tmp_path / "bài học của ta"
    fill(folder)

    def start(*arguments, inside=(), **changes):
        env = {**os.environ, "MAKEFLAGS": None, **changes}
        return subprocess.Popen(
            [*inside, "make", *arguments],
            cwd=folder,
            env={k: v for k, v in env.items() if v is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def make(*arguments, inside=(), **changes):
        process = start(*arguments, inside=inside, **changes)
        told = process.communicate()[0].decode()
        assert "Traceback" not in told, told
        return SimpleNamespace(status=process.returncode, told=told)

    def edit(version, code=""):
        path = folder / "lessons" / "tiny" / "shared.py"
        path.write_text(CELLS.format(version=version, code=code, png=PNG), "utf-8")

    def notebooks():
        paths = sorted((folder / "notebooks").rglob("*.*"))
        assert all(path.suffix == ".ipynb" for path in paths), paths
        return paths

    def versions():
        """Return the versions that the notebooks print; fail if one is not whole."""
        found = []
        for path in notebooks():
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
            assert notebook.metadata.sources == sources_digest(notebook)
            found.append(notebook.cells[1].outputs[0].text.split()[-1])
        return found

    edit(0)
    return SimpleNamespace(
        folder=folder,
        start=start,
        make=make,
        edit=edit,
        notebooks=notebooks,
        versions=versions,
    )
