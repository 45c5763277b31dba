"""What a peer may do wrong in TLS 1.3: each refusal has the release's error and alert."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import NotEmulated
from emulator.handshake.common.messages import HandshakeFailure
from emulator.handshake.hello.messages import HELLO_RETRY_RANDOM

TLS1_3 = 0x0304
SUITES = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
OPTIONS = 0x00100004
P256, P384, X25519 = 23, 24, 29
MESSAGES = [
    ("client", "client_hello"),
    ("server", "server_hello"),
    ("server", "encrypted_extensions"),
    ("server", "certificate_request"),
    ("server", "certificate"),
    ("server", "certificate_verify"),
    ("server", "finished"),
    ("client", "certificate"),
    ("client", "certificate_verify"),
    ("client", "finished"),
    ("server", "new_session_ticket"),
]
ILLEGAL, DECODE, DECRYPT, VERSION, INTERNAL, MISSING, UNSUPPORTED = 47, 50, 51, 70, 80, 109, 110
UNEXPECTED, HANDSHAKE_FAILURE = 10, 40


class Delivered(Exception):  # noqa: N818
    """The changed message was taken."""


def new_pair(make_pair, credential, kind="full", release="1.1.1w", suites=SUITES):
    """``kind``: full, retry (a HelloRetryRequest first) or psk (a session is resumed)."""
    shared = {"options": OPTIONS, "session_id_context": b"x"}
    client = {**shared, "credentials": (credential,)}
    server = {**shared, "credentials": (credential,), "request_certificate": True, "max_early_data": 100}
    if kind == "retry":
        client["groups"], server["groups"] = (X25519, P256), (P256,)
    pair = make_pair(release, (TLS1_3,), *suites, client=client, server=server)
    if kind == "psk":
        pair.run()
        ticket = pair.server.tls13.construct_new_session_ticket()
        pair.client.tls13.process_new_session_ticket(ticket[4:])
        again = make_pair(release, (TLS1_3,), *suites, client=client, server=server)
        again.client.session = pair.client.session
        again.server.config.ticket_keys = pair.server.config.ticket_keys
        again.server.config.session_cache = pair.server.config.session_cache
        again.client.wants_early_data = again.server.wants_early_data = True
        pair = again
    return pair


def attack(pair, target, change, occurrence=1):
    """Change one message on its way; the receiver's refusal, or None when it takes it."""
    seen = []

    def tamper(sender, name, body):
        if (sender, name) != target:
            return body
        seen.append(name)
        if len(seen) != occurrence:
            return body
        receiver = pair.server if sender == "client" else pair.client
        getattr(pair.owner(receiver, name), "process_" + name)(change(body))
        raise Delivered

    pair.tamper = tamper
    try:
        pair.run()
        pair._send("server", "new_session_ticket")
    except HandshakeFailure as refusal:
        return refusal
    except Delivered:
        pass
    return None


# -- anything at all


edits = st.one_of(
    st.tuples(st.just("set"), st.integers(0, 400), st.integers(0, 255)),
    st.tuples(st.just("cut"), st.integers(0, 900), st.just(0)),
    st.tuples(st.just("grow"), st.integers(0, 400), st.integers(1, 40)),
    st.tuples(st.just("drop"), st.integers(0, 400), st.integers(1, 40)),
)


def edited(body, changes):
    body = bytearray(body)
    for kind, at, value in changes:
        if kind == "set" and body:
            body[at % len(body)] = value
        elif kind == "cut":
            del body[at:]
        elif kind == "grow":
            body[at:at] = bytes(range(value))
        elif kind == "drop":
            del body[at : at + value]
    return bytes(body)


def check(failure):
    """A refusal has an alert, which is fatal for both."""
    assert failure is None or failure.alert is not None
    assert failure is None or all(len(entry) == 2 for entry in failure.entries)


@pytest.mark.parametrize("kind", ["full", "retry", "psk"])
@given(st.sampled_from(MESSAGES), st.lists(edits, min_size=1, max_size=4), st.integers(1, 2))
@settings(max_examples=60, deadline=None)
def test_a_changed_message_is_taken_or_refused(make_pair, rsa_credential, kind, target, changes, occurrence):
    pair = new_pair(make_pair, rsa_credential, kind)
    try:
        check(attack(pair, target, lambda body: edited(body, changes), occurrence))
    except NotEmulated:
        assert target[1] in {"client_hello", "server_hello"}


@pytest.mark.parametrize("target", MESSAGES, ids=str)
@given(st.binary(max_size=200))
@settings(max_examples=15, deadline=None)
def test_noise_in_place_of_a_message_is_taken_or_refused(make_pair, rsa_credential, target, noise):
    check(attack(new_pair(make_pair, rsa_credential), target, lambda _body: noise))


@pytest.mark.parametrize("kind", ["full", "retry", "psk"])
@pytest.mark.parametrize("target", MESSAGES, ids=str)
def test_every_truncation_is_refused(make_pair, rsa_credential, kind, target):
    for length in (0, 1, 2, 3, 5, 34, 35, 38, 60, 80, 100, 150, 200):
        pair = new_pair(make_pair, rsa_credential, kind)
        whole = []

        def cut(body, length=length, whole=whole):
            whole.append(len(body))
            return body[:length]

        failure = attack(pair, target, cut)
        check(failure)
        assert not whole or length >= whole[0] or failure is not None


# -- hellos


def block_at(body):
    """Where the extensions of a hello begin, their length included."""
    at = 34 + 1 + body[34]
    if body[at : at + 2] == b"\x13\x02" and body[at + 2] == 0:
        return at + 3  # a ServerHello
    return at + 2 + int.from_bytes(body[at : at + 2], "big") + 2


def extensions_of(body):
    at = block_at(body) + 2
    found = []
    while at < len(body):
        kind, length = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        found.append((kind, body[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def with_extensions(body, extensions):
    block = b"".join(
        kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data for kind, data in extensions
    )
    return body[: block_at(body)] + len(block).to_bytes(2, "big") + block


def replaced(kind, data):
    """Give an extension another body; None leaves it out."""

    def change(body):
        kept = [(one, data if one == kind else old) for one, old in extensions_of(body)]
        return with_extensions(body, [(one, new) for one, new in kept if new is not None])

    return change


def added(kind, data):
    return lambda body: with_extensions(body, [*extensions_of(body), (kind, data)])


def without(kind):
    return replaced(kind, None)


def put(at, data):
    return lambda body: body[:at] + data + body[at + len(data) :]


KEY_SHARE, VERSIONS, MODES, COOKIE, PSK, EARLY = 51, 43, 45, 44, 41, 42
GROUPS, SCHEMES, SCHEMES_CERT, POST_AUTH, POINT_FORMATS = 10, 13, 50, 49, 11
EARLY_POST = "TLS_EARLY_POST_PROCESS_CLIENT_HELLO"

CLIENT_HELLOS = {
    "versions-length": (replaced(VERSIONS, b"\3\3\4"), EARLY_POST, "LENGTH_MISMATCH", VERSION),
    "versions-odd": (replaced(VERSIONS, b"\3\3\4\0"), EARLY_POST, "LENGTH_MISMATCH", VERSION),
    "versions-unknown": (replaced(VERSIONS, b"\2\x7f\x1c"), EARLY_POST, "UNSUPPORTED_PROTOCOL", VERSION),
    "legacy-version": (put(0, b"\3\0"), EARLY_POST, "BAD_LEGACY_VERSION", VERSION),
    "no-suite": (put(69, b"\x13\6\x13\7\x13\5"), EARLY_POST, "NO_SHARED_CIPHER", HANDSHAKE_FAILURE),
    "no-schemes": (without(SCHEMES), "FINAL_SIG_ALGS", "MISSING_SIGALGS_EXTENSION", MISSING),
    "schemes": (replaced(SCHEMES, b"\0\1\4"), "TLS_PARSE_CTOS_SIG_ALGS", "BAD_EXTENSION", DECODE),
    "schemes-empty": (replaced(SCHEMES, b"\0\0"), "TLS_PARSE_CTOS_SIG_ALGS", "BAD_EXTENSION", DECODE),
    "schemes-cert": (added(SCHEMES_CERT, b""), "TLS_PARSE_CTOS_SIG_ALGS_CERT", "BAD_EXTENSION", DECODE),
    "schemes-unshared": (
        replaced(SCHEMES, b"\0\2\xee\xee"), "TLS1_SET_SERVER_SIGALGS",
        "NO_SHARED_SIGNATURE_ALGORITHMS", HANDSHAKE_FAILURE,
    ),
    "schemes-unfit": (
        replaced(SCHEMES, b"\0\2\4\3"), "TLS_CHOOSE_SIGALG", "NO_SUITABLE_SIGNATURE_ALGORITHM",
        HANDSHAKE_FAILURE,
    ),
    "pkcs1-alone": (
        replaced(SCHEMES, b"\0\2\4\1"), "TLS_CHOOSE_SIGALG", "NO_SUITABLE_SIGNATURE_ALGORITHM",
        HANDSHAKE_FAILURE,
    ),
    "groups": (replaced(GROUPS, b"\0\0"), "TLS_PARSE_CTOS_SUPPORTED_GROUPS", "BAD_EXTENSION", DECODE),
    "no-groups": (
        without(GROUPS), "TLS_PARSE_CTOS_KEY_SHARE", "MISSING_SUPPORTED_GROUPS_EXTENSION", MISSING,
    ),
    "post-auth": (
        added(POST_AUTH, b"\0"), "TLS_PARSE_CTOS_POST_HANDSHAKE_AUTH",
        "POST_HANDSHAKE_AUTH_ENCODING_ERR", DECODE,
    ),
    "modes": (replaced(MODES, b"\2\1"), "TLS_PARSE_CTOS_PSK_KEX_MODES", "BAD_EXTENSION", DECODE),
    "modes-empty": (replaced(MODES, b"\0"), "TLS_PARSE_CTOS_PSK_KEX_MODES", "BAD_EXTENSION", DECODE),
    "no-share": (without(KEY_SHARE), "FINAL_KEY_SHARE", "NO_SUITABLE_KEY_SHARE", MISSING),
    "share-length": (replaced(KEY_SHARE, b"\0"), "TLS_PARSE_CTOS_KEY_SHARE", "LENGTH_MISMATCH", DECODE),
    "share-empty": (
        replaced(KEY_SHARE, b"\0\4\0\x1d\0\0"), "TLS_PARSE_CTOS_KEY_SHARE", "LENGTH_MISMATCH", DECODE,
    ),
    "share-of-unlisted-group": (
        replaced(KEY_SHARE, b"\0\5\1\0\0\1\1"), "TLS_PARSE_CTOS_KEY_SHARE", "BAD_KEY_SHARE", ILLEGAL,
    ),
    "share-short": (
        replaced(KEY_SHARE, b"\0\5\0\x1d\0\1\1"), "TLS_PARSE_CTOS_KEY_SHARE", "BAD_ECPOINT", ILLEGAL,
    ),
    "share-off-the-curve": (
        replaced(KEY_SHARE, b"\0\x45\0\x17\0\x41\4" + bytes(64)), "TLS_PARSE_CTOS_KEY_SHARE",
        "BAD_ECPOINT", ILLEGAL,
    ),
    "early-data": (added(EARLY, b"\0"), "TLS_PARSE_CTOS_EARLY_DATA", "BAD_EXTENSION", DECODE),
    "psk-not-last": (
        lambda body: added(0xAAAA, b"")(added(PSK, b"")(body)), "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION",
        ILLEGAL,
    ),
    "psk-without-modes": (
        lambda body: added(PSK, b"")(without(MODES)(body)), "FINAL_PSK",
        "MISSING_PSK_KEX_MODES_EXTENSION", MISSING,
    ),
    "psk-empty": (added(PSK, b""), "TLS_PARSE_CTOS_PSK", "BAD_EXTENSION", DECODE),
    "twice": (added(MODES, b"\1\1"), "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION", ILLEGAL),
}  # fmt: skip


def refused_as(failure, function, reason, alert):
    assert failure is not None
    assert (failure.function, failure.reason, failure.alert) == (function, reason, alert)


@pytest.mark.parametrize("name", CLIENT_HELLOS)
def test_a_client_hello_is_refused(make_pair, rsa_credential, name):
    change, *expected = CLIENT_HELLOS[name]
    pair = new_pair(make_pair, rsa_credential)
    refused_as(attack(pair, ("client", "client_hello"), change), *expected)


def test_compression_besides_the_null_method_is_refused(make_pair, rsa_credential):
    def compressed(body):
        at = block_at(body)
        return body[: at - 2] + b"\2\0\1" + body[at:]

    failure = attack(new_pair(make_pair, rsa_credential), ("client", "client_hello"), compressed)
    refused_as(failure, EARLY_POST, "INVALID_COMPRESSION_ALGORITHM", ILLEGAL)


def test_no_compression_method_at_all_is_refused(make_pair, rsa_credential):
    def nothing(body):
        at = block_at(body)
        return body[: at - 2] + b"\1\1" + body[at:]

    failure = attack(new_pair(make_pair, rsa_credential), ("client", "client_hello"), nothing)
    refused_as(failure, EARLY_POST, "NO_COMPRESSION_SPECIFIED", DECODE)


def test_a_share_of_low_order_is_found_out_with_the_server_hello(make_pair, rsa_credential):
    """X25519 gives zeros then, which libcrypto doesn't hand out (ssl_derive())."""
    pair = new_pair(make_pair, rsa_credential)
    message = pair.client.construct_client_hello()
    pair.server.process_client_hello(replaced(KEY_SHARE, b"\0\x24\0\x1d\0\x20" + bytes(32))(message[4:]))
    with pytest.raises(HandshakeFailure) as caught:
        pair.server.construct_server_hello()
    refused_as(caught.value, "SSL_DERIVE", "ERR_R_INTERNAL_ERROR", INTERNAL)


def test_a_version_below_without_the_extension_is_unsupported_here(make_pair, rsa_credential):
    failure = attack(new_pair(make_pair, rsa_credential), ("client", "client_hello"), without(VERSIONS))
    refused_as(failure, EARLY_POST, "UNSUPPORTED_PROTOCOL", VERSION)


SECOND_HELLOS = {
    "other-group": (
        replaced(KEY_SHARE, b"\0\x24\0\x1d\0\x20" + bytes(32)), "TLS_PARSE_CTOS_KEY_SHARE",
        "BAD_KEY_SHARE", ILLEGAL,
    ),
    "no-share": (replaced(KEY_SHARE, b"\0\0"), "TLS_PARSE_CTOS_KEY_SHARE", "BAD_KEY_SHARE", ILLEGAL),
    "no-versions": (without(VERSIONS), EARLY_POST, "UNSUPPORTED_PROTOCOL", VERSION),
    "other-suite": (put(69, b"\x13\1\x13\1\x13\1"), EARLY_POST, "BAD_CIPHER", ILLEGAL),
    "early-data": (added(EARLY, b""), "TLS_PARSE_CTOS_EARLY_DATA", "BAD_EXTENSION", ILLEGAL),
    "no-key-share": (without(KEY_SHARE), "FINAL_KEY_SHARE", "NO_SUITABLE_KEY_SHARE", MISSING),
}  # fmt: skip


@pytest.mark.parametrize("name", SECOND_HELLOS)
def test_a_second_client_hello_is_refused(make_pair, rsa_credential, name):
    change, *expected = SECOND_HELLOS[name]
    pair = new_pair(make_pair, rsa_credential, "retry")
    refused_as(attack(pair, ("client", "client_hello"), change, occurrence=2), *expected)


SERVER_HELLO, STOC_SHARE = "TLS_PROCESS_SERVER_HELLO", "TLS_PARSE_STOC_KEY_SHARE"
STOC_VERSIONS = "TLS_PARSE_STOC_SUPPORTED_VERSIONS"
SERVER_HELLOS = {
    "long-session-id": (put(34, b"\x21"), SERVER_HELLO, "SSL3_SESSION_ID_TOO_LONG", ILLEGAL),
    "other-session-id": (put(35, bytes(32)), SERVER_HELLO, "INVALID_SESSION_ID", ILLEGAL),
    "compression": (put(69, b"\1"), SERVER_HELLO, "INVALID_COMPRESSION_ALGORITHM", ILLEGAL),
    "unknown-suite": (put(67, b"\x13\x99"), "SET_CLIENT_CIPHERSUITE", "UNKNOWN_CIPHER_RETURNED", ILLEGAL),
    "older-suite": (put(67, b"\0\x2f"), "SET_CLIENT_CIPHERSUITE", "WRONG_CIPHER_RETURNED", ILLEGAL),
    "unoffered-suite": (put(67, b"\x13\4"), "SET_CLIENT_CIPHERSUITE", "WRONG_CIPHER_RETURNED", ILLEGAL),
    "versions-length": (replaced(VERSIONS, b"\3"), STOC_VERSIONS, "LENGTH_MISMATCH", DECODE),
    "versions": (replaced(VERSIONS, b"\3\3"), STOC_VERSIONS, "BAD_PROTOCOL_VERSION_NUMBER", ILLEGAL),
    "tls12": (without(VERSIONS), "SSL_CHOOSE_CLIENT_VERSION", "UNSUPPORTED_PROTOCOL", VERSION),
    "unasked": (added(COOKIE + 3, b""), "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION", ILLEGAL),
    "misplaced": (added(POINT_FORMATS, b"\1\0"), SERVER_HELLO, "BAD_EXTENSION", ILLEGAL),
    "no-share": (without(KEY_SHARE), "FINAL_KEY_SHARE", "NO_SUITABLE_KEY_SHARE", MISSING),
    "share-length": (replaced(KEY_SHARE, b"\0\x1d\0\2\0"), STOC_SHARE, "LENGTH_MISMATCH", DECODE),
    "share-empty": (replaced(KEY_SHARE, b"\0\x1d\0\0"), STOC_SHARE, "LENGTH_MISMATCH", DECODE),
    "share-group": (replaced(KEY_SHARE, b"\0\x17\0\1\0"), STOC_SHARE, "BAD_KEY_SHARE", ILLEGAL),
    "share-short": (replaced(KEY_SHARE, b"\0\x1d\0\1\0"), STOC_SHARE, "BAD_ECPOINT", ILLEGAL),
    "share-of-low-order": (
        replaced(KEY_SHARE, b"\0\x1d\0\x20" + bytes(32)), "SSL_DERIVE", "ERR_R_INTERNAL_ERROR", INTERNAL,
    ),
    "psk": (added(PSK, b"\0\0"), "TLS_COLLECT_EXTENSIONS", "UNSOLICITED_EXTENSION", UNSUPPORTED),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVER_HELLOS)
def test_a_server_hello_is_refused(make_pair, rsa_credential, name):
    change, *expected = SERVER_HELLOS[name]
    pair = new_pair(make_pair, rsa_credential)
    refused_as(attack(pair, ("server", "server_hello"), change), *expected)


def retry_request(body):
    """Make a HelloRetryRequest of it, which asks for nothing."""
    return with_extensions(put(2, HELLO_RETRY_RANDOM)(body), [(VERSIONS, b"\3\4")])


RETRIES = {
    "no-change": (
        retry_request, "TLS_PROCESS_AS_HELLO_RETRY_REQUEST", "NO_CHANGE_FOLLOWING_HRR", ILLEGAL,
    ),
    "group-sent-already": (
        lambda body: added(KEY_SHARE, b"\0\x1d")(retry_request(body)), STOC_SHARE, "BAD_KEY_SHARE", ILLEGAL,
    ),
    "unknown-group": (
        lambda body: added(KEY_SHARE, b"\1\0")(retry_request(body)), STOC_SHARE, "BAD_KEY_SHARE", ILLEGAL,
    ),
    "group-length": (
        lambda body: added(KEY_SHARE, b"\0\x17\0")(retry_request(body)), STOC_SHARE, "LENGTH_MISMATCH",
        DECODE,
    ),
    "cookie": (
        lambda body: added(COOKIE, b"\0\2\0")(retry_request(body)), "TLS_PARSE_STOC_COOKIE",
        "LENGTH_MISMATCH", DECODE,
    ),
    "misplaced": (
        lambda body: added(PSK, b"\0\0")(retry_request(body)), "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION",
        ILLEGAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RETRIES)
def test_a_hello_retry_request_is_refused(make_pair, rsa_credential, name):
    change, *expected = RETRIES[name]
    pair = new_pair(make_pair, rsa_credential)
    refused_as(attack(pair, ("server", "server_hello"), change), *expected)


def test_a_cookie_comes_back(make_pair, rsa_credential):
    pair = new_pair(make_pair, rsa_credential)

    def ask(body):
        return added(COOKIE, b"\0\3abc")(retry_request(body))

    assert attack(pair, ("server", "server_hello"), ask) is None
    second = pair.client.construct_client_hello()
    assert (COOKIE, b"\0\3abc") in extensions_of(second[4:])


def test_a_second_hello_retry_request_is_unexpected(make_pair, rsa_credential):
    pair = new_pair(make_pair, rsa_credential, "retry")
    failure = attack(pair, ("server", "server_hello"), put(2, HELLO_RETRY_RANDOM), occurrence=2)
    refused_as(failure, SERVER_HELLO, "UNEXPECTED_MESSAGE", UNEXPECTED)


def test_another_suite_than_the_hello_retry_request_said_is_refused(make_pair, rsa_credential):
    pair = new_pair(make_pair, rsa_credential, "retry")
    failure = attack(pair, ("server", "server_hello"), put(67, b"\x13\1"), occurrence=2)
    refused_as(failure, "SET_CLIENT_CIPHERSUITE", "WRONG_CIPHER_RETURNED", ILLEGAL)


# -- resumption


def changed_psk(at, value):
    def change(body):
        data = bytearray(dict(extensions_of(body))[PSK])
        data[at] = data[at] ^ value
        return replaced(PSK, bytes(data))(body)

    return change


@pytest.mark.parametrize(
    ("change", "function", "reason", "alert"),
    [
        (changed_psk(-1, 1), "TLS_PSK_DO_BINDER", "BINDER_DOES_NOT_VERIFY", ILLEGAL),
        (changed_psk(1, 1), "TLS_PARSE_CTOS_PSK", "BAD_EXTENSION", DECODE),
        (put(10, bytes(5)), "TLS_PSK_DO_BINDER", "BINDER_DOES_NOT_VERIFY", ILLEGAL),
    ],
)
def test_a_binder_that_does_not_fit_is_refused(make_pair, rsa_credential, change, function, reason, alert):
    pair = new_pair(make_pair, rsa_credential, "psk")
    refused_as(attack(pair, ("client", "client_hello"), change), function, reason, alert)


@pytest.mark.parametrize(
    ("change", "function", "reason", "alert"),
    [
        (replaced(PSK, b"\0"), "TLS_PARSE_STOC_PSK", "LENGTH_MISMATCH", DECODE),
        (replaced(PSK, b"\0\1"), "TLS_PARSE_STOC_PSK", "BAD_PSK_IDENTITY", ILLEGAL),
        (put(67, b"\x13\1"), "SET_CLIENT_CIPHERSUITE", "CIPHERSUITE_DIGEST_HAS_CHANGED", ILLEGAL),
    ],
)
def test_a_resumption_that_was_not_offered_is_refused(
    make_pair, rsa_credential, change, function, reason, alert
):
    pair = new_pair(make_pair, rsa_credential, "psk")
    refused_as(attack(pair, ("server", "server_hello"), change), function, reason, alert)


# -- the rest


def encrypted(kind, data=b""):
    block = kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data
    return lambda _body: len(block).to_bytes(2, "big") + block


EARLY_STOC, TICKET = "TLS_PARSE_STOC_EARLY_DATA", "TLS_PROCESS_NEW_SESSION_TICKET"
CERTIFICATE, CERTIFICATE_REQUEST = "TLS_PROCESS_SERVER_CERTIFICATE", "TLS_PROCESS_CERTIFICATE_REQUEST"
PEER_SIGALG, CERT_VERIFY = "TLS12_CHECK_PEER_SIGALG", "TLS_PROCESS_CERT_VERIFY"
OTHERS = [
    ("server", "encrypted_extensions", lambda _: b"\0\1", "TLS_PROCESS_ENCRYPTED_EXTENSIONS",
     "LENGTH_MISMATCH", DECODE),
    ("server", "encrypted_extensions", encrypted(KEY_SHARE), "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION",
     ILLEGAL),
    ("server", "encrypted_extensions", encrypted(16), "TLS_COLLECT_EXTENSIONS", "UNSOLICITED_EXTENSION",
     UNSUPPORTED),
    ("server", "encrypted_extensions", encrypted(EARLY), "TLS_COLLECT_EXTENSIONS", "UNSOLICITED_EXTENSION",
     UNSUPPORTED),
    ("server", "certificate_request", lambda _: b"\1", CERTIFICATE_REQUEST, "LENGTH_MISMATCH", DECODE),
    ("server", "certificate_request", lambda _: b"\0\0", CERTIFICATE_REQUEST, "BAD_LENGTH", DECODE),
    ("server", "certificate_request", lambda _: b"\0\0\0", "FINAL_SIG_ALGS", "MISSING_SIGALGS_EXTENSION",
     MISSING),
    ("server", "certificate_request", lambda body: body + b"\0", CERTIFICATE_REQUEST, "LENGTH_MISMATCH",
     DECODE),
    ("server", "certificate", lambda body: b"\1" + body, CERTIFICATE, "LENGTH_MISMATCH", DECODE),
    ("server", "certificate", lambda _: b"\0\0\0\0", CERTIFICATE, "LENGTH_MISMATCH", DECODE),
    ("server", "certificate", lambda _: b"\0\0\0\4\0\0\2\x30", CERTIFICATE, "CERT_LENGTH_MISMATCH", DECODE),
    ("server", "certificate", lambda _: b"\0\0\0\4\0\0\1\x30", CERTIFICATE, "ERR_R_ASN1_LIB", 42),
    ("server", "certificate", lambda body: body[:-1] + b"\1", CERTIFICATE, "BAD_LENGTH", DECODE),
    ("server", "certificate_verify", lambda _: b"\4", CERT_VERIFY, "BAD_PACKET", DECODE),
    ("server", "certificate_verify", put(0, b"\4\1"), PEER_SIGALG, "WRONG_SIGNATURE_TYPE", ILLEGAL),
    ("server", "certificate_verify", put(0, b"\4\3"), PEER_SIGALG, "WRONG_SIGNATURE_TYPE", ILLEGAL),
    ("server", "certificate_verify", put(2, b"\4\0"), CERT_VERIFY, "WRONG_SIGNATURE_SIZE", DECODE),
    ("server", "certificate_verify", lambda body: body[:4], CERT_VERIFY, "WRONG_SIGNATURE_SIZE", DECODE),
    ("server", "certificate_verify", lambda body: body[:9], CERT_VERIFY, "LENGTH_MISMATCH", DECODE),
    ("server", "certificate_verify", put(9, bytes(9)), CERT_VERIFY, "BAD_SIGNATURE", DECRYPT),
    ("server", "finished", lambda body: body[1:], "TLS_PROCESS_FINISHED", "BAD_DIGEST_LENGTH", DECODE),
    ("server", "finished", put(0, bytes(9)), "TLS_PROCESS_FINISHED", "DIGEST_CHECK_FAILED", DECRYPT),
    ("client", "certificate", lambda body: b"\1" + body, "TLS_PROCESS_CLIENT_CERTIFICATE", "INVALID_CONTEXT",
     DECODE),
    ("client", "certificate", lambda body: body + b"\0", "TLS_PROCESS_CLIENT_CERTIFICATE",
     "LENGTH_MISMATCH", DECODE),
    ("client", "certificate", lambda body: body[:-1] + b"\1", "TLS_PROCESS_CLIENT_CERTIFICATE", "BAD_LENGTH",
     DECODE),
    ("client", "certificate_verify", put(9, bytes(9)), CERT_VERIFY, "BAD_SIGNATURE", DECRYPT),
    ("client", "finished", put(0, bytes(9)), "TLS_PROCESS_FINISHED", "DIGEST_CHECK_FAILED", DECRYPT),
    ("server", "new_session_ticket", lambda body: body[:8], TICKET, "LENGTH_MISMATCH", DECODE),
    ("server", "new_session_ticket", lambda body: body + b"\0", TICKET, "LENGTH_MISMATCH", DECODE),
    ("server", "new_session_ticket", lambda body: body[:17] + b"\0\0\0\0", TICKET, "LENGTH_MISMATCH", DECODE),
    ("server", "new_session_ticket", lambda body: body[:17] + b"\0\1\0\0\4\0\x2a\0\0", EARLY_STOC,
     "INVALID_MAX_EARLY_DATA", DECODE),
    ("server", "new_session_ticket", lambda body: body[:17] + b"\0\1\0\0\4\0\x29\0\0",
     "TLS_COLLECT_EXTENSIONS", "BAD_EXTENSION", ILLEGAL),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "name", "change", "function", "reason", "alert"), OTHERS)
def test_a_message_is_refused(make_pair, rsa_credential, sender, name, change, function, reason, alert):
    pair = new_pair(make_pair, rsa_credential)
    refused_as(attack(pair, (sender, name), change), function, reason, alert)


def test_early_data_is_not_accepted_without_resumption(make_pair, rsa_credential):
    pair = new_pair(make_pair, rsa_credential, "psk")
    failure = attack(pair, ("server", "encrypted_extensions"), encrypted(EARLY, b"\0"))
    refused_as(failure, EARLY_STOC, "BAD_EXTENSION", DECODE)
    pair = new_pair(make_pair, rsa_credential, "psk")
    pair.server.config.ticket_keys = None
    pair.server.config.session_cache = None
    failure = attack(pair, ("server", "encrypted_extensions"), encrypted(EARLY))
    refused_as(failure, EARLY_STOC, "BAD_EXTENSION", ILLEGAL)


def test_a_signature_on_another_curve_is_refused(make_pair, ecdsa_credential):
    pair = new_pair(make_pair, ecdsa_credential)
    failure = attack(pair, ("server", "certificate_verify"), put(0, b"\5\3"))
    refused_as(failure, PEER_SIGALG, "WRONG_CURVE", ILLEGAL)
