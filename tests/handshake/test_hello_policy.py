"""Hellos of every range of releases, against lengths and bytes recorded from real libraries."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from emulator.behaviours.hello import Extension, Padding
from emulator.constants import Mode, Option
from emulator.handshake.common.cipher_string import cipher_list
from emulator.handshake.hello import policy
from emulator.handshake.hello.extensions import encode_extensions
from emulator.handshake.hello.versions import first_hello, hello_record_version
from emulator.profile import load_profile
from emulator.profiles.published import distributions
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac
from emulator.release import Release

AES_SHA = CipherSuite(
    0x2F,
    "AES128-SHA",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.AES_128_CBC,
    Mac.SHA1,
    0x300,
    strength_bits=128,
)
TLS13_SUITE = CipherSuite(
    0x1301,
    "TLS_AES_128_GCM_SHA256",
    KeyExchange.ANY,
    Authentication.ANY,
    Cipher.AES_128_GCM,
    Mac.AEAD,
    0x304,
    strength_bits=128,
)
DES3_SHA = CipherSuite(
    0x0A,
    "DES-CBC3-SHA",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.DES_EDE3_CBC,
    Mac.SHA1,
    0x300,
    strength_bits=168,
)
RC4_SHA = CipherSuite(
    0x05, "RC4-SHA", KeyExchange.RSA, Authentication.RSA, Cipher.RC4_128, Mac.SHA1, 0x300, strength_bits=128
)
AES_SHA256 = CipherSuite(
    0x3C,
    "AES128-SHA256",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.AES_128_CBC,
    Mac.SHA256,
    0x303,
    strength_bits=128,
)
AES_GCM = CipherSuite(
    0x9C,
    "AES128-GCM-SHA256",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.AES_128_GCM,
    Mac.AEAD,
    0x303,
    strength_bits=128,
)
ECDHE_SHA = CipherSuite(
    0xC013,
    "ECDHE-RSA-AES128-SHA",
    KeyExchange.ECDHE,
    Authentication.RSA,
    Cipher.AES_128_CBC,
    Mac.SHA1,
    0x300,
    strength_bits=128,
)
SSLV2_RC4 = CipherSuite(
    0x010080,
    "RC4-MD5",
    KeyExchange.RSA,
    Authentication.RSA,
    Cipher.RC4_128,
    Mac.MD5,
    0x002,
    strength_bits=128,
)
PSK_AES = CipherSuite(
    0x8C,
    "PSK-AES128-CBC-SHA",
    KeyExchange.PSK,
    Authentication.PSK,
    Cipher.AES_128_CBC,
    Mac.SHA1,
    0x300,
    strength_bits=128,
)

SSL3, TLS1, TLS11, TLS12, TLS13 = 0x300, 0x301, 0x302, 0x303, 0x304


def profile(name):
    return load_profile(name if name in distributions() else Release(name).name)


def section(name):
    return profile(name).hello


def client_facts(version, suite, **more):
    return policy.ClientHelloFacts((version,), version, (suite,), security_level=0, **more)


def client_length(name, version, suite, session_id=0, **more):
    hello, facts = section(name), client_facts(version, suite, **more)
    before = 4 + 2 + 32 + 1 + session_id + 2 + len(policy.client_hello_ciphers(hello, facts)) + 1 + 1
    extensions = policy.client_hello_extensions(hello, facts, length_before=before)
    return before + len(encode_extensions(extensions))


def server_length(name, version, suite, *, secure=True, tickets=True, **more):
    hello = section(name)
    names = hello.client_extensions if version > SSL3 else ()
    facts = policy.ServerHelloFacts(
        version,
        suite,
        secure_renegotiation=secure,
        ticket_expected=tickets,
        client_heartbeat="heartbeat" in names,
        client_encrypt_then_mac="encrypt-then-mac" in names,
        client_extended_master_secret="extended-master-secret" in names,
        **more,
    )
    session_id = 0 if tickets else 32
    extensions = policy.server_hello_extensions(hello, facts)
    return 4 + 2 + 32 + 1 + session_id + 2 + 1 + len(encode_extensions(extensions))


# Lengths of the first ClientHello and of the ServerHello in the traces negotiate/*, from the library
# in the last column (the handshake message, without the record header).
RECORDED = [
    # fragment, version, suite, ClientHello, ServerHello, recorded from
    ("0.9.6", SSL3, DES3_SHA, 45, 74, "0.9.6, 0.9.6m"),
    ("0.9.6", TLS1, DES3_SHA, 45, 74, "0.9.6, 0.9.6m"),
    ("0.9.7h", TLS1, AES_SHA, 45, 74, "0.9.7m"),
    ("0.9.8e-fips-rhel5", SSL3, AES_SHA, 47, 81, "0.9.8e-fips-rhel5"),
    ("0.9.8e-fips-rhel5", TLS1, AES_SHA, 47, 81, "0.9.8e-fips-rhel5"),
    ("0.9.8m", SSL3, AES_SHA, 47, 81, "0.9.8y"),
    ("0.9.8m", TLS1, AES_SHA, 53, 53, "0.9.8y"),
    ("0.9.8zc", TLS1, RC4_SHA, 53, 53, "0.9.8zh"),
    ("1.0.0o", SSL3, AES_SHA, 47, 81, "1.0.0t"),
    ("1.0.0o", TLS1, AES_SHA, 53, 53, "1.0.0t"),
    ("1.0.1d", TLS11, AES_SHA, 58, 58, "1.0.1e-fips"),
    ("1.0.1g", SSL3, AES_SHA, 47, 81, "1.0.1g"),
    ("1.0.1g", TLS1, AES_SHA, 58, 58, "1.0.1g"),
    ("1.0.1g", TLS12, AES_GCM, 94, 58, "1.0.1g"),
    ("1.0.1j", TLS11, AES_SHA, 58, 58, "1.0.1u"),
    ("1.0.1j", TLS12, AES_SHA256, 94, 58, "1.0.1u"),
    ("1.0.2i", SSL3, AES_SHA, 47, 81, "1.0.2k, 1.0.2q, 1.0.2u"),
    ("1.0.2i", TLS1, RC4_SHA, 58, 58, "1.0.2k, 1.0.2q, 1.0.2u"),
    ("1.0.2i", TLS12, AES_GCM, 94, 58, "1.0.2k, 1.0.2q, 1.0.2u"),
    ("1.1.0", SSL3, AES_SHA, 47, 81, "1.1.0e"),
    ("1.1.0", TLS1, AES_SHA, 61, 61, "1.1.0e, 1.1.0f"),
    ("1.1.0", TLS1, RC4_SHA, 61, 57, "1.1.0e"),
    ("1.1.0", TLS12, AES_GCM, 97, 57, "1.1.0e, 1.1.0f"),
    ("1.1.0g", TLS11, AES_SHA, 61, 61, "1.1.0l"),
    ("1.1.0g", TLS12, AES_SHA256, 97, 61, "1.1.0l"),
    ("1.1.1", SSL3, AES_SHA, 47, 81, "1.1.1e, 1.1.1i, 1.1.1w"),
    ("1.1.1", TLS1, AES_SHA, 61, 61, "1.1.1e, 1.1.1i, 1.1.1w"),
    ("1.1.1", TLS1, RC4_SHA, 61, 57, "1.1.1e, 1.1.1i, 1.1.1w"),
    ("1.1.1", TLS12, AES_GCM, 113, 57, "1.1.1e, 1.1.1i, 1.1.1w"),
    ("1.1.1", TLS12, AES_SHA256, 113, 61, "1.1.1e, 1.1.1i, 1.1.1w"),
]
IDS = [f"{name}-{version:x}-{suite.name}" for name, version, suite, *_ in RECORDED]


@pytest.mark.parametrize(("name", "version", "suite", "client", "server", "recorded"), RECORDED, ids=IDS)
def test_hellos_are_as_long_as_the_recorded_ones(name, version, suite, client, server, recorded):
    assert client_length(name, version, suite) == client
    tickets = "session-ticket" in section(name).client_extensions and version > SSL3
    secure = section(name).renegotiation_scsv == "unless-renegotiating"
    assert server_length(name, version, suite, secure=secure, tickets=tickets) == server


@pytest.mark.parametrize(
    ("name", "version", "suite", "length"),
    [
        ("0.9.8e-fips-rhel5", TLS1, AES_SHA, 52),
        ("0.9.8m", TLS1, AES_SHA, 56),
        ("1.0.0o", TLS1, AES_SHA, 56),
        ("1.0.1g", TLS1, AES_SHA, 61),
        ("1.0.1g", TLS12, AES_GCM, 97),
        ("1.0.2i", TLS1, AES_SHA, 61),
    ],
)
def test_a_renegotiation_asked_for_before_the_first_handshake_sends_the_extension_in_place_of_the_scsv(
    name, version, suite, length
):
    # trace renegotiate/before-first-handshake
    assert client_length(name, version, suite, renegotiating=True) == length


@pytest.mark.parametrize(
    ("name", "asked", "requested", "server", "resumed"),
    [
        ("1.0.1f", 133, 325, 106, 134),  # 1.0.1e-fips
        ("1.0.1g", 133, 536, 106, 134),  # 1.0.1g: the resuming hello is padded to 512
        ("1.0.1j", 133, 325, 106, 134),  # 1.0.1u
        ("1.0.2i", 133, 325, 106, 134),  # 1.0.2k, 1.0.2q, 1.0.2u
        ("1.1.0", 136, 328, 105, 133),  # 1.1.0e, 1.1.0f
        ("1.1.0g", 136, 328, 105, 133),  # 1.1.0l
        ("1.1.1", 152, 344, 105, 133),  # 1.1.1e, 1.1.1i, 1.1.1w
    ],
)
def test_renegotiation_hellos_are_as_long_as_the_recorded_ones(name, asked, requested, server, resumed):
    # Records of TLS 1.2 with AES128-GCM in the traces renegotiate/*, 24 bytes longer than what is in them:
    # after SSL_renegotiate(); after a HelloRequest, offering a session id and a ticket of 160 bytes.
    verify = {"secure_renegotiation": True, "client_verify_data": bytes(12)}
    client = {"renegotiating": True, **verify}
    assert client_length(name, TLS12, AES_GCM, **client) + 24 == asked
    assert client_length(name, TLS12, AES_GCM, session_id=32, ticket=bytes(160), **client) + 24 == requested
    both = {"client_verify_data": bytes(12), "server_verify_data": bytes(12)}
    assert server_length(name, TLS12, AES_GCM, **both) + 24 == server
    assert server_length(name, TLS12, AES_GCM, tickets=False, hit=True, **both) + 24 == resumed


def test_0_9_8j_asks_for_a_ticket_in_ssl3_too():
    assert client_length("0.9.8j", SSL3, AES_SHA) == 45 + 6
    assert client_length("0.9.8m", SSL3, AES_SHA) == 45 + 2


def test_ssl3_renegotiation_has_all_extensions_or_renegotiation_info_alone():
    again = {"renegotiating": True, "secure_renegotiation": True, "client_verify_data": bytes(36)}
    for name, numbers in (("1.0.2i", [0xFF01, 35, 15]), ("1.1.1", [0xFF01])):
        sent = policy.client_hello_extensions(
            section(name), client_facts(SSL3, AES_SHA, **again), length_before=60
        )
        assert [number for number, _ in sent] == numbers


def test_curves_are_sent_only_with_a_suite_that_uses_them():
    for suite, expected in ((AES_SHA, False), (ECDHE_SHA, True)):
        sent = policy.client_hello_extensions(section("1.0.2i"), client_facts(TLS12, suite), length_before=50)
        assert (10 in dict(sent)) is expected


def test_signature_algorithms_of_1_0_2_go_with_the_method():
    facts = client_facts(TLS1, AES_SHA, method_version=TLS12)
    sent = {
        name: policy.client_hello_extensions(section(name), facts, length_before=50)
        for name in ("1.0.2", "1.0.2i")
    }
    assert 13 in dict(sent["1.0.2"])
    assert 13 not in dict(sent["1.0.2i"])


@pytest.mark.parametrize(
    ("name", "options", "before", "total"),
    [
        ("1.0.1f", 0, 262, 262),
        ("1.0.1g", 0, 262, 512),
        ("1.0.1h", 0, 262, 262),
        ("1.0.1h", Option.TLSEXT_PADDING, 262, 512),
        ("1.0.1h", Option.TLSEXT_PADDING, 512, 512),
        ("1.0.1h", Option.TLSEXT_PADDING, 509, 513),
        ("1.1.0g", Option.TLSEXT_PADDING, 508, 512),
        ("1.1.0g", Option.TLSEXT_PADDING, 509, 514),
        ("1.1.1", Option.TLSEXT_PADDING, 508, 513),
    ],
)
def test_hellos_of_256_to_511_bytes_are_padded_to_512(name, options, before, total):
    hello, facts = section(name), client_facts(TLS12, AES_GCM, options=options)
    unpadded = hello.replace(padding=Padding.NEVER)
    block = len(encode_extensions(policy.client_hello_extensions(unpadded, facts, length_before=0)))
    extensions = policy.client_hello_extensions(hello, facts, length_before=before - block)
    assert before - block + len(encode_extensions(extensions)) == total


def test_the_fallback_scsv_comes_last_and_only_where_the_mode_exists():
    facts = client_facts(TLS1, AES_SHA, mode=Mode.SEND_FALLBACK_SCSV)
    assert policy.client_hello_ciphers(section("1.0.1j"), facts).hex() == "002f00ff5600"
    assert policy.client_hello_ciphers(section("1.0.1i"), facts).hex() == "002f00ff"


def test_suites_of_tls12_are_left_out_of_lower_hellos():
    facts = policy.ClientHelloFacts((TLS1,), TLS1, (AES_GCM, AES_SHA))
    assert policy.client_hello_ciphers(section("1.0.1"), facts).hex() == "002f00ff"
    assert policy.client_hello_ciphers(section("1.1.1"), facts).hex() == "002f00ff"


def test_no_suite_left_is_no_list_at_all():
    assert policy.client_hello_ciphers(section("1.1.1"), client_facts(TLS1, AES_GCM)) == b""
    assert policy.client_hello_ciphers(section("1.0.0"), client_facts(TLS1, PSK_AES)) == b""


def first(name, **more):
    settings = {"fixed_version": None, "versions": (SSL3, TLS1), "suites": (AES_SHA,), "options": 0}
    return first_hello(section(name), **{**settings, **more})


def test_sslv2_format_is_left_when_it_is_switched_off_or_extensions_are_needed():
    assert first("0.9.6", options=Option.NO_SSLV2).sslv2_format
    assert not first("0.9.7h", options=Option.NO_SSLV2).sslv2_format
    assert first("0.9.7h", hostname="a.example").sslv2_format
    assert not first("0.9.8m", hostname="a.example").sslv2_format
    assert first("0.9.8m").sslv2_format
    assert not first("1.0.1").sslv2_format
    assert first("1.0.1", suites=(AES_SHA, SSLV2_RC4)).sslv2_format
    assert not first("1.1.0", suites=(AES_SHA, SSLV2_RC4)).sslv2_format


def test_a_gap_hides_the_versions_above_it_from_1_0_1b():
    gap = (SSL3, TLS1, TLS12)
    assert first("1.0.1a", versions=gap).client_version == TLS12
    assert first("1.0.1b", versions=gap).client_version == TLS1
    assert first("1.1.1", versions=gap).client_version == TLS1


def test_the_record_of_a_tls12_hello_says_tls1():
    assert first("1.0.1", versions=(TLS12,)).record_version == TLS12
    assert first("1.0.1a", versions=(TLS12,)).record_version == TLS1
    assert first("1.0.2", fixed_version=SSL3).record_version == SSL3
    assert hello_record_version(section("1.0.1a"), TLS12, renegotiating=True) == TLS1
    assert hello_record_version(section("1.0.1d"), TLS12, renegotiating=True) == TLS12


def test_cipher_specs_in_sslv2_format_take_three_bytes():
    facts = policy.ClientHelloFacts((SSL3, TLS1), TLS1, (AES_SHA, SSLV2_RC4))
    assert policy.sslv2_hello_ciphers(section("0.9.8m"), facts).hex() == "00002f0100800000ff"


def test_encrypt_then_mac_is_for_cbc_above_ssl3():
    for name, suite, version, options, used in (
        ("1.0.2", AES_SHA, TLS1, 0, False),
        ("1.1.0", AES_SHA, TLS1, 0, True),
        ("1.1.0", AES_SHA, TLS1, Option.NO_ENCRYPT_THEN_MAC, True),
        ("1.1.0g", AES_SHA, TLS1, Option.NO_ENCRYPT_THEN_MAC, False),
        ("1.1.1", AES_SHA, SSL3, 0, False),
        ("1.1.1", RC4_SHA, TLS1, 0, False),
        ("1.1.1", AES_GCM, TLS12, 0, False),
    ):
        assert policy.uses_encrypt_then_mac(section(name), suite, version, options) is used


def test_security_levels_thin_out_hellos_from_1_1_0():
    facts = policy.ClientHelloFacts((TLS12,), TLS12, (ECDHE_SHA, AES_SHA, RC4_SHA), security_level=3)
    assert policy.client_hello_ciphers(section("1.1.1"), facts).hex() == "c01300ff"
    sent = dict(policy.client_hello_extensions(section("1.1.1"), facts, length_before=50))
    assert 35 not in sent
    assert 0x0201 not in {int.from_bytes(sent[13][i : i + 2], "big") for i in range(2, len(sent[13]), 2)}
    assert 35 in dict(policy.client_hello_extensions(section("1.0.2"), facts, length_before=50))


RECORDED_HELLOS = tomllib.loads((Path(__file__).parent.parent / "data" / "recorded_hellos.toml").read_text())[
    "hello"
]


def default_record(recorded):
    """The first record with the default list, without the random."""
    hello = section(recorded["hello"])
    ciphers = profile(recorded["ciphers"]).ciphers
    suites = cipher_list(ciphers, "DEFAULT", ssl2=recorded["ssl2"], weak=recorded["weak"]).suites
    versions, options = tuple(recorded["versions"]), Option.NO_COMPRESSION
    first = first_hello(
        hello,
        fixed_version=recorded.get("fixed_version"),
        versions=versions,
        suites=suites,
        options=options,
    )
    facts = policy.ClientHelloFacts(
        versions, first.client_version, suites, method_version=max(versions), options=options
    )
    version = first.client_version.to_bytes(2, "big")
    if first.sslv2_format:
        specs = policy.sslv2_hello_ciphers(hello, facts)
        body = b"\x01" + version + len(specs).to_bytes(2, "big") + b"\x00\x00\x00\x20" + specs
        return (0x8000 | len(body) + 32).to_bytes(2, "big") + body
    listed = policy.client_hello_ciphers(hello, facts)
    tail = b"\x00" + len(listed).to_bytes(2, "big") + listed + b"\x01" + policy.client_hello_compressions()
    extensions = policy.client_hello_extensions(hello, facts, length_before=4 + 34 + len(tail))
    tail += encode_extensions(extensions)
    length = 34 + len(tail)
    header = b"\x16" + first.record_version.to_bytes(2, "big") + (length + 4).to_bytes(2, "big")
    return header + b"\x01" + length.to_bytes(3, "big") + version + tail


@pytest.mark.parametrize("recorded", RECORDED_HELLOS, ids=lambda each: f"{each['release']}-{each['method']}")
def test_default_hellos_are_the_recorded_ones_byte_for_byte(recorded):
    assert default_record(recorded).hex() == recorded["record"]


def renegotiation_signals(release, versions):
    """Whether a first hello has the signalling suite, and what renegotiation_info it has."""
    tls13 = {Extension.SUPPORTED_VERSIONS: b""} if max(versions) == TLS13 else {}
    suites = (TLS13_SUITE if min(versions) == TLS13 else ECDHE_SHA,)
    facts = policy.ClientHelloFacts(
        versions, min(max(versions), TLS12), suites, security_level=0, tls13=tls13
    )
    numbers = policy.client_hello_ciphers(section(release), facts)
    extensions = dict(policy.client_hello_extensions(section(release), facts, length_before=50))
    return numbers.endswith(b"\x00\xff"), extensions.get(0xFF01)


@pytest.mark.parametrize("release", ["1.1.1", "3.0.0"])
@pytest.mark.parametrize("versions", [(TLS1, TLS11, TLS12, TLS13), (TLS12,), (TLS13,)])
def test_to_3_1_every_first_hello_has_the_signalling_suite(release, versions):
    assert renegotiation_signals(release, versions) == (True, None)


def test_from_3_2_a_client_of_tls13_alone_says_nothing_of_renegotiation():
    assert renegotiation_signals("3.2.0", (TLS12, TLS13)) == (True, None)
    assert renegotiation_signals("3.2.0", (TLS13,)) == (False, None)


@pytest.mark.parametrize(
    ("versions", "signals"),
    [
        ((SSL3, TLS1), (True, None)),
        ((TLS1, TLS11, TLS12, TLS13), (True, None)),
        ((TLS11,), (False, b"\x00")),
        ((TLS12, TLS13), (False, b"\x00")),
        ((TLS13,), (False, None)),
    ],
)
def test_in_3_5_the_signalling_suite_is_for_servers_of_tls1(versions, signals):
    assert renegotiation_signals("3.5.4", versions) == signals


def test_in_3_5_what_only_tls13_signs_with_is_in_its_hellos_alone():
    def schemes(tls13):
        facts = policy.ClientHelloFacts((TLS12, TLS13), TLS12, (ECDHE_SHA,), tls13=tls13)
        return dict(policy.client_hello_extensions(section("3.5.4"), facts, length_before=50))[13]

    assert b"\x09\x05" not in schemes({})
    assert schemes({Extension.SUPPORTED_VERSIONS: b""})[2:8] == b"\x09\x05\x09\x06\x09\x04"
