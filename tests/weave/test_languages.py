"""The checks on the Vietnamese say what they find, and find it."""

import shutil
import unicodedata

import pytest

from weave import languages as checks
from weave import lessons
from weave.lessons import LessonError, load_folders


@pytest.mark.parametrize("lesson", load_folders())
def test_the_lesson_keeps_to_the_glossary(lesson):
    checks.check_terms(lesson)


@pytest.mark.parametrize("lesson", load_folders())
def test_all_lines_were_read_in_both_languages(lesson):
    checks.check_reviewed(lesson)


@pytest.fixture
def replace(tmp_path, monkeypatch):
    """Return replace(language, old, new), which changes a copy of the lesson."""
    shutil.copytree(lessons.SOURCE, tmp_path / "lessons")
    for module in (lessons, checks):
        monkeypatch.setattr(module, "SOURCE", tmp_path / "lessons")

    def edit(language, old, new):
        path = tmp_path / "lessons" / "rmsprop" / f"{language}.md"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return edit


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        (
            "tốc độ học",
            "tốc độ học tập",
            '"tốc độ học tập" is a fault for "tốc độ học"',
        ),
        ("tốc độ học", "nhịp học", r'"tốc độ học" \(learning rate\) is missing'),
        ("bình phương gradient", "gradient vuông", '"gradient vuông" is a fault'),
        ("Ta bắt đầu", "Chúng tôi bắt đầu", '"chúng tôi" is a fault for "ta"'),
        ("Ta bắt đầu", unicodedata.normalize("NFD", "Ta bắt đầu"), "not in the .* NFC"),
    ],
)
def test_a_fault_of_wording_is_told_with_its_line(replace, old, new, sentence):
    replace("vi", old, new)
    with pytest.raises(LessonError, match=rf"vi\.md, line \d+: .*{sentence}"):
        checks.check_terms("rmsprop")


@pytest.mark.parametrize(
    "changes, sentence",
    [
        (
            [("en", "with a picture.", "with a photo.")],
            "en.md was changed, vi.md was not",
        ),
        ([("vi", "một hình vẽ.", "một ảnh.")], "vi.md was changed, en.md was not"),
        (
            [("en", "a picture.", "a photo."), ("vi", "hình vẽ.", "ảnh.")],
            "en.md and vi.md were changed",
        ),
    ],
)
def test_a_line_that_changed_since_it_was_read_is_told(replace, changes, sentence):
    for change in changes:
        replace(*change)
    with pytest.raises(LessonError, match=rf"line \d+: {sentence}.*make reviewed"):
        checks.check_reviewed("rmsprop")
