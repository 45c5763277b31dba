"""Diffie-Hellman numbers that a hostile server or client may send, and each release's answer."""

from __future__ import annotations

import pytest

from emulator.exceptions import NotEmulated
from emulator.handshake.common.key_exchange import AUTO_DH
from emulator.handshake.common.messages import HandshakeFailure
from emulator.record import RecordFailure

TLS10 = 0x0301
P, G = AUTO_DH.p, AUTO_DH.g
WITHOUT_SECRET = {"one": 1, "p - 1": P - 1, "p": P, "beyond p": P + 5}

SKE, CKE = "server_key_exchange", "client_key_exchange"
OLD = ("SSL3_SEND_CLIENT_KEY_EXCHANGE", "ERR_R_DH_LIB")
OLD_SERVER = ("SSL3_GET_CLIENT_KEY_EXCHANGE", "ERR_R_DH_LIB")
BAD_VALUE = ("TLS_PROCESS_SKE_DHE", "BAD_DH_VALUE")
TAKEN = None


def vector(number):
    size = max(1, (number.bit_length() + 7) // 8)
    return size.to_bytes(2, "big") + number.to_bytes(size, "big")


def refusal(make_pair, release, target, body):
    """How the receiver of one message answers to another body; None if it takes it."""
    level = {"security_level": 0}
    pair = make_pair(release, (TLS10,), "ADH-AES128-SHA", client=level, server=level)
    pair.tamper = lambda _sender, name, sent: body if name == target else sent
    try:
        pair.run()
    except HandshakeFailure as failure:
        taken = target == SKE and CKE in [name for _, name, _ in pair.log]
        return TAKEN if taken else (*failure.entries, failure.alert)
    except RecordFailure:
        return TAKEN
    raise AssertionError("the handshake cannot succeed")


def answer_of_client(make_pair, release, p=P, g=G, public=2):
    return refusal(make_pair, release, SKE, vector(p) + vector(g) + vector(public))


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        ("0.9.7m", TAKEN),
        ("0.9.8-base", TAKEN),
        ("0.9.8a", (OLD, None)),
        ("0.9.8zh", (OLD, None)),
        ("1.0.2u", (OLD, None)),
        ("1.1.0l", (("TLS_CONSTRUCT_CKE_DHE", "ERR_R_INTERNAL_ERROR"), None)),
        ("1.1.1w", (("SSL_DERIVE", "ERR_R_INTERNAL_ERROR"), 80)),
        ("3.0.12", (BAD_VALUE, 47)),
    ],
)
@pytest.mark.parametrize("public", WITHOUT_SECRET.values(), ids=WITHOUT_SECRET)
def test_a_public_value_out_of_range_is_refused_from_098a(make_pair, release, answer, public):
    expected = (OLD, None) if answer is TAKEN and public == P else answer
    assert answer_of_client(make_pair, release, public=public) == expected


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        ("0.9.7m", TAKEN),
        ("0.9.8-base", TAKEN),
        ("0.9.8a", (OLD_SERVER, None)),
        ("1.0.2u", (OLD_SERVER, None)),
        ("1.1.1w", (("SSL_DERIVE", "ERR_R_INTERNAL_ERROR"), 80)),
    ],
)
@pytest.mark.parametrize("public", WITHOUT_SECRET.values(), ids=WITHOUT_SECRET)
def test_a_server_checks_the_range_in_the_same_releases(make_pair, release, answer, public):
    expected = (OLD_SERVER, None) if answer is TAKEN and public == P else answer
    assert refusal(make_pair, release, CKE, vector(public)) == expected


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        ("0.9.7l", (OLD, None)),
        ("0.9.8d", (OLD, None)),
        ("1.0.2u", (OLD, None)),
        ("1.1.0l", (("TLS_CONSTRUCT_CKE_DHE", "ERR_R_INTERNAL_ERROR"), None)),
        ("1.1.1w", (("TLS_CONSTRUCT_CKE_DHE", "ERR_R_INTERNAL_ERROR"), 80)),
        ("3.5.4", (BAD_VALUE, 47)),
    ],
)
@pytest.mark.parametrize("bits", [10_001, 500_000])
def test_nothing_is_computed_with_a_prime_of_more_than_10000_bits(make_pair, release, answer, bits):
    assert answer_of_client(make_pair, release, p=(1 << bits - 1) + 1) == answer


@pytest.mark.parametrize("release", ["0.9.7k", "0.9.8c"])
def test_a_release_that_would_compute_with_such_a_prime_is_not_emulated(make_pair, release):
    with pytest.raises(NotEmulated, match="10001 bits"):
        answer_of_client(make_pair, release, p=(1 << 10_000) + 1)


@pytest.mark.parametrize(
    ("release", "answer"),
    [
        ("1.0.2u", TAKEN),
        ("1.1.0c", TAKEN),
        ("1.1.0d", (BAD_VALUE, 50)),
        ("1.1.1w", (BAD_VALUE, 47)),
        ("3.0.12", (BAD_VALUE, 47)),
    ],
)
@pytest.mark.parametrize("numbers", [{"p": P - 1}, {"g": 1}, {"g": P - 1}, {"g": P}], ids=repr)
def test_an_even_prime_or_a_trivial_generator_is_refused_from_110d(make_pair, release, answer, numbers):
    assert answer_of_client(make_pair, release, **numbers) == answer


@pytest.mark.parametrize(
    ("release", "answer"),
    [("1.0.2u", (("SSL3_CHECK_CERT_AND_ALGORITHM", "DH_KEY_TOO_SMALL"), 40)), ("3.0.12", (BAD_VALUE, 47))],
)
def test_a_prime_of_fewer_than_512_bits_is_no_parameter_from_30(make_pair, release, answer):
    assert answer_of_client(make_pair, release, p=(1 << 300) + 157) == answer
