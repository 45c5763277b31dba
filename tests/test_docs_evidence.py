"""What the documentation cites as evidence exists: recorded scenarios by their ids."""

from __future__ import annotations

import gzip
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TRACES = ROOT / "tests" / "scenario" / "traces"

CODE = re.compile(r"`([a-z0-9-]+/[a-z0-9*/-]+)`")
ID = re.compile(r'"id": ?"([^"]+)"')


@pytest.fixture(scope="module")
def recorded():
    """The ids of all recorded scenarios."""
    ids = set()
    for file in TRACES.glob("*.jsonl.gz"):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            ids.update(ID.search(line[:200])[1] for line in lines)
    return ids


def cited_in(page, families):
    """The ids, and patterns of ids, that a page names."""
    return {
        code for code in CODE.findall(page.read_text(encoding="utf-8")) if code.partition("/")[0] in families
    }


def test_every_recorded_scenario_that_a_page_cites_was_recorded(recorded):
    families = {name.partition("/")[0] for name in recorded}
    cited = {(page.name, code) for page in DOCS.rglob("*.md") for code in cited_in(page, families)}
    assert len(cited) > 50
    unknown = [
        f"{page}: {code}" for page, code in cited if not any(fnmatchcase(name, code) for name in recorded)
    ]
    assert unknown == []
