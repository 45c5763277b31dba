"""Arguments of a wrong type or size: one UsageError each, and the connection works on."""

from __future__ import annotations

from array import array
from mmap import mmap

import pytest

from emulator import (
    Buffer,
    Connection,
    Context,
    Mode,
    Pair,
    UsageError,
    connected_pair,
)
from emulator.api.arguments import shown

INT = "C's int holds 32 bits"
CALLS = {
    "read a str": (lambda c: c.read("5"), "n: got '5', expected an integer"),
    "read a float": (lambda c: c.read(5.0), "n: got 5.0, expected an integer"),
    "read too much": (lambda c: c.read(2**31), f"n: got 2147483648, but {INT}"),
    "peek None": (lambda c: c.peek(None), "n: got None, expected an integer"),
    "read_ex below 0": (lambda c: c.read_ex(-1), "n: got -1, but size_t holds 64 bits and is never negative"),
    "into bytes": (lambda c: c.read(1, b"x"), "into: the bytes cannot be written"),
    "into a str": (
        lambda c: c.read(1, "x"),
        "into: got str, expected a contiguous buffer that can be written",
    ),
    "into too little": (
        lambda c: c.read(2, bytearray(1)),
        "into: n is 2, but the buffer has room for 1 bytes",
    ),
    "write a str": (lambda c: c.write("x"), "data: got str, expected bytes or another contiguous buffer"),
    "write num a str": (lambda c: c.write(b"x", "2"), "num: got '2', expected an integer"),
    "write num beyond": (lambda c: c.write(b"x", 2), "num: got 2, but the buffer holds 1 bytes"),
    "write_ex below 0": (
        lambda c: c.write_ex(b"x", -1),
        "num: got -1, but size_t holds 64 bits and is never negative",
    ),
    "written a str": (lambda c: c.write_ex(b"x", written="0"), "written: got '0', expected an integer"),
    "early data a str": (
        lambda c: c.write_early_data("x"),
        "data: got str, expected bytes or another contiguous buffer",
    ),
    "get_error None": (lambda c: c.get_error(None), "ret: got None, expected an integer"),
    "mode by name": (lambda c: c.set_mode("AUTO_RETRY"), "mode: got 'AUTO_RETRY', expected an integer"),
    "mode below 0": (lambda c: c.set_mode(-1), "mode: got -1, but the bits are a number from 0 to 2**64 - 1"),
    "options None": (lambda c: c.clear_options(None), "options: got None, expected an integer"),
    "many digits": (
        lambda c: c.set_options(10**5000),
        "options: got an integer of many digits, but the bits are a number from 0 to 2**64 - 1",
    ),
    "ciphers in bytes": (lambda c: c.set_cipher_list(b"ALL"), "string: got b'ALL', expected a str"),
    "ciphers with NUL": (
        lambda c: c.set_cipher_list("ALL\0"),
        r"string: a C string ends at a NUL, and there is one in 'ALL\x00'",
    ),
    "a lone surrogate": (
        lambda c: c.set_tlsext_host_name("\ud800"),
        r"name: '\ud800' cannot be encoded in UTF-8",
    ),
    "groups in a list": (lambda c: c.set1_groups_list(["P-256"]), "names: got a list, expected a str"),
    "BIOs by name": (lambda c: c.set_bio("x", "y"), "rbio: got 'x', expected a BIO or None"),
    "a session's number": (lambda c: c.set_session(5), "session: got 5, expected a Session or None"),
    "a callback's name": (
        lambda c: c.set_info_callback("print"),
        "callback: got 'print', expected a function or None",
    ),
    "a certificate in a str": (
        lambda c: c.use_certificate("str", None),
        "certificate_pem: got 'str', expected bytes in PEM",
    ),
    "a certificate without key": (
        lambda c: c.use_certificate(b"", None),
        "key_pem: got None, expected bytes in PEM",
    ),
    "versions by name": (
        lambda c: c.set_min_proto_version("TLSv1.2"),
        "version: got 'TLSv1.2', expected an integer",
    ),
    "an early data size": (
        lambda c: c.set_max_early_data(2**32),
        "most: got 4294967296, but uint32_t holds 32 bits and is never negative",
    ),
    "shutdown by name": (lambda c: c.set_shutdown("SENT"), "flags: got 'SENT', expected an integer"),
    "errno by name": (lambda c: setattr(c, "errno", "EPIPE"), "errno: got 'EPIPE', expected an integer"),
    "another process": (lambda c: c.share_process(None), "other: got None, expected a Connection"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_is_one_error_that_names_it_and_the_connection_works_on(name):
    call, message = CALLS[name]
    client, server = connected_pair("1.1.1")
    with pytest.raises(UsageError) as caught:
        call(client)
    assert str(caught.value) == message
    assert client.write(b"hello") == 5
    assert server.read(10) == (5, b"hello")


PAIRS = {
    "capacity=-1": ({"capacity": -1}, "capacity: got -1, but size_t holds 64 bits and is never negative"),
    "capacity='20000'": ({"capacity": "20000"}, "capacity: got '20000', expected an integer"),
    "protocol=5": (
        {"protocol": 5},
        "protocol: got 5, expected one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3",
    ),
    "client=5": (
        {"client": 5},
        "client: got 5, expected a dict with some of modes, clear_modes, options, no_state, certificate, key",
    ),
    "modes=None": (
        {"client": {"modes": None}},
        "client: modes: got None, expected a list of names or a number",
    ),
    "a wrong mode": (
        {"client": {"modes": ["AUTO_RETY"]}},
        "client: modes: got 'AUTO_RETY', did you mean 'AUTO_RETRY'?",
    ),
    "block_timeout='5'": ({"block_timeout": "5"}, "block_timeout: got '5', expected seconds"),
    "blocking='yes'": ({"blocking": "yes"}, "blocking: got 'yes', expected True or False"),
    "cipher=5": ({"cipher": 5}, "cipher: got 5, expected a str"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_wrong_argument_of_a_pair_is_one_error_that_names_it(name):
    arguments, message = PAIRS[name]
    with pytest.raises(UsageError) as caught:
        connected_pair("1.1.1", **arguments)
    assert str(caught.value) == message


def test_names_of_modes_may_come_from_a_generator():
    client, _ = connected_pair("1.0.1", client={"modes": (name for name in ["ENABLE_PARTIAL_WRITE"])})
    assert client.get_mode() == Mode.ENABLE_PARTIAL_WRITE


def test_a_side_of_a_pair_is_the_client_or_the_server():
    pair: Pair = connected_pair("1.0.1")
    hint = "sender: got 'clint', expected one of client, server; did you mean 'client'?"
    for call in (lambda: pair.set_capacity("clint", 5), lambda: pair.deliver("clint")):
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == hint
    assert pair.server.write(bytes(10_000)) == 10_000


def test_a_socket_is_asked_for_before_it_is_used():
    with pytest.raises(UsageError, match=r"^sock: got 'h:1', expected a socket, which has send"):
        Connection("1.0.1", sock="h:1")
    with pytest.raises(UsageError, match=r"^bio: got 5, expected a BIO"):
        Connection("1.0.1", bio=5)
    with pytest.raises(UsageError, match=r"^bio: got a tuple of 3"):
        Connection("1.0.1", bio=(None, None, None))
    with pytest.raises(UsageError, match=r"^context: got 'x', expected a Context"):
        Connection(context="x")


def test_a_misspelt_setting_of_a_connection_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"^folow: a Connection has no such setting; did you mean 'follow'?"):
        Connection("1.0.1", folow="library")


@pytest.mark.parametrize("size", [2**31, 2**31 + 5])
def test_more_bytes_than_cs_int_counts_cannot_be_written_at_once(size):
    """The operating system gives the zeroes when they are touched, which nobody does."""
    with mmap(-1, size) as zeroes:
        for num in (None, size):
            with pytest.raises(UsageError, match=rf"got {size}.* C's int"), memoryview(zeroes) as view:
                Connection("1.0.1").write(view, num)


def test_any_contiguous_bytes_can_be_written_and_read_into():
    client, server = connected_pair("1.0.1")
    assert client.write(array("H", [1, 2])) == 4
    assert server.read(2, into := Buffer(2)) == 2
    assert bytes(into) == b"\1\0"
    assert server.read(2, memoryview(target := array("H", [9]))) == 2
    assert target[0] == 2


def test_bytes_that_cannot_be_had_are_refused():
    client, _ = connected_pair("1.0.1")
    released = memoryview(b"gone")
    released.release()
    with pytest.raises(UsageError, match=r"^data: the memoryview cannot be read: "):
        client.write(released)
    with pytest.raises(
        UsageError, match=r"^data: got a buffer of shape \(2,\) with gaps, expected contiguous bytes"
    ):
        client.write(memoryview(b"abcd")[::2])
    with pytest.raises(UsageError, match=r"^into: the memoryview cannot be written: "):
        client.read(1, released)


def test_the_same_protocol_may_be_spelt_as_the_method_and_the_other_way_round():
    for name in ("TLSv1.2", "TLSv1_2"):
        assert connected_pair("1.0.1", protocol=name).client.get_version() == "TLSv1.2"
        assert Context("1.0.1", method=name).method == "TLSv1_2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (5, "5"),
        pytest.param(10**5000, "an integer of many digits", id="many digits"),
        ("x" * 100, repr("x" * 40) + "..."),
        (b"x" * 40, repr(b"x" * 40)),
        (int, "<class 'int'>"),
        ([], "a list"),
        (OSError(), "an OSError"),
    ],
)
def test_a_message_shows_a_value_shortly(value, text):
    assert shown(value) == text
