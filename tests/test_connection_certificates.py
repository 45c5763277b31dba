"""Certificates and keys of a server, and the key exchanges that they allow."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from emulator import Connection, Context, NotEmulated, UsageError, make_bio_pair
from emulator.constants import TLS1_2_VERSION
from emulator.error_queue import current
from emulator.handshake.common.key_exchange import AUTO_DH, SECP256R1

KEYS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "dsa": lambda: dsa.generate_private_key(1024),
}


@lru_cache
def key_of(kind):
    return KEYS[kind]()


@lru_cache
def certificate_of(kind):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    key = key_of(kind)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
        .sign(key, None if kind == "ed25519" else hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )


def pem_of(kind, encryption=None):
    return key_of(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture
def connect():
    """Shake hands with a server that has some certificates; the two connections."""

    def connect(release, *kinds, cipher, prepare=None):
        client, server = Context(release, follow="library"), Context(release, follow="library")
        server.set_max_proto_version(TLS1_2_VERSION)  # suites of TLS 1.3 say nothing about certificates
        for kind in kinds:
            assert server.use_certificate(certificate_of(kind), pem_of(kind)) == 1
        assert client.set_cipher_list(cipher) == 1
        one, other = make_bio_pair(1 << 20)
        ends = Connection(context=client, bio=one), Connection(context=server, bio=other)
        if prepare is not None:
            prepare(ends[1]._s.config)
        ends[0].set_connect_state()
        ends[1].set_accept_state()
        done = [False, False]
        for _ in range(6):
            for side, end in enumerate(ends):
                done[side] = done[side] or end.do_handshake() == 1
        assert all(done), [entry.text for entry in current()]
        assert ends[0].write(b"hello") == 5
        assert ends[1].read(100) == (5, b"hello")
        return ends

    return connect


@pytest.mark.parametrize("release", ["1.1.0l", "1.1.1w"])
@pytest.mark.parametrize("kind", ["p-256", "p-384", "p-521"])
@pytest.mark.parametrize(
    "cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-CHACHA20-POLY1305"]
)
def test_an_ec_key_signs_for_ecdhe(release, kind, cipher, connect):
    client, server = connect(release, kind, cipher=cipher)
    assert client.get_current_cipher() == server.get_current_cipher() == cipher


@pytest.mark.parametrize(
    "cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"]
)
def test_the_suite_decides_which_of_two_certificates_is_shown(cipher, connect):
    client, _ = connect("1.1.1w", "rsa", "p-256", cipher=cipher)
    assert client.get_current_cipher() == cipher


@pytest.mark.parametrize("release", ["0.9.6m", "0.9.8zh", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"])
def test_a_server_with_a_group_speaks_dhe(release, connect):
    cipher = "EDH-RSA-DES-CBC3-SHA" if release == "0.9.6m" else "DHE-RSA-AES128-SHA"

    def group(config):
        config.dh_parameters = AUTO_DH

    client, _ = connect(release, "rsa", cipher=cipher, prepare=group)
    assert client.get_current_cipher() == cipher


@pytest.mark.parametrize("release", ["1.0.0t", "1.0.1u", "1.0.2u"])
@pytest.mark.parametrize("kind", ["rsa", "p-256"])
def test_before_1_1_0_a_server_with_a_curve_speaks_ecdhe(release, kind, connect):
    cipher = "ECDHE-RSA-AES128-SHA" if kind == "rsa" else "ECDHE-ECDSA-AES128-SHA"

    def curve(config):
        config.ecdh_group = SECP256R1

    client, _ = connect(release, kind, cipher=cipher, prepare=curve)
    assert client.get_current_cipher() == cipher


@pytest.mark.parametrize("kind", ["ed25519", "dsa"])
def test_keys_of_other_kinds_are_not_emulated(kind):
    with pytest.raises(NotEmulated):
        Context("1.1.1w").use_certificate(certificate_of(kind), pem_of(kind))


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        (b"", None),
        (b"no certificate", None),
        (None, b""),
        (None, b"no key"),
        (b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", None),
    ],
)
def test_what_is_no_certificate_or_key_is_misuse(certificate, key):
    with pytest.raises(UsageError):
        Context("1.1.1w").use_certificate(
            certificate if certificate is not None else certificate_of("rsa"),
            key if key is not None else pem_of("rsa"),
        )


def test_a_key_that_is_not_the_certificates_is_misuse():
    with pytest.raises(UsageError):
        Context("1.1.1w").use_certificate(certificate_of("rsa"), pem_of("p-256"))


def test_an_encrypted_key_needs_its_password():
    encrypted = pem_of("p-256", BestAvailableEncryption(b"secret"))
    context = Context("1.1.1w")
    assert context.use_certificate(certificate_of("p-256"), encrypted, password=b"secret") == 1
    with pytest.raises(UsageError):
        context.use_certificate(certificate_of("p-256"), encrypted, password=b"wrong")
    with pytest.raises(UsageError):
        context.use_certificate(certificate_of("p-256"), encrypted)


def test_a_connection_may_have_a_certificate_of_its_own():
    context = Context("1.1.1w")
    connection = Connection(context=context)
    assert connection.use_certificate(certificate_of("p-256"), pem_of("p-256")) == 1
    assert context._s.config.credentials == ()
