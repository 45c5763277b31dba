"""A profile is proposed for a library: here for releases with planted answers that stand in for one."""

from __future__ import annotations

import ctypes.util
import json
import tomllib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.behaviours.meta import FunctionKind
from emulator.cli import main
from emulator.error_queue import ErrorStrings
from emulator.exceptions import UsageError
from emulator.profile import load_profile
from emulator.profiles.tables import to_table
from emulator.profiles.vary import distance, every_other_answer, value_of, with_answers
from emulator.reallib.climb import Climb
from emulator.reallib.first_hello import hello_of, read_hello
from emulator.reallib.profile_text import proposed_text
from emulator.reallib.propose import Proposer, candidates, loaded, named
from emulator.reallib.replay import agreements
from emulator.reallib.survey import Survey
from emulator.scenario.generate import generate
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runner

NEAR = load_profile("1.0.2k")
ESTABLISH = {"do": "establish"}


def scenario(name, steps):
    raw = {"family": "test", "protocol": "TLSv1", "cipher": "AES128-SHA"}
    return parse_line({"id": f"test/{name}", "scenario": raw, "trace": [{"step": step} for step in steps]})


class Library:
    """A profile that pretends to be a library."""

    def __init__(self, profile, version="1.0.2k-odd"):
        self.profile, self.version, self.build = profile, version, []

    def record(self, scenarios, times=None):
        runner = Runner(self.profile)
        try:
            yield from [json.loads(json.dumps(runner.run(each))) for each in scenarios]
        finally:
            runner.close()

    def survey(self, **said):
        """What the library would say of itself."""
        functions = self.profile.functions
        strings = ErrorStrings(self.profile.errors)
        numbers = range(1, 1200)
        controls = [one for one in functions.values() if one.kind is FunctionKind.CONTROL]
        survey = Survey(
            self.version,
            frozenset(one.c_name for one in functions.values() if one.present and one not in controls),
            {name: one.present for name, one in functions.items() if one in controls},
            {"ssl2": self.profile.build.ssl2, "ssl3": self.profile.build.ssl3},
            to_table(self.profile.defaults),
            {
                "functions": [strings.numeric(20, number, 0).text for number in numbers],
                "reasons": [strings.numeric(20, 0, number).text for number in numbers],
            },
            hello_of(self.profile),
        )
        return replace(survey, **said)

    def proposal(self, scenarios=(), draw=None, **said):
        proposer = Proposer(self, self.survey(**said), {NEAR.name: NEAR}, draw)
        return proposer.propose(scenarios, "seed")


def drawn(seed, count=25):
    return list(generate(seed, count, protocols=["TLSv1", "TLSv1.2"], wide=True))


def answered(proposal):
    return {found.key: found.value for found in proposal.found}


@pytest.fixture(scope="module", name="bits")
def _bits():
    """Scenarios few enough to be replayed often."""
    zero = {"do": "plan", "who": "client", "plan": ["zero"]}
    write = {"do": "write", "who": "client", "size": 5}
    return [*drawn("bits", 30), scenario("zero", [ESTABLISH, zero, write])]


def test_the_nearest_profile_is_proposed_as_it_is_where_nothing_differs(bits):
    proposal = Library(NEAR).proposal(bits)
    assert proposal.changes_nothing
    assert proposal.matched == proposal.matched_before == proposal.total > 20
    text = proposed_text(proposal)
    assert "answers as 1.0.2k does: nothing has to be changed" in text
    assert set(tomllib.loads(text)) == {"extends", "says", "sources"}
    assert loaded(proposal).write == NEAR.write


def test_two_planted_answers_are_found_and_nothing_else(bits):
    planted = {key: every_other_answer(NEAR, key)[0] for key in ("write.empty_fragments", "write.bio_zero")}
    proposal = Library(with_answers(NEAR, planted)).proposal(bits)
    assert answered(proposal) == planted
    assert proposal.differences == []
    assert proposal.matched_before < proposal.matched == proposal.total
    profile = loaded(proposal)
    assert {key: value_of(profile, key) for key in planted} == planted
    text = proposed_text(proposal)
    for found in proposal.found:
        assert f"# asked for by {found.scenarios[0]}" in text
    assert {line["id"] for line in proposal.cited()} == {
        name for found in proposal.found for name in found.scenarios
    }


def test_answers_that_help_only_together_are_found_together():
    keys = ("machine.fatal_alert", "machine.error_state")
    planted = {key: every_other_answer(NEAR, key)[0] for key in keys}
    alert = [
        ESTABLISH,
        {"do": "inject", "from": "client", "hex": "15030100020228"},
        {"who": "server", "do": "read", "size": 10},
        {"who": "server", "do": "write", "size": 10},
    ]
    odd = Library(with_answers(NEAR, planted))
    lines = list(odd.record([scenario("alert", alert), scenario("plain", alert[:1])]))
    singles = [with_answers(NEAR, {key: value}) for key, value in planted.items()]
    assert not any(agreements(profile, lines)[0].is_whole for profile in (NEAR, *singles))
    climb = Climb(NEAR, lines)
    assert {one.key: one.value for one in climb.run()} == planted
    assert climb.differences() == []


SHOWN = ("write.empty_fragments", "write.bio_zero", "write.pending_flush", "shutdown.unfinished",
         "get_error.want_guard", "machine.fatal_alert", "read.after_sent_shutdown")  # fmt: skip


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(SHOWN), pick=st.integers(0, 5))
def test_whatever_single_answer_the_scenarios_show_is_explained(bits, key, pick):
    values = every_other_answer(NEAR, key)
    planted = with_answers(NEAR, {key: values[pick % len(values)]})
    lines = list(Library(planted).record(bits[:17]))
    shown = not all(own.is_whole for own in agreements(NEAR, lines))
    climb = Climb(NEAR, lines)
    found = climb.run()
    assert climb.differences() == []
    assert len(found) == shown
    assert all(own.is_whole for own in agreements(climb.profile, lines))


def test_what_the_library_says_itself_is_taken_over():
    odd = Library(NEAR)
    survey = odd.survey()
    reasons = list(survey.errors["reasons"])
    gone, new = 127, 1150
    reasons[gone - 1] = f"error:1400007F:SSL routines:SSL routines:reason({gone})"
    reasons[new - 1] = "error:1400047E:SSL routines:SSL routines:something: odd"
    proposal = odd.proposal(
        exported=survey.exported - {"SSL_read"} | {"SSL_key_update"},
        controls=dict(survey.controls) | {"clear_mode": False},
        defaults=dict(survey.defaults) | {"context_options": 0x1000},
        errors={"functions": survey.errors["functions"], "reasons": reasons},
    )
    profile = loaded(proposal)
    present = {name for name, one in profile.functions.items() if one.present}
    before = {name for name, one in NEAR.functions.items() if one.present}
    assert (before - present, present - before) == ({"read", "clear_mode"}, {"key_update"})
    assert profile.defaults.context_options == 0x1000
    strings = ErrorStrings(profile.errors)
    assert strings.numeric(20, 0, new).text.endswith(":something: odd")
    assert strings.numeric(20, 0, gone).text.endswith(f":reason({gone})")
    assert strings.entry("SSL3_WRITE_PENDING", "BAD_WRITE_RETRY").reason == gone
    assert [fact.key for fact in Library(profile).survey().facts(profile)] == []


def test_the_lists_of_a_hello_are_taken_over_and_what_else_differs_is_told():
    groups = NEAR.hello.replace(groups=(23, 25))
    odd = NEAR.replace(name="odd", hello=groups)
    proposal = Library(odd).proposal(hello=hello_of(odd).replace(b"\xc0\x30\xc0\x2c", b"\xc0\x2c\xc0\x30"))
    assert loaded(proposal).hello.groups == (23, 25)
    (remark,) = proposal.remarks
    assert remark.startswith("the ClientHello's cipher suites have another order: 0xC02C 0xC030")
    assert f"#   {remark[:50]}" in proposed_text(proposal)
    assert read_hello(b"\x80\x2e\x01\x03\x01") is None


def test_scenarios_are_drawn_anew_until_they_tell_nothing_more():
    seeds = []

    def draw(seed):
        seeds.append(seed)
        return drawn(seed, 4)

    proposal = Library(NEAR).proposal(draw=draw)
    assert seeds == proposal.seeds == ["seed-1", "seed-2"]
    assert proposal.total == 8


def test_what_no_answer_explains_is_told_with_its_first_difference():
    class Odd(Library):
        def record(self, scenarios, times=None):
            for line in super().record(scenarios):
                line["trace"][-1]["errno"] = 99
                yield line

    proposal = Odd(NEAR).proposal([scenario("odd", [{"who": "client", "do": "get_mode"}])])
    ((name, difference),) = proposal.differences
    assert (name, proposal.matched) == ("test/odd", 0)
    assert f"{name}: {difference}"[:60] in proposed_text(proposal)
    assert proposal.found == []


def test_candidates_are_the_release_or_those_around_one_that_is_not_known():
    assert list(candidates("1.0.2k-odd")) == ["1.0.2k"]
    assert {"3.2.0", "3.5.4"} <= set(candidates("3.4.1"))
    planted = load_profile("1.0.2k")
    (best,) = {
        Proposer(Library(planted), Library(planted).survey(), named, None).propose(drawn("near", 25)).extends
        for named in [{name: load_profile(name) for name in ("0.9.8", "1.0.2k", "1.1.1")}]
    }
    assert best == "1.0.2k"


def test_a_profile_of_ones_own_is_extended_by_its_path(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('extends = "1.0.2k"\nsources = ["mine"]\n')
    ((extends, profile),) = named(str(path), tmp_path).items()
    library = Library(NEAR)
    proposal = Proposer(library, library.survey(), {extends: profile}, folder=tmp_path).propose([])
    assert tomllib.loads(proposed_text(proposal))["extends"] == "own.toml"
    assert loaded(proposal).write == NEAR.write
    assert named(str(path), tmp_path.parent).keys() == {f"{tmp_path.name}/own.toml"}


def test_a_profile_of_ones_own_that_lies_elsewhere_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('extends = "1.0.2k"\n')
    with pytest.raises(UsageError, match=f"write it to {tmp_path}"):
        named(str(path), tmp_path / "below")


def test_distance_counts_releases():
    assert distance(NEAR, "write.retry_length_check", NEAR.write.retry_length_check) == 0
    assert distance(NEAR, "write.retry_length_check", load_profile("1.0.2l").write.retry_length_check) == 1


def test_the_machines_own_library_gets_a_profile_that_verifies(tmp_path, capsys):
    libssl = ctypes.util.find_library("ssl")
    assert libssl is not None, "this test needs a shared libssl; Debian's package is libssl3"
    target, traces = tmp_path / "own.toml", tmp_path / "traces.jsonl"
    record = ["record", "--libssl", libssl, "--random", "20", "--seed", "live", "--as-profile", str(target)]
    assert main([*record, "--traces", str(traces), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["matched"], told["differences"]) == (told["total"], {})
    assert told["toml"] == target.read_text()
    assert load_profile(target).release == load_profile(told["nearest"]).release
    verify = ["verify", "--libssl", libssl, "--profile", str(target), "--random", "20", "--wide"]
    assert main([*verify, "--seed", "live-1"]) == 0
    capsys.readouterr()
    assert main([*record[:-1], "-", "--random", "0"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["extends"] == told["nearest"]
