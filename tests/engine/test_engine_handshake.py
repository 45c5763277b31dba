"""What a handshake machine makes of messages that come too early or not at all."""

from __future__ import annotations

import pytest

from emulator import ERR_get_error, connected_pair, list_profiles, load_profile, make_scripted_bio_pair
from emulator.error_queue import ErrorStrings


def change_cipher_spec_after_the_server_hello(release):
    """A client that got ServerHello, ChangeCipherSpec, and a message under keys that come from no secret."""
    pair = connected_pair(
        release,
        protocol="TLSv1",
        handshake=False,
        delivery="manual",
        follow="library",
        build=["ssl3", "weak-ciphers"],
        cipher="DES-CBC3-SHA",
    )
    pair.client.do_handshake()
    pair.deliver()
    pair.server.do_handshake()
    flight = pair.ends[1].outgoing.sent
    hello = flight[5 : 9 + int.from_bytes(flight[6:9], "big")]
    server = pair.server._s.hs
    server.session.master_key = b""
    sealed = server.tls12.change_write().seal(22, 0x0301, b"\x14\0\0\x0c" + bytes(12))
    ccs = b"\x14\x03\x01\x00\x01\x01"
    flight[:] = flight[:3] + len(hello).to_bytes(2, "big") + hello + ccs + sealed
    pair.deliver()
    assert pair.client.do_handshake() == -1


@pytest.mark.parametrize("release", ["0.9.6m", "0.9.7m", "0.9.8h", "0.9.8y", "1.0.0l", "1.0.1g"])
def test_keys_are_made_of_no_secret_where_a_change_cipher_spec_may_come_any_time(release, drain):
    change_cipher_spec_after_the_server_hello(release)
    assert drain() == ["unexpected message"]  # the record was opened: CVE-2014-0224


@pytest.mark.parametrize("release", ["0.9.8za", "1.0.0m", "1.0.1h", "1.0.2u"])
def test_later_a_change_cipher_spec_before_the_key_exchange_is_refused(release, drain):
    change_cipher_spec_after_the_server_hello(release)
    assert drain() == ["ccs received early"]


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w"])
def test_from_1_1_0_a_change_cipher_spec_is_a_message_out_of_turn(release, drain):
    change_cipher_spec_after_the_server_hello(release)
    assert drain() == ["unexpected message"]


@pytest.mark.parametrize(
    ("release", "function", "reason"),
    [
        ("0.9.6m", "SSL3_GET_MESSAGE", "unexpected message"),
        ("0.9.7m", "SSL3_GET_MESSAGE", "unexpected message"),
        ("0.9.8-base", "SSL3_GET_SERVER_HELLO", "bad message type"),
        ("1.0.2u", "ssl3_get_server_hello", "bad message type"),
        ("1.1.0l", "ossl_statem_client_read_transition", "unexpected message"),
    ],
)
def test_another_message_in_place_of_the_server_hello_is_refused(release, function, reason):
    pair = connected_pair(release, protocol="TLSv1", delivery="manual", handshake=False, follow="library")
    pair.client.do_handshake()
    pair.ends[1].outgoing.arrived += b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00"  # ServerHelloDone
    assert pair.client.do_handshake() == -1
    assert str(ERR_get_error()).split(":")[3:] == [function, reason]


@pytest.mark.parametrize("name", list_profiles())
def test_every_name_of_an_error_in_a_profile_is_known_to_its_release(name):
    profile = load_profile(name)
    strings = ErrorStrings(profile.errors)
    for function, reason in (
        (profile.write.entry_function, "PROTOCOL_IS_SHUTDOWN"),
        (profile.read.entry_function, "UNINITIALIZED"),
        (profile.read.peek_function, "UNINITIALIZED"),
        (profile.read.undefined_pending, "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED"),
        ("SSL_CLEAR", profile.machine.internal_error),
    ):
        assert strings.entry(function, reason).text.count("(") == 0


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w", "3.0.16", "3.2.0", "3.5.4"])
def test_the_alert_that_refuses_a_server_hello_is_no_record_of_tls1(release):
    pair = connected_pair(release, protocol="TLSv1.2", cipher="AES128-SHA", handshake=False, follow="library")
    there, back = make_scripted_bio_pair()
    pair.client.set_bio(there, there)
    pair.server.set_bio(back, back)
    assert pair.client.do_handshake() == -1
    assert there.outgoing.sent[1:3] == b"\x03\x01"
    there.outgoing.deliver()
    pair.server.do_handshake()
    back.outgoing.sent[10] ^= 0xFF  # the version in its hello
    back.outgoing.deliver()
    assert pair.client.do_handshake() == -1
    assert there.outgoing.sent[:3] == b"\x15\x03\x03"
