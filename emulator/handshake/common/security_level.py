"""Which keys, suites and versions a security level allows (ssl_security_default_callback(), from 1.1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.hello import VersionLevels, WeakHashes
from emulator.constants import SSL3_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_VERSION
from emulator.record.suite import Authentication, Cipher, KeyExchange, Mac

if TYPE_CHECKING:
    from emulator.record.suite import CipherSuite

LEVEL_BITS = (0, 80, 112, 128, 192, 256)
"""The bits of security that each level demands."""

SHA1_HMAC_BITS = 160
RC4_FORBIDDEN_FROM = 2
FORWARD_SECRECY_FROM = 3
FORWARD_SECRET = frozenset({KeyExchange.DHE, KeyExchange.ECDHE, KeyExchange.ANY})

HASH_BITS = {1: 64, 2: 80, 3: 112, 4: 128, 5: 192, 6: 256}
"""Security of a signature by the hash in the upper byte of its number: half of the hash's bits."""

SIGNATURE_BITS = {0x0807: 128, 0x0808: 224, 0x0804: 128, 0x0805: 192, 0x0806: 256}
SIGNATURE_BITS |= {0x0809: 128, 0x080A: 192, 0x080B: 256}
SIGNATURE_BITS |= {0x081A: 128, 0x081B: 192, 0x081C: 256, 0x0904: 128, 0x0905: 192, 0x0906: 256}
"""Security of EdDSA, RSA-PSS, Brainpool and ML-DSA, whose numbers name no hash (RFC 8446, section 4.2.3)."""

BROKEN_HASHES = frozenset({1, 2})
"""MD5 and SHA-1, by the upper byte of a signature's number."""

FIRST_LEVEL_WITHOUT = {SSL3_VERSION: 2, TLS1_VERSION: 3, TLS1_1_VERSION: 4}
"""The lowest level at which a version is too old."""

GROUP_BITS = {14: 256, 13: 256, 25: 256, 28: 256, 30: 224, 11: 192, 12: 192, 24: 192, 27: 192}
GROUP_BITS |= {0x0100: 112, 0x0101: 128, 0x0102: 128, 0x0103: 128, 0x0104: 192}
GROUP_BITS |= dict.fromkeys((9, 10, 22, 23, 26, 29), 128) | dict.fromkeys((6, 7, 8, 20, 21), 112)
GROUP_BITS |= {0x11EC: 192}
"""Security of a group (nid_list[] in t1_lib.c)."""

WEAKEST_GROUP_BITS = 80

FIRST_TLS13_GROUP = 0x0100
"""Groups from this number on are for TLS 1.3 only: finite fields (RFC 7919), and hybrids with ML-KEM."""

DH_BITS = {1024: 80, 2048: 112, 3072: 128, 7680: 192, 15360: 256}
"""Security of a Diffie-Hellman prime by its length (BN_security_bits())."""


def _bits(level: int) -> int:
    return LEVEL_BITS[max(0, min(level, len(LEVEL_BITS) - 1))]


def allows_group(level: int, group: int) -> bool:
    """Say whether a hello at this level lists the group (``SSL_SECOP_CURVE_SUPPORTED``)."""
    return GROUP_BITS.get(group, WEAKEST_GROUP_BITS) >= _bits(level)


def allows_signature(level: int, pair: int, weak: WeakHashes) -> bool:
    """Say whether a hello at this level lists the signature algorithm (``SSL_SECOP_SIGALG_SUPPORTED``)."""
    # From 3.0 sigalg_security_bits() counts SHA-1 as 64 bits and MD5 as 39, less than level 1 demands.
    if weak is WeakHashes.BROKEN and level > 0 and pair not in SIGNATURE_BITS and pair >> 8 in BROKEN_HASHES:
        return False
    return SIGNATURE_BITS.get(pair, HASH_BITS.get(pair >> 8, 0)) >= _bits(level)


def allows_legacy_signature(level: int, weak: WeakHashes) -> bool:
    """Say whether SSLv3 to TLS 1.1 may sign at this level: with MD5 and SHA-1 joined, or SHA-1 alone."""
    # From 3.0 sigalg_security_bits() counts MD5 with SHA-1 as 67 bits, less than level 1 demands.
    return level <= 0 or weak is not WeakHashes.BROKEN


def allows_version(level: int, version: int, rule: VersionLevels) -> bool:
    """Say whether a protocol version may be used at this level (``SSL_SECOP_VERSION``)."""
    # nid <= TLS1_1_VERSION && level > 0 is refused from 3.1; before, each version has a level of its own.
    if rule is VersionLevels.ZERO_BELOW_TLS12:
        return level <= 0 or version >= TLS1_2_VERSION
    return level < FIRST_LEVEL_WITHOUT.get(version, level + 1)


def allows_dh(level: int, bits: int) -> bool:
    """Say whether a server at this level takes a Diffie-Hellman prime of this length (``SSL_SECOP_TMP_DH``).

    EVP_PKEY_security_bits() counts less than 1,024 bits as 0 bits of security.
    """
    security = max((security for length, security in DH_BITS.items() if bits >= length), default=0)
    return security >= _bits(level)


def allows_suite(level: int, suite: CipherSuite) -> bool:
    """Say whether a client or server at this level uses the suite (``SSL_SECOP_CIPHER_SUPPORTED``)."""
    if level <= 0:
        return True
    bits = _bits(level)
    return not (
        suite.strength_bits < bits
        or suite.auth is Authentication.NULL
        or suite.mac is Mac.MD5
        or (suite.mac is Mac.SHA1 and bits > SHA1_HMAC_BITS)
        or (suite.cipher is Cipher.RC4_128 and level >= RC4_FORBIDDEN_FROM)
        or (suite.kx not in FORWARD_SECRET and level >= FORWARD_SECRECY_FROM)
    )
