"""conn.explain(): the words for the last call, whatever it was."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import emulator
from emulator import (
    Buffer,
    Connection,
    ERR_clear_error,
    ERR_put_error,
    ErrorEntry,
    SimulatedCrash,
    connected_pair,
    make_scripted_bio_pair,
)
from emulator.contract.explanation import Explanation
from emulator.explaining.calls import MOST_ADVICE, MOST_BEHAVIOURS, MOST_ELSEWHERE
from emulator.profiles.clauses import clause_called

STALE = ErrorEntry(
    0x1408F10B, 20, 143, 267, "error:1408F10B:SSL routines:SSL3_GET_RECORD:wrong version number"
)
SERIES = ("0.9.6", "0.9.8", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "3.0", "3.2", "3.5")


def blocked(release, **settings):
    """Return a pair whose client has a write of 40,000 bytes that is blocked, and the buffer."""
    pair = connected_pair(release, capacity=20_000, **settings)
    data = Buffer(40_000)
    pair.client.get_error(pair.client.write(data))
    return pair, data


def test_before_the_first_call_the_state_is_explained():
    told = connected_pair("1.1.1").client.explain()
    assert told.answer in ("", "1 NONE")
    assert "no handshake is under way" in told.means or told.answer


def test_a_write_that_succeeded_needs_nothing():
    pair = connected_pair("1.1.1")
    pair.client.write(b"data")
    told = pair.client.explain()
    assert told.answer == "4 NONE"
    assert told.subject.startswith("client, call ")
    assert told.subject.endswith("write(4) on OpenSSL 1.1.1w")
    assert told.advice == ("Nothing: go on.",)
    assert told.clauses[0].id == "count.bytes-written"
    assert told.errors == told.findings == told.elsewhere == ()


def test_a_part_of_a_write_names_the_rest():
    pair = connected_pair("1.0.2", capacity=20_000, client={"modes": ["ENABLE_PARTIAL_WRITE"]})
    assert pair.client.write(Buffer(40_000)) == 16_384
    told = pair.client.explain()
    assert told.means == "A part of the data was written: 16384 of 40000 bytes."
    assert told.advice == ("Write the other 23616 bytes by a new call.",)
    assert told.clauses[0].id.startswith("partial-rest.")


def test_a_blocked_write_says_to_repeat_it_and_what_a_bad_retry_would_do_elsewhere():
    pair, _data = blocked("1.1.1")
    told = pair.client.explain()
    assert told.answer == "-1 WANT_WRITE"
    assert "The transport is full" in told.means
    assert "repeat the same SSL_write" in told.advice[0]
    decided = {each.key: each.answer for each in told.behaviours}
    assert decided["write.after_bad_retry"] == str(pair.client.profile.write.after_bad_retry)
    assert ("0.9.6-base to 1.1.0l", "write.after_bad_retry = recoverable") in [
        (each.releases, each.says.partition(":")[0]) for each in told.elsewhere
    ]
    assert "repeated-call.pointer-may-move" in [each.id for each in told.clauses]


def test_a_bad_retry_names_the_finding_the_clause_and_what_each_generation_does():
    pair, data = blocked("1.1.1")
    pair.client.write(data.moved())
    told = pair.client.explain()
    assert told.answer == "-1 SSL"
    assert told.errors == ("error:1409F07F:SSL routines:ssl3_write_pending:bad write retry",)
    assert [found.code for found in told.findings] == ["retry-moved"]
    assert told.clauses[0].id == "repeated-call.pointer-may-move"
    assert told.clauses[0].page == "SSL_write(3) of OpenSSL 1.1.1w"
    assert told.advice[0] == told.findings[0].advice
    assert [each.releases for each in told.elsewhere] == ["0.9.6 to 1.1.0", "1.1.1 to 3.5"]
    assert told.behaviours[0].key == "write.after_bad_retry"


def test_behaviours_of_tls_1_3_are_left_out_where_another_version_is_spoken():
    pair, data = blocked("1.1.1", protocol="TLSv1.2")
    pair.client.write(data.moved())
    assert not [each for each in pair.client.explain().behaviours if each.key.startswith("tls13.")]


def test_an_error_of_an_earlier_call_is_named_as_that():
    pair, data = blocked("1.1.1")
    ERR_put_error(STALE)
    pair.client.write(data)
    told = pair.client.explain()
    assert told.answer == "-1 SSL"
    assert told.means.startswith("An error of an earlier call was still in the queue")
    assert "queue-dirty" in [found.code for found in told.findings]
    assert "ERR_clear_error()" in told.advice[0]


@pytest.mark.parametrize("release", ["0.9.8", "1.0.2", "1.1.1", "3.5"])
def test_a_write_of_nothing_is_no_failure_of_the_connection(release):
    client, _server = connected_pair(release, undefined="ignore")
    client.write(b"")
    told = client.explain()
    assert told.answer == "0 SYSCALL"
    assert "The connection is as it was." in told.means
    topics = [each.id.partition(".")[0] for each in told.clauses]
    assert "num-zero" in topics


def test_a_read_without_data_says_to_wait():
    client, _server = connected_pair("1.0.2")
    client.read(100)
    told = client.explain()
    assert told.means == "No data of the peer's application has arrived."
    assert told.advice[0].startswith("Wait until the transport is readable")


def test_a_handshake_without_an_answer_says_to_wait():
    client, _server = connected_pair("1.0.2", handshake=False)
    client.do_handshake()
    told = client.explain()
    assert told.answer == "-1 WANT_READ"
    assert told.means == "The handshake needs a message of the peer's."


def test_a_first_shutdown_is_no_error():
    client, _server = connected_pair("1.0.2")
    client.shutdown()
    told = client.explain()
    assert told.answer == "0 SYSCALL"
    assert "This is no error." in told.means
    assert told.clauses[0].id.startswith("shutdown-zero.")


def test_the_peers_close_is_named_at_a_read():
    client, server = connected_pair("1.1.1", protocol="TLSv1.2")
    server.shutdown()
    client.read(100)
    told = client.explain()
    assert told.answer == "0 ZERO_RETURN"
    assert told.means.startswith("The peer has sent close_notify")


def test_a_broken_pipe_has_its_errno():
    client, _server = connected_pair("1.0.2")
    ours, _theirs = make_scripted_bio_pair()
    client.set_bio(ours, ours)
    ours.outgoing.plan.append({"errno": 32})
    client.write(b"data")
    told = client.explain()
    assert told.answer == "-1 SYSCALL"
    assert "errno is 32: Broken pipe" in told.means


def test_a_refused_key_update_is_explained_although_ssl_get_error_is_not_asked():
    pair, _data = blocked("1.1.1")
    pair.client.key_update(1)
    told = pair.client.explain()
    assert "key_update(1)" in told.subject
    assert told.answer == "0"
    assert told.errors == ("error:1420307F:SSL routines:SSL_key_update:bad write retry",)
    assert "tls13.key_update_while_pending" in [each.key for each in told.behaviours]


def test_a_crash_is_explained():
    pair, data = blocked("1.0.2k")
    pair.server.read(16_384)
    pair.set_capacity("client", None)
    with pytest.raises(SimulatedCrash):
        pair.client.write(data, 20_000)
    told = pair.client.explain()
    assert told.answer == "SimulatedCrash"
    assert "over-read" in told.means
    assert [found.code for found in told.findings] == ["retry-shorter"]


def test_an_answer_of_the_page_is_named_as_that():
    client, server = connected_pair("1.0.1", blocking=True, block_timeout=0.1, protocol="TLSv1")
    server.renegotiate()
    server.do_handshake()
    client.write(b"data")
    promise = client.promises[0]
    told = client.explain()
    assert promise.clause in [each.id for each in told.clauses]
    assert f"The page decided this answer: {promise.meaning}." in told.means


def test_a_connection_that_nobody_watches_says_how_to_turn_that_on():
    told = Connection("1.0.1").explain()
    assert "findings=True" in told.advice[0]
    assert told.means == ("The last call waits for nothing, and a handshake is to be done or under way.")


def test_a_connection_that_is_watched_on_request_is_explained():
    client = Connection("1.0.1", findings=True)
    client.set_connect_state()
    client.do_handshake()
    assert client.explain().subject == "connection, call 2, do_handshake() on OpenSSL 1.0.1u"


def test_explaining_is_no_call_on_the_connection():
    pair, data = blocked("1.1.1")
    before = str(pair.client.explain())
    assert str(pair.client.explain()) == str(emulator.explain(pair.client)) == before
    pair.server.read(16_384)
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 40_000
    assert pair.client.findings == []


@pytest.mark.parametrize("release", SERIES)
def test_all_parts_of_an_explanation_exist_in_every_generation(release):
    pair, data = blocked(release)
    pair.client.write(data.moved())
    told = pair.client.explain()
    assert told.behaviours
    assert told.clauses
    assert told.advice
    assert told.elsewhere
    assert all(clause_called(each.id) is not None for each in told.clauses)
    assert max(len(line) for line in str(told).splitlines()) <= 110


CALLS = {
    "write": lambda conn, n: conn.write(Buffer(n)),
    "negative": lambda conn, n: conn.write(b"abc", -1),
    "write_ex": lambda conn, n: conn.write_ex(Buffer(n)),
    "read": lambda conn, n: conn.read(n),
    "peek": lambda conn, n: conn.peek(n),
    "handshake": lambda conn, n: conn.do_handshake(),
    "shutdown": lambda conn, n: conn.shutdown(),
    "renegotiate": lambda conn, n: conn.renegotiate(),
    "key_update": lambda conn, n: conn.key_update(n % 2),
    "clear": lambda conn, n: conn.clear(),
    "garbage": lambda conn, n: conn.wbio.write(bytes(n % 50 + 5)),
    "close": lambda conn, n: conn.close(),
    "accept": lambda conn, n: conn.set_accept_state(),
    "get_error": lambda conn, n: conn.get_error(-1),
    "dirty": lambda conn, n: ERR_put_error(STALE),
    "clean": lambda conn, n: ERR_clear_error(),
}
STEPS = st.tuples(
    st.sampled_from(["client", "server"]), st.sampled_from(sorted(CALLS)), st.integers(0, 40_000)
)


@given(
    release=st.sampled_from(SERIES),
    handshake=st.booleans(),
    partial=st.booleans(),
    seed=st.integers(0, 5) | st.none(),
    steps=st.lists(STEPS, min_size=1, max_size=8),
)
@settings(max_examples=120)
def test_every_call_of_any_sequence_can_be_explained(release, handshake, partial, seed, steps):
    client = {"modes": ["ENABLE_PARTIAL_WRITE"]} if partial else None
    policy = {} if seed is None else {"policy": seed}
    pair = connected_pair(
        release, capacity=20_000, handshake=handshake, client=client, undefined="ignore", **policy
    )
    for who, name, n in steps:
        conn = getattr(pair, who)
        with contextlib.suppress(emulator.EmulatorError, AttributeError):
            CALLS[name](conn, n)
        for each in pair:
            told = each.explain()
            assert isinstance(told, Explanation)
            assert str(told).startswith(told.subject)
            assert len(told.behaviours) <= MOST_BEHAVIOURS
            assert len(told.advice) <= MOST_ADVICE
            assert len(told.elsewhere) <= MOST_ELSEWHERE
