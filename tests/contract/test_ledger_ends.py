"""The ledger, where connections end: bytes that nobody can finish, send or read any more."""

from __future__ import annotations

import pytest

from emulator import Buffer, connected_pair
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
