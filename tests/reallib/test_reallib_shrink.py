"""A scenario is made as small as what it shows allows."""

from __future__ import annotations

from emulator.reallib.shrink import shrunk
from emulator.scenario.model import parse_line

STEPS = [
    {"do": "establish"},
    {"who": "client", "do": "write", "size": 70000, "buffer": "b", "keep_queue": True},
    {"do": "plan", "who": "client", "plan": [1, "fail", "retry"]},
    {"who": "client", "do": "write_ex", "size": 70000, "written_before": 3, "fill": "x"},
    {"do": "pump"},
]
LINE = {
    "id": "a/b",
    "scenario": {
        "family": "a",
        "blocking": True,
        "client": {"modes": ["AUTO_RETRY", "RELEASE_BUFFERS"], "options": ["NO_TICKET"]},
        "server": {"modes": ["AUTO_RETRY"]},
    },
    "trace": [{"step": step} for step in STEPS],
}


def test_all_that_is_not_needed_goes():
    def shows(line):
        plans = [entry["step"] for entry in line["trace"] if entry["step"]["do"] == "plan"]
        return any("fail" in step["plan"] for step in plans) and "RELEASE_BUFFERS" in str(line["scenario"])

    small = shrunk(LINE, shows)
    assert small["scenario"] == {"family": "a", "client": {"modes": ["RELEASE_BUFFERS"]}}
    assert small["trace"] == [{"step": {"do": "plan", "who": "client", "plan": ["fail"]}}]


def test_a_write_becomes_the_plainest_that_shows_it():
    small = shrunk(LINE, lambda line: any(entry["step"].get("size", 0) > 100 for entry in line["trace"]))
    assert small["trace"] == [{"step": {"who": "client", "do": "write", "size": 16384}}]


def test_every_candidate_is_a_scenario():
    seen = []

    def shows(line):
        seen.append(parse_line(line))
        return len(seen) % 3 == 0

    shrunk(LINE, shows)
    assert len(seen) > 10


def test_what_shows_nothing_smaller_is_given_back():
    assert shrunk(LINE, lambda line: False) is LINE
