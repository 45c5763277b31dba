"""Differences that verifying against real libraries found once: those libraries' own traces, as recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.profile import load_profile
from emulator.scenario.compare import compare_lines, read_traces
from emulator.scenario.model import read_scenarios
from emulator.scenario.runner import Runners

FOUND = sorted(Path(__file__).with_name("found").glob("*.jsonl"))


def test_there_are_some_for_several_generations():
    assert {path.stem for path in FOUND} >= {"1.0.2q", "1.1.0f", "1.1.1w"}
    assert sum(len(read_traces(str(path))) for path in FOUND) > 100


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_once_stays_as_the_library_has_it(path):
    with Runners(load_profile(path.stem)) as runners:
        replayed = [runners.run(scenario) for scenario in read_scenarios(str(path))]
    comparison = compare_lines(read_traces(str(path)), replayed, strict=True)
    assert [outcome for outcome in comparison.outcomes if outcome.difference] == []
    assert comparison.outcomes
