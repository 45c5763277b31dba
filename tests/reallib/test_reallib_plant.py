"""Planted answers are found by a scenario that shows them, or said to be unseen."""

from __future__ import annotations

import ctypes.util
import json

import pytest

from emulator.cli import main
from emulator.profile import load_profile
from emulator.reallib.plant import Planter
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runners

WORLD = {"family": "plant", "protocol": "TLSv1", "cipher": "AES128-SHA"}
MOVED = [
    {"do": "establish"},
    {"who": "client", "do": "capacity", "bytes": 1000},
    {"who": "client", "do": "write", "size": 5000},
    {"who": "client", "do": "write", "size": 5000, "buffer": "b"},
    {"who": "client", "do": "pending"},
    {"who": "client", "do": "write", "size": 5000},
]


class LibraryFromProfile:
    """A recorder whose library is another profile, so that no real one is needed."""

    def __init__(self, library, profile):
        self.profile = load_profile(profile)
        self.build = ()
        self._runners = Runners(load_profile(library))

    def record(self, scenarios, _times=None):
        return [json.loads(json.dumps(self._runners.run(one))) for one in scenarios]

    def close(self):
        self._runners.__exit__(None, None, None)


def scenario(steps=MOVED, **world):
    trace = [{"step": step} for step in steps]
    return parse_line({"id": "plant/one", "scenario": {**WORLD, **world}, "trace": trace})


@pytest.fixture(name="recorder")
def _recorder():
    recorder = LibraryFromProfile("1.1.1w", "1.1.1w")
    yield recorder
    recorder.close()


def test_a_planted_answer_is_shown_by_the_scenario_that_asks_for_it(recorder):
    found = {one.planted: one for one in Planter(recorder, [scenario()]).plant(["write.after_bad_retry"])}
    assert found["recoverable"].answer == "fatal"
    assert found["recoverable"].recorded["id"] == "plant/one"
    assert found["recoverable"].difference.startswith("step 3 (client write 5000)")


def test_an_answer_that_no_scenario_asks_for_is_unseen(recorder):
    found = list(Planter(recorder, [scenario()]).plant(["write.bio_zero"]))
    assert [one.planted for one in found] == ["success", "minus-one"]
    assert [(one.recorded, one.difference) for one in found] == [(None, None)] * 2


def test_scenarios_on_which_library_and_profile_already_part_show_nothing():
    recorder = LibraryFromProfile("1.0.1u", "1.1.1w")
    try:
        planter = Planter(recorder, [scenario()])
        assert planter.count == 0
        assert all(one.recorded is None for one in planter.plant(["write.after_bad_retry"]))
    finally:
        recorder.close()


def test_what_shows_a_planted_answer_is_made_small(recorder):
    planter = Planter(recorder, [scenario()])
    (recoverable,) = [one for one in planter.plant(["write.after_bad_retry"]) if one.planted == "recoverable"]
    small = planter.shrink(recoverable)
    assert "pending" not in [entry["step"]["do"] for entry in small.recorded["trace"]]
    assert small.difference is not None


@pytest.mark.parametrize("name", ["wriet", "write.after_bad_retri"])
def test_a_misspelt_behaviour_suggests_the_nearest(name, capsys):
    libssl = ctypes.util.find_library("ssl")
    assert main(["plant", "--libssl", libssl, name, "--random", "1"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "did you mean write" in err


def test_a_real_library_gives_planted_answers_away(capsys):
    libssl = ctypes.util.find_library("ssl")
    arguments = ["plant", "--libssl", libssl, "--random", "60", "--seed", "p", "--json"]
    assert main([*arguments, "write.after_bad_retry", "write.empty_fragments"]) == 1
    planted = {(one["key"], one["planted"]): one for one in json.loads(capsys.readouterr().out)["planted"]}
    assert planted["write.empty_fragments", "none"]["recorded"]["trace"]
    # Only the record layer of 3.2 asks for this one.
    assert planted["write.empty_fragments", "implicit-iv-cbc-every-record"]["recorded"] is None
