"""What the page of fidelity says is true: the scenarios it cites do tell one answer from another."""

from __future__ import annotations

import contextlib
import functools

import pytest

from emulator.knowledge.evidence import read, recorded
from emulator.profile import load_profile
from emulator.profiles.describe import in_words
from emulator.scenario.budget import MOST_CALLS
from emulator.scenario.compare import read_traces
from emulator.scenario.fidelity import Count, FidelityError, Verdict, read_verdicts
from emulator.scenario.runner import Runner
from tools import evidence
from tools.pages import fidelity as page

FOUND = {name: found["answers"] for name, found in read().items()}


def cited():
    """One recording for each behaviour that is shown: its name, behaviour, another answer, scenario."""
    found = {}
    for recording, behaviours in recorded().items():
        for key, shown in behaviours.items():
            for other, scenario in shown.others.items():
                if scenario:
                    found.setdefault(key, (recording, key, other, scenario))
    return list(found.values())


@functools.cache
def lines_of(recording):
    return {line["id"]: line for line in read_traces(str(evidence.TRACES / f"{recording}{evidence.SUFFIX}"))}


@pytest.mark.parametrize("recording", FOUND)
def test_a_cited_scenario_was_recorded(recording):
    scenarios = {id_ for _answer, others in FOUND[recording].values() for id_ in others.values() if id_}
    assert scenarios <= lines_of(recording).keys()
    assert not any("unsupported" in lines_of(recording)[scenario] for scenario in scenarios)


@pytest.mark.parametrize(
    ("recording", "key", "other", "scenario"),
    cited(),
    ids=lambda value: value if "." in value else "",
)
def test_a_cited_scenario_tells_two_answers_apart(recording, key, other, scenario):
    line = lines_of(recording)[scenario]
    profile = load_profile(evidence.profile_of(recording, line["openssl"]), line["build"] or None)
    value = next(value for value in evidence.every_other_answer(profile, key) if in_words(value) == other)
    for answering, differs in ((profile, False), (evidence.with_answer(profile, key, value), True)):
        with contextlib.closing(Runner(answering, most_calls=MOST_CALLS)) as runner:
            assert evidence.differs(runner, line) is differs


def test_most_of_what_is_cited_still_stands():
    found = [shown for recording in recorded().values() for shown in recording.values()]
    assert len(found) >= 0.9 * sum(map(len, FOUND.values()))


def test_the_other_answers_are_those_of_the_nearest_releases():
    others = evidence.other_answers(load_profile("1.0.2k"), "write.retry_length_check")
    assert [str(each) for each in others] == ["sent-and-pending", "none"]


def verdict(name, **families):
    return Verdict(name, name, name, [], families={key: Count(*value) for key, value in families.items()})


def test_recordings_with_the_same_shares_have_one_column():
    alike = [verdict(name, retry=(2, 2, 2), random=(3, 3, 3)) for name in "ab"]
    found = page.by_family([*alike, verdict("c", retry=(2, 1, 1))])
    assert found["recordings"] == [["a", "b"], ["c"]]
    assert found["rows"] == [("retry", ["2", "**1 of 2**"]), ("random", ["3", ""])]


def test_scenarios_that_differ_alike_are_listed_together():
    one = verdict("a", retry=(9, 1, 1))
    one.differences = {
        "step 1 (client write 5): ret: expected 1, got 2": ["x/1"],
        "step 7 (server write 5): ret: expected 1, got 2": ["x/2"],
    }
    one.strict_differences = {"step 0 (client handshake): bytes: expected 1, got 2": ["x/3"]}
    loose, strict = page.differences([one])
    assert (loose["reason"], loose["shown"], loose["strict"]) == (
        "ret: expected 1, got 2",
        ["x/1", "x/2"],
        False,
    )
    assert (strict["shown"], strict["strict"]) == (["x/3"], True)


def test_a_file_that_holds_no_verdicts_is_named(tmp_path):
    path = tmp_path / "fidelity.json"
    path.write_text('[{"recording": 1}]', encoding="utf-8")
    with pytest.raises(FidelityError, match=r"fidelity\.json: no list of verdicts"):
        read_verdicts(path)
