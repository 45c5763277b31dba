"""SSL_clear(), SSL_connect() and negative sizes: the traces of real libraries beside their profiles."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from emulator import Script, connected_pair
from emulator.profile import load_profile
from emulator.reallib.live import recorded
from emulator.reallib.oracles import known, libssl_in
from emulator.reallib.record import Recorder
from emulator.scenario.compare import compare_lines, read_traces
from emulator.scenario.model import read_scenarios
from emulator.scenario.runner import Runners

FOLDER = Path(__file__).with_name("calls")
TRACES = sorted(FOLDER.glob("*.jsonl.gz"))
LIBRARIES = recorded(known())


def differences(expected, actual):
    comparison = compare_lines(expected, actual, strict=True)
    assert len(comparison.outcomes) == len(expected)
    return {outcome.id: outcome.difference for outcome in comparison.outcomes if outcome.difference}


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name.removesuffix(".jsonl.gz"))
def test_a_profile_answers_these_calls_as_its_library_did(path):
    with Runners(load_profile(path.name.removesuffix(".jsonl.gz"))) as runners:
        replayed = [runners.run(scenario) for scenario in read_scenarios(str(path))]
    assert differences(read_traces(str(path)), replayed) == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_a_library_still_answers_as_it_was_recorded(libraries, library):
    with Recorder(str(libssl_in(libraries, library)), processes=1) as recorder:
        path = str(FOLDER / f"{recorder.profile.name}.jsonl.gz")
        again = [line for line in recorder.record(read_scenarios(path)) if line is not None]
    # A size that chance decides may vary in either recording, and is null there.
    one_way, other_way = differences(read_traces(path), again), differences(again, read_traces(path))
    assert {name: found for name, found in one_way.items() if name in other_way} == {}


def test_there_are_traces_of_every_library_and_every_kind_of_call():
    assert len(TRACES) == len(LIBRARIES)
    for path in TRACES:
        families = {line["scenario"]["family"] for line in read_traces(str(path))}
        assert families == {"clear", "connect", "negative"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_a_transcript_of_a_pair_is_played_by_its_library_with_the_same_bytes_and_answers(libraries, library):
    with Recorder(str(libssl_in(libraries, library)), processes=1) as recorder:
        release = recorder.profile.name
        pair = connected_pair(
            release, protocol="TLSv1", cipher="AES128-SHA", capacity=20_000, follow="library", transcript=True
        )
        data = b"not a pattern " * 3000
        pair.client.write(data)
        pair.server.read(16_384)
        pair.client.write(data[:])
        pair.server.read(50_000)
        scenario = Script(**pair.transcript.as_scenario()).scenario()
        (line,) = recorder.record([scenario])
    calls = [entry for entry in line["trace"] if "error" in entry]
    assert [(entry["ret"], entry["error"]) for entry in calls] == [
        (event.ret, event.error) for event in pair.transcript
    ]
    assert [entry["data"]["crc32"] for entry in calls if "data" in entry] == [
        zlib.crc32(event.data) for event in pair.transcript if event.name == "read"
    ]
