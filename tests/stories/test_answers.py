"""Stories of answers that are taken for others: 0, WANT_WRITE, WANT_READ, a part of the data, an error."""

from __future__ import annotations

import errno

import pytest

from emulator import ERR_clear_error, connected_pair, make_scripted_bio_pair
from tests.stories.telling import before, on, on_all, since, story


@on_all
def test_a_write_of_nothing_reads_as_the_end_of_a_healthy_connection(release):
    told = story("empty-write")
    assert told.run(told.wrong, release) == "the peer has gone: SYSCALL, errno 0"
    assert told.run(told.right, release) == b"headbody"


@on("0.9.6m", "0.9.7m", "0.9.8y", "1.0.0l", "1.0.1g")
def test_a_negative_size_crashes_where_it_is_not_checked(release):
    told = story("negative-size")
    assert told.run(told.wrong, release) == "SIGSEGV"
    assert told.run(told.right, release) == "nothing was sent"


@on("0.9.8za", "1.0.0m", "1.0.1h", *since("0.9.8"))
def test_a_negative_size_is_an_error_where_it_is_checked(release):
    told = story("negative-size")
    assert told.run(told.wrong, release).endswith(("bad length", "ssl negative length"))
    assert told.run(told.right, release) == "nothing was sent"


@on_all
def test_who_gives_up_at_want_write_truncates_the_transfer(release):
    told = story("fatal-want-write")
    done, received = told.run(told.wrong, release)
    assert not done
    assert received < 20_000
    assert told.run(told.right, release) == (True, 50_000)


@on_all
def test_who_ignores_a_partial_write_loses_what_is_behind_the_first_record(release):
    told = story("partial-write")
    assert told.run(told.wrong, release) == 16_384
    assert told.run(told.right, release) == 50_000


@on_all
def test_who_buffers_the_whole_chunk_after_a_partial_write_sends_bytes_twice(release):
    told = story("sent-twice")
    assert told.run(told.wrong, release) == "64384 bytes in place of 48000"
    assert told.run(told.right, release) == "as sent"


@on_all
def test_a_write_in_a_renegotiation_answers_want_read(release):
    told = story("want-read")
    assert told.run(told.wrong, release, protocol="TLSv1") == "WANT_READ"
    assert told.run(told.right, release, protocol="TLSv1") == 4


@on(*since("1.0.1"))
def test_a_renegotiation_of_tls_1_2_is_the_same(release):
    told = story("want-read")
    assert told.run(told.wrong, release, protocol="TLSv1.2") == "WANT_READ"
    assert told.run(told.right, release, protocol="TLSv1.2") == 4


@on_all
def test_who_waits_for_the_wrong_direction_spins(release):
    told = story("spin")
    assert told.run(told.wrong, release).startswith("100 calls of the client in a row moved no byte")
    assert told.run(told.right, release) in ("1 waits", "2 waits", "3 waits")


@on(*before("1.1.1"))
def test_a_blocking_read_of_a_renegotiation_comes_back_up_to_1_1_0(release):
    told = story("auto-retry")
    assert told.run(told.wrong, release) == "goes on"


@on("1.1.1-base", *since("1.1.1"))
def test_a_blocking_read_of_a_renegotiation_hangs_from_1_1_1_on(release):
    told = story("auto-retry")
    assert "the client waits to read" in told.run(told.wrong, release)


@on_all
def test_a_blocking_read_without_auto_retry_comes_back(release):
    told = story("auto-retry")
    assert told.run(told.right, release) == "goes on"


@on_all
def test_a_stale_error_closes_connections_that_have_none(release):
    told = story("stale-error")
    assert told.run(told.wrong, release) == []
    assert told.run(told.right, release) == [1, 2]


@on(*before("1.0.2"), "1.0.2-base", "1.0.2q", *since("1.1.0"))
def test_a_write_after_a_fatal_error_does_not_look_like_one(release):
    told = story("write-after-error")
    kept, received = told.run(told.wrong, release)
    assert (kept, received) == ("keeps the connection", "SSL")
    assert told.run(told.right, release)[0] == "gives it up"


@on("1.0.2r", "1.0.2u")
def test_1_0_2r_calls_a_write_after_a_fatal_error_one(release):
    told = story("write-after-error")
    assert told.run(told.wrong, release)[0] == "gives it up"
    assert told.run(told.right, release)[0] == "gives it up"


@on("1.1.1e", *since("3.0"))
def test_the_end_of_the_peer_is_an_error_of_the_library(release):
    told = story("end-of-file")
    assert "unexpected eof while reading" in told.run(told.wrong, release)
    assert told.run(told.right, release) == b""


@on("1.1.1d", "1.1.1f", *before("3.0"))
def test_the_end_of_the_peer_is_an_error_of_the_system(release):
    told = story("end-of-file")
    assert told.run(told.wrong, release) == told.run(told.right, release) == b""


@on_all
def test_another_error_of_a_read_is_no_end(release):
    told = story("end-of-file")
    for receive in (told.wrong, told.right):
        ours, _theirs = make_scripted_bio_pair()
        ours.read_errno = errno.ECONNRESET
        _client, server = connected_pair(release)
        server.set_bio(ours, ours)
        with pytest.raises(OSError, match="SYSCALL"):
            receive(server)
        ERR_clear_error()


@on_all
def test_a_broken_pipe_loses_its_name(release):
    told = story("broken-pipe")
    assert told.run(told.wrong, release, said_goodbye=False) == "unexpected EOF"
    assert told.run(told.right, release, said_goodbye=False) == "Broken pipe"


@on("1.1.1-base", "1.1.1w", "3.0.16", "3.1.4", "3.2.0")
def test_a_broken_pipe_after_close_notify_looks_like_a_clean_close(release):
    told = story("broken-pipe")
    assert told.run(told.wrong, release, said_goodbye=True) == "closed cleanly"
    assert told.run(told.right, release, said_goodbye=True) == "Broken pipe"


@on(*before("1.1.1"), "3.5.4")
def test_a_broken_pipe_after_close_notify_is_an_error_elsewhere(release):
    told = story("broken-pipe")
    assert told.run(told.wrong, release, said_goodbye=True) == "unexpected EOF"
    assert told.run(told.right, release, said_goodbye=True) == "Broken pipe"


@on("3.2.0", "3.5.4")
def test_a_bio_that_answers_0_makes_a_write_succeed_whose_bytes_are_lost(release):
    told = story("false-success")
    assert told.run(told.wrong, release) == ([5], b"")
    assert told.run(told.right, release) == (["WANT_WRITE", 5], b"hello")


@on(*before("3.2"))
def test_a_bio_that_answers_0_is_an_error_of_the_system_up_to_3_1(release):
    told = story("false-success")
    assert told.run(told.wrong, release) == (["SYSCALL", 5], b"hello")
    assert told.run(told.right, release) == (["WANT_WRITE", 5], b"hello")


@pytest.mark.parametrize("sent", [0, 1_000, 1_024])
def test_the_right_code_of_a_negative_size_sends_what_is_left(sent):
    told = story("negative-size")
    assert told.run(told.right, "1.1.1", sent) == told.run(told.wrong, "1.1.1", sent)
