"""Certificates as handshakes need them: a chain of bytes and one key."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator.exceptions import NotEmulated, UsageError
from emulator.handshake.common import der
from emulator.handshake.common.messages import ParseError
from emulator.handshake.common.signatures import PrivateKey, PublicKey, key_type

if TYPE_CHECKING:
    from emulator.record.suite import Authentication

_PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"
_PEM_END = b"-----END CERTIFICATE-----"
_KEYS_KEPT = 64


class Credential(NamedTuple):
    """A certificate with its key, as SSL_CTX_use_certificate() and SSL_CTX_use_PrivateKey() set them.

    ``chain`` holds the certificates in DER, the own one first.
    """

    chain: tuple[bytes, ...]
    key: PrivateKey

    @property
    def kind(self) -> Authentication:
        """The authentication of the suites that it serves."""
        return key_type(self.key)


class Signer(NamedTuple):
    """A certificate that was chosen, and the scheme that its key signs with; None up to TLS 1.1."""

    credential: Credential
    scheme: int | None


def load_credential(
    certificate_pem: bytes, key_pem: bytes, *, password: bytes | None = None, trusted_key: bool = False
) -> Credential:
    """A credential from PEM files.

    ``trusted_key`` skips the check of the key, which takes 30 ms: for the built-in certificate.
    UsageError if one of them cannot be read or they do not belong together, NotEmulated unless the key is
    of RSA or EC.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - slow

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
    """The public key of a certificate in DER, None for a kind of key that no handshake here can use.

    ParseError if the bytes are no certificate.  Only the key is read: no name, no date, no signature.
    """
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 - slow

    info = der.subject_public_key_info(certificate)
    try:
        key = load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
