"""The teacher's guide agrees with the lesson."""

import re

import pytest

from weave.lessons import ROOT, load_cells, load_lessons, read_prose


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_guide_states_no_number_that_the_lesson_does_not(language):
    name = "TEACHING.md" if language == "en" else "TEACHING.vi.md"
    guide = (ROOT / "classroom" / name).read_text("utf-8").replace(",", ".")
    prose = read_prose("rmsprop", language).replace("{,}", ".").replace(",", ".")
    asked = {"0.5"}  # γ of a half-life that students compute by hand
    assert (
        set(re.findall(r"\d+\.\d+", guide))
        <= set(re.findall(r"\d+\.\d+", prose)) | asked
    )


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_guide_finds_each_cell_under_its_heading_by_its_first_words(language):
    code = r"`([^`]+)`"
    name = "TEACHING.md" if language == "en" else "TEACHING.vi.md"
    guide = (ROOT / "classroom" / name).read_text("utf-8")
    prose, cells = read_prose("rmsprop", language), load_cells("rmsprop", "pytorch")
    table = guide[guide.index("| `bowl` |") :].split("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()]
    section = prose  # of the first row, which is at the top of the lesson
    for names, title, starts in rows:
        if f"# {title}" in prose:
            section = prose.partition(f"# {title}")[2].split("\n#")[0]
        for name, start in zip(re.findall(code, names), re.findall(code, starts)):
            assert f"(cell:{name})" in section
            assert cells[name].source.startswith(start)


@pytest.mark.parametrize("name", ["TEACHING.md", "TEACHING.vi.md"])
def test_the_plan_of_the_course_names_cells_of_each_lesson(name):
    guide = (ROOT / "classroom" / name).read_text("utf-8")
    plan = guide[guide.index("| 1 | ") :].split("\n\n")[0].splitlines()
    order = load_lessons()
    hours = [int(row.split(" | ")[0].strip("| ")) for row in plan]
    assert hours and set(hours) <= set(range(1, len(order) + 1))
    for row in plan:
        hour, _, asked, _ = row.strip("| ").split(" | ")
        cells = load_cells(order[int(hour) - 1], "pytorch")
        assert set(re.findall(r"`([^`]+)`", asked)) <= set(cells), row
