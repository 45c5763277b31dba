"""The cipher suites of a release, from the rows of its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.section import cached_for_section
from emulator.constants import (
    SSL2_VERSION,
    SSL3_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
)
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

if TYPE_CHECKING:
    from emulator.behaviours.ciphers import CiphersSection, SuiteRow

TLS_DEFAULT_CIPHERSUITES: Final = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
"""ssl.h, in every release with TLS 1.3."""

VERSIONS = {
    "SSLv2": SSL2_VERSION,
    "SSLv3": SSL3_VERSION,
    "TLSv1": TLS1_VERSION,
    "TLSv1.2": TLS1_2_VERSION,
    "TLSv1.3": TLS1_3_VERSION,
}

KEY_EXCHANGES = {
    "kRSA": KeyExchange.RSA,
    "kDHr": KeyExchange.DH,
    "kDHd": KeyExchange.DH,
    "kDHE": KeyExchange.DHE,
    "kECDHr": KeyExchange.ECDH,
    "kECDHe": KeyExchange.ECDH,
    "kECDH": KeyExchange.ECDH,
    "kECDHE": KeyExchange.ECDHE,
    "kPSK": KeyExchange.PSK,
    "kRSAPSK": KeyExchange.RSA_PSK,
    "kDHEPSK": KeyExchange.DHE_PSK,
    "kECDHEPSK": KeyExchange.ECDHE_PSK,
    "kSRP": KeyExchange.SRP,
    "kKRB5": KeyExchange.KRB5,
    "kFZA": KeyExchange.FORTEZZA,
    "kGOST": KeyExchange.GOST,
    "any": KeyExchange.ANY,
}

AUTHENTICATIONS = {
    "aRSA": Authentication.RSA,
    "aDSS": Authentication.DSS,
    "aECDSA": Authentication.ECDSA,
    "aDH": Authentication.DH,
    "aECDH": Authentication.ECDH,
    "aNULL": Authentication.NULL,
    "aPSK": Authentication.PSK,
    "aSRP": Authentication.SRP,
    "aKRB5": Authentication.KRB5,
    "aFZA": Authentication.FORTEZZA,
    "aGOST94": Authentication.GOST94,
    "aGOST01": Authentication.GOST01,
    "aGOST01+aGOST12": Authentication.GOST12,
    "any": Authentication.ANY,
}

CIPHERS = {
    "eNULL": Cipher.NULL,
    "IDEA": Cipher.IDEA_CBC,
    "3DES": Cipher.DES_EDE3_CBC,
    "eFZA": Cipher.FORTEZZA,
    "AES128": Cipher.AES_128_CBC,
    "AES256": Cipher.AES_256_CBC,
    "AES128GCM": Cipher.AES_128_GCM,
    "AES256GCM": Cipher.AES_256_GCM,
    "AES128CCM": Cipher.AES_128_CCM,
    "AES256CCM": Cipher.AES_256_CCM,
    "AES128CCM8": Cipher.AES_128_CCM8,
    "AES256CCM8": Cipher.AES_256_CCM8,
    "CHACHA20POLY1305": Cipher.CHACHA20_POLY1305,
    "CAMELLIA128": Cipher.CAMELLIA_128_CBC,
    "CAMELLIA256": Cipher.CAMELLIA_256_CBC,
    "SEED": Cipher.SEED_CBC,
    "eGOST": Cipher.GOST89_CNT,
    "eGOST12": Cipher.GOST89_CNT_12,
    "ARIA128GCM": Cipher.ARIA_128_GCM,
    "ARIA256GCM": Cipher.ARIA_256_GCM,
}
"""Ciphers by their names, where the name says how long the key is."""

CIPHERS_BY_BITS = {
    ("AES", 128): Cipher.AES_128_CBC,
    ("AES", 256): Cipher.AES_256_CBC,
    ("CAMELLIA", 128): Cipher.CAMELLIA_128_CBC,
    ("CAMELLIA", 256): Cipher.CAMELLIA_256_CBC,
    ("RC4", 40): Cipher.RC4_40,
    ("RC4", 56): Cipher.RC4_56,
    ("RC4", 64): Cipher.RC4_64,
    ("RC4", 128): Cipher.RC4_128,
    ("RC2", 40): Cipher.RC2_40_CBC,
    ("RC2", 56): Cipher.RC2_56_CBC,
    ("RC2", 128): Cipher.RC2_128_CBC,
    ("DES", 40): Cipher.DES_40_CBC,
    ("DES", 56): Cipher.DES_CBC,
}
"""Ciphers by a name that stands for several, with the secret bits of the key or else with all of them."""

MACS = {
    "MD5": Mac.MD5,
    "SHA1": Mac.SHA1,
    "SHA256": Mac.SHA256,
    "SHA384": Mac.SHA384,
    "AEAD": Mac.AEAD,
    "GOST94": Mac.GOST94,
    "GOST89MAC": Mac.GOST89,
    "GOST89MAC12": Mac.GOST89_12,
    "GOST12_256": Mac.GOST12_256,
}


class ListedSuite(NamedTuple):
    """A row together with the suite that it describes."""

    row: SuiteRow
    flags: frozenset[str]
    suite: CipherSuite


class SuiteTable(NamedTuple):
    """All rows of a release in their order, valid or not."""

    rows: tuple[ListedSuite, ...]
    by_id: dict[int, CipherSuite]


def _suite(number: int, row: SuiteRow, flags: frozenset[str]) -> CipherSuite:
    cipher = CIPHERS.get(row.enc) or CIPHERS_BY_BITS.get((row.enc, row.strength_bits))
    return CipherSuite(
        id=number,
        name=row.name,
        kx=KEY_EXCHANGES[row.kx],
        auth=AUTHENTICATIONS[row.auth],
        cipher=cipher or CIPHERS_BY_BITS[row.enc, row.alg_bits],  # RC4 with 128 bits, 112 of them secret
        mac=MACS[row.mac],
        min_version=VERSIONS[row.version],
        prf_hash=row.prf,
        strength_bits=row.strength_bits,
        alg_bits=row.alg_bits,
        exportable="export" in flags,
    )


def _listed(number: int, row: SuiteRow) -> ListedSuite:
    flags = frozenset(row.flags.split())
    return ListedSuite(row, flags, _suite(number, row, flags))


@cached_for_section
def suite_table(section: CiphersSection) -> SuiteTable:
    """Give the release's suites as objects."""
    rows = tuple(_listed(int(number, 0), row) for number, row in section.suites.items())
    valid = [listed.suite for listed in rows if "invalid" not in listed.flags]
    return SuiteTable(rows, {suite.id: suite for suite in valid})


def _available(section: CiphersSection, listed: ListedSuite, *, ssl2: bool, weak: bool) -> bool:
    if listed.row.version == "TLSv1.3":  # tls13_ciphers[] is a table and a list of its own
        return False
    if "invalid" in listed.flags or (not weak and "weak" in listed.flags):
        return False
    if (listed.row.version == "SSLv2") is not ssl2:
        return False
    row = listed.row
    return not {row.kx, *row.auth.split("+"), row.enc, row.mac} & set(section.left_out)


def collected(section: CiphersSection, *, ssl2: bool, weak: bool) -> list[ListedSuite]:
    """Give the suites in the order of the method's get_cipher(): last row first.

    ``ssl2``: SSLv23_method of a build with SSLv2, whose kinds come last; ``weak``: the build has weak suites.
    """
    rows = suite_table(section).rows[::-1]
    chosen = [row for row in rows if _available(section, row, ssl2=False, weak=weak)]
    if ssl2:
        chosen += [row for row in rows if _available(section, row, ssl2=True, weak=weak)]
    return chosen


def suite_by_id(section: CiphersSection, number: int) -> CipherSuite | None:
    """Look a suite up by its number on the wire (ssl3_get_cipher_by_char), weak or not."""
    return suite_table(section).by_id.get(number)


def known_ciphersuites(section: CiphersSection) -> dict[str, CipherSuite]:
    """The release's suites of TLS 1.3 by their names (tls13_ciphers[]); none before 1.1.1."""
    rows = suite_table(section).rows
    return {listed.suite.name: listed.suite for listed in rows if listed.row.version == "TLSv1.3"}


def default_ciphersuites(section: CiphersSection) -> tuple[CipherSuite, ...]:
    """TLS 1.3's suites of a new SSL_CTX."""
    known = known_ciphersuites(section)
    return tuple(known[name] for name in TLS_DEFAULT_CIPHERSUITES.split(":") if name in known)
