"""The signatures of ServerKeyExchange and CertificateVerify, made and checked.

Up to TLS 1.1 an RSA key signs MD5 and SHA-1 joined, without DigestInfo, and an ECDSA key SHA-1 (RFC 2246,
section 7.4.3; RFC 8422, section 5.4).  TLS 1.2 names hash and algorithm in two bytes (RFC 5246, section
7.4.1.4.1), which 1.1.1 reads as TLS 1.3's schemes (RFC 8446, section 4.2.3).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.constant_time import bytes_eq

from emulator.handshake.common.key_exchange import CURVE_GROUPS
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from collections.abc import Sequence

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""A private key that a handshake can use."""

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
"""A public key that a handshake can use."""


class SignatureType(StrEnum):
    """How a signature scheme signs."""

    RSA_PKCS1 = "rsa-pkcs1"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"


_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - TLS 1.2 as it was
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_HASH_NUMBERS = {1: "md5", 2: "sha1", 3: "sha224", 4: "sha256", 5: "sha384", 6: "sha512"}
_SIGNATURE_NUMBERS = {1: SignatureType.RSA_PKCS1, 3: SignatureType.ECDSA}
_PSS_SCHEMES = {0x0804: "sha256", 0x0805: "sha384", 0x0806: "sha512"}
_DSA = 2
_PKCS1 = PKCS1v15()
_NO_DIGEST_INFO = NoDigestInfo()

_CURVES_OF_SCHEMES = {
    0x0403: CURVE_GROUPS["secp256r1"],
    0x0503: CURVE_GROUPS["secp384r1"],
    0x0603: CURVE_GROUPS["secp521r1"],
}
"""An ECDSA scheme of TLS 1.3 names the curve too."""

RSA_PKCS1_SHA1 = 0x0201
ECDSA_SHA1 = 0x0203


def key_type(key: PrivateKey | PublicKey) -> Authentication:
    """Which suites the key serves: those with RSA or those with ECDSA."""
    rsa_key = isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey)
    return Authentication.RSA if rsa_key else Authentication.ECDSA


def signature_size(key: PublicKey) -> int:
    """The longest signature of this key (EVP_PKEY_size())."""
    if isinstance(key, rsa.RSAPublicKey):
        return (key.key_size + 7) // 8
    order = (key.curve.key_size + 7) // 8
    long_integer = order + 3
    return 2 * long_integer + (2 if 2 * long_integer < 128 else 3)  # ECDSA_size(): a SEQUENCE of two INTEGERs


def scheme_type(scheme: int) -> SignatureType | None:
    """How the scheme with this number signs, None if nothing here can."""
    if scheme in _PSS_SCHEMES:
        return SignatureType.RSA_PSS
    if scheme >> 8 not in _HASH_NUMBERS:
        return None
    return _SIGNATURE_NUMBERS.get(scheme & 0xFF)


def scheme_hash(scheme: int) -> str | None:
    """The hash of the scheme with this number, None if nothing here knows it."""
    return _PSS_SCHEMES.get(scheme) or _HASH_NUMBERS.get(scheme >> 8)


def is_dsa(scheme: int) -> bool:
    """Whether DSA signs: no key here can, but releases list it."""
    return scheme >> 8 in _HASH_NUMBERS and scheme & 0xFF == _DSA


def fits(scheme: int, kind: Authentication) -> bool:
    """Whether a key of this kind can make such signatures."""
    found = scheme_type(scheme)
    if kind is Authentication.ECDSA:
        return found is SignatureType.ECDSA
    return found in {SignatureType.RSA_PKCS1, SignatureType.RSA_PSS}


def curve_of(key: PrivateKey | PublicKey) -> int | None:
    """The named group of an elliptic curve key, None for RSA and for curves without a number here."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return CURVE_GROUPS.get(key.curve.name)
    return None


def curve_of_scheme(scheme: int) -> int | None:
    """The named group that an ECDSA scheme of TLS 1.3 names, None for other schemes."""
    return _CURVES_OF_SCHEMES.get(scheme)


def signs_with(key: PrivateKey | PublicKey, scheme: int) -> bool:
    """Whether the key can make such signatures in TLS 1.3: RSA with PSS, ECDSA on the scheme's curve."""
    kind = key_type(key)
    found = scheme_type(scheme)
    if kind is Authentication.RSA:
        return found is SignatureType.RSA_PSS
    curve = curve_of_scheme(scheme)
    return found is SignatureType.ECDSA and curve is not None and curve == curve_of(key)


def choose_scheme(kind: Authentication, offered: Sequence[int] | None, own: Sequence[int]) -> int | None:
    """The scheme to sign with: the peer's first that is in ``own`` too; SHA-1 for a peer that names none."""
    if offered is None:
        return sha1_scheme(kind)
    known = set(own)
    return next((scheme for scheme in offered if scheme in known and fits(scheme, kind)), None)


def sha1_scheme(kind: Authentication) -> int:
    """The scheme for a peer without signature_algorithms (RFC 5246, section 7.4.1.4.1)."""
    return ECDSA_SHA1 if kind is Authentication.ECDSA else RSA_PKCS1_SHA1


def choose_tls13_scheme(
    key: PrivateKey, offered: Sequence[int], own: Sequence[int], *, own_order: bool = False
) -> int | None:
    """The scheme to sign with in TLS 1.3: the peer's first that is in ``own`` too (find_sig_alg())."""
    first, other = (own, set(offered)) if own_order else (offered, set(own))
    return next((scheme for scheme in first if scheme in other and signs_with(key, scheme)), None)


def sign_scheme(key: PrivateKey, scheme: int, data: bytes) -> bytes:
    """Sign with a scheme of TLS 1.2 or 1.3."""
    algorithm = _HASHES[scheme_hash(scheme) or ""]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(algorithm))
    if scheme in _PSS_SCHEMES:
        return key.sign(data, PSS(MGF1(algorithm), algorithm.digest_size), algorithm)
    return key.sign(data, _PKCS1, algorithm)


def verify_scheme(key: PublicKey, scheme: int, signature: bytes, data: bytes) -> bool:
    """Whether a signature with a scheme of TLS 1.2 or 1.3 is good."""
    algorithm = _HASHES[scheme_hash(scheme) or ""]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        elif scheme in _PSS_SCHEMES:
            key.verify(signature, data, PSS(MGF1(algorithm), algorithm.digest_size), algorithm)
        else:
            key.verify(signature, data, _PKCS1, algorithm)
    except (InvalidSignature, ValueError):
        return False
    return True


def legacy_digest(data: bytes) -> bytes:
    """MD5 and SHA-1 joined, which SSLv3 to TLS 1.1 sign; an ECDSA key signs the second part alone."""
    md5 = hashlib.md5(data, usedforsecurity=False)
    return md5.digest() + hashlib.sha1(data, usedforsecurity=False).digest()


def sign_legacy(key: PrivateKey, digest: bytes) -> bytes:
    """Sign ``legacy_digest`` as SSLv3 to TLS 1.1 do."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(digest[16:], ec.ECDSA(Prehashed(hashes.SHA1())))  # noqa: S303
    return key.sign(digest, _PKCS1, _NO_DIGEST_INFO)


def verify_legacy(key: PublicKey, signature: bytes, digest: bytes) -> bool:
    """Whether a signature of SSLv3 to TLS 1.1 is good."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest[16:], ec.ECDSA(Prehashed(hashes.SHA1())))  # noqa: S303
        else:
            return bytes_eq(key.recover_data_from_signature(signature, _PKCS1, None), digest)
    except (InvalidSignature, ValueError):
        return False
    return True
