import pytest

from emulator.behaviours.handshake import Tickets, VersionChoice
from emulator.handshake.common.messages import HandshakeFailure
from emulator.handshake.common.suites import suite_table
from emulator.profile import load_profile

SSL3, TLS10, TLS11, TLS12 = 0x0300, 0x0301, 0x0302, 0x0303
PROTOCOLS = {"SSLv3": SSL3, "TLSv1": TLS10, "TLSv1.1": TLS11, "TLSv1.2": TLS12}
RELEASES = [
    *("0.9.6-base", "0.9.6m", "0.9.7m", "0.9.8e", "0.9.8zh", "1.0.0t"),
    *("1.0.1g", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"),
]
SUITES = [
    *("AES128-SHA", "DES-CBC3-SHA", "RC4-SHA", "AES256-SHA"),
    *("AES128-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384"),
    *("EDH-RSA-DES-CBC3-SHA", "DHE-RSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256", "ADH-AES128-SHA"),
    *("ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AECDH-AES128-SHA"),
    *("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"),
]


def suite_by_name(ciphers, name):
    """The suite that a release has under this name, weak or not."""
    return next((suite for suite in suite_table(ciphers).by_id.values() if suite.name == name), None)


def _combinations():
    for release in RELEASES:
        profile = load_profile(release)
        curves = bool(profile.handshake.known_groups)
        for protocol, version in PROTOCOLS.items():
            if protocol not in profile.exists.protocols:
                continue
            for name in SUITES:
                suite = suite_by_name(profile.ciphers, name)
                if suite is None or suite.min_version > version or ("ECDH" in name and not curves):
                    continue
                yield pytest.param(release, version, name, id=f"{release}-{protocol}-{name}")


@pytest.mark.parametrize(("release", "version", "suite"), list(_combinations()))
def test_every_suite_makes_full_resumed_and_renegotiated_handshakes(make_pair, release, version, suite):
    pair = make_pair(release, (version,), suite, client={"security_level": 0})
    pair.run()
    assert (pair.client.version, pair.client.suite.name) == (version, suite)
    assert not pair.client.hit
    first = pair.client.session

    pair.run(renegotiating=True, new_session=True)
    assert not pair.client.hit
    assert pair.client.session.master_key != first.master_key

    pair.run(renegotiating=True)
    assert pair.client.hit
    assert pair.server.hit


@pytest.mark.parametrize("release", RELEASES)
def test_a_session_is_resumed_by_its_id_in_another_connection(make_pair, release):
    one = make_pair(release, (TLS10,), "DES-CBC3-SHA", server={"ticket_keys": None}).run()
    assert len(one.client.session.session_id) == 32
    two = make_pair(
        release, (TLS10,), "DES-CBC3-SHA", server={"session_cache": one.server.config.session_cache}
    )
    two.client.session = one.client.session
    two.run()
    assert two.client.hit
    assert two.client.session.master_key == one.client.session.master_key


@pytest.mark.parametrize("release", ["0.9.8zh", "1.0.1u", "1.1.1w"])
def test_a_session_is_resumed_by_its_ticket_alone(make_pair, release):
    one = make_pair(release, (TLS10,), "AES128-SHA", legacy_method=True).run()
    keys = one.server.config.ticket_keys
    two = make_pair(release, (TLS10,), "AES128-SHA", server={"ticket_keys": keys})
    two.client.session = one.client.session
    two.run()
    assert two.client.hit
    assert ("server", "new_session_ticket") not in [entry[:2] for entry in two.log]


@pytest.mark.parametrize("release", ["0.9.8zh", "1.1.1w"])
def test_a_foreign_ticket_brings_a_full_handshake_and_a_new_ticket(make_pair, release):
    one = make_pair(release, (TLS10,), "AES128-SHA", legacy_method=True).run()
    two = make_pair(release, (TLS10,), "AES128-SHA")
    two.client.session = one.client.session
    two.run()
    assert not two.client.hit
    assert two.client.session.ticket != one.client.session.ticket


def test_an_expired_session_is_not_resumed(make_pair):
    now = 1_000_000.0
    pair = make_pair("1.0.1u", (TLS10,), "AES128-SHA", server={"clock": lambda: now, "session_timeout": 300})
    pair.run()
    now += 301
    pair.run(renegotiating=True)
    assert not pair.client.hit


def test_a_session_that_failed_is_not_offered_again(make_pair):
    pair = make_pair("1.0.1u", (TLS10,), "AES128-SHA").run()
    pair.client.session.resumable = False
    pair.run(renegotiating=True)
    assert not pair.client.hit


@pytest.mark.parametrize("release", RELEASES)
def test_a_method_for_all_versions_settles_on_the_highest_of_both(make_pair, release):
    profile = load_profile(release)
    versions = tuple(PROTOCOLS[name] for name in profile.exists.protocols if name in PROTOCOLS)
    pair = make_pair(release, versions, "DES-CBC3-SHA", "AES128-SHA")
    pair.run()
    assert pair.client.version == versions[-1]
    pair.run(renegotiating=True, new_session=True)
    assert pair.client.version == versions[-1]


@pytest.mark.parametrize("release", ["1.0.1u", "1.1.0l", "1.1.1w"])
def test_a_server_with_fewer_versions_takes_its_own_highest(make_pair, release):
    pair = make_pair(release, (TLS10, TLS11, TLS12), "AES128-SHA")
    pair.server.config.versions = (SSL3, TLS10)
    pair.run()
    assert pair.client.version == TLS10


@pytest.mark.parametrize("release", ["1.0.1u", "1.1.0l", "1.1.1w"])
def test_a_client_refuses_a_version_that_it_has_not(make_pair, release):
    pair = make_pair(release, (TLS11, TLS12), "AES128-SHA")
    pair.server.config.versions = (TLS10,)
    with pytest.raises(HandshakeFailure, match=r"UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW"):
        pair.run()


def test_a_server_that_could_do_better_marks_its_random_since_111(make_pair):
    pair = make_pair("1.1.1w", (TLS10, TLS11, TLS12), "AES128-SHA")
    pair.client.config.versions = (TLS10,)
    pair.run()
    assert pair.server.server_random.endswith(b"DOWNGRD\x00")


def test_a_client_that_could_have_done_better_refuses_the_mark(make_pair):
    pair = make_pair("1.1.1w", (TLS10, TLS11, TLS12), "AES128-SHA")

    def hide_version(sender, name, body):
        return b"\x03\x01" + body[2:] if (sender, name) == ("client", "client_hello") else body

    pair.tamper = hide_version
    with pytest.raises(HandshakeFailure, match="INAPPROPRIATE_FALLBACK"):
        pair.run()


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w"])
@pytest.mark.parametrize("suite", ["AES128-SHA", "AES128-GCM-SHA256"])
def test_extended_master_secret_and_encrypt_then_mac_are_used_since_110(make_pair, release, suite):
    pair = make_pair(release, (TLS12,), suite).run()
    assert pair.client.extended_master_secret
    assert pair.client.session.extended_master_secret
    assert pair.client.encrypt_then_mac == pair.server.encrypt_then_mac == (suite == "AES128-SHA")


def test_a_session_with_extended_master_secret_is_not_resumed_without_it(make_pair):
    pair = make_pair("1.1.1w", (TLS12,), "AES128-SHA").run()

    def drop(sender, name, body):
        return body.replace(b"\x00\x17\x00\x00", b"\x7f\x17\x00\x00") if name == "client_hello" else body

    pair.tamper = drop
    with pytest.raises(HandshakeFailure, match="SSL_GET_PREV_SESSION:INCONSISTENT_EXTMS") as failure:
        pair.run(renegotiating=True)
    assert failure.value.alert == 47


def _client_certificates():
    for release in RELEASES:
        profile = load_profile(release)
        kinds = ("none", "rsa", "ecdsa") if profile.handshake.known_groups else ("none", "rsa")
        for protocol in ("SSLv3", "TLSv1", "TLSv1.2"):
            if protocol in profile.exists.protocols:
                yield from ((release, PROTOCOLS[protocol], kind) for kind in kinds)


@pytest.mark.parametrize(("release", "version", "kind"), list(_client_certificates()))
def test_a_client_answers_a_certificate_request(make_pair, request, release, version, kind):
    own = () if kind == "none" else (request.getfixturevalue(f"{kind}_credential"),)
    pair = make_pair(
        release, (version,), "DES-CBC3-SHA",
        client={"credentials": own},
        server={"request_certificate": True, "session_id_context": b"test"},
    )  # fmt: skip
    pair.run()
    sent = [entry[:2] for entry in pair.log]
    assert (("client", "certificate") in sent) == (kind != "none" or version != SSL3)
    assert (("client", "certificate_verify") in sent) == (kind != "none")
    assert pair.server.session.peer == (own[0].chain[0] if own else b"")


def test_a_server_that_requires_a_certificate_refuses_a_client_without(make_pair):
    pair = make_pair(
        "1.0.1u", (TLS10,), "AES128-SHA", server={"request_certificate": True, "require_certificate": True}
    )
    with pytest.raises(HandshakeFailure, match="PEER_DID_NOT_RETURN_A_CERTIFICATE") as failure:
        pair.run()
    assert failure.value.alert == 40


def test_a_certificate_that_the_callback_refuses_ends_the_handshake(make_pair):
    seen = []

    def refuse(chain):
        seen.append(chain)
        return False

    pair = make_pair("1.0.2u", (TLS12,), "AES128-SHA", client={"verify": refuse})
    with pytest.raises(HandshakeFailure, match="CERTIFICATE_VERIFY_FAILED"):
        pair.run()
    assert len(seen[0]) == 1


@pytest.mark.parametrize("release", RELEASES)
def test_a_wrong_rsa_premaster_shows_in_finished_alone(make_pair, release):
    pair = make_pair(release, (TLS10,), "DES-CBC3-SHA")

    def spoil(sender, name, body):
        return body[:2] + bytes(len(body) - 2) if name == "client_key_exchange" else body

    pair.tamper = spoil
    with pytest.raises(Exception, match=r"mac|padding") as failure:
        pair.run()
    assert type(failure.value).__name__ == "RecordFailure"


@pytest.mark.parametrize("release", RELEASES)
def test_a_wrong_finished_is_refused(make_pair, release):
    pair = make_pair(release, (TLS10,), "DES-CBC3-SHA")
    pair.tamper = lambda _sender, name, body: (
        body[:-1] + bytes((body[-1] ^ 1,)) if name == "finished" else body
    )
    with pytest.raises(HandshakeFailure, match="DIGEST_CHECK_FAILED") as failure:
        pair.run()
    assert failure.value.alert == 51


def test_fixed_curve_and_automatic_curve_are_each_releases_own(make_pair):
    suite = "ECDHE-RSA-AES128-SHA"
    for release, auto, possible in (
        ("1.0.1u", True, False),
        ("1.0.2u", False, False),
        ("1.0.2u", True, True),
        ("1.1.0l", False, True),
    ):
        pair = make_pair(release, (TLS12,), suite, server={"ecdh_group": None, "ecdh_auto": auto})
        if possible:
            pair.run()
            assert pair.client.suite.name == suite
        else:
            with pytest.raises(HandshakeFailure, match="NO_SHARED_CIPHER"):
                pair.run()


def test_x25519_is_the_first_curve_since_110(make_pair):
    pair = make_pair("1.1.0l", (TLS12,), "ECDHE-RSA-AES128-SHA", server={"ecdh_group": None})
    sizes = {name: size for _, name, size in pair.run().log}
    assert sizes["client_key_exchange"] == 4 + 1 + 32


def without_extensions(hello):
    """A ClientHello cut off behind its compression methods."""
    at = 34 + 1 + hello[34]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    return hello[: at + 1 + hello[at]]


@pytest.mark.parametrize(("release", "possible"), [("1.0.2u", True), ("1.1.0c", True), ("1.1.0d", False)])
def test_a_client_that_names_no_curves_gets_one_up_to_110c(make_pair, release, possible):
    pair = make_pair(
        release, (TLS12,), "ECDHE-RSA-AES128-SHA", server={"ecdh_group": None, "ecdh_auto": True}
    )
    pair.tamper = lambda _sender, name, body: without_extensions(body) if name == "client_hello" else body
    if possible:
        pair.run()
        assert "server_key_exchange" in [name for _, name, _ in pair.log]
    else:
        with pytest.raises(HandshakeFailure, match="NO_SHARED_CIPHER"):
            pair.run()


def test_dhe_needs_parameters_or_auto(make_pair):
    suite = "DHE-RSA-AES128-SHA"
    without = {"dh_parameters": None}
    for release in ("1.0.2u", "1.1.1w"):
        with pytest.raises(HandshakeFailure, match="NO_SHARED_CIPHER"):
            make_pair(release, (TLS12,), suite, server=without).run()
    with pytest.raises(HandshakeFailure, match="NO_SHARED_CIPHER"):
        make_pair("1.0.2u", (TLS12,), suite, server={**without, "dh_auto": True}).run()
    make_pair("1.1.1w", (TLS12,), suite, server={**without, "dh_auto": True}).run()


def test_the_time_is_in_a_hello_until_a_mode_has_to_ask_for_it(make_pair):
    stamp = 0x5EADBEEF
    clock = {"clock": lambda: stamp}
    for release, mode, timed in (("1.0.1d", 0, True), ("1.0.1f", 0, False), ("1.0.1f", 0x20, True)):
        pair = make_pair(release, (TLS10,), "AES128-SHA", client={**clock, "mode": mode}).run()
        assert (pair.client.client_random[:4] == stamp.to_bytes(4, "big")) == timed


def test_versions_are_chosen_by_the_first_record_to_102():
    for release in RELEASES:
        rule = load_profile(release).handshake.version_choice
        assert (rule is VersionChoice.FIRST_RECORD) == (release < "1.1")


def test_a_resumed_ticket_session_has_the_id_of_the_client(make_pair):
    for release in RELEASES:
        if load_profile(release).handshake.tickets is Tickets.UNKNOWN:
            continue
        pair = make_pair(release, (TLS10,), "AES128-SHA", legacy_method=True).run()
        assert pair.client.session.ticket
        session_id = pair.client.session.session_id
        pair.run(renegotiating=True)
        assert pair.client.hit
        assert pair.server.session.session_id == session_id


@pytest.mark.parametrize(
    ("release", "entry", "alert"),
    [
        ("1.0.1u", ("SSL3_GET_KEY_EXCHANGE", "ERR_R_INTERNAL_ERROR"), None),
        ("1.0.2-base", ("SSL3_GET_SERVER_CERTIFICATE", "WRONG_CERTIFICATE_TYPE"), 47),
        ("1.0.2u", ("SSL3_GET_SERVER_CERTIFICATE", "WRONG_CERTIFICATE_TYPE"), 47),
        ("1.1.0l", ("TLS_PROCESS_SERVER_CERTIFICATE", "WRONG_CERTIFICATE_TYPE"), 47),
    ],
)
def test_a_certificate_of_another_kind_than_the_suites_is_refused_from_102(
    make_pair, ecdsa_credential, release, entry, alert
):
    """ssl_cipher_get_cert_index() against ssl_cert_type()."""
    certificate = ecdsa_credential.chain[0]
    entries = len(certificate).to_bytes(3, "big") + certificate
    message = len(entries).to_bytes(3, "big") + entries
    pair = make_pair(release, (TLS12,), "ECDHE-RSA-AES128-SHA")
    pair.tamper = lambda _sender, name, body: message if name == "certificate" else body
    with pytest.raises(HandshakeFailure) as caught:
        pair.run()
    assert (caught.value.entries, caught.value.alert) == ((entry,), alert)
