"""Where SSL_write(3) promises or permits what the code does not do: ``follow="manual"``."""

from __future__ import annotations

import socket
import threading
from functools import partial
from itertools import pairwise

import pytest

from emulator import (
    BIO,
    BufferBIO,
    Connection,
    Context,
    Deadlock,
    ErrorCode,
    Mode,
    Want,
    connected_pair,
    make_bio_pair,
    make_scripted_bio_pair,
)
from emulator.bio.pipe import PipeEnd
from emulator.constants import Shutdown
from emulator.contract.call import Listener
from emulator.contract.path import listen
from emulator.error_queue import current

PERMITTED = ["0.9.6a", "0.9.6m", "0.9.7m", "0.9.8k", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2u", "1.1.0l"]
"""Releases whose pages permit WANT_READ during a renegotiation."""

NOT_PERMITTED = ["0.9.6-base", "1.1.1w", "3.0.16", "3.2.0"]
"""Releases whose pages do not."""

EVERY = [*PERMITTED, *NOT_PERMITTED]

RENEGOTIATION = "renegotiation.transparent"
EARLY_RETURN = "blocking-early-return.want-read-while-renegotiating"
MODE_EARLY_RETURN = "mode-early-return.want-read"

OPTIONS = {"3.0.16": {"options": ["ALLOW_CLIENT_RENEGOTIATION"]}}
OPTIONS["3.2.0"] = OPTIONS["3.0.16"]


def pair_of(profile, *, auto_retry=False, blocking=True, **settings):
    """A pair of TLS 1.0 whose modes have AUTO_RETRY or not, whatever the release's default is."""
    modes = {"modes": ["AUTO_RETRY"]} if auto_retry else {"clear_modes": ["AUTO_RETRY"]}
    server = {**modes, **OPTIONS.get(profile, {})}
    # The server of 0.9.6 to 0.9.6b loses what it writes behind a HelloRequest.
    peer = "0.9.6m" if profile in ("0.9.6-base", "0.9.6a") else profile
    settings = {"server_profile": peer, "client": modes, "server": server, "protocol": "TLSv1", **settings}
    return connected_pair(profile, blocking=blocking, **settings)


def in_thread(function):
    result = []

    def run():
        try:
            result.append(function())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def join():
        thread.join(20)
        assert not thread.is_alive()
        return result[0]

    return join


HANDSHAKE_DONE = 0x20


def count_handshakes(connection):
    """The list grows with every handshake that this side has brought to its end."""
    done = []
    connection.set_info_callback(lambda where, _: done.append(where) if where & HANDSHAKE_DONE else None)
    return done


def read_through(connection, n=100):
    """A caller who reads until there is data, as the page tells him to."""
    ret, data = connection.read(n)
    while ret < 0 and connection.get_error(ret) is ErrorCode.WANT_READ:
        ret, data = connection.read(n)
    return ret, data


def write_through(connection, data, between=lambda: None):
    """A caller who writes as the page tells him to; the answers with their SSL_get_error()."""
    answers = []
    while len(answers) < 1000:
        ret = connection.write(data)
        answers.append((ret, connection.get_error(ret)))
        if answers[-1][1] not in (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE):
            break
        between()
    return answers


def hello_request(server):
    assert server.renegotiate() == 1
    assert server.do_handshake() == 1


def clauses(connection):
    return [promise.clause for promise in connection.promises]


# -- a HelloRequest, over a blocking transport ---------------------------------------------------


@pytest.mark.parametrize("profile", PERMITTED)
def test_a_blocking_write_that_meets_a_hello_request_wants_to_be_repeated_once(profile):
    with pair_of(profile) as pair:
        hello_request(pair.server)
        handshakes = count_handshakes(pair.client)
        ret = pair.client.write(b"once")
        assert (ret, pair.client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert pair.client.want() is Want.READING
        assert handshakes == []
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.write(b"once") == 4
        assert len(handshakes) == 1
        assert join() == (4, b"once")
        early, performed = pair.client.promises
        assert (early.clause, early.ret, early.error) == (EARLY_RETURN, -1, ErrorCode.WANT_READ)
        assert "SSL_MODE_AUTO_RETRY" in early.meaning
        assert (performed.clause, performed.ret) == (RENEGOTIATION, None)


@pytest.mark.parametrize("profile", EVERY)
def test_data_behind_a_hello_request_is_kept_for_reads(profile):
    for auto_retry in (False, True):
        with pair_of(profile, auto_retry=auto_retry) as pair:
            hello_request(pair.server)
            assert pair.server.write(b"banner") == 6
            join = in_thread(lambda: read_through(pair.server))
            answers = write_through(pair.client, b"data")
            early = [(-1, ErrorCode.WANT_READ)] * (profile in PERMITTED and not auto_retry)
            assert answers == [*early, (4, ErrorCode.NONE)]
            assert join() == (4, b"data")
            assert pair.client.pending() == 6
            assert pair.client.peek(3) == (3, b"ban")
            assert pair.client.read(3) == (3, b"ban")
            assert pair.client.pending() == 3
            assert pair.client.read(100) == (3, b"ner")
            assert pair.client.pending() == 0
            assert clauses(pair.client) == [EARLY_RETURN] * len(early) + [RENEGOTIATION]


@pytest.mark.parametrize("profile", EVERY)
def test_data_in_front_of_a_hello_request_is_kept_for_reads_in_order(profile):
    with pair_of(profile, auto_retry=True) as pair:
        for data in (b"one", b"two"):
            assert pair.server.write(data) == 3
        assert pair.client.read(1) == (1, b"o")
        hello_request(pair.server)
        assert pair.server.write(b"three") == 5
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.write(b"data") == 4
        assert join() == (4, b"data")
        pair.ledger.check()
        read = [pair.client.read(100)[1] for _ in range(3)]
        assert read == [b"ne", b"two", b"three"]
        pair.ledger.check()
        assert pair.ledger.doomed() is None


@pytest.mark.parametrize("profile", EVERY)
def test_data_without_a_handshake_record_behind_stays_where_it_is(profile):
    with pair_of(profile) as pair:
        assert pair.server.write(b"unread") == 6
        waiting = pair.ends[0].pending()
        assert pair.client.write(b"out") == 3
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []
        assert pair.client.read(100) == (6, b"unread")


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.parametrize("policy", ["library", "never", []])
def test_every_policy_performs_what_the_page_promises(profile, policy):
    with pair_of(profile, policy=policy) as pair:
        hello_request(pair.server)
        handshakes = count_handshakes(pair.client)
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.write(b"data") == 4
        assert len(handshakes) == 1
        assert join() == (4, b"data")
        (promise,) = pair.client.promises
        assert (promise.clause, promise.ret, promise.error) == (RENEGOTIATION, None, None)


@pytest.mark.parametrize("profile", EVERY)
def test_the_library_writes_without_a_look_at_what_waits(profile):
    with pair_of(profile, follow="library") as pair:
        hello_request(pair.server)
        waiting = pair.ends[0].pending()
        assert pair.client.write(b"straight out") == 12
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", EVERY)
def test_a_write_that_performs_a_renegotiation_needs_the_peer(profile):
    with pair_of(profile, auto_retry=True, block_timeout=0.05) as pair:
        hello_request(pair.server)
        with pytest.raises(Deadlock):
            pair.client.write(b"nobody answers")
        (promise,) = pair.client.promises
        assert promise.clause == RENEGOTIATION
        assert "given up" in promise.meaning


@pytest.mark.parametrize("profile", EVERY)
def test_an_end_of_file_behind_a_hello_request_fails_the_write_and_is_told(profile):
    with pair_of(profile, policy="never") as pair:
        hello_request(pair.server)
        pair.ends[1].close()
        ret = pair.client.write(b"into the void")
        assert ret <= 0
        (promise,) = pair.client.promises
        assert (promise.clause, promise.ret) == (RENEGOTIATION, ret)
        assert promise.error is pair.client.get_error(ret)
        assert "it failed" in promise.meaning


@pytest.mark.parametrize("profile", EVERY)
def test_a_close_notify_behind_a_hello_request_fails_the_write_and_is_told(profile):
    with pair_of(profile, policy="never") as pair:
        hello_request(pair.server)
        pair.server.shutdown()
        ret = pair.client.write(b"into the void")
        answer = ret, pair.client.get_error(ret)
        if ret > 0:  # as the library
            assert pair.client.promises == []
        else:
            assert [(each.clause, each.ret, each.error) for each in pair.client.promises] == [
                (RENEGOTIATION, *answer)
            ]


@pytest.mark.parametrize("profile", PERMITTED)
def test_a_write_that_is_told_at_every_read_goes_on_where_it_was(profile):
    with pair_of(profile, policy=lambda choice: 1 if choice.moment == "handshake-reads" else 0) as pair:
        pair.ends[0].blocking = False
        hello_request(pair.server)
        pair.ends[1].blocking = False
        ret = pair.client.write(b"data")
        assert (ret, pair.client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
    with pair_of(profile, policy=[1] * 6, blocking=False) as pair:
        hello_request(pair.server)
        received = []

        def serve():
            ret, data = pair.server.read(100)
            if ret > 0:
                received.append(data)

        answers = write_through(pair.client, b"data", serve)
        serve()
        assert received == [b"data"]
        assert answers.count((-1, ErrorCode.WANT_READ)) >= 6
        assert clauses(pair.client).count(MODE_EARLY_RETURN) == 6


@pytest.mark.parametrize("profile", PERMITTED)
def test_after_the_handshake_the_write_may_want_to_be_repeated_too(profile):
    moments = []

    def choose(choice):
        moments.append(choice.moment)
        return "want-read" if choice.moment == "after-the-handshake" else "library"

    with pair_of(profile, policy=choose) as pair:
        hello_request(pair.server)
        handshakes = count_handshakes(pair.client)
        join = in_thread(lambda: read_through(pair.server))
        ret = pair.client.write(b"data")
        assert (ret, pair.client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        assert len(handshakes) == 1
        assert pair.client.write(b"data") == 4
        assert join() == (4, b"data")
        assert set(moments) == {"handshake-reads", "after-the-handshake"}
        assert moments.count("after-the-handshake") == 1


@pytest.mark.parametrize("profile", NOT_PERMITTED)
def test_where_the_page_permits_nothing_nothing_is_chosen(profile):
    with pair_of(profile, policy=lambda choice: pytest.fail(str(choice))) as pair:
        hello_request(pair.server)
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.write(b"data") == 4
        assert join() == (4, b"data")


# -- own renegotiations, and the server's side ----------------------------------------------------


@pytest.mark.parametrize("profile", PERMITTED)
def test_a_client_that_asked_for_renegotiation_itself_is_told_once(profile):
    with pair_of(profile) as pair:
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.renegotiate() == 1
        assert write_through(pair.client, b"mine") == [(-1, ErrorCode.WANT_READ), (4, ErrorCode.NONE)]
        assert join() == (4, b"mine")
        assert clauses(pair.client) == [EARLY_RETURN]


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.parametrize("profile", EVERY)
def test_an_own_renegotiation_that_meets_data_of_the_peer_fails_as_the_librarys(profile, blocking):
    """The page promises what the peer asks for; here the caller asks, and has not read before."""
    answers = {}
    for follow in ("library", "manual"):
        with pair_of(profile, blocking=False, follow=follow) as pair:
            queue = current()
            queue.clear()
            assert pair.client.renegotiate() == 1
            assert pair.server.write(b"banner") == 6
            if blocking:
                pair.ends[0].blocking = True
            said = answers.setdefault(follow, [])
            for _ in range(4):
                ret = pair.client.write(b"data")
                error = pair.client.get_error(ret)
                if error is ErrorCode.WANT_READ and pair.client.promises:
                    assert pair.client.promises[-1][3:5] == (ret, error)
                else:
                    said.append((ret, error, [entry.reason for entry in queue]))
                queue.clear()
    length = min(map(len, answers.values()))
    assert answers["manual"][:length] == answers["library"][:length]
    assert answers["library"][0][1] is ErrorCode.SSL


@pytest.mark.parametrize("policy", ["eager", *range(12)])
@pytest.mark.parametrize("settings", [{}, {"protocol": "TLSv1"}])
@pytest.mark.parametrize("profile", PERMITTED)
def test_the_first_handshake_is_no_renegotiation(profile, settings, policy):
    waits = {}
    for follow in ("library", "manual"):
        given = {"policy": policy} if follow == "manual" else {}
        with connected_pair(profile, handshake=False, follow=follow, **given, **settings) as pair:
            for _ in range(20):
                for connection in pair:
                    ret = connection.write(b"x")
                    waits.setdefault(follow, []).append((ret, connection.get_error(ret)))
                    connection.read(100)
            assert [*pair.client.promises, *pair.server.promises] == []
    assert waits["manual"] == waits["library"]


@pytest.mark.parametrize("profile", EVERY)
def test_a_request_during_a_renegotiation_is_for_the_write_after_it(profile):
    """In C the handshake comes behind SSL_write()'s look at a request."""
    requests = {}
    for follow in ("library", "manual"):
        policy = {"policy": "never"} if follow == "manual" else {}
        with pair_of(profile, blocking=False, follow=follow, **policy) as pair:
            client, server = pair
            server.renegotiate()
            client.renegotiate()
            client.read(5)
            server.read(5)
            server.renegotiate()
            client.read(100)
            said = [server.write(b"hello"), server.in_init(), server._s.renegotiate_requested]
            said += [client.read(100), client.in_init(), client.write(b"data"), server.promises]
            requests[follow] = said
    assert requests["manual"] == requests["library"]


@pytest.mark.parametrize("profile", EVERY)
def test_a_client_that_is_to_renegotiate_itself_leaves_a_hello_request_alone(profile):
    """From 1.1.0h it would answer it with the alert no_renegotiation."""
    lengths = {}
    for follow in ("library", "manual"):
        policy = {"policy": "never"} if follow == "manual" else {}
        with pair_of(profile, blocking=False, follow=follow, **policy) as pair:
            client, server = pair
            client.renegotiate()
            said = [client.write(b"x"), client.read(100), server.read(5)]
            client.renegotiate()
            server.renegotiate()
            said += [server.write(b"y"), client.read(5), server.read(5), server.write(b"hello")]
            said += [client.write(b"x" * 100), pair.ends[0].pending(), pair.ends[1].pending()]
            lengths[follow] = [*said, client.in_init(), client.promises]
    assert lengths["manual"] == lengths["library"]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("profile", ["0.9.8zh", "1.0.1u", "1.1.0l"])
def test_a_nonblocking_caller_who_waits_with_select_always_comes_on(profile, seed):
    """The server works only while it has bytes to read: WANT_READ with nothing on its way would hang."""
    data = bytes(range(250)) * 200
    with pair_of(profile, blocking=False, policy=seed) as pair:
        (hello_request if seed % 2 else lambda _: pair.client.renegotiate())(pair.server)
        read = bytearray()
        while (ret := pair.client.write(data)) < 0:
            assert pair.client.get_error(ret) is ErrorCode.WANT_READ
            for _ in range(100):
                if pair.ends[0].look(1):
                    break
                assert pair.ends[1].look(1), "nothing is on its way"
                read += pair.server.read(1 << 16)[1]
        assert ret == len(data)


@pytest.mark.parametrize("profile", EVERY)
def test_with_auto_retry_an_own_renegotiation_is_as_the_librarys(profile):
    with pair_of(profile, auto_retry=True) as pair:
        join = in_thread(lambda: read_through(pair.server))
        assert pair.client.renegotiate() == 1
        assert pair.client.write(b"mine") == 4
        assert join() == (4, b"mine")
        assert pair.client.promises == []


def ask_by_client(pair):
    """The client's hello is on its way to the server; a thread waits for the end of the handshake."""
    assert pair.client.renegotiate() == 1
    pair.ends[0].blocking = False
    assert pair.client.do_handshake() == -1
    pair.ends[0].blocking = True
    return in_thread(pair.client.do_handshake)


@pytest.mark.parametrize("profile", PERMITTED)
def test_a_server_whose_write_meets_a_client_hello_is_told_once(profile):
    with pair_of(profile) as pair:
        join = ask_by_client(pair)
        answers = write_through(pair.server, b"from the server")
        assert answers == [(-1, ErrorCode.WANT_READ), (15, ErrorCode.NONE)]
        assert join() == 1
        assert pair.client.read(100) == (15, b"from the server")


@pytest.mark.parametrize("profile", EVERY)
def test_a_clients_renegotiation_survives_a_servers_write(profile):
    with pair_of(profile, auto_retry=True) as pair:
        join = ask_by_client(pair)
        assert pair.server.write(b"from the server") == 15
        assert join() == 1
        assert pair.client.read(100) == (15, b"from the server")
        assert clauses(pair.server) == [RENEGOTIATION]


@pytest.mark.parametrize("profile", PERMITTED)
def test_a_server_that_asks_is_told_with_its_hello_request_and_not_again_with_the_clients_hello(profile):
    with pair_of(profile) as pair:
        assert pair.server.renegotiate() == 1
        ret = pair.server.write(b"data")
        assert (ret, pair.server.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        handshakes = count_handshakes(pair.server)
        pair.ends[0].blocking = False
        assert pair.client.read(100)[0] == -1
        pair.ends[0].blocking = True
        join = in_thread(lambda: read_through(pair.client))
        assert pair.server.write(b"data") == 4
        assert len(handshakes) == 1
        assert join() == (4, b"data")
        assert clauses(pair.server) == [EARLY_RETURN, RENEGOTIATION]


@pytest.mark.parametrize("profile", ["0.9.8l"])
def test_a_hello_request_to_a_client_that_may_not_renegotiate_is_left_to_reads(profile):
    with pair_of(profile, server_profile="0.9.8k") as pair:
        hello_request(pair.server)
        waiting = pair.ends[0].pending()
        assert pair.client.write(b"out") == 3
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", ["1.1.0l", "1.1.1w", "3.0.16"])
def test_a_client_that_forbids_renegotiation_leaves_the_hello_request_to_reads(profile):
    with pair_of(profile, client={"options": ["NO_RENEGOTIATION"]}) as pair:
        hello_request(pair.server)
        waiting = pair.ends[0].pending()
        assert pair.client.write(b"out") == 3
        assert pair.ends[0].pending() == waiting
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", ["3.0.16", "3.2.0"])
def test_a_server_that_refuses_clients_renegotiations_leaves_the_hello_to_reads(profile):
    with pair_of(profile, server={}, blocking=False) as pair:
        assert pair.client.renegotiate() == 1
        assert pair.client.do_handshake() == -1
        waiting = pair.ends[1].pending()
        assert pair.server.write(b"out") == 3
        assert pair.ends[1].pending() == waiting
        assert pair.server.promises == []


@pytest.mark.parametrize("profile", ["0.9.8zh", "1.0.1u", "1.1.0l", "1.1.1w"])
def test_a_patched_server_leaves_the_hello_of_an_unpatched_client_to_reads(profile):
    with connected_pair("0.9.8k", server_profile=profile, protocol="TLSv1") as pair:
        assert pair.client.renegotiate() == 1
        assert pair.client.do_handshake() == -1
        waiting = pair.ends[1].pending()
        assert pair.server.write(b"out") == 3
        assert pair.ends[1].pending() == waiting
        assert pair.server.promises == []


# -- between records -----------------------------------------------------------------------------


def ask_after_record(pair, records):
    """The server asks for a renegotiation as soon as the client has sent so many records."""
    sent = []

    def accepted(data):
        sent.append(len(data))
        if len(sent) == records:
            hello_request(pair.server)

    pair.ends[0].on_accept = accepted


@pytest.mark.parametrize("profile", EVERY)
def test_a_request_between_two_records_is_performed_there(profile):
    data = bytes(range(250)) * 200
    with pair_of(profile, auto_retry=True) as pair:
        ask_after_record(pair, 2)
        join = in_thread(lambda: read_all(pair.server, len(data)))
        handshakes = count_handshakes(pair.client)
        assert pair.client.write(data) == len(data)
        assert len(handshakes) == 1
        assert join() == data
        assert clauses(pair.client) == [RENEGOTIATION]


def read_all(connection, n):
    read = bytearray()
    while len(read) < n:
        ret, data = read_through(connection, 1 << 14)
        assert ret > 0
        read += data
    return bytes(read)


@pytest.mark.parametrize("profile", PERMITTED)
@pytest.mark.parametrize("moment", ["handshake-reads", "after-the-handshake", "between-records"])
def test_want_read_between_records_sends_every_byte_once(profile, moment):
    data = bytes(range(250)) * 200
    taken = []

    def choose(choice):
        if choice.moment == moment and choice.occasion not in taken:
            taken.append(choice.occasion)
            return 1
        return 0

    with pair_of(profile, policy=choose) as pair:
        ask_after_record(pair, 2)
        join = in_thread(lambda: read_all(pair.server, len(data)))
        answers = write_through(pair.client, data)
        early = [(-1, ErrorCode.WANT_READ)] * (moment != "after-the-handshake")
        assert answers == [*early, (len(data), ErrorCode.NONE)]
        assert join() == data


@pytest.mark.parametrize("profile", PERMITTED)
def test_reads_between_a_write_and_its_retry_lose_nothing(profile):
    data = bytes(range(250)) * 200
    with pair_of(profile, blocking=False, policy=[1, 0, 0, 1]) as pair:
        sent, read, back = [], bytearray(), bytearray()

        def accepted(piece):
            sent.append(len(piece))
            if len(sent) == 2:
                hello_request(pair.server)
                assert pair.server.write(b"banner") == 6

        pair.ends[0].on_accept = accepted

        def between():
            back.extend(pair.client.read(100)[1])
            read.extend(pair.server.read(1 << 14)[1])

        assert write_through(pair.client, data, between)[-1] == (len(data), ErrorCode.NONE)
        while len(read) < len(data):
            ret, piece = pair.server.read(1 << 14)
            assert ret > 0
            read.extend(piece)
        assert read == data
        assert back + pair.client.read(100)[1] == b"banner"


# -- over a non-blocking transport ---------------------------------------------------------------


def pump(pair, read):
    """The server reads once."""
    ret, data = pair.server.read(1 << 14)
    if ret > 0:
        read.append(data)


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.parametrize("auto_retry", [False, True])
def test_a_nonblocking_write_wants_to_read_while_the_peers_part_is_missing(profile, auto_retry):
    with pair_of(profile, blocking=False, auto_retry=auto_retry) as pair:
        hello_request(pair.server)
        assert pair.server.write(b"banner") == 6
        read = []
        answers = write_through(pair.client, b"data", lambda: pump(pair, read))
        assert answers[-1] == (4, ErrorCode.NONE)
        assert set(answers[:-1]) == {(-1, ErrorCode.WANT_READ)}
        pump(pair, read)
        assert read == [b"data"]
        assert pair.client.read(100) == (6, b"banner")
        waits = [each for each in pair.client.promises if each.ret == -1]
        assert len(waits) == len(answers) - 1
        assert {each.error for each in waits} == {ErrorCode.WANT_READ}


@pytest.mark.parametrize("profile", PERMITTED)
def test_eager_counts_a_wait_that_came_by_itself(profile):
    with pair_of(profile, blocking=False) as pair:
        hello_request(pair.server)
        read = []
        answers = write_through(pair.client, b"data", lambda: pump(pair, read))
        assert [each.clause for each in pair.client.promises if each.ret == -1][1:] == [
            RENEGOTIATION for _ in answers[2:]
        ]


@pytest.mark.parametrize("profile", EVERY)
def test_a_connection_without_renegotiation_is_as_the_librarys(profile):
    with pair_of(profile, blocking=False) as pair:
        for size in (1, 100, 20000):
            assert pair.client.write(bytes(size)) == size
        assert pair.client.promises == []
        assert pair.server.promises == []


def test_a_write_that_is_pending_is_not_held_up():
    with pair_of("1.0.1", capacity=4096) as pair:
        pair.ends[0].blocking = False
        data = bytes(8192)
        assert pair.client.write(data) == -1
        assert pair.client.get_error(-1) is ErrorCode.WANT_WRITE
        pair.server.renegotiate()
        pair.server.do_handshake()
        pair.set_capacity("client", None)
        pair.ends[0].blocking = True
        assert pair.client.write(data) == 8192
        assert pair.client.promises == []


# -- every transport -----------------------------------------------------------------------------


class Own(BIO):
    """A BIO of a caller's own, over an end of a BIO pair: neither blocks() nor look()."""

    def __init__(self, end):
        super().__init__()
        self.end = end
        self.reads = 0

    def write(self, data):
        ret = self.end.write(data)
        self.flags, self.errno = self.end.flags, self.end.errno
        return ret

    def read(self, n):
        self.reads += 1
        data = self.end.read(n)
        self.flags, self.errno, self.ret = self.end.flags, self.end.errno, self.end.ret
        return data


class OwnBlocking(Own):
    """The same, and a call waits."""

    def blocks(self):
        return True


class OwnLooking(Own):
    """The same, and it shows what waits."""

    def look(self, n):
        return self.end.look(n)


def own_pair():
    one, other = make_bio_pair(1 << 16)
    return OwnLooking(one), other


def buffered_pair():
    one, other = make_bio_pair(1 << 16)
    return BufferBIO(one), other


def memory_pair():
    return None, None


TRANSPORTS = {
    "memory": memory_pair,
    "bio-pair": lambda: make_bio_pair(1 << 16),
    "small-bio-pair": lambda: make_bio_pair(700),
    "scripted": make_scripted_bio_pair,
    "own": own_pair,
    "buffered": buffered_pair,
}


class Ends:
    """A client and a server of a release over a transport of one kind."""

    def __init__(self, profile, kind, **settings):
        self.bios = TRANSPORTS[kind]()
        contexts = [Context(profile, method="TLSv1", **settings) for _ in range(2)]
        for context in contexts:
            context.security_level = 0
        contexts[1].use_fixture()
        self.client, self.server = (
            Connection(context=context, bio=bio) for context, bio in zip(contexts, self.bios, strict=True)
        )
        for connection in (self.client, self.server):
            connection.clear_mode(Mode.AUTO_RETRY)
        self.client.set_connect_state()
        self.server.set_accept_state()
        done = set()
        for _ in range(100):
            done |= {end for end in (self.client, self.server) if end.do_handshake() == 1}
            self.move()
            if len(done) == 2:
                return
        pytest.fail("no handshake")

    def move(self):
        if self.bios[0] is None:
            self.server.bio_write(self.client.bio_read(1 << 20))
            self.client.bio_write(self.server.bio_read(1 << 20))
        elif hasattr(self.bios[0], "outgoing"):
            for bio in self.bios:
                bio.outgoing.deliver()
        elif isinstance(self.bios[0], BufferBIO):
            self.bios[0].flush()


@pytest.mark.parametrize("kind", TRANSPORTS)
@pytest.mark.parametrize("profile", ["0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w", "3.2.0"])
def test_a_hello_request_with_data_around_it_is_performed_over_every_transport(profile, kind):
    ends = Ends(profile, kind)
    assert ends.server.write(b"front") == 5
    hello_request(ends.server)
    assert ends.server.write(b"behind") == 6
    read, back = bytearray(), bytearray()

    def between():
        ends.move()
        read.extend(ends.server.read(1 << 14)[1])
        ends.move()

    between()
    handshakes = count_handshakes(ends.client)
    answers = write_through(ends.client, b"data" * 1000, between)
    assert answers[-1] == (4000, ErrorCode.NONE)
    assert len(handshakes) == 1
    assert RENEGOTIATION in clauses(ends.client)
    for _ in range(20):
        between()
        back.extend(ends.client.read(100)[1])
    assert read == b"data" * 1000
    assert back == b"frontbehind"


def test_an_exception_of_an_own_bio_is_the_reads_and_not_the_writes():
    ends = Ends("1.0.1u", "own")

    def read(_):
        raise RuntimeError("the network is gone")

    ends.bios[0].read = read
    assert ends.client.write(b"out") == 3
    with pytest.raises(RuntimeError, match="gone"):
        ends.client.read(100)


@pytest.mark.parametrize("kind", [Own, OwnBlocking])
@pytest.mark.parametrize("buffered", [False, True])
def test_a_bio_without_a_look_is_not_read_by_a_write_and_is_told_of_once(kind, buffered):
    ends = Ends("1.0.1u", "own")
    bio = kind(ends.bios[0].end)
    ends.client.set_bio(BufferBIO(bio) if buffered else bio, bio)
    hello_request(ends.server)
    waiting = bio.end.pending()
    for _ in range(3):
        assert ends.client.write(b"out") == 3
    assert bio.reads == 0
    assert bio.end.pending() == waiting > 0, "select() on it still says that bytes wait"
    (promise,) = ends.client.promises
    assert promise.clause == RENEGOTIATION
    assert (promise.ret, promise.error) == (None, None)
    assert "cannot look into this transport" in promise.meaning
    assert ends.client.read(100)[0] == -1
    assert ends.client.in_init(), "the read has begun what the HelloRequest asks for"


def test_each_transport_that_cannot_be_looked_into_is_told_of():
    ends = Ends("1.0.1u", "own")
    for number in range(1, 4):
        bio = Own(ends.bios[0].end)
        ends.client.set_bio(bio, bio)
        assert ends.client.write(b"out") == 3
        assert len(ends.client.promises) == number


class Raising(OwnLooking):
    """Its look() raises while ``raises`` is above 0, which it counts down."""

    raises = 0

    def look(self, n):
        if self.raises:
            self.raises -= 1
            raise RuntimeError("no look")
        return super().look(n)


@pytest.mark.parametrize("profile", ["0.9.8zh", "1.0.1u", "1.1.0l", "1.1.1w", "3.2.0"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_exception_of_a_look_leaves_the_write_where_it_was(profile, after):
    """``after``: so many records of the write have left when look() raises."""
    ends = Ends(profile, "own")
    bio = Raising(ends.bios[0].end)
    ends.client.set_bio(bio, bio)
    data = bytes(range(250)) * 200
    records = []

    def write(piece):
        records.append(len(piece))
        if len(records) == after:
            bio.raises = 1
        return Raising.write(bio, piece)

    bio.write = write
    bio.raises = int(not after)
    with pytest.raises(RuntimeError, match="no look"):
        ends.client.write(data)
    read = bytearray(ends.server.read(1 << 16)[1])
    ret = ends.client.write(data)
    assert ret == len(data)
    while len(read) < len(data):
        size, piece = ends.server.read(1 << 16)
        assert size > 0
        read += piece
    assert read == data


@pytest.mark.parametrize("timeout", [None, 10.0])
@pytest.mark.parametrize("buffered", [False, True])
def test_a_blocking_socket_is_looked_at_without_waiting(timeout, buffered):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(timeout)
        client = Connection(profile="1.0.1", sock=ours, method="TLSv1")
        server = Connection(profile="1.0.1", sock=theirs, method="TLSv1")
        server.use_fixture()
        join = in_thread(server.accept)
        assert client.connect() == 1
        assert join() == 1
        assert client.write(b"nothing waits") == 13
        assert server.read(100) == (13, b"nothing waits")
        if buffered:
            client.set_bio(BufferBIO(client.rbio), client.wbio)
        hello_request(server)
        assert server.write(b"banner") == 6
        join = in_thread(lambda: read_through(server))
        answers = write_through(client, b"more")
        assert answers == [(-1, ErrorCode.WANT_READ), (4, ErrorCode.NONE)]
        assert clauses(client) == [EARLY_RETURN, RENEGOTIATION]
        assert join() == (4, b"more")
        assert client.read(100) == (6, b"banner")


@pytest.mark.parametrize("auto_retry", [False, True])
def test_a_silent_peer_behind_a_timeout_leaves_a_write_to_be_repeated_and_is_told(auto_retry):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client = Connection(profile="1.0.1", sock=ours, method="TLSv1", policy="never")
        server = Connection(profile="1.0.1", sock=theirs, method="TLSv1")
        server.use_fixture()
        join = in_thread(server.accept)
        assert client.connect() == 1
        assert join() == 1
        if auto_retry:
            client.set_mode(Mode.AUTO_RETRY)
        hello_request(server)
        ours.settimeout(0.02)
        ret = client.write(b"data")
        assert (ret, client.get_error(ret)) == (-1, ErrorCode.WANT_READ)
        (promise,) = client.promises
        assert (promise.clause, promise.ret, promise.error) == (RENEGOTIATION, -1, ErrorCode.WANT_READ)
        ours.settimeout(10)
        join = in_thread(lambda: read_through(server))
        assert client.write(b"data") == 4
        assert join() == (4, b"data")


def test_a_transport_with_listeners_is_looked_into():
    """The filter of a path of calls stands between the engine and the caller's BIO."""

    class Heard(Listener):
        hears_transport = True

        def __init__(self):
            self.bytes = bytearray()

        def received(self, call, size, data, ret, bio):
            self.bytes += data

    for early in (True, False):
        ends = Ends("1.0.1u", "own")
        heard = Heard()
        if early:
            assert ends.client.write(b"out") == 3
        listen(ends.client, heard)
        ends.client.set_bio(ends.bios[0], ends.bios[0])
        hello_request(ends.server)
        handshakes = count_handshakes(ends.client)
        write_through(ends.client, b"out", partial(ends.server.read, 100))
        assert len(handshakes) == 1
        assert heard.bytes


# -- SSL_clear(), threads ------------------------------------------------------------------------


def test_a_cleared_connection_keeps_nothing_of_the_former_one():
    with pair_of("1.0.1u", blocking=False) as pair:
        hello_request(pair.server)
        assert pair.server.write(b"banner") == 6
        assert pair.client.write(b"data") == -1
        pair.client.read(100)
        pair.client.clear()
        assert pair.client.pending() == 0
        assert pair.client.read(100)[0] == -1


def test_pipes_look_at_no_more_than_they_are_asked_for():
    with pair_of("1.0.1u", blocking=False) as pair:
        assert isinstance(pair.ends[0], PipeEnd)
        pair.server.write(b"data")
        looks = [pair.ends[0].look(n) for n in (0, 1, 5, 100)]
        assert [len(look) for look in looks[:3]] == [0, 1, 5]
        assert all(two.startswith(one) for one, two in pairwise(looks))
        assert pair.client.get_shutdown() is Shutdown(0)


@pytest.mark.parametrize("profile", ["0.9.8zh", "1.0.1u", "1.1.0l"])
def test_a_function_that_raises_amid_a_handshake_loses_nothing(profile):
    data = bytes(range(250)) * 200
    asked = []

    def choose(choice):
        asked.append(choice)
        if len(asked) in (2, 5):
            raise LookupError("no idea")
        return 0

    with pair_of(profile, blocking=False, policy=choose) as pair:
        sent, read = [], bytearray()

        def accepted(piece):
            sent.append(len(piece))
            if len(sent) == 2:
                hello_request(pair.server)

        pair.ends[0].on_accept = accepted
        raised = 0
        ret = -1
        while ret < 0:
            try:
                ret = pair.client.write(data)
                pair.client.get_error(ret)
            except LookupError:
                raised += 1
            read += pair.server.read(1 << 14)[1]
        while len(read) < len(data):
            ret, piece = pair.server.read(1 << 14)
            assert ret > 0
            read += piece
        assert raised == 2
        assert read == data
        assert any("given up" in promise.meaning for promise in pair.client.promises)


def test_a_write_from_a_callback_of_the_handshake_is_the_librarys():
    answers = {}
    for follow in ("library", "manual"):
        with pair_of("1.0.1u", blocking=False, follow=follow) as pair:
            inside = answers.setdefault(follow, [])

            def write(where, _, client=pair.client, inside=inside):
                if where & HANDSHAKE_DONE:
                    inside.append(client.write(b"from the callback"))

            pair.client.set_info_callback(write)
            assert pair.client.renegotiate() == 1
            for _ in range(6):
                pair.client.do_handshake()
                pair.server.read(100)
    assert answers["manual"] == answers["library"] != []
