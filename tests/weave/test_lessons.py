"""The source of the lessons is well formed, and faults in it are told."""

import re
import shutil

import pytest

from weave import lessons
from weave.languages import check_parallel
from weave.lessons import (
    CELL,
    EDITIONS,
    LANGUAGES,
    LESSONS,
    LessonError,
    assemble,
    load_cells,
    load_frameworks,
    read_prose,
    render,
)

SECTIONS = [
    "intro",
    "algorithm",
    "scratch",
    "concise",
    "compare",
    "summary",
    "exercises",
    "references",
]
TWINS = [(lang, name) for lang in LANGUAGES for name in load_frameworks()]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_languages_are_parallel(lesson):
    check_parallel(lesson)


@pytest.mark.parametrize("language, framework", TWINS)
def test_the_lesson_has_the_same_sections_everywhere(language, framework):
    headings = map(
        lessons.HEADING.match, render("rmsprop", language, framework).splitlines()
    )
    assert [heading[3] for heading in headings if heading] == SECTIONS


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("framework", load_frameworks())
def test_cells_fit_a_slide(lesson, framework):
    for name, cell in load_cells(lesson, framework).items():
        lines = cell.source.splitlines()
        assert len(lines) <= 15, f"{name} has {len(lines)} lines"
        assert max(map(len, lines)) <= 72, f"{name} is too wide"


@pytest.mark.parametrize("lesson", LESSONS)
def test_frameworks_have_the_same_cells_but_for_their_own_code(lesson):
    assert len({tuple(load_cells(lesson, name)) for name in load_frameworks()}) == 1


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("language, framework", TWINS)
def test_paragraphs_have_at_most_five_sentences(edition, language, framework):
    for paragraph in render(edition, language, framework).split("\n\n"):
        if not re.match(r"[-|!#<$\d]", paragraph):
            label = r"\*\*[^*]+\*\*\n"  # what a paragraph begins with is no sentence
            lines = re.sub(label, "", paragraph, count=1).splitlines()
            assert len(lines) <= 5, paragraph


@pytest.mark.parametrize("language, framework", TWINS)
def test_prose_names_the_options_of_its_own_framework_only(language, framework):
    facts = load_frameworks()
    text = render("rmsprop", language, framework)
    sentences = [s for s in text.splitlines() if s[:1] != "|" and "](" not in s]
    own = {f"`{facts[framework][key]}`" for key in ("gamma", "lr", "optimizer")}
    for other in facts:
        for key in ("gamma", "optimizer"):
            name = f"`{facts[other][key]}`"
            assert (name in " ".join(sentences)) == (name in own), name


@pytest.mark.parametrize("edition, figures", [("rmsprop", 12), ("solutions", 6)])
@pytest.mark.parametrize("language, framework", TWINS)
def test_every_figure_is_described_in_the_language_of_the_lesson(
    edition, figures, language, framework
):
    notebook = assemble(edition, language, framework)
    described = {c.id: c.metadata["alt"] for c in notebook.cells if "alt" in c.metadata}
    assert len(described) >= figures
    accented = [
        bool(re.search("[ăâđêôơưạảấầẩậắằặẹẻếềểệỉịọỏốồổộớờởợụủứừửựỳỷỹ]", alt))
        for alt in described.values()
    ]
    assert all(accented) if language == "vi" else not any(accented)


# Faults, each planted in a copy of the sources.


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Return edit(file, old, new), which changes a copy of the sources."""
    shutil.copytree(lessons.SOURCE, tmp_path / "lessons")
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "SOURCE", tmp_path / "lessons")

    def edit(file, old, new):
        path = tmp_path / "lessons" / "rmsprop" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return edit


@pytest.mark.parametrize(
    "file, old, new, sentence",
    [
        ("vi.md", "Ta bắt đầu bằng một hình vẽ.\n", "", "differs in its"),
        ("vi.md", "## Thuật toán {#algorithm}", "## Thuật toán", "heading"),
        ("vi.md", "$1/(1 - \\gamma)$ bước", "$1/(1 + \\gamma)$ bước", "formulas"),
        ("vi.md", "6,6 bước", "6,7 bước", "numbers"),
        ("vi.md", "(cell:bowl)", "(cell:weights)", "cell"),
        ("vi.md", "`train_ch11` chạy", "Hàm chạy", "code"),
        ("en.md", "{{ fw.title }} brings", "PyTorch brings", "templates"),
        ("en.md", "(cell:bowl)", "(cell:bowls)", "cell"),
    ],
)
def test_a_language_that_strays_is_told_with_its_line(copy, file, old, new, sentence):
    copy(file, old, new)
    with pytest.raises(LessonError, match=rf"line \d+ .*{sentence}"):
        check_parallel("rmsprop")


def test_a_line_that_is_missing_at_the_end_is_told(copy):
    copy("en.md", read_prose("rmsprop", "en"), read_prose("rmsprop", "en") + "More.\n")
    with pytest.raises(LessonError, match="translate what is"):
        check_parallel("rmsprop")


@pytest.mark.parametrize(
    "files, old, new, sentence",
    [
        (
            "en.md vi.md",
            "cell:bowl",
            "cell:bowls",
            "no cell 'bowls' for mxnet",
        ),
        ("shared.py", "# %% bowl", "# %%", "a cell has no name"),
        ("mxnet.py", "# %% states", "# %% bowl", "two cells named 'bowl'"),
        ("mxnet.py", "# %% states", "# %% x\n1\n\n# %% states", "places the cell 'x'"),
        ("en.md vi.md", "{{ twin }}", "{{ twins }}", "'twins' is undefined"),
        ("en.md vi.md", "{% endfor %}", "{% end %}", r"en\.md:\d+: "),
    ],
    ids=["unknown cell", "no name", "twice", "not placed", "undefined", "syntax"],
)
def test_faults_in_a_lesson_are_told(copy, files, old, new, sentence):
    for file in files.split():
        copy(file, old, new)
    with pytest.raises(LessonError, match=sentence):
        assemble("rmsprop", "en", "mxnet")


def test_a_missing_or_misencoded_language_is_told(copy, tmp_path):
    path = tmp_path / "lessons" / "rmsprop" / "vi.md"
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    with pytest.raises(LessonError, match=r"vi\.md is not UTF-8"):
        check_parallel("rmsprop")
    path.unlink()
    with pytest.raises(LessonError, match=r"vi\.md is missing"):
        check_parallel("rmsprop")


def test_every_cell_line_of_the_prose_is_understood():
    for line in read_prose("rmsprop", "en").splitlines():
        assert ("cell:" in line) == bool(CELL.match(line)), line
