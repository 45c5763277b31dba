"""The ledger, where connections end: bytes that nobody can finish, send or read any more."""

from __future__ import annotations

import copy
import itertools
import pickle

import pytest

from emulator import Buffer, BufferBIO, LedgerError, MemoryBIO, UsageError, connected_pair
from emulator.error_queue import current


@pytest.fixture(autouse=True)
def _clean_queue():
    yield
    current().clear()


@pytest.mark.parametrize("release", ["1.1.1w", "3.0.8", "3.5.4"])
def test_a_refused_retry_dooms_the_write_where_it_is_fatal(release):
    data = b"x" * 1000
    pair = connected_pair(release, capacity=100)
    pair.client.write(data)
    assert pair.client.write(Buffer(data)) == -1  # bad write retry
    loss = pair.ledger.doomed()
    assert (loss.code, loss.step.number, loss.offered_by.number) == ("abandoned", 2, 1)
    current().clear()
    pair.set_capacity("client", None)
    assert pair.client.write(data) == -1
    assert pair.ledger.doomed() == loss


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.2u"])
def test_a_refused_retry_dooms_nothing_where_the_right_one_still_succeeds(release):
    data = b"x" * 1000
    pair = connected_pair(release, capacity=100)
    pair.client.write(data)
    assert pair.client.write(Buffer(data)) == -1
    assert pair.ledger.doomed() is None
    current().clear()
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 1000
    pair.server.read(1000)
    pair.ledger.check(delivered=True)


def test_the_numbers_of_an_unfinished_write():
    pair = connected_pair("1.0.2u", capacity=100)
    pair.client.write(b"x" * 1000)
    pair.client.write(b"y" * 5000, 10)  # refused: it is not offered
    account = pair.ledger.client
    assert (account.offered, account.accepted, account.recorded, account.on_the_way) == (1000, 0, 1000, 1000)


# -- transports that are left ---------------------------------------------------------------------


def loss_of(pair):
    with pytest.raises(LedgerError) as found:
        pair.ledger.check()
    assert pair.ledger.doomed() == found.value.loss
    return found.value.loss


def test_a_receiver_without_a_transport_leaves_the_bytes_in_it():
    pair = connected_pair("1.1.1w")
    pair.client.write(b"hello")
    end = pair.ends[1]
    pair.server.set_bio(None, None)
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.expected, loss.step.name) == ("left", 0, b"hello", "set_bio")
    pair.server.set_bio(end, end)
    pair.ledger.check()
    pair.server.read(5)
    pair.ledger.check(delivered=True)


def test_a_receiver_with_the_transport_of_another_pair_leaves_them_too():
    pair, other = connected_pair("1.1.1w"), connected_pair("1.1.1w")
    pair.client.write(b"hello")
    pair.server.set_bio(other.ends[1], other.ends[1])
    assert loss_of(pair).code == "left"


def test_bytes_that_the_caller_carries_to_the_next_transport_are_not_left():
    pair = connected_pair("1.1.1w")
    pair.client.write(b"hello")
    memory = MemoryBIO()
    pair.server.set_bio(memory, pair.ends[1])
    pair.ledger.check()  # the caller may carry them
    memory.write(pair.ends[1].read(1000))
    pair.server.read(5)
    pair.ledger.check(delivered=True)


def test_a_close_behind_the_close_notifies_leaves_what_was_not_read():
    pair = connected_pair("1.1.1w", protocol="TLSv1.2")
    pair.client.write(b"hello")
    pair.server.shutdown()
    pair.client.read(5)
    pair.client.shutdown()
    pair.ledger.check()
    pair.server.close()
    loss = loss_of(pair)
    assert (loss.code, loss.step.name) == ("left", "close")


def test_a_connection_that_is_closed_with_unread_bytes_of_an_opened_record_has_lost_them():
    pair = connected_pair("1.1.1w")
    pair.client.write(b"hello")
    pair.server.read(2)
    pair.server.close()
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.expected) == ("left", 2, b"llo")
    pair.server.read(3)  # SSL_set_bio() alone would have left them to read
    pair.ledger.check(delivered=True)


def test_both_ends_may_be_closed_when_all_is_read():
    pair = connected_pair("3.5.4")
    pair.server.write(b"more")  # behind the tickets
    pair.client.write(b"hello")
    pair.server.read(5)
    pair.client.read(4)
    pair.client.close()
    pair.server.close()
    pair.ledger.check(delivered=True)


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.1w", "3.5.4"])
def test_a_buffer_that_is_left_unflushed_keeps_its_bytes(release):
    pair = connected_pair(release)
    pair.client.write(b"sent")
    buffer = BufferBIO(pair.ends[0])
    pair.client.set_bio(pair.ends[0], buffer)
    pair.client.write(b"kept")
    pair.ledger.check()
    pair.client.close()
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.expected, loss.step.name) == ("unflushed", 4, b"kept", "close")
    buffer.flush()
    pair.ledger.check()
    assert pair.server.read(4) + pair.server.read(4) == (4, b"sent", 4, b"kept")
    pair.ledger.check(delivered=True)


def test_a_close_notify_that_is_left_unflushed_loses_no_data():
    pair = connected_pair("1.1.1w")
    buffer = BufferBIO(pair.ends[0])
    pair.client.set_bio(pair.ends[0], buffer)
    pair.client.write(b"sent")
    buffer.flush()
    pair.client.shutdown()
    pair.client.close()
    pair.ledger.check()


@pytest.mark.parametrize(
    ("release", "read_first"),
    [("0.9.8zh", True), *itertools.product(["1.0.2u", "1.1.1w", "3.5.4"], [True, False])],
)
def test_a_record_whose_end_was_cut_off_is_missing(release, read_first):
    pair = connected_pair(release)
    pair.client.write(b"whole")
    pair.client.write(b"hello")
    del pair.ends[1].incoming.arrived[-3:]
    if read_first:
        assert pair.server.read(5) == (5, b"whole")
        assert pair.server.read(5) == (-1, b"")
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.expected) == ("missing", 5, b"hello")


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("settings", [{}, {"ledger": False, "findings": False, "progress": False}])
def test_connections_and_pairs_cannot_be_copied(make, settings):
    pair = connected_pair("1.1.1w", **settings)
    for each, name in ((pair, "pair"), (pair.client, "connection")):
        with pytest.raises(UsageError, match=f"a {name} cannot be copied or pickled: make another one"):
            make(each)
