from __future__ import annotations

import socket
import threading

import pytest

from emulator import BIO, Connection, ERR_clear_error, MemoryBIO, SocketBIO, UsageError, connected_pair
from emulator.bio.filter import FilterBIO
from emulator.constants import ErrorCode
from emulator.contract.call import Listener, state_of
from emulator.contract.path import HeardBIO, heard_class, listen


class Log(Listener):
    def __init__(self):
        self.begun, self.calls = [], []

    def before(self, call):
        self.begun.append(call)

    def after(self, call):
        self.calls.append(call)


class TransportLog(Log):
    hears_transport = True

    def __init__(self):
        super().__init__()
        self.passed = []

    def sent(self, call, data, ret, bio):
        self.passed.append((call and call.name, "sent", bytes(data), ret))

    def received(self, call, size, data, ret, bio):
        self.passed.append((call and call.name, "received", data, ret))


@pytest.fixture
def pair():
    return connected_pair("1.0.1u", protocol="TLSv1.2", ledger=False, progress=False, findings=False)


def test_a_connection_without_listeners_is_of_its_own_class():
    pair = connected_pair("1.0.1u", findings=False, ledger=False, progress=False)
    assert type(pair.client) is Connection


def test_a_listener_hears_each_call_with_its_arguments_and_its_answer(pair):
    log = Log()
    listen(pair.client, log)
    pair.client.write(b"four")
    pair.client.read(10)
    write, read = log.calls
    assert (write.name, write.data, write.size, write.ret, write.count) == ("write", b"four", 4, 4, 4)
    assert (read.name, read.ret, read.count, read.error) == ("read", -1, 0, ErrorCode.WANT_READ)
    assert (write.number, read.number) == (1, 2)


def test_write_ex_counts_the_bytes_apart_from_its_return_value():
    pair = connected_pair("1.1.1w", protocol="TLSv1.2", capacity=0)
    log = Log()
    listen(pair.client, log)
    assert pair.client.write_ex(b"four", written=9) == (0, 9)
    pair.set_capacity("client", None)
    assert pair.client.write_ex(b"four") == (1, 4)
    assert [(call.ret, call.count) for call in log.calls] == [(0, 0), (1, 4)]


def test_an_object_stays_an_instance_of_its_class_and_keeps_its_name(pair):
    class Own(Connection):
        def twice(self, data):
            return self.write(data) + self.write(data)

    own = Own("1.0.1u")
    log = Log()
    listen(own, log)
    assert isinstance(own, Own)
    assert type(own).__name__ == "Own"
    assert own.twice(b"x") == -2
    assert [call.name for call in log.calls] == ["write", "write"]  # "twice" is no call of the library


def test_a_call_that_a_class_of_the_callers_replaces_is_heard_once(pair):
    class Own(Connection):
        def write(self, data, num=None):
            return super().write(bytes(data), num)

    own = Own("1.0.1u")
    log = Log()
    listen(own, log)
    own.write(b"x")
    assert [(call.name, call.ret) for call in log.calls] == [("write", -1)]


def test_misspelt_attributes_are_errors_with_listeners_too(pair):
    listen(pair.client, Log())
    with pytest.raises(AttributeError, match="did you mean 'write'"):
        pair.client.wriite  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean"):
        pair.client.sett_mode = 1


def test_a_call_that_the_release_lacks_is_missing_with_listeners_too(pair):
    listen(pair.client, Log())
    assert not hasattr(pair.client, "write_ex")


def test_a_listener_hears_the_state_before_and_after(pair):
    log = Log()
    listen(pair.client, log)
    pair.client.shutdown()
    (call,) = log.calls
    assert (call.before.shutdown, call.after.shutdown) == (0, 1)
    assert call.before.established
    assert call.after == state_of(pair.client._s)


def test_a_listener_hears_of_a_call_that_raises(pair):
    log = Log()
    listen(pair.client, log)
    with pytest.raises(UsageError):
        pair.client.write(b"x", 2)
    assert isinstance(log.calls[0].raised, UsageError)
    assert log.calls[0].ret is None


def test_a_listener_may_refuse_a_call_which_is_not_made(pair):
    class Refuses(Listener):
        def before(self, call):
            raise UsageError("no")

    listen(pair.client, Refuses())
    with pytest.raises(UsageError, match="no"):
        pair.client.write(b"x")
    assert pair.server.read(1) == (-1, b"")


def test_the_calls_of_a_listener_are_not_heard(pair):
    class Asks(Log):
        def after(self, call):
            super().after(call)
            pair.client.get_error(-1)

    log = Asks()
    listen(pair.client, log)
    pair.client.write(b"x")
    assert [call.name for call in log.calls] == ["write"]


def test_a_listener_that_was_removed_hears_nothing(pair):
    log = Log()
    path = listen(pair.client, log)
    path.remove(log)
    pair.client.write(b"x")
    assert log.calls == []


def test_calls_of_two_threads_are_apart():
    pair = connected_pair("1.0.1u", blocking=True)
    log = Log()
    listen(pair.client, log)
    listen(pair.server, log)
    server = threading.Thread(target=lambda: pair.server.read(4))
    server.start()
    pair.client.write(b"four")
    server.join()
    assert {(call.name, call.ret) for call in log.calls} == {("write", 4), ("read", 4)}
    assert len({call.thread for call in log.calls}) == 2


# -- the transport ------------------------------------------------------------------------------


def test_a_listener_hears_what_passes_to_and_from_the_transport(pair):
    log = TransportLog()
    listen(pair.client, log)
    pair.client.write(b"four")
    pair.server.write(b"back")
    pair.client.read(4)
    (name, kind, record, ret), *reads = log.passed
    assert (name, kind, ret) == ("write", "sent", len(record))
    assert record[0] == 23
    assert b"".join(data for _, _, data, _ in reads)[:1] == b"\x17"
    assert {name for name, *_ in reads} == {"read"}


def test_the_caller_sees_the_own_transport_and_not_the_one_in_front_of_it():
    near, far = socket.socketpair()
    with near, far:
        conn = Connection("1.0.1u", sock=near)
        listen(conn, TransportLog())
        assert type(conn.rbio) is SocketBIO
        other = MemoryBIO()
        conn.set_bio(other, other)
        assert conn.rbio is other
        assert conn.wbio is other


def test_a_transport_that_is_set_later_is_heard_as_well():
    conn = Connection("1.0.1u")
    log = TransportLog()
    listen(conn, log)
    conn.set_bio(MemoryBIO(), MemoryBIO())
    conn.set_connect_state()
    assert conn.do_handshake() == -1
    assert [name for name, *_ in log.passed] == ["do_handshake", "do_handshake"]
    assert conn.get_error(-1) == ErrorCode.WANT_READ


@pytest.mark.parametrize("release", ["0.9.6m", "1.0.2u", "1.1.1w", "3.2.0"])
def test_the_transport_that_is_heard_answers_as_without_a_listener(release):
    runs = []
    data = bytes(5000)
    for hears in (False, True):
        pair = connected_pair(release, protocol="TLSv1.2" if release[0] != "0" else "TLSv1", capacity=700)
        if hears:
            listen(pair.client, TransportLog())
        client, server = pair
        runs.append(
            [
                (ret := client.write(data), client.get_error(ret), client.want()),
                server.read(16384)[0],
                (ret := client.write(data), client.get_error(ret), client.want()),
                (client.shutdown(), client.get_shutdown()),
            ]
        )
    assert runs[0] == runs[1]


def test_a_filter_passes_everything_on_to_the_next_bio():
    told = []
    inner = MemoryBIO()
    outer = FilterBIO(inner)
    outer.on_error = lambda *error: told.append(error)
    outer.push_error("BIO_WRITE", "BROKEN_PIPE")
    outer.write(b"abc")
    outer.errno, outer.flags = 5, 9
    assert (inner.errno, inner.flags, told) == (5, 9, [("BIO_WRITE", "BROKEN_PIPE")])
    seen = outer.pending(), outer.look(2) == inner.look(2), outer.read(9), outer.eof(), outer.flush()
    assert seen == (3, True, b"abc", inner.eof(), 1)
    assert (outer.blocks(), outer.should_retry, outer.ret) == (inner.blocks(), inner.should_retry, inner.ret)


def test_a_filter_knows_every_call_of_a_bio():
    calls = {name for name in vars(BIO) if not name.startswith("_")} - {"copy_next_retry"}
    assert calls <= set(vars(FilterBIO))


def test_the_class_of_heard_connections_is_made_once():
    assert heard_class(Connection) is heard_class(Connection)
    assert issubclass(heard_class(Connection), Connection)
    assert issubclass(HeardBIO, BIO)


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u", "1.1.1w", "3.5"])
def test_who_only_listens_does_not_look_for_a_bio_that_is_not_there(release):
    """SSL_get_error() dies of a BIO that was taken away; nobody has called it."""

    def answers(**keywords):
        pair = connected_pair(release, protocol="TLSv1", capacity=10, **keywords)
        client = pair.client
        ERR_clear_error()
        assert client.get_error(client.write(b"a" * 1000)) is ErrorCode.WANT_WRITE
        client.set_bio(None, None)
        return client.shutdown(), client.read(1), client.shutdown()

    assert answers() == answers(ledger=False, findings=False)
