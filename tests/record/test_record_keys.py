from __future__ import annotations

import pytest

from emulator.exceptions import NotEmulated
from emulator.record import key_block_length, split_key_block
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac


@pytest.mark.parametrize(
    ("cipher", "mac", "length"),
    [
        (Cipher.RC4_128, Mac.MD5, 2 * (16 + 16)),
        (Cipher.DES_EDE3_CBC, Mac.SHA1, 2 * (20 + 24 + 8)),  # the longest of RFC 2246: 104
        (Cipher.AES_128_CBC, Mac.SHA1, 2 * (20 + 16 + 16)),
        (Cipher.AES_256_CBC, Mac.SHA384, 2 * (48 + 32 + 16)),
        (Cipher.AES_128_GCM, Mac.AEAD, 2 * (16 + 4)),
        (Cipher.AES_256_GCM, Mac.AEAD, 2 * (32 + 4)),
        (Cipher.CHACHA20_POLY1305, Mac.AEAD, 2 * (32 + 12)),
        (Cipher.NULL, Mac.SHA1, 2 * 20),
    ],
)
def test_a_key_block_has_both_directions_macs_keys_and_ivs(protect, cipher, mac, length):
    assert key_block_length(protect(cipher, mac, 0x0303).suite) == length


def test_a_key_block_is_cut_client_first(protect):
    suite = protect(Cipher.AES_128_CBC, Mac.SHA1, 0x0301).suite
    block = b"m" * 20 + b"M" * 20 + b"k" * 16 + b"K" * 16 + b"i" * 16 + b"I" * 16
    client, server = split_key_block(suite, block + b"not looked at")
    assert (client.mac_key, client.key, client.iv) == (b"m" * 20, b"k" * 16, b"i" * 16)
    assert (server.mac_key, server.key, server.iv) == (b"M" * 20, b"K" * 16, b"I" * 16)


def test_a_suite_of_the_lists_alone_has_no_key_block(protect):
    with pytest.raises(NotEmulated, match="RC2-40-CBC"):
        key_block_length(protect(Cipher.RC2_40_CBC, Mac.MD5, 0x0300).suite)


@pytest.mark.parametrize(
    ("changes", "emulated"),
    [
        ({}, True),
        ({"kx": KeyExchange.ECDHE, "auth": Authentication.ECDSA}, True),
        ({"kx": KeyExchange.KRB5}, False),
        ({"auth": Authentication.DSS}, False),
        ({"cipher": Cipher.AES_128_CCM}, False),
        ({"mac": Mac.GOST94}, False),
        ({"exportable": True}, False),
    ],
)
def test_a_suite_is_emulated_if_all_its_parts_are(changes, emulated):
    parts = {
        "id": 0x2F,
        "name": "AES128-SHA",
        "kx": KeyExchange.RSA,
        "auth": Authentication.RSA,
        "cipher": Cipher.AES_128_CBC,
        "mac": Mac.SHA1,
        "min_version": 0x0300,
    }
    assert CipherSuite(**(parts | changes)).emulated is emulated
