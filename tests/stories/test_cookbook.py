"""Every page of the cookbook is a story that is told, tested and found in the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.stories.telling import COOKBOOK, story

PAGES = sorted(path.stem for path in COOKBOOK.glob("*.md") if path.stem != "index")
HEADINGS = ["The code as it was", "What the emulator says", "The code put right"]
TESTS = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))


def text_of(page):
    return (COOKBOOK / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_wrong_code_the_answers_and_the_right_code_in_this_order(page):
    headings = re.findall(r"^## (.*)$", text_of(page), re.MULTILINE)
    assert headings[:3] == HEADINGS


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_the_public_reports(page):
    introduction = text_of(page).partition("## ")[0]
    assert re.search(r"Reported (in|for) ", introduction)
    assert re.search(r"[\w.-]+/[\w.-]+#\d+", introduction)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_defines_both_programs_and_a_way_to_run_them(page):
    told = story(page)
    assert callable(told.wrong)
    assert callable(told.right)
    assert callable(told.run)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_tests(page):
    assert f'story("{page}")' in TESTS


def test_the_table_has_every_page_under_its_title():
    rows = re.findall(r"^\| \[(.*?)\]\((.*?)\.md\)", text_of("index"), re.MULTILINE)
    assert sorted(page for _title, page in rows) == PAGES
    for title, page in rows:
        assert text_of(page).startswith(f"# {title}\n")
