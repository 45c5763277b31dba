from __future__ import annotations

import pytest

from emulator.scenario.model import parse_line


@pytest.fixture
def scenario_of():
    """Makes a scenario of the keys of a world and a list of steps."""

    def make(*steps, **world):
        return parse_line({"id": "tried", "scenario": world, "trace": [{"step": step} for step in steps]})

    return make


@pytest.fixture
def moved_retry(scenario_of):
    """A retry from another buffer, then from the first one."""
    return scenario_of(
        {"do": "establish"},
        {"do": "capacity", "who": "client", "bytes": 3000},
        {"do": "write", "who": "client", "size": 40000},
        {"do": "write", "who": "client", "size": 40000, "buffer": "b"},
        {"do": "capacity", "who": "client", "bytes": None},
        {"do": "write", "who": "client", "size": 40000},
    )
