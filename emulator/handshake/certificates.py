"""Certificates as handshakes need them: a chain of bytes and one key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_private_key,
)

from emulator.behaviours.faults import Fault
from emulator.exceptions import NotEmulated, UsageError
from emulator.handshake import der
from emulator.handshake.failure import ParseError
from emulator.handshake.reader import Reader
from emulator.handshake.signatures import KeyType, PrivateKey, PublicKey, key_type

_PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"
_PEM_END = b"-----END CERTIFICATE-----"
_KEYS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate with its key, as SSL_CTX_use_certificate() and SSL_CTX_use_PrivateKey() set them.

    ``chain`` holds the certificates in DER, the own one first.
    """

    chain: tuple[bytes, ...]
    key: PrivateKey

    @property
    def kind(self) -> KeyType:
        """Which suites it serves."""
        return key_type(self.key)


def load_credential(
    certificate_pem: bytes, key_pem: bytes, *, password: bytes | None = None, trusted_key: bool = False
) -> Credential:
    """A credential from PEM files.

    ``trusted_key`` says that the key is our own fixture: it is not checked, which saves 30 ms.
    UsageError when one of them cannot be read or they do not belong together, NotEmulated when the key isn't
    RSA or EC.
    """
    try:
        chain = tuple(pem_certificates(certificate_pem))
    except ValueError as problem:
        raise UsageError(f"certificate: {problem}") from None
    if not chain:
        raise UsageError("certificate: none found between BEGIN CERTIFICATE and END CERTIFICATE")
    try:
        key = load_pem_private_key(key_pem, password, unsafe_skip_rsa_key_validation=trusted_key)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise UsageError(f"key: {problem}") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise NotEmulated(f"a {type(key).__name__}", "certificates have RSA or EC keys")
    if not trusted_key:
        _check_match(chain[0], key)
    return Credential(chain, key)


def _check_match(certificate: bytes, key: PrivateKey) -> None:
    """X509_check_private_key(): SSL_CTX_use_PrivateKey() refuses the key of another certificate."""
    try:
        public = public_key_of(certificate)
    except ParseError:
        raise UsageError("certificate: it cannot be parsed") from None
    if public != key.public_key():
        raise UsageError("key: it is not the certificate's")


def pem_certificates(text: bytes) -> list[bytes]:
    """The certificates of a PEM file in DER, in their order."""
    from base64 import b64decode  # noqa: PLC0415 - only a program with its own certificate gets here

    found = []
    for part in text.split(_PEM_BEGIN)[1:]:
        body, _, _ = part.partition(_PEM_END)
        found.append(b64decode(b"".join(body.split())))
    return found


@lru_cache(maxsize=_KEYS_KEPT)
def public_key_of(certificate: bytes) -> PublicKey | None:
    """The public key of a certificate in DER, None when it is none that a handshake can use.

    ParseError when it is no certificate.  Nothing else of it is looked at.
    """
    info = der.subject_public_key_info(certificate)
    try:
        key = load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None


def read_chain(body: bytes, whole: Fault, entry: Fault) -> tuple[bytes, ...]:
    """The certificates of a Certificate message, to TLS 1.2; ParseError names the fault of a wrong length."""
    reader = Reader(body, whole)
    entries = Reader(reader.vector(3), entry)
    reader.finish()
    chain = []
    while entries.remaining:
        chain.append(entries.vector(3))
    return tuple(chain)


def check_certificate_form(certificate: bytes, form: Fault, trailing: Fault) -> None:
    """d2i_X509(): ParseError with ``form`` for no certificate, with ``trailing`` for bytes behind one."""
    try:
        length = der.element_length(certificate)
        public_key_of(certificate[:length])
    except ParseError:
        raise ParseError(form) from None
    if length != len(certificate):
        raise ParseError(trailing)


def check_authority(name: bytes) -> None:
    """parse_ca_names(): ParseError unless a DistinguishedName is a SEQUENCE and nothing else."""
    try:
        _, end = der.expect(name, 0, der.SEQUENCE)
    except ParseError:
        raise ParseError(Fault.REQUEST_NAME_FORM) from None
    if end != len(name):
        raise ParseError(Fault.REQUEST_NAME_TRAILING)
