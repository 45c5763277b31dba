"""What changes for a caller who moves from one release's pages to another's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.cli import main
from emulator.pages.moves import Effect, moves
from emulator.pages.page import page_of
from emulator.profile import load_profile
from emulator.profiles.clauses import ClauseKind
from emulator.profiles.published import known_releases

RELEASES = st.sampled_from([release.name for release in known_releases()])


def page(release):
    return page_of(load_profile(release))


def between(before, after):
    """The ids of the clauses that are told of, by their effect."""
    found = {}
    for move in moves(page(before), page(after)):
        found.setdefault(move.effect, set()).add(move.clause.id)
    return found


def test_from_0_9_8_to_1_1_1():
    found = between("0.9.8", "1.1.1")
    assert "with-auto-retry.until-complete" in found[Effect.LOST]
    assert "closed-connection.zero" in found[Effect.LOST]
    assert "partly-processed.possible" in found[Effect.EXPECT]
    assert "write-after-shutdown.impossible" in found[Effect.KEEP]
    assert "num-zero-call.avoid" in found[Effect.KEEP]
    assert "num-zero.error" in found[Effect.GAINED]
    assert "blocking-early-return.want-read-while-renegotiating" in found[Effect.RELIEVED]


def test_a_blocking_write_may_come_back_early_from_0_9_6a_on():
    found = between("0.9.6-base", "0.9.6a")
    assert "blocking-return.finished-or-failed" in found[Effect.LOST]
    assert "blocking-early-return.want-read-while-renegotiating" in found[Effect.EXPECT]
    back = between("1.1.0l", "1.1.1")
    assert "blocking-return.finished-or-failed" in back[Effect.GAINED]
    assert "blocking-return.finished-failed-or-renegotiating" not in back.get(Effect.LOST, ())


def test_a_weaker_duty_is_a_relief_and_a_stronger_one_is_a_duty():
    assert "repeated-call.same-arguments" in between("1.1.0", "1.1.1")[Effect.RELIEVED]
    assert "repeated-call.same-arguments" in between("1.1.1", "1.1.0")[Effect.KEEP]
    assert "state-required.always" in between("0.9.6a", "0.9.6c")[Effect.KEEP]
    assert "state-required.generic-method" not in between("0.9.6a", "0.9.6c").get(Effect.RELIEVED, ())


def test_a_thing_that_the_caller_was_permitted_is_something_to_rely_on():
    assert "read-meanwhile.allowed" in between("1.1.0", "1.1.1")[Effect.GAINED]
    assert "read-meanwhile.allowed" in between("1.1.1", "1.1.0")[Effect.LOST]


@given(RELEASES)
def test_nothing_changes_between_a_page_and_itself(release):
    assert moves(page(release), page(release)) == []


@given(RELEASES, RELEASES)
def test_every_change_is_of_a_clause_that_one_page_has_and_the_other_does_not(one, other):
    before, after = page(one), page(other)
    found = moves(before, after)
    for move in found:
        has, lacks = (before, after) if move.clause is move.before else (after, before)
        assert has.has(move.clause.id)
        assert not lacks.has(move.clause.id)
        binds_caller = move.clause.kind in {ClauseKind.DUTY, ClauseKind.ADVICE}
        assert (move.effect is Effect.KEEP) <= binds_caller
        assert (move.effect is Effect.EXPECT) <= (move.clause.kind in {"permission", "undefined"})
        assert (move.effect in {Effect.LOST, Effect.GAINED}) <= (
            move.clause.kind is ClauseKind.PROMISE or move.clause.to == "caller"
        )
    effects = [list(Effect).index(move.effect) for move in found]
    assert effects == sorted(effects)


@given(RELEASES, RELEASES)
def test_what_is_lost_one_way_is_gained_the_other_way(one, other):
    there, back = between(one, other), between(other, one)
    assert there.get(Effect.LOST, set()) == back.get(Effect.GAINED, set())
    binding = {*there.get(Effect.KEEP, ()), *there.get(Effect.EXPECT, ())}
    assert binding == back.get(Effect.RELIEVED, set())


def test_the_command_prints_a_page(capsys):
    assert main(["page", "1.0.1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "SSL_write(3) of OpenSSL 1.0.1u" in text
    assert "undefined The behaviour of SSL_write() with num=0 is undefined. num-zero.undefined" in text
    assert "48 clauses" in text


@pytest.mark.parametrize("release", ["0.9.6-base", "1.0.1u", "1.1.1i"])
def test_the_command_prints_every_clause_of_a_page(release, capsys):
    assert main(["page", release]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for clause in page(release).clauses:
        assert f"{clause.kind if not clause.to else 'may'} {clause.says} {clause.id}" in text


def test_the_command_prints_what_changes(capsys):
    assert main(["page", "0.9.8", "1.1.1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "A caller who moves from OpenSSL 0.9.8zh to 1.1.1w" in text
    assert "May no longer rely on 0.9.8zh The result for a connection that was closed is 0" in text
    assert main(["page", "0.9.8", "0.9.8zh"]) == 0
    assert "nothing changes" in capsys.readouterr().out


def test_the_command_prints_both_as_json(capsys):
    assert main(["page", "1.0.1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["release"] == "1.0.1u"
    assert {"id", "page", "kind", "says", "predicate"} <= set(found["clauses"][0])
    assert main(["page", "1.0.1", "1.1.1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["before"], found["after"]) == ("1.0.1u", "1.1.1w")
    assert {move["effect"] for move in found["moves"]} == set(Effect)
    assert all(move["before"] or move["after"] for move in found["moves"])


def test_a_release_that_there_is_not_gets_one_line(capsys):
    assert main(["page", "1.0.1zz"]) == 2
    assert "no profile is named '1.0.1zz'" in capsys.readouterr().err
