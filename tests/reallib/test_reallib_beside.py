"""Steps that are told one by one are answered as those of a whole scenario are, and compared as they come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.behaviours.write import EmptyFragments
from emulator.profile import load_profile
from emulator.reallib.beside import SideBySide
from emulator.reallib.oracle import OracleError
from emulator.reallib.oracles import chosen, libssl_in
from emulator.reallib.record import Recorder
from emulator.reallib.verify import Verifier
from emulator.scenario.model import parse_line

CBC = {"protocol": "TLSv1", "cipher": "AES128-SHA"}
BLOCKING = {**CBC, "blocking": True}
STEPS = [
    {"do": "establish"},
    {"do": "capacity", "who": "client", "bytes": 100},
    {"who": "client", "do": "write", "size": 200},
    {"who": "client", "do": "write", "size": 1},
    {"do": "pump"},
    {"who": "server", "do": "read", "size": 10},
]
FOUND = Path(__file__).with_name("found")

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", name="recorder_of")
def _recorder_of(libraries):
    def recorder_of(name, profile=None):
        (library,) = chosen([name])
        return Recorder(str(libssl_in(libraries, library)), profile, processes=1)

    return recorder_of


@pytest.fixture(scope="module", name="recorder")
def _recorder(recorder_of):
    with recorder_of("1.1.1w") as recorder:
        yield recorder


@pytest.fixture(name="verifier")
def _verifier(recorder):
    with Verifier(recorder) as verifier:
        yield verifier


def scenario(world, steps):
    trace = [{"step": step} for step in steps]
    return parse_line({"id": "told", "scenario": world, "trace": trace})


@pytest.mark.parametrize("world", [CBC, BLOCKING])
def test_a_library_answers_steps_one_by_one_as_it_answers_all_at_once(recorder, world):
    with recorder.told(scenario(world, [])) as told:
        for step in STEPS:
            told.take(step)
    (whole,) = recorder.record([scenario(world, STEPS)], 1)
    assert told.line == whole
    assert ("completed" in whole["trace"][2]) is bool(world.get("blocking"))


def test_a_profile_does_too_and_nothing_differs(verifier):
    with SideBySide(verifier, BLOCKING) as both:
        assert [both.take(step) for step in STEPS] == [None] * len(STEPS)
        assert both.last()["ret"] == 10
        assert both.scenario() == scenario(BLOCKING, STEPS).raw
    assert not both.is_over


def test_a_difference_shows_at_the_step_that_makes_it_and_ends_the_comparison(recorder_of):
    real = load_profile("1.1.1w")
    write = real.write.replace(empty_fragments=EmptyFragments.NONE)
    with (
        recorder_of("1.1.1w", real.replace(write=write)) as recorder,
        Verifier(recorder) as verifier,
        SideBySide(verifier, CBC) as both,
    ):
        assert both.take(STEPS[0]) is None
        parting = both.take({"who": "client", "do": "write", "size": 5})
        assert "step 1 (client write 5): wire: expected" in parting.difference
        assert both.is_over
        assert both.take(STEPS[2]) is None


def test_what_is_not_seen_again_is_chance_and_ends_the_comparison(verifier, monkeypatch):
    monkeypatch.setattr("emulator.reallib.beside.difference", lambda *lines, strict: "once only")
    with SideBySide(verifier, CBC) as both:
        assert both.take(STEPS[0]) is None
        assert both.is_over


def test_a_library_that_dies_is_over_and_serves_the_next_scenario(recorder_of):
    found = (FOUND / "1.0.2q.jsonl").read_text(encoding="utf-8").splitlines()
    (crash,) = [one for one in map(json.loads, found) if one["id"] == "freed-buffer/fragments"]
    with recorder_of("1.0.2q") as recorder, Verifier(recorder) as verifier:
        with SideBySide(verifier, crash["scenario"]) as both:
            assert not any(both.take(entry["step"]) for entry in crash["trace"])
            assert both.is_over
        with recorder.told(scenario(CBC, [])) as told:
            assert told.take(STEPS[0])["trace"] == [{"step": STEPS[0]}]


def test_what_the_library_lacks_is_over_and_said_by_both(verifier):
    with SideBySide(verifier, {"protocol": "TLSv1.2", "cipher": "NO-SUCH-CIPHER"}) as both:
        assert both.take(STEPS[0]) is None
        assert both.is_over


def test_a_step_that_cannot_be_run_is_said_and_the_process_goes_on(recorder):
    with (
        recorder.told(scenario(CBC, [])) as told,
        pytest.raises(OracleError, match="no step is called 'no-such'"),
    ):
        told.take({"who": "client", "do": "no-such"})
    with recorder.told(scenario(CBC, [])) as told:
        assert told.take(STEPS[0])["trace"] == [{"step": STEPS[0]}]


def test_what_the_keys_of_the_profile_decided_is_no_difference(verifier, monkeypatch):
    """As if the profile had, with the keys that this id gives and no others, drawn a rare answer."""
    replayed = verifier._replayed

    def with_rare_answers(scenario):
        line = replayed(scenario)
        return {**line, "trace": []} if scenario.id in rare else line

    monkeypatch.setattr(verifier, "_replayed", with_rare_answers)
    rare = {"told"}
    assert list(verifier.run([scenario(CBC, STEPS)])) == []
    rare |= {f"told {number}" for number in range(1, 16)}
    (parting,) = verifier.run([scenario(CBC, STEPS)])
    assert "expected 6 steps, got 0" in parting.difference
