"""Handshakes against the real library behind Python's ssl, over memory: the judge of every key and hash."""

import datetime as dt
import ssl
import warnings

import pytest

from emulator.connection import Connection
from emulator.context import Context
from emulator.handshake.common import der
from emulator.handshake.common.certificates import Credential
from emulator.handshake.common.key_exchange import AUTO_DH, SECP256R1
from emulator.handshake.common.session import SessionCache
from emulator.profile import load_profile

RELEASES = ["0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1g", "1.0.1u", "1.0.2u", "1.1.0l", "1.1.1w"]
VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303}
SUITES = [
    *("AES128-SHA", "AES256-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384"),
    *("DHE-RSA-AES128-SHA", "DHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384"),
    *("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
]
LEGACY = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT: releases without RFC 5746 are peers too


@pytest.fixture(scope="session", name="files")
def _files(tmp_path_factory, rsa_credential):
    """A certificate of either kind and its key as PEM files, for both sides to load."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("certificates")
    made = {}
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    for kind, key in (("RSA", rsa_credential.key), ("ECDSA", ec.generate_private_key(ec.SECP256R1()))):
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
        builder = builder.public_key(key.public_key())
        builder = builder.not_valid_before(dt.datetime(2020, 1, 1))  # noqa: DTZ001
        builder = builder.not_valid_after(dt.datetime(2060, 1, 1))  # noqa: DTZ001
        certificate = builder.sign(key, hashes.SHA256())
        path = folder / f"{kind}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        made[kind] = (path, Credential((certificate.public_bytes(serialization.Encoding.DER),), key))
    group = der.element(der.SEQUENCE, der.integer(AUTO_DH.p) + der.integer(AUTO_DH.g))
    (folder / "dh.pem").write_text(ssl.DER_cert_to_PEM_cert(group).replace("CERTIFICATE", "DH PARAMETERS"))
    made["DH"] = (folder / "dh.pem", None)
    return made


def _real_context(purpose, version, suite):
    context = ssl.SSLContext(purpose)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = ssl.TLSVersion(version)
    context.set_ciphers(suite + ":@SECLEVEL=0")
    context.options |= LEGACY
    return context


def _shuttle(ours, real, incoming, outgoing):
    """Hand bytes over until both handshakes are done; the real one's complaint goes up."""
    done = False
    for _ in range(12):
        ret = ours.do_handshake()
        incoming.write(ours.bio_read(1 << 16))
        if not done:
            try:
                real.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
        ours.bio_write(outgoing.read())
        if done and ret == 1:
            return
    raise AssertionError("the handshake does not end")


def _exchange(ours, real, incoming, outgoing):
    assert ours.write(b"from us") == 7
    incoming.write(ours.bio_read(1 << 16))
    assert real.read(100) == b"from us"
    real.write(b"from the real one")
    ours.bio_write(outgoing.read())
    assert ours.read(100) == (17, b"from the real one")


def _combinations():
    for release in RELEASES:
        profile = load_profile(release)
        names = {row.name for row in Context(profile).cipher_suites}
        curves = bool(profile.hello.groups)
        for protocol, version in VERSIONS.items():
            for suite in SUITES:
                late = suite.endswith(("256", "384", "POLY1305"))
                known = suite in names and protocol in profile.exists.protocols
                if known and (version == 0x0303 or not late) and (curves or "ECDH" not in suite):
                    yield release, protocol, suite


def _context(release, protocol, suite):
    profile = load_profile(release)
    fixed = "TLSv1" if protocol == "TLSv1" and release < "1.1" else None
    context = Context(profile, follow="library", **({"method": fixed} if fixed else {}))
    assert context.set_cipher_list(suite + ("@SECLEVEL=0" if release >= "1.1" else "")) == 1
    return context


@pytest.mark.parametrize(("release", "protocol", "suite"), list(_combinations()))
def test_a_client_completes_with_the_real_server(files, release, protocol, suite):
    real_context = _real_context(ssl.PROTOCOL_TLS_SERVER, VERSIONS[protocol], suite)
    real_context.load_cert_chain(files["ECDSA" if "ECDSA" in suite else "RSA"][0])
    real_context.load_dh_params(files["DH"][0])
    context = _context(release, protocol, suite)
    session, alive = None, []  # a connection that is freed without a shutdown takes its session along
    for resumed in (False, True):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        real = real_context.wrap_bio(incoming, outgoing, server_side=True)
        alive.append(real)
        ours = Connection(context=context)
        ours.set_connect_state()
        if session is not None:
            ours.set_session(session)
        _shuttle(ours, real, incoming, outgoing)
        _exchange(ours, real, incoming, outgoing)
        assert real.cipher()[0] == suite == ours.get_current_cipher()
        assert real.version() == protocol
        assert real.session_reused == ours.session_reused() == resumed
        session = ours.get_session()


@pytest.mark.parametrize(("release", "protocol", "suite"), list(_combinations()))
def test_a_server_completes_with_the_real_client(files, release, protocol, suite):
    real_context = _real_context(ssl.PROTOCOL_TLS_CLIENT, VERSIONS[protocol], suite)
    context = _context(release, protocol, suite)
    context._use_credential(files["ECDSA" if "ECDSA" in suite else "RSA"][1])
    context.session_cache = SessionCache()
    session = None
    for resumed in (False, True):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        real = real_context.wrap_bio(incoming, outgoing, session=session)
        ours = Connection(context=context)
        ours.set_accept_state()
        settings = ours._s.config
        settings.dh_parameters, settings.ecdh_group = AUTO_DH, SECP256R1
        _shuttle(ours, real, incoming, outgoing)
        _exchange(ours, real, incoming, outgoing)
        assert real.cipher()[0] == suite == ours.get_current_cipher()
        assert real.session_reused == ours.session_reused() == resumed
        session = real.session


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize(
    ("release", "protocol"),
    [
        ("0.9.8zh", "TLSv1"),
        ("1.0.1u", "TLSv1.1"),
        ("1.0.2u", "TLSv1.2"),
        ("1.1.1w", "TLSv1"),
        ("1.1.1w", "TLSv1.2"),
    ],
)
def test_a_clients_certificate_satisfies_the_real_server(files, release, protocol, kind):
    real_context = _real_context(ssl.PROTOCOL_TLS_SERVER, VERSIONS[protocol], "AES128-SHA")
    real_context.load_cert_chain(files["RSA"][0])
    real_context.verify_mode = ssl.CERT_REQUIRED
    real_context.load_verify_locations(files[kind][0])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    real = real_context.wrap_bio(incoming, outgoing, server_side=True)
    context = _context(release, protocol, "AES128-SHA")
    context._use_credential(files[kind][1])
    ours = Connection(context=context)
    ours.set_connect_state()
    _shuttle(ours, real, incoming, outgoing)
    assert real.getpeercert(binary_form=True) == files[kind][1].chain[0]


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize(
    ("release", "protocol"), [("0.9.8zh", "TLSv1"), ("1.0.2u", "TLSv1.2"), ("1.1.1w", "TLSv1.2")]
)
def test_a_server_accepts_the_real_clients_certificate(files, release, protocol, kind):
    real_context = _real_context(ssl.PROTOCOL_TLS_CLIENT, VERSIONS[protocol], "AES128-SHA")
    real_context.load_cert_chain(files[kind][0])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    real = real_context.wrap_bio(incoming, outgoing)
    context = _context(release, protocol, "AES128-SHA")
    context._use_credential(files["RSA"][1])
    context.request_certificate = context.require_certificate = True
    ours = Connection(context=context)
    ours.set_accept_state()
    _shuttle(ours, real, incoming, outgoing)
    assert ours.get_session().peer == files[kind][1].chain[0]
