"""How events are written, when they are due, and how records are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.exceptions import UsageError
from emulator.peers.events import ACTIONS, Event, Moment, Progress, events_of
from emulator.peers.log import Log, NothingCame
from emulator.peers.transport import RecordCount
from emulator.profile import load_profile

NUMBERS = st.integers(0, 10**6)
WAYS = st.sampled_from(["", "in", "out"])
MOMENTS = st.one_of(
    st.just(Moment("start")),
    st.builds(Moment, st.sampled_from(["B", "r"]), NUMBERS, WAYS),
    st.builds(Moment, st.just("ms"), NUMBERS),
)


@st.composite
def events(draw):
    name = draw(st.sampled_from(sorted(ACTIONS)))
    count = len(ACTIONS[name].arguments)
    return Event(name, tuple(draw(st.integers(1, 999)) for _ in range(count)), draw(MOMENTS))


@given(events())
def test_an_event_is_read_as_it_is_written(event):
    assert Event.parse(str(event)) == event


def test_what_is_left_out_is_start_and_a_rest_of_a_millisecond():
    assert Event.parse("dribble:3") == Event("dribble", (3, 1), Moment("start"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("renegotate@start", "did you mean 'renegotiate'?"),
        ("keyupdate", "did you mean 'key-update'?"),
        ("dance@start", "expected one of renegotiate, key-update,"),
        ("close@noon", "got 'noon' for WHEN, expected open, start, 100B,"),
        ("close@10ms-in", "got '10ms-in' for WHEN"),
        ("close:5@start", "expected close@WHEN"),
        ("pause@start", "expected pause:MS@WHEN"),
        ("dribble:x@start", "expected dribble:N[:MS]@WHEN with whole numbers"),
        ("dribble:0@start", "expected at least 1 byte"),
        ("renegotiate@open", "there is no connection yet that could renegotiate"),
    ],
)
def test_what_is_no_event_is_told_with_what_was_expected(text, reason):
    with pytest.raises(UsageError) as error:
        Event.parse(text)
    assert reason in str(error.value)
    assert text in str(error.value)


def test_an_event_whose_function_a_release_lacks_is_an_error_and_one_that_it_has_is_not():
    with pytest.raises(UsageError, match="'key-update@start': SSL_key_update does not exist in OpenSSL"):
        events_of(["key-update"], load_profile("1.1.0"))
    assert len(events_of(["key-update", "renegotiate"], load_profile("1.1.1"))) == 2


def test_events_are_a_list():
    with pytest.raises(UsageError, match="expected a list"):
        events_of("close", load_profile("1.1.1"))


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.integers(1, 500)), max_size=20), MOMENTS)
def test_bytes_never_pass_the_moment_at_which_an_event_is_due(steps, moment):
    progress = Progress(started=0.0)
    for way, most in steps:
        was_due = progress.is_due(moment, now=0.0)
        limit = progress.bytes_until(moment, way)
        size = most if limit is None else min(most, limit)
        assert size > 0
        if way == "in":
            progress.bytes_in += size
        else:
            progress.bytes_out += size
        if moment.unit == "B" and not was_due and progress.is_due(moment, now=0.0):
            counts = {"in": progress.bytes_in, "out": progress.bytes_out}
            assert counts.get(moment.way, sum(counts.values())) == moment.amount


def test_nothing_but_open_is_due_before_the_handshake_is_over():
    progress = Progress()
    assert progress.is_due(Moment("open"), now=0.0)
    assert not any(progress.is_due(Moment(unit), now=1e9) for unit in ("start", "B", "ms", "r"))


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(0, 200), st.data())
def test_records_are_counted_when_they_are_complete_however_they_come(lengths, extra, data):
    stream = b"".join(bytes([23, 3, 3]) + n.to_bytes(2, "big") + bytes(n) for n in lengths)
    rest = (bytes([22, 3, 3]) + (300).to_bytes(2, "big") + bytes(300))[:extra]
    stream += rest
    count, at = RecordCount(), 0
    while at < len(stream):
        step = data.draw(st.integers(1, 400))
        count.feed(stream[at : at + step])
        at += step
    assert count.count == len(lengths)


def test_a_log_is_waited_for_and_says_what_did_not_come():
    told = []
    log = Log(told.append)
    log.add("event", connection=1, event="close@start", reason=None)
    assert log.wait_for("event", connection=1) == told[0]
    assert told == [{"what": "event", "connection": 1, "event": "close@start"}]
    with pytest.raises(NothingCame, match=r"no note of event, connection=2 within 0\.01 s"):
        log.wait_for("event", connection=2, timeout=0.01)
