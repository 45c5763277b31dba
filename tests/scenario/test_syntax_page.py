"""The page of scenario syntax says what the code takes, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator import Script
from emulator.scenario.kinds import KINDS
from emulator.scenario.script_checks import KEYS, SIDE_KEYS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenario-syntax.md"
ROW = re.compile(r"^\| ((?:`[^`]*`(?:, )?)+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def text():
    return PAGE.read_text(encoding="utf-8")


def test_the_tables_have_every_step_as_it_is_written(text):
    steps = [row[1:-1].replace("\\|", "|") for row in ROW.findall(text.partition("## The steps")[2])]
    assert sorted(steps) == sorted(kind.usage for kind in KINDS.values())


def test_the_tables_have_every_key(text):
    cells = ROW.findall(text.partition("## The steps")[0])
    keys = [key.strip("`[]") for cell in cells for key in cell.split(", ")]
    assert sorted(keys) == sorted([*KEYS, *SIDE_KEYS])


def test_the_file_on_the_page_is_a_script(text):
    script = Script.parse(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1])
    assert script.shows == ("write.after_bad_retry",)
    assert len(script.steps) == 6
