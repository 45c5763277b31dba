"""Early data, call by call; what is expected here is what the real 1.1.1w answered to the same calls."""

from __future__ import annotations

import pytest

from emulator import Connection, Context, ErrorCode

CHANGE_CIPHER_SPEC = (20, 1)


class Ends:
    """A client and a server over memory BIOs; the client has a session that allows early data."""

    def __init__(self, most=1000, release="1.1.1w"):
        self.contexts = [Context(release, follow="library") for _ in range(2)]
        for context in self.contexts:
            context.set_min_proto_version(0x0304)
        self.contexts[1].use_fixture()
        self.contexts[1].set_max_early_data(most)
        self.begin(None)
        for _ in range(3):
            self.client.do_handshake()
            self.pass_on()
            self.server.do_handshake()
            self.pass_on()
        self.client.read(1)
        self.begin(self.client.get_session())

    def begin(self, session):
        self.client, self.server = (Connection(context=context) for context in self.contexts)
        self.client.set_connect_state()
        self.server.set_accept_state()
        if session is not None:
            self.client.set_session(session)

    def pass_on(self):
        """Everything to the other side; the records of both by type and length."""
        sent = [self.client.bio_read(1 << 20), self.server.bio_read(1 << 20)]
        self.server.bio_write(sent[0])
        self.client.bio_write(sent[1])
        return [self._records(wire) for wire in sent]

    @staticmethod
    def _records(wire):
        found = []
        while wire:
            assert wire[1:3] == (b"\x03\x01" if wire[0] == 22 and not found and wire[5] == 1 else b"\x03\x03")
            length = int.from_bytes(wire[3:5], "big")
            found.append((wire[0], length))
            wire = wire[5 + length :]
        return found


@pytest.fixture
def ends():
    return Ends()


def test_early_data_is_read_before_the_handshake_goes_on(ends):
    assert ends.client.write_early_data(b"hello") == (1, 5)
    assert not ends.client.in_init()
    assert ends.client.get_early_data_status() == 1
    sent, _ = ends.pass_on()
    assert sent[1:] == [CHANGE_CIPHER_SPEC, (23, 5 + 1 + 16)]
    assert ends.server.read_early_data(100) == (1, b"hello")
    assert ends.server.read_early_data(100) == (0, b"")
    assert ends.server.get_error(0) == ErrorCode.WANT_READ
    ends.pass_on()
    assert ends.client.connect() == 1
    assert ends.client.get_early_data_status() == 2
    sent, _ = ends.pass_on()
    assert sent == [(23, 4 + 1 + 16), (23, 52 + 1 + 16)]  # EndOfEarlyData and Finished
    assert ends.server.read_early_data(100) == (2, b"")
    assert ends.server.get_early_data_status() == 2
    assert ends.server.accept() == 1
    assert ends.server.write(b"answer") == 6
    ends.pass_on()
    assert ends.client.read(100) == (6, b"answer")


def test_a_server_may_answer_a_client_that_it_does_not_know(ends):
    ends.client.write_early_data(b"hello")
    ends.pass_on()
    ends.server.read_early_data(100)
    assert ends.server.write_early_data(b"who is it?") == (1, 10)
    ends.pass_on()
    assert ends.client.read(100) == (10, b"who is it?")
    assert ends.client.write_early_data(b"still early") == (1, 11)
    ends.pass_on()
    assert ends.server.read_early_data(100) == (1, b"still early")


def test_a_write_ends_early_data_as_soon_as_the_server_has_answered(ends):
    ends.client.write_early_data(b"hello")
    ends.pass_on()
    assert ends.client.write(b"data") == -1
    assert ends.client.get_error(-1) == ErrorCode.WANT_READ
    assert ends.client.write_early_data(b"more") == (0, 0)
    ends.server.read_early_data(100)
    ends.pass_on()
    assert ends.client.write(b"data") == 4
    ends.pass_on()
    assert ends.server.read_early_data(100) == (2, b"")
    assert ends.server.read(100) == (4, b"data")


def test_a_server_that_does_not_ask_for_early_data_passes_over_it(ends):
    ends.client.write_early_data(b"hello")
    ends.client.write_early_data(b"again")
    ends.pass_on()
    assert ends.server.accept() == -1
    assert ends.server.get_error(-1) == ErrorCode.WANT_READ
    assert ends.server.get_early_data_status() == 1
    ends.pass_on()
    assert ends.client.write_early_data(b"more") == (1, 4)
    assert ends.client.connect() == 1
    assert ends.client.get_early_data_status() == 1
    ends.pass_on()
    assert ends.server.accept() == 1
    ends.client.write(b"data")
    ends.pass_on()
    assert ends.server.read(100) == (4, b"data")


def test_a_client_sends_no_more_early_data_than_its_session_allows(ends, drain):
    assert ends.client.write_early_data(bytes(600)) == (1, 600)
    assert ends.client.write_early_data(bytes(400)) == (1, 400)
    assert ends.client.write_early_data(b"x", written=7) == (0, 7)
    assert drain() == ["too much early data"]
    sent, _ = ends.pass_on()
    assert sent[-1] == (21, 2)  # in plain: the server may not be able to read anything else


def test_from_3_2_alerts_among_early_data_are_protected(drain):
    ends = Ends(release="3.5.4")
    assert ends.client.write_early_data(bytes(1001)) == (0, 0)
    drain()
    sent, _ = ends.pass_on()
    assert sent[-1] == (23, 2 + 1 + 16)


@pytest.mark.parametrize("asks", [True, False])
def test_a_server_takes_no_more_early_data_than_it_was_set_to(asks, ends, drain):
    ends.server.set_recv_max_early_data(10)
    for _ in range(2):
        ends.client.write_early_data(bytes(8) if asks else bytes(60))
    ends.pass_on()
    if asks:
        assert ends.server.read_early_data(100) == (1, bytes(8))
        assert ends.server.read_early_data(100) == (0, b"")
    else:
        assert ends.server.accept() == -1
    assert drain() == ["too much early data"]


def test_early_data_goes_out_whole_although_partial_writes_are_enabled(ends):
    session = ends.client.get_session()
    session.max_early_data = 1 << 20
    ends.begin(session)
    ends.client.set_mode(1)
    assert ends.client.write_early_data(bytes(40000)) == (1, 40000)
    assert ends.client.get_mode() & 1


@pytest.mark.parametrize("call", ["read", "write"])
def test_an_unfinished_early_write_must_be_called_again(call, ends, drain):
    ends.client.set_bio(ends.client.rbio, None)
    assert ends.client.write_early_data(b"hello") == (0, 0)
    drain()
    argument = 10 if call == "read" else b"x"
    assert getattr(ends.client, call)(argument) in (0, (0, b""))
    assert drain() == ["called a function you should not call"]


def test_a_server_may_not_write_while_it_reads_early_data(ends, drain):
    ends.client.write_early_data(b"hello")
    ends.pass_on()
    ends.server.read_early_data(2)
    assert ends.server.write(b"x") == 0
    assert ends.server.write_ex(b"") == (0, 0)
    assert drain() == ["called a function you should not call"] * 2
    assert ends.server.read(10) == (3, b"llo")  # a plain read takes early data, too


def test_without_early_data_there_is_nothing_to_read(ends):
    ends.client.connect()
    ends.pass_on()
    assert ends.server.read_early_data(10) == (2, b"")
    assert ends.server.get_early_data_status() == 0
    ends.pass_on()
    assert ends.client.connect() == 1


def test_reading_ends_early_data_only_once_something_else_is_written(ends):
    """The handshake is complete but for the client's Finished; its application keys are not in use yet."""
    ends.client.write_early_data(b"hello")
    ends.pass_on()
    ends.server.read_early_data(100)
    ends.pass_on()
    assert ends.client.read(10)[0] == -1
    assert ends.client.write_early_data(b"more") == (1, 4)
    ends.pass_on()
    assert ends.server.read_early_data(100) == (1, b"more")
