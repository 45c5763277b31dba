"""The audit: recorded calls against the pages of their release, and what is shipped of it."""

from __future__ import annotations

import functools
import gzip
import io
import json

import pytest
from rich.console import Console

from emulator.audit import shipped
from emulator.audit.count import Audited, Count, Smallest, audit, audit_file, audited_of, by_release, count_of
from emulator.audit.replay import observed
from emulator.cli import main
from emulator.cli.audit import LEGEND
from emulator.exceptions import ProfileError, UsageError
from emulator.profile import load_profile
from emulator.profiles.clauses import clause_called
from emulator.scenario.compare import read_traces
from emulator.scenario.fidelity import SUFFIX, profile_of
from emulator.scenario.runner import Runners
from emulator.terminal.tables import labelled
from tools import audit as part
from tools import divergences
from tools.places import TRACES

PROMISES_THAT_ARE_BROKEN = {
    "renegotiation.transparent": ["0.9.6m", "0.9.8zh", "1.0.1u", "1.1.1w"],
    "write-failure.not-all-or-none": ["1.1.1w", "3.0.16"],
    "count.bytes-written": ["3.2.0", "3.5.4"],
    "whole-write.all": ["3.2.0", "3.5.4"],
    "closed-connection.zero": ["0.9.6m", "1.0.1u"],
    "num-zero.error": ["1.1.1w", "3.2.0"],
    "negotiation.in-the-write": ["1.1.0e"],
}


@functools.cache
def lines_of(recording):
    return {line["id"]: line for line in read_traces(str(TRACES / f"{recording}{SUFFIX}"))}


def replayed_on(recording):
    return load_profile(profile_of(recording, next(iter(lines_of(recording).values()))["openssl"]))


# -- what is shipped -----------------------------------------------------------------------------


def test_what_is_shipped_is_about_the_recordings_and_clauses_that_there_are():
    assert part.stale() == []
    assert all(each.unlike == [] for each in shipped.recordings().values())


def test_the_text_of_what_is_shipped_is_written_as_it_is_read():
    assert part.as_text(shipped.recordings()) == shipped.DATA.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROMISES_THAT_ARE_BROKEN)
def test_what_is_known_to_be_broken_comes_out(name):
    broken = {each.release for each in shipped.divergences() if each.clause.id == name}
    assert set(PROMISES_THAT_ARE_BROKEN[name]) <= broken


def test_every_clause_that_calls_can_show_is_exercised_by_some_recording():
    exercised = {
        name for each in shipped.releases().values() for name, count in each.clauses.items() if count.total
    }
    named = {name for each in shipped.releases().values() for name in each.clauses}
    assert {name for name in named - exercised if not clause_called(name).why_not} == set()


def test_the_list_of_divergences_and_the_recordings_agree():
    assert set(divergences.words()) == {each.clause.id for each in shipped.divergences()}
    assert divergences.stale() == []


def cited():
    return [
        pytest.param(recording, name, count, id=f"{recording} {name}")
        for recording, each in shipped.recordings().items()
        for name, count in each.clauses.items()
        if count.broken and clause_called(name).kind == "promise"
    ]


@pytest.mark.parametrize(("recording", "name", "count"), cited())
def test_the_scenario_of_a_divergence_was_recorded_and_shows_it(recording, name, count):
    line = lines_of(recording)[count.smallest.scenario]
    found = audit(replayed_on(recording), [line]).clauses[name]
    assert found.broken
    assert found.smallest.step == count.smallest.step
    assert [entry["step"] for entry in line["trace"]] == [
        each["step"] for each in count.smallest.line["trace"]
    ]


@pytest.mark.long
@pytest.mark.parametrize("recording", ["0.9.6-base", "1.0.1u", "1.1.1i", "3.5.4-wheel"])
def test_what_is_shipped_of_a_recording_is_what_its_audit_finds(recording):
    found = audit_file(TRACES / f"{recording}{SUFFIX}")
    assert found.as_json() == shipped.recordings()[recording].as_json()


# -- counting ------------------------------------------------------------------------------------


def small(scenario="a/b", steps=2):
    return Smallest(scenario, 1, {"id": scenario, "scenario": {}, "trace": [{"step": {}}] * steps})


def test_counts_add_up_and_the_smallest_scenario_written_by_hand_stays():
    count = Count(kept=1, broken=2, smallest=small(steps=3))
    count.add(Count(broken=1, used=4, unused=5, smallest=small("c/d", steps=2)))
    assert (count.kept, count.broken, count.used, count.unused, count.total) == (1, 3, 4, 5, 13)
    assert count.smallest.scenario == "c/d"
    count.remember(small("random/1/x", steps=1))
    assert count.smallest.scenario == "c/d"


def test_a_count_is_read_as_it_was_written():
    for count in (Count(), Count(kept=3), Count(broken=1, smallest=small())):
        assert count_of(count.as_json()) == count
    found = Audited("1.0.1u", 3, ["x"], 7, {"count.bytes-written": Count(kept=2)})
    assert audited_of(found.as_json()) == found


def test_recordings_of_one_release_are_one():
    one, other = (
        Audited("1.0.1u", 1, [], 2, {"a": Count(kept=1)}),
        Audited("1.0.1u", 2, ["x"], 3, {"a": Count(kept=4)}),
    )
    assert by_release([one, other, Audited("1.1.1w")]) == {
        "1.0.1u": Audited("1.0.1u", 3, ["x"], 5, {"a": Count(kept=5)}),
        "1.1.1w": Audited("1.1.1w"),
    }


# -- replaying -----------------------------------------------------------------------------------


def line_of(*trace, **scenario):
    world = {"protocol": "TLSv1", "cipher": "AES128-SHA", **scenario}
    return {"id": "mine/one", "scenario": world, "trace": [{"step": {"do": "establish"}}, *trace]}


WRITE = {"step": {"who": "client", "do": "write", "size": 5}, "ret": 5, "error": "NONE", "want": "NOTHING"}
WRITE |= {"in_init": False, "wire": [[23, 769, 32], [23, 769, 32]], "bytes": 74}


def test_a_call_is_observed_with_the_step_that_made_it():
    with Runners(load_profile("1.0.1")) as runners:
        found = observed(runners, line_of(WRITE, WRITE))
    writes = [(each.step, each.call.ret) for each in found if each.call.name == "write"]
    assert writes == [(1, 5), (2, 5)]


def test_a_recording_that_the_release_does_not_answer_so_counts_for_nothing():
    found = audit(load_profile("1.0.1"), [line_of({**WRITE, "ret": 4}), line_of(WRITE)])
    assert (found.scenarios, found.unlike) == (1, ["mine/one"])
    assert found.clauses["whole-write.all"].kept == 1


def test_a_line_that_the_library_did_not_support_is_left_out():
    found = audit(load_profile("1.0.1"), [{**line_of(WRITE), "unsupported": "TLSv1"}])
    assert (found.scenarios, found.unlike, found.calls) == (0, [], 0)


def test_a_function_that_the_release_lacks_breaks_the_promise_that_it_exists():
    step = {"step": {"who": "client", "do": "write_ex", "size": 5}, "missing": True}
    with Runners(load_profile("1.0.1")) as runners:
        found = observed(runners, line_of(step))
    assert [(each.step, each.call.missing) for each in found] == [(1, True)]


def test_a_crash_ends_a_scenario_and_what_came_before_counts():
    crashed = [line for line in lines_of("1.0.2k").values() if "crash" in line]
    found = audit(load_profile("1.0.2k", crashed[0]["build"]), crashed[:3])
    assert (found.scenarios, found.unlike) == (3, [])


# -- the command ---------------------------------------------------------------------------------


def test_the_command_prints_every_clause_of_the_page(capsys):
    assert main(["audit", "1.0.1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "SSL_write(3) of OpenSSL 1.0.1u" in text
    assert "promise renegotiation.transparent kept in 1, broken in 59 in renegotiate/server-asks-" in text
    assert "promise buffer.const no call shows it" in text
    assert "permission blocking-early-return.want-read-while-renegotiating not used in 29" in text
    assert "9157 recorded calls in 1745 scenarios" in text


def test_the_command_prints_a_scenario_that_runs_and_shows_it(capsys, monkeypatch, tmp_path):
    assert main(["audit", "3.2.0", "--scenario", "count"]) == 0
    line = capsys.readouterr().out
    path = tmp_path / "scenario.jsonl"
    path.write_text(line)
    assert main(["replay", "--profile", "3.2.0", str(path)]) == 0
    found = audit(load_profile("3.2.0"), [json.loads(capsys.readouterr().out)])
    assert found.clauses["count.bytes-written"].broken == 1


def test_the_command_audits_recordings_of_ones_own(capsys, tmp_path):
    path = tmp_path / f"mine{SUFFIX}"
    path.write_bytes(
        gzip.compress("".join(json.dumps({"openssl": "1.0.1u", **line_of(WRITE)}) + "\n").encode())
    )
    for source in (path, tmp_path):
        assert main(["audit", "1.0.1", "--traces", str(source), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["release"], found["scenarios"], found["calls"]) == ("1.0.1u", 1, 1)
        assert found["clauses"]["whole-write.all"] == {"kept": 1}
    assert main(["audit", "1.0.1", "--traces", str(path)]) == 0
    assert "never exercised" in capsys.readouterr().out


def test_recordings_that_are_not_answered_so_are_said_to_be_unlike(capsys, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps({"openssl": "1.0.1u", **line_of({**WRITE, "ret": 4})}) + "\n")
    assert main(["audit", "1.0.1", "--traces", str(path)]) == 0
    assert "1 scenarios are not answered as recorded, and do not count: mine/one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["1.0.1h"],
            "1.0.1h was not recorded; the nearest that was is 1.0.1g; the recorded releases are 0.9.6-base, ",
        ),
        (["nonsense"], "no profile is named 'nonsense'; the recorded releases are 0.9.6-base, "),
        (["1.0.1zz"], "no profile is named '1.0.1zz'"),
        (["1.0.1", "--scenario", "count"], "count: no recorded call of 1.0.1u broke or used such a clause"),
        (["1.0.1", "--traces", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_bad_input_gets_one_line(arguments, said, capsys):
    assert main(["audit", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_release_that_was_not_recorded_is_an_error_with_those_that_were():
    with pytest.raises(UsageError, match=r"1\.0\.1h was not recorded"):
        shipped.of_release("1.0.1h")


def test_a_result_that_is_none_is_named(tmp_path):
    path = tmp_path / "audit.json"
    path.write_text('{"1.0.1u": {}}')
    with pytest.raises(ProfileError, match="no result of an audit"):
        shipped.recordings(path)


def test_the_command_explains_its_words(capsys):
    assert main(["audit", "1.0.1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(words in text for _, words in LEGEND)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("in retry/partial+moving/tls10-cbc, step 4", ["in retry/", "partial+moving/", "tls10-cbc, step 4"]),
        ("one.two-three.four-five", ["one.two-three.", "four-five"]),
        ("x" * 40, ["x" * 18, "x" * 18, "x" * 4]),
        ("short/names stay as they are", ["short/names stay", "as they are"]),
    ],
)
def test_a_name_that_is_longer_than_a_line_is_broken_behind_a_slash(text, lines):
    out = io.StringIO()
    Console(file=out, width=21).print(labelled([("", text)], width=1, indent=0))
    assert [line.strip() for line in out.getvalue().splitlines()] == lines
