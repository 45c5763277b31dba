"""A ClientHello whose lengths do not add up, around the releases that began to check them.

Sources: ssl3_get_client_hello() and ssl_parse_clienthello_tlsext() of 1.0.1m, n, p and q;
ssl_scan_clienthello_tlsext() of 1.0.2a, b, d and e.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.constants import AlertDescription, Option
from emulator.handshake.common.messages import HandshakeFailure

TLS10 = 0x0301
LENIENT = ["0.9.8zh", "1.0.0t", "1.0.1m", "1.0.2a"]
TO_THE_END = ["1.0.1n", "1.0.1p", "1.0.2b", "1.0.2d"]
STRICT = ["1.0.1q", "1.0.1u", "1.0.2e", "1.0.2u"]
BEFORE_THE_CHECKS = ["1.0.1m", "1.0.2a"]
WITH_THE_CHECKS = ["1.0.1n", "1.0.1u", "1.0.2b", "1.0.2u"]

RENEGOTIATION_INFO = bytes([0xFF, 0x01, 0, 1, 0])
UNKNOWN = bytes([0x12, 0x34, 0, 2, 7, 7])

VERSION_RANDOM = bytes([3, 1, *range(32)])
SESSION_ID = bytes([4, 9, 9, 9, 9])
CIPHERS = bytes([0, 4, 0, 0x2F, 0, 0x35])
COMPRESSIONS = bytes([1, 0])
BASIC = VERSION_RANDOM + SESSION_ID + CIPHERS + COMPRESSIONS


def answer(make_pair, release, body):
    """The refusal of a server, as (function, reason, alert); None if it takes the hello."""
    server = taker(make_pair, release)
    try:
        server.process_client_hello(body)
    except HandshakeFailure as refused:
        ((function, reason),) = refused.entries
        return function, reason, refused.alert
    return None


def taker(make_pair, release):
    """A server that is about to take a ClientHello of TLS 1.0; it looks for no ticket."""
    pair = make_pair(
        release, (TLS10,), "AES128-SHA", legacy_method=True, server={"options": Option.NO_TICKET}
    )  # fmt: skip
    pair.server.begin(renegotiating=False)
    if pair.chooses_by_first_record(pair.server):
        record = bytes([0x16, 3, 1, 0, 100, 1, 0, 0, 96])
        assert pair.server.process_ssl23_client_hello(record + VERSION_RANDOM[:2]) == 0
    return pair.server


def hello(block=b"", length=None):
    """A ClientHello with extensions, whose length is said to be ``length``."""
    said = len(block) if length is None else length
    return BASIC + said.to_bytes(2, "big") + block


# -- the fields --------------------------------------------------------------------------------------


def lacks_a_length(cut):
    """Whether so many bytes end within version, random, session ID or the length of the suites."""
    return cut < len(VERSION_RANDOM + SESSION_ID) + 2


@pytest.mark.parametrize("release", WITH_THE_CHECKS)
@given(cut=st.integers(0, len(BASIC) - 1))
@settings(deadline=None)
def test_a_hello_that_is_cut_short_is_refused_with_decode_error(make_pair, release, cut):
    reason = "LENGTH_TOO_SHORT" if lacks_a_length(cut) else "LENGTH_MISMATCH"
    expected = ("SSL3_GET_CLIENT_HELLO", reason, AlertDescription.DECODE_ERROR)
    assert answer(make_pair, release, BASIC[:cut]) == expected


WRONG_VERSION = ("WRONG_VERSION_NUMBER", AlertDescription.PROTOCOL_VERSION)
NO_CIPHERS = ("NO_CIPHERS_SPECIFIED", AlertDescription.ILLEGAL_PARAMETER)
MISMATCH = ("LENGTH_MISMATCH", AlertDescription.DECODE_ERROR)


@pytest.mark.parametrize("release", BEFORE_THE_CHECKS)
@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (0, WRONG_VERSION),
        (1, WRONG_VERSION),
        (2, MISMATCH),
        (len(VERSION_RANDOM), MISMATCH),
        (len(VERSION_RANDOM) + 1, NO_CIPHERS),
        (len(VERSION_RANDOM + SESSION_ID), NO_CIPHERS),
        (len(VERSION_RANDOM + SESSION_ID) + 1, NO_CIPHERS),
        (len(VERSION_RANDOM + SESSION_ID) + 2, MISMATCH),
        (len(BASIC) - 1, MISMATCH),
    ],
)
def test_the_releases_before_read_zeros_behind_the_message(make_pair, release, cut, expected):
    assert answer(make_pair, release, BASIC[:cut]) == ("SSL3_GET_CLIENT_HELLO", *expected)


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w", "3.0.16"])
@pytest.mark.parametrize("cut", [0, 1, 2, len(VERSION_RANDOM), len(BASIC) - 1])
def test_from_1_1_0_on_only_half_a_version_is_too_short(make_pair, release, cut):
    reason = "LENGTH_TOO_SHORT" if cut < 2 else "LENGTH_MISMATCH"
    expected = ("TLS_PROCESS_CLIENT_HELLO", reason, AlertDescription.DECODE_ERROR)
    assert answer(make_pair, release, BASIC[:cut]) == expected


# -- the suites --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "session_id", "reason"),
    [
        *((release, b"\0", "NO_CIPHERS_PASSED") for release in LENIENT),
        *((release, SESSION_ID, "NO_CIPHERS_SPECIFIED") for release in LENIENT),
        *((release, b"\0", "NO_CIPHERS_SPECIFIED") for release in WITH_THE_CHECKS),
        *((release, SESSION_ID, "NO_CIPHERS_SPECIFIED") for release in WITH_THE_CHECKS),
    ],
)
def test_a_hello_without_suites_is_refused(make_pair, release, session_id, reason):
    body = VERSION_RANDOM + session_id + b"\0\0" + COMPRESSIONS
    expected = ("SSL3_GET_CLIENT_HELLO", reason, AlertDescription.ILLEGAL_PARAMETER)
    assert answer(make_pair, release, body) == expected


@pytest.mark.parametrize("release", LENIENT)
def test_up_to_1_0_1m_and_1_0_2a_the_compressions_are_checked_before_missing_suites(make_pair, release):
    body = VERSION_RANDOM + b"\0" + b"\0\0" + b"\1\1"
    assert answer(make_pair, release, body)[1] == "NO_COMPRESSION_SPECIFIED"


@pytest.mark.parametrize(
    ("release", "reason"), [("1.1.0l", "NO_CIPHERS_SPECIFIED"), ("1.1.1w", "LENGTH_MISMATCH")]
)
def test_1_1_1_parses_the_extensions_before_it_looks_at_the_suites(make_pair, release, reason):
    body = VERSION_RANDOM + b"\0" + b"\0\0" + COMPRESSIONS + b"\0\5\0"
    assert answer(make_pair, release, body)[1] == reason


@pytest.mark.parametrize("release", [*LENIENT, *TO_THE_END, *STRICT])
def test_a_hello_without_extensions_is_taken(make_pair, release):
    assert answer(make_pair, release, BASIC) is None


# -- the extensions ----------------------------------------------------------------------------------

REFUSED = ("SSL3_GET_CLIENT_HELLO", "PARSE_TLSEXT", AlertDescription.DECODE_ERROR)


def finds_renegotiation_info(make_pair, release, body):
    server = taker(make_pair, release)
    server.process_client_hello(body)
    return server.peer_secure_renegotiation


@pytest.mark.parametrize("release", [*LENIENT, *TO_THE_END, *STRICT])
@pytest.mark.parametrize("block", [RENEGOTIATION_INFO, UNKNOWN + RENEGOTIATION_INFO])
def test_extensions_whose_lengths_add_up_are_read(make_pair, release, block):
    assert finds_renegotiation_info(make_pair, release, hello(block))


@pytest.mark.parametrize("release", [*TO_THE_END, *STRICT])
@pytest.mark.parametrize(
    "body",
    [
        hello(RENEGOTIATION_INFO, len(RENEGOTIATION_INFO) + 1),
        hello(RENEGOTIATION_INFO + b"\0"),
        hello(RENEGOTIATION_INFO + UNKNOWN[:3]),
        hello(RENEGOTIATION_INFO + UNKNOWN[:-1]),
        BASIC + b"\0",
    ],
    ids=["length-too-large", "a-byte-more", "no-whole-header", "cut-short", "half-a-length"],
)
def test_extensions_that_do_not_end_with_the_message_are_refused(make_pair, release, body):
    assert answer(make_pair, release, body) == REFUSED


@pytest.mark.parametrize("release", LENIENT)
@pytest.mark.parametrize("tail", [b"\0", UNKNOWN[:3], UNKNOWN[:-1]])
def test_older_releases_ignore_what_is_cut_short(make_pair, release, tail):
    assert finds_renegotiation_info(make_pair, release, hello(RENEGOTIATION_INFO + tail))


@pytest.mark.parametrize("release", LENIENT)
def test_older_releases_ignore_all_extensions_if_their_length_is_too_large(make_pair, release):
    body = hello(RENEGOTIATION_INFO, len(RENEGOTIATION_INFO) + 1)
    assert not finds_renegotiation_info(make_pair, release, body)


@pytest.mark.parametrize("release", [*LENIENT, *TO_THE_END])
@pytest.mark.parametrize("length", [0, 3, len(UNKNOWN)])
def test_too_small_a_length_of_all_extensions_is_not_noticed_up_to_1_0_1p_and_1_0_2d(
    make_pair, release, length
):
    assert finds_renegotiation_info(make_pair, release, hello(UNKNOWN + RENEGOTIATION_INFO, length))


@pytest.mark.parametrize("release", STRICT)
@pytest.mark.parametrize("length", [0, 3, len(UNKNOWN)])
def test_too_small_a_length_of_all_extensions_is_refused_from_1_0_1q_and_1_0_2e(make_pair, release, length):
    assert answer(make_pair, release, hello(UNKNOWN + RENEGOTIATION_INFO, length)) == REFUSED


@pytest.mark.parametrize(
    ("release", "expected"),
    [(release, None) for release in [*LENIENT, *STRICT]] + [(release, REFUSED) for release in TO_THE_END],
)
def test_an_empty_list_of_extensions_is_refused_by_three_letters_of_each_series(make_pair, release, expected):
    assert answer(make_pair, release, hello()) == expected


@given(block=st.binary(max_size=24), length=st.integers(0, 30))
@settings(deadline=None)
def test_each_release_takes_all_that_a_stricter_one_takes(make_pair, block, length):
    if not block and not length:
        return  # an empty list, which only the releases in the middle refuse
    body = hello(block, length)
    taken = [answer(make_pair, release, body) is None for release in ("1.0.1m", "1.0.1n", "1.0.1q")]
    assert taken == sorted(taken, reverse=True)
