"""Each statement of a migration guide ends with a scenario whose answers differ between two releases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator import compare
from emulator.library import load, names

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted(set((ROOT / "docs" / "migration").glob("*.md")) - {ROOT / "docs" / "migration" / "index.md"})
NO_STATEMENT = "See also"
RUN = re.compile(r"^(?:\$ )?emulator run (@[\w-]+) --profile ([\w.-]+),([\w.-]+)(?: .*)?$", re.MULTILINE)
NAME = re.compile(r"(?:`|emulator run )@([a-z0-9-]+)")
FIELDS = ("ret", "error", "errno", "want", "shutdown", "blocked", "completed", "skipped", "missing", "extra")


def statements_of(guide):
    """Each heading of a guide with what stands below it."""
    for section in guide.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        if title != NO_STATEMENT:
            yield title, text


STATEMENTS = [
    pytest.param(title, text, id=f"{guide.stem}: {title}")
    for guide in GUIDES
    for title, text in statements_of(guide)
]
COMMANDS = [
    pytest.param(title, *found, id=f"{guide.stem}: {found[0]}")
    for guide in GUIDES
    for title, text in statements_of(guide)
    for found in RUN.findall(text)
]


def seen(cell, *, codes):
    """What a program that handles errors by their reason sees of a call; with its codes and texts as well."""
    if cell is None:
        return None
    entries = cell["queue"] if codes else [text.rpartition(":")[2] for text in cell["queue"]]
    return [cell[field] for field in FIELDS], entries, [record["type"] for record in cell["records"]]


def test_every_step_of_the_ladder_has_a_guide_with_many_statements():
    assert len(GUIDES) == 5
    assert len(STATEMENTS) > 40


@pytest.mark.parametrize(("title", "text"), STATEMENTS)
def test_a_statement_ends_with_a_scenario(title, text):
    assert RUN.search(text), title
    assert text.rstrip().endswith("```"), title


@pytest.mark.parametrize(("title", "name", "left", "right"), COMMANDS)
def test_the_scenario_of_a_statement_shows_a_difference(title, name, left, right):
    codes = "code" in title.lower() or "text" in title.lower()
    rows = compare(load(name), [left, right], follow="library").as_json(why=False)["rows"]
    calls = [[seen(cell, codes=codes) for cell in row["cells"]] for row in rows if row["do"] != "establish"]
    assert any(one != other for one, other in calls)


def test_every_scenario_that_a_page_names_comes_with_the_package():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {(page.name, name) for page in pages for name in NAME.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert [f"{page}: @{name}" for page, name in sorted(named) if name not in names()] == []
