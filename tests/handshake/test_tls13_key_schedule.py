"""The key schedule against the worked examples of RFC 8448, sections 3 and 4."""

from __future__ import annotations

import hashlib

import pytest

from emulator.handshake.tls13 import key_schedule
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

SUITE = CipherSuite(
    0x1301,
    "TLS_AES_128_GCM_SHA256",
    KeyExchange.ANY,
    Authentication.ANY,
    Cipher.AES_128_GCM,
    Mac.AEAD,
    0x0304,
    "sha256",
)
SHARED = bytes.fromhex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d")
EARLY = bytes.fromhex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
HANDSHAKE = bytes.fromhex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac")
MASTER = bytes.fromhex("18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919")
TO_SERVER_HELLO = bytes.fromhex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8")
TO_SERVER_FINISHED = bytes.fromhex("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13")
SERVER_HANDSHAKE = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")


def test_each_secret_gives_the_next():
    assert key_schedule.next_secret("sha256", b"", b"") == EARLY
    assert key_schedule.next_secret("sha256", EARLY, SHARED) == HANDSHAKE
    assert key_schedule.next_secret("sha256", HANDSHAKE, b"") == MASTER


@pytest.mark.parametrize(
    ("secret", "label", "transcript", "derived"),
    [
        (
            HANDSHAKE,
            key_schedule.CLIENT_HANDSHAKE,
            TO_SERVER_HELLO,
            "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
        ),
        (HANDSHAKE, key_schedule.SERVER_HANDSHAKE, TO_SERVER_HELLO, SERVER_HANDSHAKE.hex()),
        (
            MASTER,
            key_schedule.CLIENT_APPLICATION,
            TO_SERVER_FINISHED,
            "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
        ),
        (
            MASTER,
            key_schedule.SERVER_APPLICATION,
            TO_SERVER_FINISHED,
            "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
        ),
    ],
)
def test_traffic_secrets_come_of_the_transcript(secret, label, transcript, derived):
    assert key_schedule.derive_secret("sha256", secret, label, transcript).hex() == derived


def test_a_traffic_secret_gives_key_and_iv():
    keys = key_schedule.traffic_keys(SUITE, SERVER_HANDSHAKE)
    assert keys.key.hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert keys.iv.hex() == "5d313eb2671276ee13000b30"


def test_a_ticket_has_a_psk_of_its_own():
    resumption = bytes.fromhex("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c")
    psk = key_schedule.ticket_secret("sha256", resumption, b"\0\0")
    assert psk.hex() == "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3"
    early = key_schedule.next_secret("sha256", b"", psk)
    assert early.hex() == "9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c"


def test_a_binder_covers_the_hello_before_it():
    early = bytes.fromhex("9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c")
    empty = hashlib.sha256().digest()
    key = key_schedule.derive_secret("sha256", early, key_schedule.RESUMPTION_BINDER, empty)
    assert key.hex() == "69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256"
    prefix = bytes.fromhex("63224b2e4573f2d3454ca84b9d009a04f6be9e05711a8396473aefa01e924a14")
    mac = key_schedule.finished_mac("sha256", key, prefix)
    assert mac.hex() == "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d"
