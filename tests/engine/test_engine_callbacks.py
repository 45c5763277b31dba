"""Exceptions that callbacks and transports raise in the middle of a call."""

from __future__ import annotations

import itertools

import pytest

from emulator import Connection, Context, MemoryBIO, connected_pair
from emulator.error_queue import current

WORLDS = [
    ("0.9.8", "TLSv1"),
    ("1.0.1", "TLSv1"),
    ("1.0.1", "TLSv1.2"),
    ("1.1.0", "TLSv1.2"),
    ("1.1.1", "TLSv1.3"),
    ("3.5.4", "TLSv1.3"),
]
ROUNDS = 20


class BoomError(Exception):
    """Raised by a callback."""


def shake(pair):
    """Both sides in turn until both are done; how many times a callback has raised."""
    raised, done = 0, [False, False]
    for _ in range(ROUNDS):
        for side, end in enumerate(pair):
            if not done[side]:
                try:
                    done[side] = end.do_handshake() == 1
                except BoomError:
                    raised += 1
        if all(done):
            break
    assert all(done), [str(entry) for entry in current()]
    return raised


def exchange(pair):
    for end in pair:
        end.set_info_callback(None)
        end.set_msg_callback(None)
    for one, other in (pair, pair[::-1]):
        assert one.write(b"hello") == 5
        assert other.read(10) == (5, b"hello")


@pytest.mark.parametrize("who", ["client", "server"])
@pytest.mark.parametrize("kind", ["info", "msg"])
@pytest.mark.parametrize(("release", "protocol"), WORLDS)
def test_a_handshake_goes_on_after_a_callback_has_raised(release, protocol, kind, who):
    """At every single call of the callback: the exception comes out of the call once, and nothing is lost."""
    for position in itertools.count():
        pair = connected_pair(release, protocol=protocol, handshake=False)
        calls = itertools.count()

        def call(*_, position=position, calls=calls):
            if next(calls) == position:
                raise BoomError

        getattr(getattr(pair, who), f"set_{kind}_callback")(call)
        raised = shake(pair)
        exchange(pair)
        if next(calls) <= position:
            break
        assert raised == 1
    assert position > 5


@pytest.mark.parametrize("release", ["1.0.1", "1.1.1"])
def test_every_call_raises_what_its_callbacks_have_raised_and_only_then(release):
    def call(*_):
        raise BoomError

    pair = connected_pair(release, protocol="TLSv1.2")
    pair.client.set_msg_callback(call)
    with pytest.raises(BoomError):
        pair.client.shutdown()
    pair.client.set_msg_callback(None)
    assert pair.server.read(1) == (0, b"")
    assert pair.server.shutdown() == 1
    assert pair.client.shutdown() == 1


def test_the_first_of_several_exceptions_is_raised():
    pair = connected_pair("1.0.1", handshake=False)
    numbers = itertools.count()

    def call(*_):
        raise BoomError(next(numbers))

    pair.client.set_info_callback(call)
    with pytest.raises(BoomError, match=r"^0$"):
        pair.client.do_handshake()
    assert next(numbers) > 1


def test_a_context_gives_its_callbacks_to_connections_that_raise_at_their_calls_end():
    def call(*_):
        raise BoomError

    context = Context("1.0.1")
    context.set_info_callback(call)
    client = Connection(context=context)
    with pytest.raises(BoomError):
        client.connect()
    assert client.bio_read(1 << 16).startswith(b"\x16\x03\x01")


def test_a_chain_is_refused_where_its_check_raises():
    def verify(_chain):
        raise BoomError

    server = Context("1.0.1")
    server.use_fixture()
    client = Context("1.0.1")
    client.verify = verify
    pair = Connection(context=client), Connection(context=server)
    pair[0].set_connect_state()
    pair[1].set_accept_state()
    pair[0].do_handshake()
    pair[1].bio_write(pair[0].bio_read(1 << 16))
    pair[1].do_handshake()
    pair[0].bio_write(pair[1].bio_read(1 << 16))
    with pytest.raises(BoomError):
        pair[0].do_handshake()
    assert str(current().get()).endswith("SSL3_GET_SERVER_CERTIFICATE:certificate verify failed")
    current().clear()


def test_a_psk_that_cannot_be_had_is_none():
    def use():
        raise BoomError

    client = Connection("1.1.1")
    client.set_psk_use_session_callback(use)
    with pytest.raises(BoomError):
        client.connect()
    assert client.bio_read(1 << 16).startswith(b"\x16\x03\x01")


class Interrupted(MemoryBIO):
    """A transport whose first read is interrupted, as by a signal."""

    __slots__ = ("times",)

    def __init__(self):
        super().__init__()
        self.times = 1

    def read(self, n):
        self.times -= 1
        if self.times >= 0:
            raise KeyboardInterrupt
        return super().read(n)


@pytest.mark.parametrize("release", ["0.9.8", "1.0.1", "1.1.0", "1.1.1"])
def test_a_read_drives_the_handshake_on_after_the_transport_has_raised(release):
    pair = connected_pair(release, handshake=False)
    reading, writing = Interrupted(), MemoryBIO()
    client = pair.client
    client.set_bio(reading, writing)
    pair.server.set_bio(writing, reading)
    with pytest.raises(KeyboardInterrupt):
        client.read(1)
    for _ in range(4):
        pair.server.do_handshake()
        client.read(1)
    assert client.is_init_finished()
    assert client.write(b"hello") == 5
    assert pair.server.read(10) == (5, b"hello")
