"""A cipher suite and its algorithms, named as in the tables of ssl_ciph.c.

A suite is data: its number, its OpenSSL name, and its algorithms.  The suites of a release, and their order,
are in the profiles.  The enums name all algorithms in the lists of OpenSSL 0.9.6 to 1.1.1;
``CipherSuite.emulated`` tells whether connections here can use a suite.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class KeyExchange(StrEnum):
    """The key exchange, which gives the premaster secret (``SSL_k*``, ssl_locl.h)."""

    RSA = "RSA"
    DH = "DH"
    """Fixed Diffie-Hellman, the parameters in the certificate (``SSL_kDHr``, ``SSL_kDHd``)."""
    DHE = "DHE"
    """Ephemeral Diffie-Hellman, anonymous too (``SSL_kEDH``, ``SSL_kDHE``)."""
    ECDH = "ECDH"
    """Fixed elliptic curve Diffie-Hellman (``SSL_kECDHr``, ``SSL_kECDHe``)."""
    ECDHE = "ECDHE"
    """Ephemeral elliptic curve Diffie-Hellman, anonymous too (``SSL_kEECDH``, ``SSL_kECDHE``)."""
    PSK = "PSK"
    RSA_PSK = "RSAPSK"
    DHE_PSK = "DHEPSK"
    ECDHE_PSK = "ECDHEPSK"
    SRP = "SRP"
    KRB5 = "KRB5"
    FORTEZZA = "FZA"
    GOST = "GOST"
    ANY = "any"
    """Of a TLS 1.3 suite, which does not name a key exchange."""


class Authentication(StrEnum):
    """The kind of the server's key (``SSL_a*``, ssl_locl.h)."""

    RSA = "RSA"
    DSS = "DSS"
    ECDSA = "ECDSA"
    DH = "DH"
    """A fixed Diffie-Hellman key, in a certificate."""
    ECDH = "ECDH"
    NULL = "None"
    """Anonymous: no certificate is sent."""
    PSK = "PSK"
    SRP = "SRP"
    KRB5 = "KRB5"
    FORTEZZA = "FZA"
    GOST94 = "GOST94"
    GOST01 = "GOST01"
    GOST12 = "GOST12"
    ANY = "any"
    """Of a TLS 1.3 suite, which does not name an authentication."""


class Cipher(StrEnum):
    """The bulk cipher (``SSL_e*`` and ``SSL_DES`` ... in ssl_locl.h)."""

    NULL = "NULL"
    RC4_128 = "RC4-128"
    RC4_64 = "RC4-64"
    RC4_56 = "RC4-56"
    RC4_40 = "RC4-40"
    RC2_128_CBC = "RC2-128-CBC"
    RC2_56_CBC = "RC2-56-CBC"
    RC2_40_CBC = "RC2-40-CBC"
    IDEA_CBC = "IDEA-CBC"
    DES_CBC = "DES-CBC"
    DES_40_CBC = "DES-40-CBC"
    DES_EDE3_CBC = "DES-EDE3-CBC"
    AES_128_CBC = "AES-128-CBC"
    AES_256_CBC = "AES-256-CBC"
    CAMELLIA_128_CBC = "CAMELLIA-128-CBC"
    CAMELLIA_256_CBC = "CAMELLIA-256-CBC"
    SEED_CBC = "SEED-CBC"
    FORTEZZA = "FORTEZZA"
    GOST89_CNT = "GOST89-CNT"
    GOST89_CNT_12 = "GOST89-CNT-12"
    AES_128_GCM = "AES-128-GCM"
    AES_256_GCM = "AES-256-GCM"
    AES_128_CCM = "AES-128-CCM"
    AES_256_CCM = "AES-256-CCM"
    AES_128_CCM8 = "AES-128-CCM8"
    AES_256_CCM8 = "AES-256-CCM8"
    ARIA_128_GCM = "ARIA-128-GCM"
    ARIA_256_GCM = "ARIA-256-GCM"
    CHACHA20_POLY1305 = "CHACHA20-POLY1305"


class Mac(StrEnum):
    """The MAC of a record (``SSL_MD5``, ``SSL_SHA1``, ... in ssl_locl.h)."""

    MD5 = "MD5"
    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA384 = "SHA384"
    AEAD = "AEAD"
    """The cipher authenticates by itself."""
    GOST94 = "GOST94"
    GOST89 = "GOST89"
    GOST89_12 = "GOST89-12"
    GOST12_256 = "GOST12-256"
    NULL = "NULL"


EMULATED_KEY_EXCHANGES = frozenset({KeyExchange.RSA, KeyExchange.DHE, KeyExchange.ECDHE, KeyExchange.ANY})
"""Key exchanges that the handshake can do."""

EMULATED_AUTHENTICATIONS = frozenset(
    {Authentication.RSA, Authentication.ECDSA, Authentication.NULL, Authentication.ANY}
)
"""Kinds of server keys that the handshake can use."""

EMULATED_CIPHERS = frozenset(
    {
        Cipher.NULL,
        Cipher.RC4_128,
        Cipher.DES_CBC,
        Cipher.DES_EDE3_CBC,
        Cipher.IDEA_CBC,
        Cipher.SEED_CBC,
        Cipher.CAMELLIA_128_CBC,
        Cipher.CAMELLIA_256_CBC,
        Cipher.AES_128_CBC,
        Cipher.AES_256_CBC,
        Cipher.AES_128_GCM,
        Cipher.AES_256_GCM,
        Cipher.CHACHA20_POLY1305,
    }
)
"""Bulk ciphers that can protect records; others raise NotEmulated."""

TLS13_CIPHERS = frozenset({Cipher.AES_128_CCM, Cipher.AES_128_CCM8})
"""Bulk ciphers that can protect records of TLS 1.3 only."""

EMULATED_MACS = frozenset({Mac.MD5, Mac.SHA1, Mac.SHA256, Mac.SHA384, Mac.AEAD})
"""MACs that can authenticate records; others raise NotEmulated."""


class CipherSuite(NamedTuple):
    """One row of ssl3_ciphers[] (s3_lib.c), an SSL_CIPHER.

    ``id`` is the number on the wire (0x002F; SSLv2 kinds have three bytes), ``name`` OpenSSL's name
    for it, which may change from release to release.  ``min_version`` is the oldest protocol that
    has it (0x0300 for SSLv3, 0x0303 for the suites of TLS 1.2, 0x0002 for SSLv2 kinds).
    ``prf_hash`` is the hash of TLS 1.2's PRF: "sha256", "sha384", or "default", which is MD5 with
    SHA-1 before TLS 1.2 and SHA-256 in it.  ``strength_bits`` are the secret bits of the key,
    ``alg_bits`` the bits that the algorithm takes (SSL_CIPHER_get_bits(3) gives both).
    ``exportable`` marks the suites of the export rules (SSL_EXP40, SSL_EXP56).
    """

    id: int
    name: str
    kx: KeyExchange
    auth: Authentication
    cipher: Cipher
    mac: Mac
    min_version: int
    prf_hash: str = "default"
    strength_bits: int = 0
    alg_bits: int = 0
    exportable: bool = False

    @property
    def _is_tls13(self) -> bool:
        return self.kx is KeyExchange.ANY

    @property
    def emulated(self) -> bool:
        """Whether connections here can use the suite; the other suites only stand in lists."""
        return (
            not self.exportable
            and self.kx in EMULATED_KEY_EXCHANGES
            and self.auth in EMULATED_AUTHENTICATIONS
            and (self.cipher in EMULATED_CIPHERS or (self.cipher in TLS13_CIPHERS and self._is_tls13))
            and self.mac in EMULATED_MACS
        )
