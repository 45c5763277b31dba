"""A bound on the calls of a transport: a replay that would go on for ever ends."""

from __future__ import annotations

import pytest

from emulator.profile import load_profile
from emulator.scenario.budget import EndlessError, make_bios
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runner, Runners


def test_the_calls_of_both_ends_count_and_the_last_that_is_allowed_is_made():
    client, server = make_bios(3)
    assert client.write(b"abc") == 3
    client.outgoing.deliver()
    assert server.read(2) == b"ab"
    assert server.read(2) == b"c"
    with pytest.raises(EndlessError, match="no end after 3 calls of the transport"):
        client.write(b"d")


def test_a_transport_without_a_bound_counts_nothing():
    client, _ = make_bios(None)
    assert [client.write(b"a") for _ in range(1000)] == [1] * 1000


@pytest.mark.parametrize("runner", [Runner, Runners])
def test_a_runner_bounds_each_scenario_by_itself(runner):
    steps = [{"do": "establish"}, {"who": "client", "do": "write", "size": 5}]
    line = {"id": "a", "scenario": {}, "trace": [{"step": step} for step in steps]}
    bounded = runner(load_profile("1.0.1"), most_calls=40)
    for _ in range(3):
        assert bounded.run(parse_line(line))["trace"][1]["ret"] == 5
    line["trace"] += line["trace"][1:] * 40
    with pytest.raises(EndlessError):
        bounded.run(parse_line(line))
