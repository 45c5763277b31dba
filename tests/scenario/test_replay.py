"""Everything that was recorded of real libraries, replayed: some 37,000 scenarios, on all processors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emulator.profile import load_profile
from emulator.scenario.compare import read_traces
from emulator.scenario.fidelity import SUFFIX, Count, judge, pool, read_verdicts, recordings, replayed

ROOT = Path(__file__).resolve().parent.parent.parent
TRACES = Path(__file__).parent / "traces"
RECORDINGS = recordings(str(TRACES))
FIDELITY = ROOT / "tools" / "data" / "fidelity.json"


def name_of(path):
    return path.name.removesuffix(SUFFIX)


def by_name(names):
    return pytest.mark.parametrize("name", names)


NAMES = [name_of(path) for path in RECORDINGS]


@pytest.fixture(scope="module")
def verdicts(request):
    """The verdicts to come on the recordings that the tests to be run ask for."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == request.path and "verdicts" in item.fixturenames
    }
    with pool() as processes:
        yield {name_of(path): processes.submit(judge, path) for path in RECORDINGS if name_of(path) in wanted}


@by_name(NAMES)
def test_a_release_answers_what_it_answered_when_it_was_recorded(name, verdicts):
    verdict = verdicts[name].result()
    assert verdict.differences == {}
    assert verdict.strict_differences == {}
    assert verdict.count().total >= 870


@by_name(NAMES)
def test_the_page_of_fidelity_says_what_a_replay_gives(name, verdicts):
    (listed,) = [verdict for verdict in read_verdicts(FIDELITY) if verdict.recording == name]
    assert verdicts[name].result() == listed, "run ./dev refresh fidelity"


def test_the_page_of_fidelity_has_every_recording():
    assert [verdict.recording for verdict in read_verdicts(FIDELITY)] == NAMES


@by_name(NAMES)
def test_a_recording_is_replayed_on_what_its_library_calls_itself(name):
    first = read_traces(str(TRACES / f"{name}{SUFFIX}"))[0]
    (verdict,) = [verdict for verdict in read_verdicts(FIDELITY) if verdict.recording == name]
    (line,) = replayed(verdict.profile, [first])
    assert list(line)[:4] == ["id", "openssl", "build", "scenario"]
    assert line["openssl"] == first["openssl"] == verdict.openssl
    assert line["build"] == verdict.build == first["build"]
    assert load_profile(verdict.profile).name == verdict.profile


def test_a_line_says_the_release_that_it_was_replayed_on():
    (line,) = replayed("1.0.1u", [read_traces(str(RECORDINGS[0]))[0]])
    assert line["openssl"] == "1.0.1u"


def test_a_scenario_that_breaks_off_is_a_difference_with_its_reason(tmp_path, monkeypatch):
    def break_off(*_arguments):
        raise NotImplementedError("no such thing")

    path = tmp_path / RECORDINGS[1].name
    path.write_bytes(RECORDINGS[1].read_bytes())
    monkeypatch.setattr("emulator.scenario.runner.Runner.run", break_off)
    verdict = judge(path)
    (reason,) = verdict.differences
    assert reason == "NotImplementedError: no such thing"
    count = verdict.count()
    assert (count.matched, count.total) == (0, len(verdict.differences[reason]))


def test_counts_are_summed_by_kind():
    (verdict,) = [verdict for verdict in read_verdicts(FIDELITY) if verdict.recording == "1.0.1g"]
    verdict = replace(
        verdict, families={"retry": Count(3, 2, 1), "fatal": Count(1, 1, 1), "random": Count(9, 8, 7)}
    )
    assert verdict.count() == Count(13, 11, 9)
    assert verdict.count(random=True) == Count(9, 8, 7)
    assert verdict.count(random=False) == Count(4, 3, 2)
