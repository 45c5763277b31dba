"""Classes and transports of a caller's own: the ledger hears the calls that reach the library."""

from __future__ import annotations

import pytest

from emulator import Connection, Context, Ledger, LedgerError, make_bio_pair
from emulator.bio.filter import FilterBIO
from emulator.contract.call import Listener
from emulator.contract.path import listen


def joined(client_class=Connection, transport=lambda end: end):
    ends = make_bio_pair()
    context = Context("1.1.1w")
    context.use_fixture()
    client = client_class("1.1.1w", bio=transport(ends[0]))
    server = Connection(context=context, bio=ends[1])
    client.set_connect_state()
    server.set_accept_state()
    for _ in range(5):
        client.do_handshake()
        server.do_handshake()
    return client, server, Ledger(client, server)


class Framed(Connection):
    """Every call answers otherwise than the library's."""

    def write(self, data, num=None):
        return super().write(b"HDR" + data) - 3

    def write_ex(self, data, num=None):
        return super().write_ex(b"HDR" + data)[0] == 1

    def read(self, n, into=None):
        ret, data = super().read(n)
        return ret, data[:3], data[3:]


def test_the_ledger_judges_the_calls_of_the_library_and_not_those_that_replace_them():
    client, server, ledger = joined(Framed)
    assert client.write(b"body") == 4
    assert client.write_ex(b"more") is True
    assert client.write_ex(b"more") is True  # the second time as the first
    assert server.write(b"answer") == 6
    assert (server.read(7), server.read(14)) == ((7, b"HDRbody"), (7, b"HDRmore"))
    assert server.read(14) == (7, b"HDRmore")
    assert client.read(100) == (6, b"ans", b"wer")
    ledger.check(delivered=True)
    assert ledger.client.delivered == 21


def test_a_listener_hears_the_arguments_that_reach_the_library():
    class Log(Listener):
        calls = ()

        def after(self, call):
            self.calls += ((call.name, bytes(call.data), call.ret),)

    client, _, _ = joined(Framed)
    log = Log()
    listen(client, log)
    client.write(b"x")
    assert log.calls == (("write", b"HDRx", 4),)


def test_a_call_past_the_class_that_hears_is_told():
    class Past(Connection):
        def write(self, data, num=None):
            return Connection.write(self, data)

    client, _, ledger = joined(Past)
    client.write(b"x")
    with pytest.raises(LedgerError, match="must use super") as found:
        ledger.check()
    assert found.value.code == "unheard"


class Calls(FilterBIO):
    """A transport that calls the connection behind every BIO_write() or BIO_read()."""

    __slots__ = ("todo", "when")

    def __init__(self, end):
        super().__init__(end)
        self.todo, self.when = None, ""

    def write(self, data):
        ret = super().write(data)
        self._call("write")
        return ret

    def read(self, n):
        self._call("read")
        return super().read(n)

    def _call(self, when):
        if self.todo is not None and self.when == when:
            todo, self.todo = self.todo, None
            todo()


def test_a_write_within_a_read_is_followed():
    client, server, ledger = joined(transport=Calls)
    transport = client._wbio
    transport.when, transport.todo = "read", lambda: client.write(b"nested")
    server.write(b"four")
    client.read(4)
    assert ledger.client.accepted == 6
    server.read(6)
    ledger.check(delivered=True)


def test_a_write_within_a_write_is_told_as_such():
    client, _, ledger = joined(transport=Calls)
    transport = client._wbio
    transport.when, transport.todo = "write", lambda: client.write(b"nested")
    assert client.write(b"outer") == 5
    with pytest.raises(LedgerError, match="in the middle of call 1, client") as found:
        ledger.check()
    assert found.value.code == "reentered"
