"""Adding a lesson is adding a folder and an entry of the course: the rest follows.

`adadelta` beside this file is the smallest lesson that meets what is asked of all.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from weave.lessons import ROOT

NAME = "adadelta"
ENTRY = f"""\
  {NAME}:
    title: {{en: Adadelta, vi: Adadelta}}
    minutes: 5
    explorer: {{cell: valley, optimizers: [gd, adagrad], sliders: [eta, steps]}}
"""
SOURCES = ("ls-files", "--cached", "--others", "--exclude-standard", "-z")
CHECKS = (f"lessons/{NAME}", "tests/frameworks/test_contract.py", "tests/lessons")
CHECKS += ("tests/weave/test_lessons.py", "tests/weave/test_languages.py")
MADE = ("tests/weave/test_notebooks.py", "tests/weave/test_build.py")
MADE += ("tests/robust/test_alone.py", "tests/classroom/test_guide.py")
# The notebooks of the lesson before it would get a link to it by `make`.
OF_ALL = "no_notebook_without_a_source or readmes_link or clusters_page"
OF_ALL += " or plan_of_the_course"
# All assignments of the course would take half a minute.
ASSIGNMENTS = f"""
from classroom.grading.course import FOLDER, load_assignments, make_assignments
FOLDER.mkdir()
own = {{n: a for n, a in load_assignments().items() if a.lesson == {NAME!r}}}
make_assignments(FOLDER, own)
"""
DESCRIPTION = {
    "en": "The trace of Adadelta in a narrow valley: the first steps are very short, "
    "then they grow.",
    "vi": "Quỹ đạo của Adadelta trong một thung lũng hẹp: những bước đầu rất ngắn, rồi "
    "dài dần.",
}
HUB = "from classroom.lessons import form; print(form())"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the lesson is told in PyTorch"
)


@pytest.fixture
def course(tmp_path):
    """Return a copy of the sources with one more lesson, and what one does there."""
    listed = subprocess.run(["git", *SOURCES], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("what the sources are is known in a clone only")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    shutil.move(tmp_path / "tests" / "robust" / NAME, tmp_path / "lessons")
    with open(tmp_path / "lessons" / "course.yml", "a", encoding="utf-8") as file:
        file.write(ENTRY)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    env["PYTHONPATH"] = str(tmp_path)

    def python(*arguments, program=sys.executable, **changes):
        return subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=env | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(*arguments, **options):
        """Return what a command says that has to succeed."""
        done = python(*arguments, **options)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def failures():
        """Return the names of the tests of the lesson that fail."""
        done = python("-m", "pytest", *CHECKS, "--framework=pytorch", "-k", NAME)
        assert re.search(r"\d\d passed", done.stdout), done.stdout
        return set(re.findall(r"^(?:FAILED|ERROR) .*?::(\w+)", done.stdout, re.M))

    def edit(file, old, new):
        path = tmp_path / "lessons" / NAME / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), "utf-8")

    run("-m", "weave.languages", "--reviewed")
    return SimpleNamespace(folder=tmp_path, run=run, failures=failures, edit=edit)


def test_a_new_lesson_is_held_to_all_that_is_asked_of_lessons(course):
    course.run("-m", "ruff", "check", f"lessons/{NAME}")
    assert course.failures() == set()
    # A wrong number, in both languages.
    course.edit("en.md", "the loss is 0.2444", "the loss is 0.2445")
    course.edit("vi.md", "mất mát là 0,2444", "mất mát là 0,2445")
    # Another epsilon in the call of the framework's optimizer.
    course.edit(
        "pytorch.py", '"eps": 1e-5},\n    data_iter)', '"eps": 1e-4},\n    data_iter)'
    )
    # English in the Vietnamese twin: what is said of a figure, and a label in it.
    course.edit("vi.md", DESCRIPTION["vi"], DESCRIPTION["en"])
    course.edit(
        "shared.py",
        '"Adadelta": trace})',
        '"Adadelta": trace})\nd2l.plt.xlabel("first")',
    )
    assert course.failures() == {
        "test_the_prose_says_what_the_cells_compute",
        "test_no_other_number_is_stated",
        "test_scratch_is_the_built_in_optimizer_to_rounding",
        "test_every_figure_is_described_in_the_language_of_the_lesson",
        "test_every_figure_has_labelled_axes_in_terms_of_both_languages",
        "test_all_lines_were_read_in_both_languages",
    }


def test_notebooks_tables_hub_assignments_and_site_follow(course):
    editions = [NAME, f"{NAME}-exercises", f"{NAME}-solutions"]
    course.run("-m", "weave.build", *editions)
    assert "verified" in course.run("-m", "weave.verify", "--edition", NAME, "pytorch")
    course.run("-m", "pytest", *MADE, "-k", f"{NAME} or {OF_ALL}")
    assert f'<option value="{NAME}">Adadelta</option>' in course.run("-c", HUB)
    course.run("-c", ASSIGNMENTS)
    released = course.folder.glob("grading/release/*/*.ipynb")
    assert {path.parent.name for path in released} == {
        f"{NAME}-{language}-pytorch" for language in ("en", "vi")
    }
    web, modules = ROOT / ".venv-web" / "bin", ROOT / "web" / "node_modules"
    if not (web.exists() and modules.exists()):
        pytest.skip("all but the site followed; for that, `make web`")
    (course.folder / "web" / "node_modules").symlink_to(modules)
    path = os.pathsep.join([str(web), os.environ["PATH"]])
    course.run("-m", "web.site", program=web / "python", PATH=path)
    pages = {f"{name}.html" for name in (*editions, f"{NAME}-explorer")}
    pages.add(f"slides-{NAME}-pytorch.html")
    for language in ("en", "vi"):
        site = course.folder / "site"
        assert {path.name for path in (site / language).glob(f"*{NAME}*")} == pages
        found = (site / "assets" / f"search-{language}.js").read_text("utf-8")
        assert all(f'"{name}.html#' in found for name in editions)
