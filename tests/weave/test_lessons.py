"""The source of the lessons is well formed, and faults in it are told."""

import re
import shutil

import pytest

from weave import lessons
from weave.assemble import (
    CELL,
    HEADING,
    TEMPLATES,
    assemble,
    check_branches,
    render,
)
from weave.languages import check_parallel
from weave.lessons import (
    LANGUAGES,
    LessonError,
    is_told,
    load_cells,
    load_editions,
    load_folders,
    load_frameworks,
    load_lessons,
    read_prose,
)

# CONTRIBUTING.md asks them of every lesson.
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
EDITIONS = load_editions()
TOLD = [
    (name, language, framework)
    for name, edition in EDITIONS.items()
    for language in LANGUAGES
    for framework in load_frameworks()
    if is_told(edition, framework)
]
TOLD_LESSONS = [told for told in TOLD if EDITIONS[told[0]].role == "lesson"]
every_edition = pytest.mark.parametrize("name, language, framework", TOLD)
every_lesson = pytest.mark.parametrize("name, language, framework", TOLD_LESSONS)


@pytest.mark.parametrize("folder", load_folders())
def test_the_languages_are_parallel(folder):
    check_parallel(folder)


@every_lesson
def test_every_lesson_has_the_same_sections(name, language, framework):
    lines = render(EDITIONS[name], language, framework).splitlines()
    assert [found[3] for line in lines if (found := HEADING.match(line))] == SECTIONS


@every_edition
def test_cells_fit_a_slide(name, language, framework):
    for cell in assemble(EDITIONS[name], language, framework).cells:
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        assert len(lines) <= 15, f"{cell.id} has {len(lines)} lines"
        assert max(map(len, lines), default=0) <= 72, f"{cell.id} is too wide"


@pytest.mark.parametrize("folder", load_folders())
def test_frameworks_have_the_same_cells_but_for_their_own_code(folder):
    told = [edition for edition in EDITIONS.values() if edition.folder == folder]
    frameworks = [name for name in load_frameworks() if is_told(told[0], name)]
    assert len({tuple(load_cells(folder, name)) for name in frameworks}) == 1


@every_edition
def test_paragraphs_have_at_most_five_sentences(name, language, framework):
    for paragraph in render(EDITIONS[name], language, framework).split("\n\n"):
        if not re.match(r"[-|!#<$\d]", paragraph):
            label = r"\*\*[^*]+\*\*\n"  # what a paragraph begins with is no sentence
            lines = re.sub(label, "", paragraph, count=1).splitlines()
            assert len(lines) <= 5, paragraph


@every_lesson
def test_prose_names_the_options_of_its_own_framework_only(name, language, framework):
    facts = load_frameworks(EDITIONS[name].lesson)
    text = render(EDITIONS[name], language, framework)
    sentences = [s for s in text.splitlines() if s[:1] != "|" and "](" not in s]
    own = facts[framework]["optimizer"]
    for other in facts.values():
        optimizer = other["optimizer"]
        named = f"`{optimizer}`" in " ".join(sentences)
        assert named == (optimizer == own), optimizer


@every_edition
def test_every_figure_is_described_in_the_language_of_the_lesson(
    name, language, framework
):
    notebook = assemble(EDITIONS[name], language, framework)
    described = [c.metadata["alt"] for c in notebook.cells if "alt" in c.metadata]
    assert described or EDITIONS[name].role != "lesson"
    accented = [
        bool(re.search("[ăâđêôơưạảấầẩậắằặẹẻếềểệỉịọỏốồổộớờởợụủứừửựỳỷỹ]", alt))
        for alt in described
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
            "no cell 'bowls'",
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
        assemble(EDITIONS["rmsprop"], "en", "mxnet")


def test_a_framework_that_a_lesson_forgets_is_told(copy):
    """What stands after an else would be told of a framework that comes later."""
    *_, other, last = load_frameworks()
    branch = f'{{% elif framework == "{last}" %}}'
    copy("en.md", branch, "{% else %}")
    with pytest.raises(LessonError, match="after a comparison of frameworks"):
        render(EDITIONS["rmsprop"], "en", last)
    copy("en.md", "{% else %}", f'{{% elif framework == "{other}" %}}')
    with pytest.raises(LessonError, match=f"there is no branch for {last}"):
        render(EDITIONS["rmsprop"], "en", "pytorch")


def check(text):
    check_branches(TEMPLATES.parse(text), "x.md", ["jax", "mxnet"])


@pytest.mark.parametrize(
    "test",
    [
        'framework == "jax"',
        'framework in ("jax", "mxnet")',
        'framework in ["jax"]',
        '"jax" == framework',
        'framework == "jax" or framework == "mxnet"',
        'framework == "jax" and fw.eps_inside_root',
        'framework != "jax"',
        'framework not in ("jax", "mxnet")',
        'not framework == "jax"',
        'framework is eq("jax")',
        'framework | upper == "JAX"',
        'fw.module == "jax"',
        'fw["title"] == "JAX"',
        'fw.title != "JAX"',
    ],
)
def test_no_other_framework_is_told_what_follows_an_else(test):
    told = "after a comparison of frameworks|name a framework only by"
    with pytest.raises(LessonError, match=rf"x\.md:2: .*({told})"):
        check(f"\n{{% if {test} %}}a{{% else %}}b{{% endif %}}")
    with pytest.raises(LessonError, match=told):
        check(f"{{% if fw.momentum %}}a{{% elif {test} %}}b{{% else %}}c{{% endif %}}")
    with pytest.raises(LessonError, match="name a framework only by"):
        check(f'{{{{ "a" if {test} else "b" }}}}')
    with pytest.raises(LessonError, match="name a framework only by"):
        check(f"{{% set mine = {test} %}}{{% if mine %}}a{{% else %}}b{{% endif %}}")


@pytest.mark.parametrize("test", ['framework != "jax"', 'not framework == "jax"'])
def test_an_else_in_disguise_is_told(test):
    with pytest.raises(LessonError, match="name a framework only by"):
        check(f"{{% if {test} %}}a{{% endif %}}")


@pytest.mark.parametrize("test", ['framework == "jxa"', 'framework in ("jxa", "jax")'])
def test_a_framework_that_is_none_is_told(test):
    with pytest.raises(LessonError, match=r"frameworks\.yml has no 'jxa'"):
        check(f"{{% if {test} %}}a{{% endif %}}")


@pytest.mark.parametrize(
    "text",
    [
        '{% if framework == "jax" %}a{% endif %}',
        '{% if framework in ("jax", "mxnet") %}a{% endif %}',
        '{% if framework in ["jax"] %}a{% elif framework == "mxnet" %}b{% endif %}',
        "{% if fw.eps_inside_root %}a{% else %}b{% endif %}",
        '{% if fw.decay_kind == "L2" %}a{% else %}b{% endif %}',
        '{{ "a" if fw.lr_default is not none else "b" }}',
        "{% for name, f in frameworks.items() if name != framework %}a{% endfor %}",
        '{% for n, f in frameworks.items() %}{{ "*" if n == framework }}{% endfor %}',
    ],
)
def test_what_a_later_framework_has_or_names_itself_may_be_asked_for(text):
    check(text)


TITLE = "title: {en: A, vi: A}"
FACE = f"{TITLE}\npicture: {{lesson: a, framework: pytorch, cell: b}}\n"


@pytest.mark.parametrize("names", [("a", "a-exercises"), ("a-solutions", "a")])
def test_a_lesson_named_as_the_exercises_of_another_is_told(
    tmp_path, monkeypatch, names
):
    monkeypatch.setattr(lessons, "SOURCE", tmp_path)
    (tmp_path / "a" / "exercises").mkdir(parents=True)
    told = [f"  {name}: {{title: {{en: A, vi: A}}, minutes: 1}}\n" for name in names]
    (tmp_path / "course.yml").write_text(f"{FACE}lessons:\n{''.join(told)}")
    with pytest.raises(LessonError, match=r"course\.yml: .*another name\.$"):
        load_editions()


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("title: {}\nlessons: {}", "names no lesson"),
        (f"{FACE}lessons: {{a: {{minutes: 4}}}}", "a needs titles, en and vi"),
        (f"{FACE}lessons: {{a: {{{TITLE}}}}}", "a needs its minutes"),
        (f"lessons: {{a: {{{TITLE}, minutes: 4}}}}", "the course needs titles"),
        (f"{TITLE}\nlessons: {{a: {{{TITLE}, minutes: 4}}}}", "the picture needs"),
        (f"{FACE}lessons: {{b: {{{TITLE}, minutes: 4}}}}", "is of 'a', which is no"),
        ("lessons: {a: 1", "is not YAML"),
    ],
)
def test_a_fault_in_the_course_file_is_told(tmp_path, monkeypatch, text, sentence):
    monkeypatch.setattr(lessons, "SOURCE", tmp_path)
    (tmp_path / "course.yml").write_text(text)
    with pytest.raises(LessonError, match=rf"lessons/course\.yml.* {sentence}"):
        load_lessons()


def test_a_missing_or_misencoded_language_is_told(copy, tmp_path):
    path = tmp_path / "lessons" / "rmsprop" / "vi.md"
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    with pytest.raises(LessonError, match=r"vi\.md is not UTF-8"):
        check_parallel("rmsprop")
    path.unlink()
    with pytest.raises(LessonError, match=r"vi\.md is missing"):
        check_parallel("rmsprop")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", load_folders())
def test_every_cell_line_of_the_prose_is_understood(folder, language):
    for line in read_prose(folder, language).splitlines():
        assert ("cell:" in line) == bool(CELL.match(line)), line
