"""Whole TLS 1.3 handshakes from hand to hand."""

from __future__ import annotations

import pytest

TLS1_2, TLS1_3 = 0x0303, 0x0304
SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
MIDDLEBOX = 0x00100004


@pytest.fixture(name="pair13")
def pair13_fixture(make_pair):
    def make(*suites, client=None, server=None, versions=(TLS1_3,)):
        client = {"options": MIDDLEBOX, **(client or {})}
        server = {"options": MIDDLEBOX, **(server or {})}
        return make_pair("1.1.1", versions, *(suites or SUITES), client=client, server=server)

    return make


@pytest.mark.parametrize("suite", SUITES)
def test_both_ends_come_to_the_same_keys(pair13, suite):
    pair = pair13(suite).run()
    assert pair.client.suite.name == pair.server.suite.name == suite


def test_messages_are_as_long_as_recorded(pair13, rsa_credential):
    pair = pair13(server={"credentials": (rsa_credential,)}).run()
    assert {name: length for _, name, length in pair.log} == {
        "client_hello": 210,
        "server_hello": 122,
        "encrypted_extensions": 23 - 17,
        "certificate": 813 - 17,
        "certificate_verify": 281 - 17,
        "finished": 69 - 17,
    }
