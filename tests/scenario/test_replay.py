from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.profile import load_profile
from emulator.scenario.compare import compare_lines, read_traces
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runners

TRACES = sorted((Path(__file__).parent / "traces").glob("*.jsonl.gz"))


def replayed(release, lines):
    with Runners(load_profile(release)) as runners:
        return [json.loads(json.dumps(runners.run(parse_line(line)))) for line in lines]


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name.removesuffix(".jsonl.gz"))
def test_a_release_answers_what_it_answered_when_it_was_recorded(path):
    expected = read_traces(str(path))
    actual = replayed(path.name.removesuffix(".jsonl.gz"), expected)
    comparison = compare_lines(expected, actual)
    assert [outcome for outcome in comparison.outcomes if outcome.difference] == []
    strict = compare_lines(expected, actual, strict=True).shares()["total"]
    assert strict.percent >= 95


def test_a_line_keeps_its_id_build_and_scenario():
    (line,) = replayed("1.0.1u", [read_traces(str(TRACES[0]))[0]])
    assert list(line)[:4] == ["id", "openssl", "build", "scenario"]
    assert line["openssl"] == "1.0.1u"


def test_the_base_release_is_named_as_in_its_traces():
    (line,) = replayed("0.9.6-base", [read_traces(str(TRACES[0]))[0]])
    assert line["openssl"] == "0.9.6"


def test_a_distributors_build_is_named_as_it_names_itself():
    (line,) = replayed("1.0.1e-fips", [read_traces(str(TRACES[0]))[0]])
    assert line["openssl"] == "1.0.1e-fips"
