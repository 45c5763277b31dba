"""What calls say of clauses, and that every clause of the pages of three releases is heeded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.cli import main
from emulator.pages.observation import Observation, Repeated, Transport
from emulator.pages.page import page_of
from emulator.pages.predicates import PREDICATES, Verdict, judged, verdict_of
from emulator.profile import load_profile
from emulator.profiles.clauses import ClauseKind, clause_called, topics
from tests.pages.calls import CALLS, FAILED, GET_ERROR, LOST, NOTHING, OTHER_LENGTH, WRITE

OF_PERMISSIONS = {Verdict.USED, Verdict.UNUSED, Verdict.OUTSIDE}
OF_OTHERS = {Verdict.KEPT, Verdict.BROKEN, Verdict.OUTSIDE}


def every_clause():
    return [clause for topic in topics().values() for clause in topic.clauses.values()]


def told():
    return [(name, call, verdict) for name, calls in CALLS.items() for call, verdict in calls]


def test_every_predicate_belongs_to_a_clause_and_every_clause_has_one_that_there_is():
    named = {clause.predicate for clause in every_clause() if clause.predicate}
    assert named == set(PREDICATES) == set(CALLS)


@pytest.mark.parametrize(
    ("name", "call", "verdict"), told(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_call_says_of_a_clause(name, call, verdict):
    assert PREDICATES[name](call) is verdict


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_show_every_answer_that_a_predicate_has(name):
    shown = {verdict for _call, verdict in CALLS[name]}
    kinds = {clause.kind for clause in every_clause() if clause.predicate == name}
    if kinds == {ClauseKind.UNDEFINED}:
        assert shown == {Verdict.USED, Verdict.OUTSIDE}
    elif kinds == {ClauseKind.PERMISSION}:
        assert shown == OF_PERMISSIONS
    else:
        assert kinds <= {ClauseKind.PROMISE, ClauseKind.DUTY, ClauseKind.ADVICE}
        assert shown >= {Verdict.KEPT, Verdict.BROKEN}


# -- dropping a clause ---------------------------------------------------------------------------


def of_three_releases():
    return [
        pytest.param(release, clause, id=f"{release} {clause.id}")
        for release in ("0.9.6-base", "1.0.1u", "1.1.1i")
        for clause in page_of(load_profile(release)).clauses
    ]


def without(release, clause):
    """The release's profile, whose pages are silent about the clause's topic."""
    profile = load_profile(release)
    rest = {topic: word for topic, word in profile.manual.items() if topic != clause.topic}
    return profile.replace(manual=rest)


@pytest.mark.parametrize(("release", "clause"), of_three_releases())
def test_a_clause_that_is_dropped_is_missed(release, clause, capsys, tmp_path):
    """The page is printed without it, and a call that broke or used it says nothing any more."""
    page = page_of(without(release, clause))
    assert page_of(load_profile(release)).has(clause.id)
    assert not page.has(clause.id)
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "{release}"\nremove = ["manual.{clause.topic}"]\n')
    assert main(["page", str(file)]) == 0
    assert clause.id not in capsys.readouterr().out
    assert main(["page", release, str(file), "--json"]) == 0
    assert f'"id": "{clause.id}"' in capsys.readouterr().out
    for call, verdict in CALLS.get(clause.predicate, []):
        if verdict in {Verdict.BROKEN, Verdict.USED}:
            assert verdict_of(clause, call) is verdict
            assert clause not in [told for told, _ in judged(page, call)]


@pytest.mark.parametrize(("release", "clause"), of_three_releases())
def test_a_call_on_the_page_is_judged_by_the_clause(release, clause):
    page = page_of(load_profile(release))
    found = [judged(page, call) for call, _ in CALLS.get(clause.predicate, [])]
    assert clause.why_not or any(told is clause for each in found for told, _ in each)


# -- calls that excuse the library ---------------------------------------------------------------


def broken_promises(release, call):
    page = page_of(load_profile(release))
    return {
        clause.id
        for clause, verdict in judged(page, call)
        if verdict is Verdict.BROKEN and clause.kind is ClauseKind.PROMISE
    }


def test_a_call_that_is_undefined_breaks_no_promise():
    assert broken_promises("1.0.1", NOTHING) == set()
    assert broken_promises("0.9.6-base", NOTHING) == {"syscall-error.queue-or-result"}
    assert broken_promises("1.1.1", NOTHING) == {"num-zero.error", "syscall-error.errno"}


def test_a_call_that_breaks_a_duty_breaks_no_promise():
    swallowed = Transport(writes=1, refused=9)
    assert broken_promises("1.1.1", WRITE.but(transport=swallowed))
    assert broken_promises("1.1.1", OTHER_LENGTH.but(transport=swallowed)) == set()


def test_what_a_closed_connection_answers_depends_on_the_page():
    assert broken_promises("1.0.1", LOST) == {"closed-connection.zero"}
    assert broken_promises("1.0.2", LOST) == set()


# -- whatever the call ---------------------------------------------------------------------------

TRANSPORTS = st.builds(
    Transport,
    writes=st.integers(0, 2),
    sent=st.integers(0, 100),
    refused=st.integers(0, 100),
    write_failed=st.booleans(),
    eof=st.booleans(),
    offered=st.booleans(),
    request=st.booleans(),
)
OBSERVATIONS = st.builds(
    Observation,
    name=st.sampled_from(["write", "write_ex", "read", "peek", "shutdown", "get_error", "set_mode", "clear"]),
    size=st.sampled_from([0, 1, 100, 16385, 2**31]),
    ret=st.sampled_from([-1, 0, 1, 100]),
    error=st.sampled_from([FAILED.error, LOST.error, WRITE.error]),
    count=st.sampled_from([0, 1, 100]),
    transport=TRANSPORTS,
    closed=st.booleans(),
    fatal=st.booleans(),
    repeated=st.sampled_from([None, Repeated(FAILED.error), Repeated(LOST.error, same_buffer=False)]),
    rest=st.sampled_from([None, 0, 100]),
    last=st.sampled_from([None, WRITE, FAILED, GET_ERROR]),
    missing=st.booleans(),
)


@given(OBSERVATIONS)
def test_every_predicate_answers_every_call_as_its_kind_does(call):
    for clause in every_clause():
        of_permission = clause.kind in {ClauseKind.PERMISSION, ClauseKind.UNDEFINED}
        assert verdict_of(clause, call) in (OF_PERMISSIONS if of_permission else OF_OTHERS)


@given(OBSERVATIONS)
def test_a_clause_judges_a_call_the_same_on_every_page(call):
    older, newer = page_of(load_profile("1.0.1")), page_of(load_profile("1.1.1"))
    here, there = dict(judged(older, call)), dict(judged(newer, call))
    assert all(here[clause] is there[clause] for clause in here.keys() & there.keys())


def test_a_clause_that_no_call_shows_says_nothing():
    assert verdict_of(clause_called("buffer.const"), WRITE) is Verdict.OUTSIDE
