"""What a listener makes of the calls on a connection."""

from __future__ import annotations

import pytest

from emulator import Buffer, Connection, Context, ErrorCode, connected_pair, make_scripted_bio_pair
from emulator.contract.path import listen
from emulator.pages.observer import Observer
from emulator.pages.page import page_of
from emulator.pages.predicates import Verdict, verdict_of


class Seen(list):
    """The observations of a connection, each with what it says of a clause of its page."""

    def __init__(self, conn):
        super().__init__()
        self.page = page_of(conn.profile)
        listen(conn, Observer(lambda _call, seen: self.append(seen)))

    def of(self, topic, at=-1):
        return verdict_of(self.page.clause(topic), self[at])


def pair(profile="1.0.1", **settings):
    return connected_pair(profile, follow="library", **settings)


def test_a_write_is_seen_with_its_state_and_what_it_sent():
    client, server = pair()
    seen = Seen(client)
    client.write(b"hello")
    (one,) = seen
    assert (one.name, one.size, one.ret, one.count, one.error) == ("write", 5, 5, 5, ErrorCode.NONE)
    assert one.before.established
    assert one.transport.sent > 5
    assert one.transport.refused == 0
    assert seen.of("whole-write") is Verdict.KEPT
    server.read(5)


def test_a_request_for_a_renegotiation_lies_there_after_a_write():
    client, server = pair(protocol="TLSv1")
    seen = Seen(client)
    server.renegotiate()
    server.do_handshake()
    client.write(b"data")
    assert seen[-1].transport.request
    assert seen[-1].transport.request_left
    assert seen.of("renegotiation") is Verdict.BROKEN
    client.read(100)
    assert not seen[-1].transport.request_left


def test_a_repeated_write_is_compared_with_the_former_one():
    client, _server = pair(
        "1.1.1", protocol="TLSv1.2", capacity=100, client={"modes": ["ACCEPT_MOVING_WRITE_BUFFER"]}
    )
    seen = Seen(client)
    data = Buffer(b"a" * 1000)
    assert client.write(data) == -1
    assert seen[-1].repeated is None
    assert seen.of("partly-processed") is Verdict.USED
    client.write(data)
    assert seen[-1].repeated.same
    client.write(Buffer(b"a" * 1000))
    assert (seen[-1].repeated.same_buffer, seen[-1].repeated.same_contents) == (False, True)
    assert seen.of("mode-moving") is Verdict.USED
    client.write(Buffer(b"b" * 1000))
    assert not seen[-1].repeated.same_contents
    client.write(Buffer(b"b" * 1001))
    assert not seen[-1].repeated.same_length
    assert seen.of("repeated-call") is Verdict.BROKEN


def test_bytes_that_are_changed_in_place_are_noticed():
    client, _server = pair(capacity=100)
    seen = Seen(client)
    data = bytearray(b"a" * 1000)
    client.write(data)
    data[500] = 0
    client.write(data)
    assert seen[-1].repeated.same_buffer
    assert not seen[-1].repeated.same_contents


def test_the_rest_of_a_partial_write_is_remembered():
    client, _server = pair(client={"modes": ["ENABLE_PARTIAL_WRITE"]})
    seen = Seen(client)
    assert client.write(b"a" * 20000) == 16384
    client.write(b"a" * 3616)
    assert seen[-1].rest == 3616
    assert seen.of("partial-rest") is Verdict.KEPT
    assert client.write(b"a" * 20000) == 16384
    client.write(b"a" * 20000)
    assert seen.of("partial-rest") is Verdict.BROKEN


def test_it_is_seen_whether_the_caller_asked_for_the_reason():
    client, _server = pair(capacity=100)
    seen = Seen(client)
    data = b"a" * 1000
    ret = client.write(data)
    client.get_error(ret)
    assert [seen.of(topic) for topic in ("failure-reason", "error-argument", "error-between")] == [
        Verdict.KEPT
    ] * 3
    client.get_error(5)
    assert seen.of("error-argument") is Verdict.BROKEN
    client.write(data)
    client.write(data)
    assert seen.of("failure-reason") is Verdict.BROKEN
    client.want()
    client.get_error(-1)
    assert seen.of("error-between") is Verdict.BROKEN


def scripted(profile):
    """An established client and its transport, which takes a plan."""
    context = Context(profile, follow="library", method="TLSv1.2")
    context.use_fixture()
    ours, theirs = make_scripted_bio_pair()
    client, server = Connection(context=context, bio=ours), Connection(context=context, bio=theirs)
    client.set_connect_state()
    server.set_accept_state()
    while client.do_handshake() + server.do_handshake() != 2:
        ours.outgoing.deliver()
        theirs.outgoing.deliver()
    return client, ours


@pytest.mark.parametrize(("profile", "verdict"), [("1.1.1", Verdict.OUTSIDE), ("3.2.0", Verdict.BROKEN)])
def test_a_transport_that_took_nothing_makes_a_success_untrue(profile, verdict):
    client, transport = scripted(profile)
    seen = Seen(client)
    transport.outgoing.plan.append("zero")
    client.write(b"hello")
    assert seen.of("count") is verdict
    assert seen[-1].transport.refused > 5


def test_a_lost_transport_and_the_calls_after_it_are_seen_as_such():
    client, transport = scripted("1.1.1")
    seen = Seen(client)
    transport.outgoing.plan.append({"errno": 32})
    client.write(b"x")
    assert (seen[-1].transport.write_failed, seen[-1].errno) == (True, 32)
    assert seen.of("syscall-error") is Verdict.KEPT
    assert seen.of("after-fatal") is Verdict.KEPT
    client.write(b"x")
    assert seen.of("after-fatal") is Verdict.BROKEN


def test_a_peer_that_closed_is_seen_as_such():
    client, server = pair("1.1.1", protocol="TLSv1.2")
    seen = Seen(client)
    server.shutdown()
    client.read(1)
    assert seen[-1].closed
    assert seen.of("peer-close") is Verdict.KEPT


def test_clear_makes_a_new_connection_of_it():
    client, _server = pair(capacity=100)
    seen = Seen(client)
    client.write(b"a" * 1000)
    client.shutdown()
    assert seen.of("repeat-call") is Verdict.BROKEN
    client.clear()
    client.write(b"a")
    assert seen[-1].last is None
    assert not seen[-1].had_session


def test_a_call_that_raises_is_not_observed():
    client, _server = pair()
    seen = Seen(client)
    with pytest.raises(ValueError, match="num"):
        client.write(b"a", 2)
    assert seen == []
