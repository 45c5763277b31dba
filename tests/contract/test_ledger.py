"""The ledger: what callers were told is written is what their peers get, or it says where it is not."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from emulator import (
    Connection,
    Context,
    Deadlock,
    Ledger,
    LedgerError,
    MemoryBIO,
    SimulatedCrash,
    UsageError,
    connected_pair,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.contract.byte_queue import ByteQueue
from emulator.engine.calls import ssl_read
from emulator.engine.sending.over_read import FOREIGN_MARK

MOVING = {"modes": ["ACCEPT_MOVING_WRITE_BUFFER"]}
ALL = [
    "0.9.6m",
    "0.9.7m",
    "0.9.8zh",
    "1.0.0t",
    "1.0.1u",
    "1.0.2u",
    "1.1.0l",
    "1.1.1w",
    "3.0.8",
    "3.2.0",
    "3.5.4",
]
ROOT = Path(__file__).resolve().parents[2]
DATA = bytes(range(251)) * 200


def pair_of(release, **settings):
    settings.setdefault("follow", "library")
    if "protocol" not in settings:
        settings["protocol"] = "TLSv1.2" if int(release[0]) > 1 or release >= "1.0.1" else "TLSv1"
    return connected_pair(release, **settings)


def scripted(release, **settings):
    """A pair over a transport that a script controls; the client's direction is the first."""
    pair = pair_of(release, **settings)
    there, back = make_scripted_bio_pair()
    pair.client.set_bio(there, there)
    pair.server.set_bio(back, back)
    return pair, there.outgoing, back.outgoing


def loss_of(pair, **how):
    with pytest.raises(LedgerError) as caught:
        pair.ledger.check(**how)
    return caught.value


# -- accounts -----------------------------------------------------------------------------------


def test_a_pair_has_a_ledger_unless_it_was_turned_off():
    assert isinstance(pair_of("1.1.1w").ledger, Ledger)
    with pytest.raises(UsageError, match=r"connected_pair\(..., ledger=True\)"):
        pair_of("1.1.1w", ledger=False).ledger  # noqa: B018


@pytest.mark.parametrize("release", ALL)
def test_the_accounts_follow_the_bytes_of_both_callers(release):
    pair = pair_of(release)
    pair.client.write(DATA[:20000])
    pair.server.write(b"back")
    account = pair.ledger.client
    assert account[1:7] == (20000, 20000, 20000, 0, 0, 0)
    assert account.on_the_way == 20000
    assert [(record.type, record.size) for record in account.records if record.size] == [
        (23, 16384),
        (23, 3616),
    ]
    pair.ledger.check()
    assert pair.server.read(5000)[0] == 5000
    assert pair.ledger.client[4:6] == (16384, 5000)
    while pair.server.read(20000)[0] > 0:
        pair.ledger.check()
    pair.client.read(4)
    pair.ledger.check(delivered=True)
    assert pair.ledger.client.records == pair.ledger.server.records == ()
    assert pair.ledger.doomed() is None


def test_a_record_says_which_call_led_to_it():
    pair = pair_of("1.1.1w")
    pair.client.write(b"one")
    pair.client.write(b"two")
    first, second = pair.ledger.client.records
    assert str(first).startswith("application data, length ")
    assert str(second.call) == "call 2, client.write() of 3 bytes"


def test_a_retry_is_not_offered_twice():
    pair = pair_of("1.0.2u", capacity=10)
    for _ in range(3):
        assert pair.client.write(DATA) == -1
    assert pair.ledger.client.offered == len(DATA)


def test_the_peer_may_read_before_the_write_is_done():
    pair = pair_of("1.1.1w", capacity=17000)
    assert pair.client.write(DATA) == -1
    assert pair.server.read(16384)[0] == 16384
    account = pair.ledger.client
    assert (account.accepted, account.delivered, account.on_the_way) == (0, 16384, 16384)
    pair.ledger.check()


def test_peek_delivers_nothing():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    assert pair.server.peek(4) == (4, b"four")
    assert pair.ledger.client.delivered == 0
    assert pair.server.read(4) == (4, b"four")
    pair.ledger.check(delivered=True)


def test_reads_into_a_buffer_and_read_ex_deliver():
    pair = pair_of("1.1.1w")
    pair.client.write(b"fourfive")
    into = bytearray(10)
    assert pair.server.read(4, into) == 4
    assert pair.server.read_ex(10) == (1, b"five")
    pair.ledger.check(delivered=True)


def test_bytes_on_the_way_are_missing_only_at_the_end():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    pair.ledger.check()
    loss = loss_of(pair, delivered=True)
    assert (loss.code, loss.sender, loss.offset, loss.expected) == ("undelivered", "client", 0, b"four")
    assert "4 bytes are on the way" in str(loss)
    assert "call 1, client.write() of 4 bytes" in str(loss)


def test_what_is_kept_is_what_is_on_the_way():
    pair = pair_of("1.0.1u")
    for _ in range(50):
        pair.client.write(DATA)
        while pair.server.read(20000)[0] > 0:
            pass
    flow = pair.ledger._flows["client"]
    assert (len(flow._unaccepted), len(flow._undelivered), len(flow.records)) == (0, 0, 0)
    assert pair.ledger.client.delivered == 50 * len(DATA)


def test_the_ledger_can_be_printed():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    first, second = str(pair.ledger).splitlines()
    assert first == "client: offered 4, accepted 4, recorded 4, opened 0, delivered 0, on the way 4"
    assert second.startswith("server: offered 0")
    assert repr(pair.ledger).startswith("<Ledger: client: offered 4")


def test_a_blocking_pair_on_two_threads_is_followed():
    pair = pair_of("1.0.1u", blocking=True, capacity=1000)
    got = []

    def read_all():
        while sum(got) < len(DATA):
            got.append(pair.server.read(7000)[0])

    reader = threading.Thread(target=read_all)
    reader.start()
    assert pair.client.write(DATA) == len(DATA)
    reader.join()
    pair.ledger.check(delivered=True)


# -- connections made by hand -------------------------------------------------------------------


def shake_hands(client, server, pass_on=lambda: None):
    client.set_connect_state()
    server.set_accept_state()
    for _ in range(6):
        client.do_handshake()
        pass_on()
        server.do_handshake()
        pass_on()
    assert client.is_init_finished()
    assert server.is_init_finished()


def by_hand(release, bios):
    context = Context(release)
    context.use_fixture()
    return Connection(release, bio=bios[0]), Connection(context=context, bio=bios[1])


def test_two_connections_that_were_joined_by_hand_have_a_ledger():
    there, back = MemoryBIO(), MemoryBIO()
    client, server = by_hand("1.1.1w", ((back, there), (there, back)))
    ledger = Ledger(client, server)
    shake_hands(client, server)
    client.write(b"four")
    ledger.check()
    there.reset()
    with pytest.raises(LedgerError, match="neither the transport nor a connection has the bytes"):
        ledger.check()


def test_over_a_bio_pair_bytes_are_on_the_way_too():
    client, server = by_hand("1.1.1w", make_bio_pair())
    shake_hands(client, server)
    ledger = Ledger(client, server)
    client.write(b"four")
    ledger.check()
    server.read(4)
    ledger.check(delivered=True)


def test_where_the_caller_carries_the_bytes_they_are_on_the_way_until_a_record_is_missing():
    context = Context("1.1.1w")
    context.use_fixture()
    client, server = Connection("1.1.1w"), Connection(context=context)
    ledger = Ledger(client, server)

    def pass_on():
        server.bio_write(client.bio_read(1 << 16))
        client.bio_write(server.bio_read(1 << 16))

    shake_hands(client, server, pass_on)
    client.write(b"dropped")
    client.bio_read(1 << 16)
    ledger.check()
    client.write(b"kept")
    server.bio_write(client.bio_read(1 << 16))
    assert server.read(10)[0] == -1
    with pytest.raises(LedgerError) as caught:
        ledger.check()
    assert (caught.value.code, caught.value.offset, caught.value.expected) == (
        "receiver-failed",
        0,
        b"droppedkept",
    )
    assert ledger.doomed().step.name == "read"


def test_a_ledger_takes_two_connections():
    pair = pair_of("1.1.1w", ledger=False)
    with pytest.raises(UsageError, match="client: got 'me', expected a ConnectionSettings"):
        Ledger("me", pair.server)
    with pytest.raises(UsageError, match="server: got the client"):
        Ledger(pair.client, pair.client)
    Ledger(*pair)
    with pytest.raises(UsageError, match="client: this connection has a ledger already"):
        Ledger(*pair)


# -- silent losses of the real libraries ----------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_a_retry_with_other_content_is_found_when_it_is_accepted(release):
    pair = pair_of(release, capacity=0, client=MOVING)
    assert pair.client.write(b"first attempt") == -1
    pair.ledger.check()
    assert pair.ledger.doomed() is None
    pair.set_capacity("client", None)
    assert pair.client.write(b"first rewrite") == 13
    loss = loss_of(pair)
    assert (loss.code, loss.sender, loss.offset) == ("changed", "client", 6)
    assert (loss.expected, loss.found) == (b"rewrite", b"attempt")
    assert str(pair.ledger.doomed().step) == "call 2, client.write() of 13 bytes"
    assert str(pair.ledger.doomed().offered_by) == "call 1, client.write() of 13 bytes"


@pytest.mark.parametrize("release", ALL)
def test_bytes_that_were_changed_in_place_are_found(release):
    pair = pair_of(release, capacity=0)
    data = bytearray(b"as it was")
    assert pair.client.write(data) == -1
    data[3:5] = b"IT"
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 9
    assert (loss_of(pair).offset, loss_of(pair).expected) == (3, b"IT was")


@pytest.mark.parametrize("release", ALL)
def test_the_right_retry_loses_nothing(release):
    pair = pair_of(release, capacity=0, client=MOVING)
    assert pair.client.write(b"first attempt") == -1
    pair.set_capacity("client", None)
    assert pair.client.write(bytes(bytearray(b"first attempt"))) == 13
    pair.server.read(20)
    pair.ledger.check(delivered=True)
    assert pair.ledger.doomed() is None


@pytest.mark.parametrize("release", ALL)
def test_a_zero_of_the_transport_loses_bytes_where_it_counts_as_success(release):
    pair, there, _ = scripted(release)
    there.plan.append("zero")
    ret = pair.client.write(b"hello")
    if release in {"3.2.0", "3.5.4"}:
        assert ret == 5
        loss = loss_of(pair)
        assert (loss.code, loss.offset, loss.expected) == ("unsent", 0, b"hello")
        assert (pair.ledger.doomed().step.name, pair.ledger.doomed().step.size) == ("write", 5)
    else:
        assert ret <= 0
        pair.ledger.check()
        assert pair.ledger.doomed() is None
        assert pair.client.write(b"hello") == 5 or pair.client.get_error(-1)
        pair.ledger.check()


@pytest.mark.parametrize("release", ["3.2.0", "3.5.4"])
def test_a_zero_at_the_last_record_of_a_write_is_found_at_that_record(release):
    pair, there, _ = scripted(release)
    there.plan.extend([17000, "zero"])
    assert pair.client.write(DATA[:20000]) == 20000
    assert (loss_of(pair).code, loss_of(pair).offset) == ("unsent", 16384)


@pytest.mark.parametrize("release", ["1.0.2k", "1.1.0e"])
def test_an_over_read_in_partial_mode_is_found(release):
    pair = pair_of(release, capacity=100, client={"modes": ["ENABLE_PARTIAL_WRITE"]})
    data = b"#" * 16384
    assert pair.client.write(data) == -1
    pair.set_capacity("client", None)
    assert pair.client.write(data, 1) == 32768
    loss = loss_of(pair)
    assert (loss.code, loss.offset) == ("beyond", 1)
    assert pair.ledger.doomed().step.number == 2


@pytest.mark.parametrize("release", ["1.0.2k", "1.1.0e"])
def test_an_over_read_is_found_while_the_write_is_blocked(release):
    pair = pair_of(release, capacity=100)
    data = b"#" * 20000
    assert pair.client.write(data) == -1
    pair.set_capacity("client", 60000)
    assert pair.client.write(data, 10) == -1
    loss = loss_of(pair)
    assert (loss.code, loss.offset) == ("beyond", 20000)
    assert loss.found in FOREIGN_MARK * 2


@pytest.mark.parametrize("release", ["1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w", "3.2.0"])
def test_a_shorter_retry_that_is_refused_loses_nothing(release):
    pair = pair_of(release, capacity=100)
    data = b"#" * 20000
    assert pair.client.write(data) == -1
    pair.set_capacity("client", 60000)
    assert pair.client.write(data, 10) == -1
    pair.ledger.check()


@pytest.mark.parametrize("release", ["1.1.0e", "1.1.0l", "1.1.1w"])
def test_bytes_that_were_sent_without_keys_are_found(release):
    pair = pair_of(release, handshake=False)
    assert pair.client.renegotiate() == 1
    assert pair.client.write(b"a secret") == -1
    assert pair.client.read(10)[0] == -1
    pair.ledger.check()
    assert pair.client.write(b"a secret") == 8
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.found) == ("plaintext", 0, b"a secret")
    assert pair.ledger.doomed().step.name == "write"


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.1w"])
def test_bytes_behind_a_cleared_session_are_without_keys_too(release):
    pair = pair_of(release, protocol="TLSv1.1" if release == "1.0.2u" else "TLSv1")
    pair.server.renegotiate()
    assert pair.server.clear() == 0
    assert pair.server.write(b"a secret") == 8
    assert loss_of(pair).code == "plaintext"


# -- ends that can deliver nothing more -----------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_a_shutdown_with_a_write_pending_dooms_its_bytes(release):
    pair = pair_of(release, capacity=100)
    assert pair.client.write(DATA) == -1
    assert pair.ledger.doomed() is None
    pair.client.shutdown()
    loss = pair.ledger.doomed()
    assert (loss.code, loss.step.name, loss.offset) == ("abandoned", "shutdown", 0)
    pair.ledger.check()  # nobody was told that the bytes are written


def test_a_shutdown_that_is_taken_back_dooms_nothing():
    pair = pair_of("1.0.1u", capacity=100)
    assert pair.client.write(DATA) == -1
    pair.client.set_shutdown(1)
    assert pair.ledger.doomed() is not None
    pair.client.set_shutdown(0)
    assert pair.ledger.doomed() is None


def test_a_receiver_that_counts_as_closed_reads_nothing():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    pair.server.set_shutdown(2)
    assert loss_of(pair).code == "shut-down"
    assert pair.ledger.doomed().step.name == "set_shutdown"
    pair.server.set_shutdown(0)
    pair.server.read(4)
    pair.ledger.check(delivered=True)
    assert pair.ledger.doomed() is None


@pytest.mark.parametrize("release", ALL)
def test_a_damaged_record_is_found_when_it_is_read(release):
    pair, there, _ = scripted(release)
    pair.client.write(b"fine")
    pair.client.write(b"damaged")
    there.deliver()
    there.arrived[-3] ^= 0xFF
    pair.ledger.check()
    assert pair.server.read(20) == (4, b"fine")
    pair.ledger.check()
    assert pair.server.read(20)[0] <= 0
    loss = loss_of(pair)
    assert (loss.offset, loss.expected) == (4, b"damaged")
    assert loss.loss.offered_by.size == 7
    assert pair.ledger.doomed().step.name == "read"


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.1u", "1.0.2p"])
def test_a_record_that_could_not_be_opened_and_is_read_nevertheless_is_found(release):
    pair, there, _ = scripted(release)
    pair.client.write(b"damaged")
    there.deliver()
    there.arrived[-1] ^= 0xFF
    assert pair.server.read(20)[0] == -1
    assert pair.server.read(20)[0] > 0
    assert loss_of(pair).code == "unreadable"  # the read before, after which the bytes could not be had
    fault = pair.ledger._flows["client"].fault
    assert fault.code in {"delivered-other", "unopened"}  # by chance what was left of it is right


@pytest.mark.parametrize("release", ALL)
def test_a_transport_that_ended_in_a_record_is_found(release):
    pair, there, _ = scripted(release)
    pair.client.write(b"half")
    there.deliver(20)
    there.sent.clear()
    there.ended = True
    assert loss_of(pair).code == "missing"  # before anybody has read
    assert pair.server.read(20)[0] <= 0
    assert loss_of(pair).offset == 0
    assert pair.ledger.doomed().step.name == "read"


@pytest.mark.parametrize("release", ["1.0.1u", "1.1.1w"])
def test_a_reset_is_taken_back_when_the_bytes_come_after_all(release):
    pair, there, back = scripted(release)
    pair.client.write(b"late")
    pair.server.rbio.read_errno = 104
    there.sent, kept = there.sent[:0], bytes(there.sent)
    assert pair.server.read(20)[0] == -1
    assert pair.ledger.doomed().code == "transport-ended"
    pair.server.rbio.read_errno = 0
    there.arrived += kept
    assert pair.server.read(20) == (4, b"late")
    assert pair.ledger.doomed() is None
    assert back.sent == b""


@pytest.mark.parametrize("release", ["1.0.1u", "1.1.1w"])
def test_data_that_a_shutdown_throws_away_is_found(release):
    pair = pair_of(release)
    pair.client.write(b"in time")
    assert pair.server.shutdown() == 0
    pair.server.shutdown()
    loss = loss_of(pair)
    assert (loss.offset, loss.expected) == (0, b"in time")
    assert pair.ledger.doomed().step.name == "shutdown"


def test_bytes_that_the_transport_has_lost_are_missing():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    pair.ends[1].incoming.arrived.clear()
    loss = loss_of(pair)
    assert (loss.code, loss.expected) == ("missing", b"four")
    assert pair.ledger.doomed().step is None


def test_clear_forgets_the_keys_of_what_is_on_the_way():
    pair = pair_of("1.0.2u")
    pair.client.write(b"four")
    pair.server.set_shutdown(3)
    pair.server.set_shutdown(0)
    assert pair.server.clear() == 1
    assert loss_of(pair).code == "cleared"


def test_clear_dooms_an_unfinished_write():
    pair = pair_of("1.0.2u", capacity=100)
    assert pair.client.write(DATA) == -1
    pair.client.clear()
    assert pair.ledger.doomed().says == "SSL_clear() has dropped an unfinished write"
    pair.ledger.check()


def test_a_simulated_crash_dooms_what_is_on_the_way():
    pair = pair_of("1.0.2k")
    pair.server.write(b"four")
    data = bytes(20000)
    pair.set_capacity("client", 100)
    assert pair.client.write(data) == -1
    pair.set_capacity("client", None)
    with pytest.raises(SimulatedCrash):
        pair.client.write(data, 10)
    assert {pair.ledger.doomed().step.number} == {3}
    assert loss_of(pair).code == "beyond"


# -- losses that were planted ---------------------------------------------------------------------


def test_bytes_that_were_read_past_the_caller_are_found():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    ssl_read(pair.server._s, 2)
    pair.server.read(0)
    assert (loss_of(pair).code, loss_of(pair).offset) == ("unheard", 0)


def test_bytes_that_are_delivered_twice_are_found():
    pair = pair_of("1.1.1w")
    pair.client.write(b"abcd")
    pair.server.read(2)
    inp = pair.server._s.inp
    inp.roff, inp.rlength = 0, 4
    assert pair.server.read(4) == (4, b"abcd")
    loss = loss_of(pair)
    assert (loss.code, loss.offset, loss.expected, loss.found) == ("delivered-other", 2, b"cd", b"abcd")


# -- what a caller is to write --------------------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_bytes_that_a_caller_writes_twice_are_found_where_it_was_said_what_it_writes(release):
    pair = pair_of(release)
    pair.ledger.expect("client", b"first second ")
    pair.ledger.expect("client", memoryview(b"third"))
    assert pair.client.write(b"first ") == 6
    pair.ledger.check()
    assert pair.client.write(b"first second ") == 13
    loss = loss_of(pair)
    assert (loss.code, loss.offset) == ("unexpected", 6)
    assert (loss.expected, loss.found) == (b"second third", b"first second ")
    assert pair.ledger.doomed().step.size == 13


def test_a_rest_that_is_forgotten_is_found_by_the_next_write_or_at_the_end():
    for more in (True, False):
        pair = pair_of("1.1.1w", client={"modes": ["ENABLE_PARTIAL_WRITE"]})
        pair.client.write(b"before")
        pair.ledger.expect("client", DATA[:20000] + b"next")
        assert pair.client.write(DATA[:20000]) == 16384
        pair.ledger.check()
        if more:
            pair.client.write(b"next")
            loss = loss_of(pair)
            assert (loss.code, loss.offset, loss.found) == ("unexpected", 16384 + 6, b"next")
        else:
            pair.server.read(6)
            pair.server.read(20000)
            loss = loss_of(pair, delivered=True)
            assert (loss.code, loss.offset) == ("unwritten", 16384 + 6)
            assert str(loss).startswith(
                "byte 16390 from the client: 3620 bytes that were expected were never"
            )


def test_a_caller_who_writes_what_was_said_is_let_alone():
    pair = pair_of("1.0.1u", client={"modes": ["ENABLE_PARTIAL_WRITE", "ACCEPT_MOVING_WRITE_BUFFER"]})
    pair.ledger.expect("client", DATA)
    pair.ledger.expect("server", b"")
    view = memoryview(bytearray(DATA))
    while view:
        view = view[max(pair.client.write(view), 0) :]
        pair.server.read(20000)
    pair.ledger.check(delivered=True)


def test_more_than_was_said_is_found():
    pair = pair_of("1.0.1u")
    pair.ledger.expect("server", b"four")
    pair.server.write(b"four")
    pair.server.write(b"five")
    assert (loss_of(pair).offset, loss_of(pair).expected, loss_of(pair).found) == (4, b"", b"five")
    with pytest.raises(UsageError, match="sender: got 'me'"):
        pair.ledger.expect("me", b"")
    with pytest.raises(UsageError, match="data: got 5"):
        pair.ledger.expect("client", 5)


# -- early data -----------------------------------------------------------------------------------


def session_for_early_data(release="1.1.1w"):
    context = Context(release)
    context.use_fixture()
    context.set_max_early_data(16384)
    client, server = Connection(release, bio=(bios := make_bio_pair(1 << 17))[0]), None
    server = Connection(context=context, bio=bios[1])
    shake_hands(client, server)
    client.read(1)
    return context, client.get_session()


def resumed(release="1.1.1w"):
    context, session = session_for_early_data(release)
    bios = make_bio_pair(1 << 17)
    client, server = Connection(release, bio=bios[0]), Connection(context=context, bio=bios[1])
    client.set_connect_state()
    server.set_accept_state()
    client.set_session(session)
    return client, server, Ledger(client, server)


def finish(client, server):
    for _ in range(4):
        client.do_handshake()
        server.do_handshake()


def test_early_data_counts():
    client, server, ledger = resumed()
    assert client.write_early_data(b"early") == (1, 5)
    ledger.check()
    assert server.read_early_data(10) == (1, b"early")
    ledger.check(delivered=True)
    client.do_handshake()
    while server.read_early_data(10)[0] != 2:
        client.do_handshake()
    finish(client, server)
    client.write(b"late")
    assert server.read(10) == (4, b"late")
    ledger.check(delivered=True)
    assert ledger.doomed() is None


def test_rejected_early_data_is_lost_until_the_caller_asks_for_its_status():
    client, server, ledger = resumed()
    assert client.write_early_data(b"early") == (1, 5)
    finish(client, server)  # a server that accepts no early data
    with pytest.raises(LedgerError, match="rejected the early data"):
        ledger.check()
    assert client.get_early_data_status() == 1
    ledger.check(delivered=True)
    assert ledger.client.rejected == 5
    assert client.write(b"early") == 5
    assert server.read(10) == (5, b"early")
    ledger.check(delivered=True)


# -- the queue ------------------------------------------------------------------------------------


def queue_of(*chunks):
    queue = ByteQueue()
    for chunk in chunks:
        queue.append(chunk)
    return queue


def test_a_queue_says_where_bytes_differ_first():
    assert queue_of(b"abc", b"def").take(b"abcd") is None
    assert queue_of(b"abc", b"def").take(b"abXdef") == (2, b"cdef", b"Xdef")
    assert queue_of(b"abc").take(b"abcde") == (3, b"", b"de")
    one = queue_of(b"abcdef")
    one.take(b"ab")
    assert (one.at, len(one), one.look(), one.look(2)) == (2, 4, b"cdef", b"ef")
    assert one.take(b"cd") is None
    assert one.take(b"xx") == (4, b"ef", b"xx")
    assert len(one) == 0


def test_a_queue_drops_whole_and_part_chunks():
    one = queue_of(b"abc", b"def")
    one.drop(4)
    assert (one.at, one.look()) == (4, b"ef")
    one.drop(100)
    assert (one.at, len(one)) == (6, 0)


def test_the_page_has_every_code():
    sources = ROOT / "emulator" / "contract" / "flow.py"
    codes = set(re.findall(r'(?:_fail\(|_loss\(\s*|return )"([a-z-]+)"', sources.read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "how-to" / "prove-that-no-byte-is-lost.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^(\| `[a-z`, -]+) \|", page, re.MULTILINE))))
    assert codes <= listed
    assert len(codes) >= 14


@pytest.mark.parametrize("release", ALL)
def test_a_write_that_waits_for_ever_has_sent_no_bytes_behind_its_buffer(release):
    pair = connected_pair(release, blocking=True, capacity=1_000, block_timeout=0.05)
    with pytest.raises(Deadlock):
        pair.client.write(b"x" * 20_000)
    pair.ledger.check()
    assert pair.ledger.client.offered == 20_000
