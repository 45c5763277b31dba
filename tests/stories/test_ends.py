"""Stories of the beginning and the end of connections: tickets of TLS 1.3, SSL_shutdown(), SSL_clear()."""

from __future__ import annotations

from tests.stories.telling import before, on, on_all, since, story


@on("1.1.1-base", *since("1.1.1"))
def test_tickets_within_the_handshake_lock_both_ends_over_a_small_pipe(release):
    told = story("tickets-deadlock")
    assert "neither can go on" in told.run(told.wrong, release)
    assert told.run(told.right, release) == 20_000


@on(*before("1.1.1"))
def test_up_to_tls_1_2_no_handshake_ends_with_a_write_that_nobody_reads(release):
    told = story("tickets-deadlock")
    assert told.run(told.wrong, release) == told.run(told.right, release) == 20_000


@on("1.1.1-base", *since("1.1.1"))
def test_a_close_with_unread_tickets_loses_an_upload_that_was_accepted(release):
    told = story("tickets-reset")
    assert told.run(told.wrong, release) == "accepted 50000, delivered 0"
    assert told.run(told.right, release) == "accepted 50000, delivered 50000"


@on(*before("1.1.1"))
def test_a_close_without_tickets_loses_nothing(release):
    told = story("tickets-reset")
    assert told.run(told.wrong, release) == "accepted 50000, delivered 50000"


@on_all
def test_a_shutdown_with_a_write_pending_leaves_the_write_unfinished(release):
    told = story("shutdown-pending")
    assert told.run(told.wrong, release) == (16_384, "WANT_READ", "doomed")
    assert told.run(told.right, release) == (40_000, "ZERO_RETURN", "complete")


@on(*before("1.0.2"), "1.0.2e")
def test_a_shutdown_within_the_handshake_seems_to_succeed_up_to_1_0_2e(release):
    told = story("shutdown-pending")
    client, _server = told.connected_pair(release, handshake=False)
    assert told.give_up(client) == 1


@on("1.0.2g", *since("1.0.2"))
def test_a_shutdown_within_the_handshake_fails_and_leaves_an_error_from_1_0_2g_on(release):
    told = story("shutdown-pending")
    client, _server = told.connected_pair(release, handshake=False)
    ret = told.give_up(client)
    assert (ret, client.get_error(ret).name) == (-1, "SSL")


@on(*before("1.1.0"))
def test_a_connection_does_not_shake_hands_after_ssl_clear_up_to_1_0_2(release):
    told = story("ssl-clear")
    answer = told.run(told.wrong, release)
    assert answer == "SIGSEGV" or answer.endswith("called a function you should not call")
    assert told.run(told.right, release) == "connected"


@on(*since("1.1.0"))
def test_a_connection_shakes_hands_after_ssl_clear_from_1_1_0_on(release):
    told = story("ssl-clear")
    assert told.run(told.wrong, release) == told.run(told.right, release) == "connected"
