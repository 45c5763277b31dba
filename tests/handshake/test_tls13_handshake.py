"""Whole TLS 1.3 handshakes from hand to hand."""

from __future__ import annotations

import pytest

from emulator.handshake.common.messages import HandshakeFailure
from emulator.handshake.common.session import Session
from emulator.handshake.common.state import EarlyData, HelloRetry
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.handshake.tls13.key_share import X448, X25519MLKEM768

TLS1_2, TLS1_3 = 0x0303, 0x0304
SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
LEGACY_SERVER_CONNECT, MIDDLEBOX_COMPAT = 0x00000004, 0x00100000
NO_TICKET, ALLOW_NO_DHE_KEX, NO_ANTI_REPLAY = 0x00004000, 0x00000400, 0x01000000
SERVER_PREFERENCE, PRIORITIZE_CHACHA = 0x00400000, 0x00200000
P256, P384, P521, X25519 = 23, 24, 25, 29


@pytest.fixture(name="pair13")
def pair13_fixture(make_pair):
    def make(*suites, options=0, client=None, server=None, versions=(TLS1_3,), release="1.1.1"):
        options |= LEGACY_SERVER_CONNECT | MIDDLEBOX_COMPAT
        client = {"options": options, **(client or {})}
        server = {"options": options, **(server or {})}
        return make_pair(release, versions, *(suites or SUITES), client=client, server=server)

    return make


def tickets(pair):
    """Let the server send all its tickets; their lengths."""
    lengths = []
    while pair.server.tls13.tickets_left():
        message = pair.server.tls13.construct_new_session_ticket()
        pair.client.tls13.process_new_session_ticket(message[4:])
        lengths.append(len(message))
    return lengths


def resume(pair, again, *, wants_early_data=False):
    """Run ``again`` with the session of ``pair``; its server has the old one's keys and cache."""
    again.server.config.ticket_keys = pair.server.config.ticket_keys
    again.server.config.session_cache = pair.server.config.session_cache
    again.client.session = pair.client.session
    again.client.wants_early_data = again.server.wants_early_data = wants_early_data
    return again.run()


def names(pair):
    return [name for _, name, _ in pair.log]


@pytest.mark.parametrize("suite", SUITES)
def test_both_ends_come_to_the_same_keys(pair13, suite):
    pair = pair13(suite).run()
    assert pair.client.suite.name == pair.server.suite.name == suite
    assert pair.client.version == pair.server.version == TLS1_3


def test_messages_are_as_long_as_recorded(pair13, rsa_credential):
    """trace 1.1.1w zero-length/before-handshake/tls13: an encrypted record has 17 bytes more."""
    pair = pair13(server={"credentials": (rsa_credential,)}).run()
    assert {name: length for _, name, length in pair.log} == {
        "client_hello": 210,
        "server_hello": 122,
        "encrypted_extensions": 23 - 17,
        "certificate": 813 - 17,
        "certificate_verify": 281 - 17,
        "finished": 69 - 17,
    }
    assert tickets(pair) == [234 - 17] * 2


def test_without_middlebox_compatibility_there_is_no_session_id(pair13):
    pair = pair13(client={"options": LEGACY_SERVER_CONNECT}).run()
    assert dict(names_and_lengths(pair))["server_hello"] == 122 - 32
    assert not pair.client.middlebox_compat


def names_and_lengths(pair):
    return [(name, length) for _, name, length in pair.log]


@pytest.mark.parametrize("credential", ["rsa_credential", "ecdsa_credential"])
def test_a_client_shows_the_certificate_that_it_is_asked_for(pair13, request, credential):
    own = request.getfixturevalue(credential)
    server = {"request_certificate": True, "require_certificate": True}
    pair = pair13(client={"credentials": (own,)}, server=server).run()
    assert pair.server.session.peer == own.chain[0]
    assert names(pair)[-3:] == ["certificate", "certificate_verify", "finished"]


def test_a_client_without_certificate_is_refused_late(pair13):
    """The client's handshake is over by then: it has made its Finished."""
    pair = pair13(server={"request_certificate": True, "require_certificate": True})
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert (caught.value.reason, caught.value.alert) == ("PEER_DID_NOT_RETURN_A_CERTIFICATE", 116)


def test_a_certificate_that_the_server_does_not_trust_is_refused(pair13, rsa_credential):
    server = {"request_certificate": True, "verify": lambda _: False}
    pair = pair13(client={"credentials": (rsa_credential,)}, server=server)
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert (caught.value.reason, caught.value.alert) == ("CERTIFICATE_VERIFY_FAILED", 48)


def test_a_client_may_have_no_certificate_where_none_is_required(pair13):
    pair = pair13(server={"request_certificate": True}).run()
    assert names(pair)[-2:] == ["certificate", "finished"]


@pytest.mark.parametrize("group", [P256, P384, P521, X25519, X448, X25519MLKEM768])
def test_every_group_gives_both_the_same_secret(pair13, group):
    pair = pair13(client={"groups": (group,)}, server={"groups": (group,)}).run()
    assert pair.server.tls13.answer.share.group == group


def test_the_hybrid_shares_are_as_long_as_recorded(pair13, rsa_credential):
    """trace 3.5.4-wheel zero-length/before-handshake/tls13: 1210 bytes of ServerHello."""
    groups = {"groups": (X25519MLKEM768, X25519)}
    pair = pair13(client=groups, server=groups).run()
    assert dict(names_and_lengths(pair))["server_hello"] == 1210


def test_a_server_names_its_groups_when_it_would_rather_have_used_another(pair13):
    pair = pair13(client={"groups": (P256, X25519)}, server={"groups": (X25519, P256)}).run()
    assert dict(names_and_lengths(pair))["encrypted_extensions"] == 6 + 4 + 2 + 4
    assert pair.server.tls13.answer.share.group == P256


@pytest.mark.parametrize("suite", SUITES)
def test_a_group_without_a_share_is_asked_for_again(pair13, suite):
    pair = pair13(suite, client={"groups": (P256, P384)}, server={"groups": (P384,)}).run()
    assert names(pair)[:4] == ["client_hello", "server_hello"] * 2
    assert pair.client.hello_retry is pair.server.hello_retry is HelloRetry.COMPLETE
    assert pair.server.tls13.answer.share.group == P384
    assert pair.client.hello_record_version == TLS1_2


def test_no_group_in_common_is_refused(pair13):
    pair = pair13(client={"groups": (P256,)}, server={"groups": (P384,)})
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert (caught.value.function, caught.value.alert) == ("FINAL_KEY_SHARE", 40)


def test_no_suite_in_common_is_refused(make_pair):
    pair = make_pair("1.1.1", (TLS1_3,), "TLS_AES_128_GCM_SHA256")
    pair.server.config.ciphersuites = ()
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert caught.value.function == "TLS_EARLY_POST_PROCESS_CLIENT_HELLO"
    assert caught.value.reason == "NO_SHARED_CIPHER"


@pytest.mark.parametrize(
    ("options", "chosen"),
    [(0, SUITES[1]), (SERVER_PREFERENCE, SUITES[0]), (SERVER_PREFERENCE | PRIORITIZE_CHACHA, SUITES[1])],
)
def test_the_preference_of_suites_is_the_clients_unless_the_server_says_otherwise(pair13, options, chosen):
    pair = pair13(options=options)
    pair.client.config.ciphersuites = (
        pair.client.config.ciphersuites[1:] + pair.client.config.ciphersuites[:1]
    )
    assert pair.run().server.suite.name == chosen


# -- versions


def test_of_two_versions_the_higher_is_chosen(pair13):
    pair = pair13("AES128-SHA", *SUITES, versions=(TLS1_2, TLS1_3)).run()
    assert pair.client.version == TLS1_3


@pytest.mark.parametrize("newer", ["client", "server"])
def test_an_end_without_tls13_gets_tls12(pair13, newer):
    pair = pair13("AES128-SHA", *SUITES, versions=(TLS1_2, TLS1_3))
    older = pair.server if newer == "client" else pair.client
    older.config.versions = (TLS1_2,)
    pair.run()
    assert pair.client.version == pair.server.version == TLS1_2
    assert pair.client.tls13_offer is pair.server.tls13_answer is None
    sentinel = pair.server.server_random[-8:] == b"DOWNGRD\x01"
    assert sentinel is (newer == "server")


def test_a_downgrade_is_noticed(pair13):
    pair = pair13("AES128-SHA", *SUITES, versions=(TLS1_2, TLS1_3))

    def hide_tls13(_sender, name, body):
        if name != "client_hello":
            return body
        return body.replace(b"\x00\x2b\x00\x05\x04\x03\x04\x03\x03", b"\xaa\xaa\x00\x05\x04\x03\x04\x03\x03")

    pair.tamper = hide_tls13
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert (caught.value.reason, caught.value.alert) == ("INAPPROPRIATE_FALLBACK", 47)


def test_a_server_without_certificate_does_not_know_tls13(pair13):
    pair = pair13("ADH-AES128-SHA", *SUITES, versions=(TLS1_2, TLS1_3))
    pair.server.config.credentials = ()
    for end in (pair.client, pair.server):
        end.config.security_level = 0
    assert pair.run().server.version == TLS1_2


# -- resumption


@pytest.mark.parametrize("options", [0, NO_TICKET])
@pytest.mark.parametrize("suite", SUITES)
def test_a_ticket_resumes_the_session(pair13, suite, options):
    pair = pair13(suite, options=options).run()
    stateful = bool(options)
    assert [length < 200 for length in tickets(pair)] == [stateful, stateful]
    assert len(pair.server.config.session_cache) == (2 if stateful else 0)
    again = resume(pair, pair13(suite, options=options))
    assert again.client.hit
    assert "certificate" not in names(again)
    assert len(tickets(again)) == 1


def test_a_session_may_be_resumed_with_another_suite_of_the_same_hash(pair13):
    pair = pair13("TLS_AES_128_GCM_SHA256").run()
    tickets(pair)
    assert resume(pair, pair13("TLS_CHACHA20_POLY1305_SHA256")).client.hit
    assert not resume(pair, pair13("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")).client.hit


def test_a_session_is_resumed_after_a_hello_retry(pair13):
    pair = pair13(client={"groups": (P256, P384)}, server={"groups": (P384,)}).run()
    tickets(pair)
    again = resume(pair, pair13(client={"groups": (P256, P384)}, server={"groups": (P384,)}))
    assert again.client.hit
    assert again.client.hello_retry is HelloRetry.COMPLETE


def test_without_a_group_in_common_the_ticket_alone_gives_the_keys(pair13):
    pair = pair13(options=ALLOW_NO_DHE_KEX).run()
    tickets(pair)
    again = pair13(options=ALLOW_NO_DHE_KEX, client={"groups": (P256,)}, server={"groups": (P384,)})
    assert resume(pair, again).client.hit
    assert dict(names_and_lengths(again))["server_hello"] == 122 - 40 + 6


def test_a_ticket_of_another_server_is_passed_over(pair13):
    pair = pair13().run()
    tickets(pair)
    again = pair13()
    again.client.session = pair.client.session
    again.run()
    assert not again.client.hit
    assert again.client.session is not pair.client.session


def test_an_old_ticket_is_not_offered(pair13):
    pair = pair13().run()
    tickets(pair)
    later = {"clock": lambda: pair.client.session.time + 7202.0}
    again = resume(pair, pair13(client=later))
    assert not again.client.hit
    assert dict(names_and_lengths(again))["client_hello"] == 210


def test_a_session_of_another_context_is_not_resumed(pair13):
    pair = pair13(server={"session_id_context": b"one"}).run()
    tickets(pair)
    assert not resume(pair, pair13(server={"session_id_context": b"other"})).client.hit


def test_an_external_psk_is_taken(pair13):
    shared = Session(TLS1_3, 0x1301, master_key=bytes(32), timeout=100, time=0)
    found = {b"who": shared}
    pair = pair13(
        "TLS_AES_128_GCM_SHA256",
        client={"psk_use_session": lambda: (b"who", shared), "clock": lambda: 10.0},
        server={"psk_find_session": found.get, "clock": lambda: 10.0},
    ).run()
    assert pair.client.hit
    assert "certificate" not in names(pair)


def test_an_external_psk_that_the_server_does_not_know_is_passed_over(pair13):
    shared = Session(TLS1_3, 0x1301, master_key=bytes(32))
    pair = pair13(
        client={"psk_use_session": lambda: (b"who", shared)}, server={"psk_find_session": {}.get}
    ).run()
    assert not pair.client.hit


def test_a_hello_retry_for_another_hash_drops_the_psk(pair13):
    first = pair13("TLS_AES_256_GCM_SHA384").run()
    tickets(first)
    again = pair13(
        "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256",
        client={"groups": (X25519, P256)},
        server={"groups": (P256,)},
    )
    again.server.config.ciphersuites = again.client.config.ciphersuites[1:]
    resume(first, again)
    assert names(again).count("client_hello") == 2
    assert not again.client.hit
    assert again.client.suite.name == "TLS_AES_128_GCM_SHA256"


@pytest.mark.parametrize("suite", ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"])
def test_ccm_suites_that_no_default_list_has_work_when_they_are_set(pair13, suite):
    pair = pair13(suite).run()
    assert pair.client.suite.name == pair.server.suite.name == suite


# -- early data


@pytest.mark.parametrize("options", [0, NO_ANTI_REPLAY])
def test_early_data_is_accepted_once_unless_replays_do_not_matter(pair13, options):
    server = {"max_early_data": 1000}
    pair = pair13(options=options, server=server).run()
    tickets(pair)
    assert pair.client.session.max_early_data == 1000
    again = resume(pair, pair13(options=options, server=server), wants_early_data=True)
    assert again.client.early_data is again.server.early_data is EarlyData.ACCEPTED
    assert again.client.early_data_limit == again.server.early_data_limit == 1000
    again.check_keys(
        again.client.tls13.secrets.writer(Epoch.EARLY), again.server.tls13.secrets.reader(Epoch.EARLY)
    )
    replay = resume(pair, pair13(options=options, server=server), wants_early_data=True)
    assert (replay.client.early_data is EarlyData.ACCEPTED) is bool(options)
    assert replay.client.hit is bool(options)


def test_a_server_that_does_not_read_early_data_rejects_it(pair13):
    pair = pair13(server={"max_early_data": 1000}).run()
    tickets(pair)
    again = pair13(server={"max_early_data": 1000})
    again.server.config.ticket_keys = pair.server.config.ticket_keys
    again.server.config.session_cache = pair.server.config.session_cache
    again.client.session = pair.client.session
    again.client.wants_early_data = True
    again.run()
    assert again.client.hit
    assert again.client.early_data is again.server.early_data is EarlyData.REJECTED


def test_a_hello_retry_rejects_early_data(pair13):
    client, server = {"groups": (P256, P384)}, {"groups": (P384,), "max_early_data": 1000}
    pair = pair13(client=client, server=server).run()
    tickets(pair)
    again = resume(pair, pair13(client=client, server=server), wants_early_data=True)
    assert again.client.early_data is EarlyData.REJECTED


def test_early_data_for_another_name_is_not_made(pair13):
    pair = pair13(server={"max_early_data": 1000}).run()
    tickets(pair)
    pair.client.session.hostname = b"one.example"
    with pytest.raises(HandshakeFailure) as caught:
        resume(pair, pair13(client={"hostname": "other.example"}), wants_early_data=True)
    assert caught.value.reason == "INCONSISTENT_EARLY_DATA_SNI"


def test_end_of_early_data_is_empty(pair13):
    pair = pair13().run()
    message = pair.client.tls13.construct_end_of_early_data()
    assert message == b"\x05\0\0\0"
    pair.server.tls13.process_end_of_early_data(message[4:])
    with pytest.raises(HandshakeFailure) as caught:
        pair.server.tls13.process_end_of_early_data(b"\0")
    assert caught.value.alert == 50


# -- key updates


def test_each_key_update_makes_new_keys(pair13):
    pair = pair13().run()
    client, server = pair.client.tls13, pair.server.tls13
    for _ in range(3):
        assert server.process_key_update(client.construct_key_update(requested=True)[4:])
        pair.check_keys(client.secrets.update_writer(), server.secrets.update_reader())
        assert not client.process_key_update(server.construct_key_update(requested=False)[4:])
        pair.check_keys(server.secrets.update_writer(), client.secrets.update_reader())


@pytest.mark.parametrize(("body", "alert"), [(b"", 50), (b"\0\0", 50), (b"\2", 47)])
def test_a_malformed_key_update_is_refused(pair13, body, alert):
    pair = pair13().run()
    with pytest.raises(HandshakeFailure) as caught:
        pair.client.tls13.process_key_update(body)
    assert (caught.value.reason, caught.value.alert) == ("BAD_KEY_UPDATE", alert)


# -- sessions of both versions


def both_versions(pair13, *, old_server=False, session=None, server=None):
    pair = pair13("AES128-SHA", *SUITES, versions=(TLS1_2, TLS1_3))
    if server is not None:
        pair.server.config.ticket_keys = server.config.ticket_keys
    if old_server:
        pair.server.config.versions = (TLS1_2,)
    pair.client.session = session
    return pair.run()


def test_a_session_of_tls12_is_resumed_by_a_client_that_offers_tls13(pair13):
    first = both_versions(pair13, old_server=True)
    again = both_versions(pair13, old_server=True, session=first.client.session, server=first.server)
    assert again.client.hit
    assert again.client.version == TLS1_2


def test_a_session_of_tls12_does_not_keep_a_client_from_tls13(pair13):
    first = both_versions(pair13, old_server=True)
    again = both_versions(pair13, session=first.client.session, server=first.server)
    assert not again.client.hit
    assert again.client.version == again.client.session.version == TLS1_3
    assert again.client.tls13.offer._session_id == first.client.session.session_id


def test_a_session_of_tls13_gives_way_to_a_server_of_tls12(pair13):
    first = both_versions(pair13)
    tickets(first)
    again = both_versions(pair13, old_server=True, session=first.client.session, server=first.server)
    assert not again.client.hit
    assert again.client.version == again.client.session.version == TLS1_2


def test_a_server_with_external_psks_alone_speaks_tls13(pair13):
    shared = Session(TLS1_3, 0x1301, master_key=bytes(32), timeout=100)
    ends = {"clock": lambda: 10.0}
    server = {"credentials": (), "psk_find_session": {b"who": shared}.get, "ticket_keys": None, **ends}
    client = {"psk_use_session": lambda: (b"who", shared), **ends}
    pair = pair13("TLS_AES_128_GCM_SHA256", client=client, server=server).run()
    assert pair.client.hit
    assert pair.server.tls13.tickets_left() == 0


# -- group tuples

M, X448_ = X25519MLKEM768, X448


@pytest.mark.parametrize(
    ("listed", "shared", "options", "retried", "chosen"),
    [
        ((M, X25519, P256), (X25519,), 0, True, M),
        ((X25519, P256), (P256,), 0, False, P256),
        ((X25519, M), (X25519, M), 0, False, M),
        ((X448_, P384), (P384,), 0, False, P384),
        ((P384, X448_, P521), (P521, P384, X448_), 0, False, P521),
        ((P384, X25519), (P384,), 0, True, X25519),
        ((P384, P256, X25519), (P384,), 0, True, P256),
        ((P384, P256, X25519), (P384,), SERVER_PREFERENCE, True, X25519),
        ((P256, X25519), (P256, X25519), SERVER_PREFERENCE, False, X25519),
        ((P521, P384, X448_), (P521, P384), SERVER_PREFERENCE, False, P384),
    ],
)
def test_a_server_of_3_5_goes_by_tuples_of_groups(
    pair13, monkeypatch, listed, shared, options, retried, chosen
):
    """As a 3.5.4 answered to these hellos."""
    pair = pair13(release="3.5.4", options=options, client={"groups": listed})
    monkeypatch.setattr("emulator.handshake.tls13.client_hello.offered_shares", lambda _: shared)
    pair.run()
    assert pair.server.tls13.answer.share.group == chosen
    assert (pair.client.hello_retry is HelloRetry.COMPLETE) is retried
