"""A lesson is added by its sources alone, be it told in one framework only."""

import shutil

import pytest
import yaml

from weave import lessons
from web import reading
from web.site import build

NAME = "another"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return the site of a course with one more lesson, told in PyTorch only."""
    source, notebooks = tmp_path / "lessons", tmp_path / "notebooks"
    shutil.copytree(lessons.SOURCE, source)
    shutil.copytree(lessons.NOTEBOOKS, notebooks)
    first = lessons.load_lessons()[0]
    (source / NAME).mkdir()
    (source / NAME / "pytorch.py").touch()
    told = yaml.safe_load((source / "course.yml").read_text("utf-8"))
    title = {"en": "Another", "vi": "Bài khác"}
    explorer = {"cell": "bowl", "optimizers": ["momentum"], "sliders": ["beta"]}
    told["lessons"][NAME] = {"title": title, "minutes": 7, "explorer": explorer}
    (source / "course.yml").write_text(yaml.safe_dump(told, sort_keys=False), "utf-8")
    for language in lessons.LANGUAGES:
        folder = notebooks / language
        shutil.copy(folder / f"{first}-pytorch.ipynb", folder / f"{NAME}-pytorch.ipynb")
    monkeypatch.setattr(lessons, "SOURCE", source)
    monkeypatch.setattr(reading, "NOTEBOOKS", notebooks)
    build(tmp_path / "site", repository="owner/name")
    return tmp_path / "site"


def test_one_more_lesson_has_a_page_a_deck_an_explorer_and_its_place(course, new_page):
    page = new_page()
    page.goto(f"{course.as_uri()}/vi/index.html")
    card = page.locator(".lessons > li").last
    assert "Bài khác 7 phút" in card.inner_text()
    card.locator("h3 a").click()
    page.wait_for_selector("html[data-settled]")
    assert page.locator("#framework, [role=tab]").count() == 0
    assert page.locator(".cell:has(+ lesson-explorer)").get_attribute("id") == (
        "cell-bowl"
    )
    assert page.locator("lesson-explorer figcaption").all_inner_texts() == [
        "Động lượng"
    ]
    previous = page.locator("[rel=prev]").get_attribute("href")
    assert "solutions" in previous
    decks = {path.name for path in (course / "vi").glob(f"slides-{NAME}-*")}
    assert decks == {f"slides-{NAME}-pytorch.html"}
    assert (course / "vi" / f"{NAME}-explorer.html").exists()
