from __future__ import annotations

import pytest

import emulator
from emulator import Buffer, Script
from emulator.lanes import decide
from emulator.lanes.leaves import between, differing
from emulator.lanes.replay import Replays
from emulator.profile import load_profile
from emulator.scenario.budget import EndlessError


def decided(row, of="answer"):
    (decision,) = [each for each in row.decided if each.of == of]
    return {each.key for each in decision.behaviours}


@pytest.fixture
def zero():
    """A transport that takes nothing and doesn't ask for a retry."""
    return Script("zero", protocol="TLSv1.2").establish().client.plan("zero").client.write(100)


@pytest.fixture
def end_of_file():
    """The transport ends under a write that has to renegotiate."""
    script = Script("eof", protocol="TLSv1.2").establish().client.renegotiate().client.write(100)
    return script.server.eof().client.write(100)


def test_a_moved_retry_is_fatal_for_one_reason_that_stands_first(moved_retry):
    comparison = emulator.compare(moved_retry, ["1.0.1", "1.1.1"])
    moved, last = comparison.rows[3], comparison.rows[5]
    assert decided(moved, "errors") == {"errors.strings.SSL.functions"}
    (decision,) = [each for each in last.decided if each.of == "answer"]
    first = decision.behaviours[0]
    assert (first.key, first.left, first.right) == ("write.after_bad_retry", "recoverable", "fatal")
    assert "refused" in first.question


def test_a_write_of_nothing_parts_where_the_pages_do():
    script = Script("nothing").establish().client.write(0).client.write_ex(0)
    comparison = emulator.compare(script, ["1.0.2", "1.1.1"], follow="both")
    (page,) = [each for each in comparison.rows[1].decided if (each.left, each.right) == (1, 3)]
    assert [each.key for each in page.behaviours] == ["manual.num-zero"]
    (authority,) = [each for each in comparison.rows[1].decided if (each.left, each.right) == (0, 1)]
    assert [(each.key, each.left, each.right) for each in authority.behaviours] == [
        ("follow", "library", "manual")
    ]
    assert {each.key for decision in comparison.rows[2].decided for each in decision.behaviours} == {
        "SSL_write_ex"
    }


def test_a_transport_that_answers_zero_counts_as_success_from_one_release_on(zero):
    row = emulator.compare(zero, ["3.0", "3.2"]).rows[2]
    assert decided(row) >= {"write.bio_zero"}
    assert decided(row) <= {"write.bio_zero", "write.record_layer"}


def test_an_end_of_file_became_an_error_and_silent_again(end_of_file):
    row = emulator.compare(end_of_file, ["1.1.1d", "1.1.1e", "1.1.1f"]).rows[4]
    by_lane = {
        each.right: {behaviour.key for behaviour in each.behaviours}
        for each in row.decided
        if each.of == "answer"
    }
    assert by_lane == {
        1: {"read.unexpected_eof", "errors.strings.SSL.reasons"},
        2: {"read.unexpected_eof"},
    }


@pytest.mark.parametrize("name", ["moved_retry", "zero", "end_of_file"])
@pytest.mark.parametrize(("left", "right"), [("1.0.1", "1.1.1"), ("1.1.1d", "1.1.1e"), ("3.0", "3.2")])
def test_what_decided_suffices_and_all_of_it_is_needed(name, left, right, request, monkeypatch):
    scenario = request.getfixturevalue(name)
    scenario = scenario.scenario() if isinstance(scenario, Script) else scenario
    monkeypatch.setattr(decide, "name_of", lambda _profile, key: key)
    comparison = emulator.compare(scenario, [left, right])
    one, other = load_profile(left), load_profile(right)
    sizes = comparison.lanes[0].protection == comparison.lanes[1].protection

    def explains(keys, row, of):
        """Whether the left profile with these answers is as the right one, and plausible up to there."""
        try:
            lane = Replays(scenario).lane(between(one, other, keys), "tried", "library")
        except (emulator.EmulatorError, AssertionError):
            return False
        for entry, earlier in zip(lane.entries, comparison.rows[: row.index + 1], strict=False):
            known = [cell.outline(sizes=sizes).answer for cell in earlier.cells]
            if entry.cell.outline(sizes=sizes).answer not in known:
                return False
        outlines = (lane.entries[row.index].cell.outline(sizes=sizes), row.cells[1].outline(sizes=sizes))
        return getattr(outlines[0], of) == getattr(outlines[1], of)

    for row in comparison:
        for decision in row.decided:
            keys = {each.key for each in decision.behaviours}
            assert explains(keys, row, decision.of)
            assert not any(explains(keys - {key}, row, decision.of) for key in keys)


def test_decisions_are_found_once(moved_retry):
    comparison = emulator.compare(moved_retry, ["1.0.1", "1.1.1"])
    assert comparison.replays == 0
    assert not comparison.as_json(why=False)["rows"][5]["decided"]
    assert comparison.replays == 0
    data = comparison.as_json()
    count = comparison.replays
    assert 0 < count < 150
    assert data["rows"][5]["decided"][0]["behaviours"][0]["key"] == "write.after_bad_retry"
    assert comparison.as_json(why=False) == comparison.as_json() == data
    assert comparison.replays == count


def test_a_callable_is_not_called_again_before_it_is_asked_what_decided():
    calls = []

    def moved(client, server):
        calls.append(client.profile.name)
        data = Buffer(40_000)
        client.write(data)
        client.write(data.moved())

    comparison = emulator.compare(moved, ["1.0.1", "1.1.1"], capacity=9_000, protocol="TLSv1")
    comparison.as_json()
    assert len(calls) == 2
    assert decided(comparison.rows[1], "errors") == {"errors.strings.SSL.functions"}
    assert 2 < len(calls) <= 2 + comparison.replays


def test_a_missing_function_decides_of_a_callable():
    comparison = emulator.compare(lambda client, server: client.write_ex(b"x"), ["1.0.1", "1.1.1"])
    assert decided(comparison.rows[0]) == {"SSL_write_ex"}


def test_a_decision_that_takes_too_many_replays_is_not_found(moved_retry, monkeypatch):
    monkeypatch.setattr(decide, "MOST_REPLAYS", 3)
    comparison = emulator.compare(moved_retry, ["1.0.1", "1.1.1"])
    assert comparison.rows[5].decided == ()


def test_answers_that_break_a_replay_are_passed_over(moved_retry, monkeypatch):
    lane = Replays.lane

    def breaks(self, profile, name, follow):
        if profile.errors.packing is not profile.errors.packing.LIB_REASON and " with " in name:
            raise KeyError(name)
        return lane(self, profile, name, follow)

    comparison = emulator.compare(moved_retry, ["1.1.1", "3.0"])
    monkeypatch.setattr(Replays, "lane", breaks)
    assert decided(comparison.rows[3], "errors") == {"errors.packing", "errors.function_field"}


def test_a_replay_in_a_circle_ends(moved_retry):
    with pytest.raises(EndlessError):
        Replays(moved_retry, most_calls=5).lane(load_profile("1.0.1"), "tried", "library")


def test_a_profile_with_all_answers_of_another_is_the_other():
    one, other = load_profile("0.9.6-base"), load_profile("3.5")
    keys = differing(one, other)
    assert differing(between(one, other, keys), other) == []
    assert differing(between(one, other, keys[::2]), other) == keys[1::2]
