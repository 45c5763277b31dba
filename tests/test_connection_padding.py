"""When SSL_set_block_padding() and the padding callback of a connection take effect."""

from __future__ import annotations

import pytest

from emulator import SimulatedCrash, connected_pair

AT_ONCE = ["1.1.1-base", "1.1.1w", "3.0.16", "3.1.0"]
WITH_NEW_KEYS = ["3.2.0", "3.5.4"]
NOT_REQUESTED = 0
UNPADDED = 5 + 1 + 1 + 16
"""A record's header, one byte of data, its type, and the tag."""


@pytest.fixture(name="pair", params=AT_ONCE + WITH_NEW_KEYS)
def _pair(request):
    with connected_pair(request.param, protocol="TLSv1.3") as pair:
        yield pair


def size_of_a_byte(pair):
    """How long the client's record of one byte is."""
    assert pair.client.write(b"x") == 1
    size = pair.server.rbio.pending()
    assert pair.server.read(10) == (1, b"x")
    return size


def renew_keys(pair):
    assert pair.client.key_update(NOT_REQUESTED) == 1
    assert pair.client.do_handshake() == 1
    assert pair.server.read(10)[0] == -1


@pytest.mark.parametrize("pair", AT_ONCE, indirect=True)
def test_to_3_1_padding_begins_and_ends_with_the_next_record(pair):
    pair.client.set_record_padding_callback(lambda _kind, _length: 100)
    assert size_of_a_byte(pair) == UNPADDED + 100
    pair.client.set_record_padding_callback(None)
    assert size_of_a_byte(pair) == UNPADDED
    assert pair.client.set_block_padding(64) == 1
    assert size_of_a_byte(pair) == 5 + 64 + 16


@pytest.mark.parametrize("pair", WITH_NEW_KEYS, indirect=True)
def test_from_3_2_on_padding_begins_with_new_keys(pair):
    assert pair.client.set_block_padding(64) == 1
    assert size_of_a_byte(pair) == UNPADDED
    renew_keys(pair)
    assert size_of_a_byte(pair) == 5 + 64 + 16
    assert pair.client.set_block_padding(0) == 1
    assert size_of_a_byte(pair) == 5 + 64 + 16


@pytest.mark.parametrize("pair", WITH_NEW_KEYS, indirect=True)
def test_from_3_2_on_another_callback_takes_the_place_of_one_at_once_and_none_is_fatal(pair):
    pair.client.set_record_padding_callback(lambda _kind, _length: 100)
    renew_keys(pair)
    pair.client.set_record_padding_callback(lambda _kind, _length: 7)
    assert size_of_a_byte(pair) == UNPADDED + 7
    pair.client.set_record_padding_callback(None)
    with pytest.raises(SimulatedCrash, match="padding callback"):
        pair.client.write(b"x")


def test_a_callback_goes_before_blocks(pair):
    pair.client.set_record_padding_callback(lambda _kind, _length: 3)
    pair.client.set_block_padding(64)
    renew_keys(pair)
    assert size_of_a_byte(pair) == UNPADDED + 3
