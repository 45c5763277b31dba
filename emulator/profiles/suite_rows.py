"""The words that a row of ``[ciphers.suites]`` may consist of, and what is wrong with a row of others.

:mod:`emulator.handshake.common.suites` makes the suites of them; a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from emulator.behaviours.ciphers import SuiteRow

KEY_EXCHANGES = (
    *("kRSA", "kDHr", "kDHd", "kDHE", "kECDHr", "kECDHe", "kECDH", "kECDHE", "kPSK", "kRSAPSK"),
    *("kDHEPSK", "kECDHEPSK", "kSRP", "kKRB5", "kFZA", "kGOST", "any"),
)
AUTHENTICATIONS = (
    *("aRSA", "aDSS", "aECDSA", "aDH", "aECDH", "aNULL", "aPSK", "aSRP", "aKRB5", "aFZA", "aGOST94"),
    *("aGOST01", "aGOST01+aGOST12", "any"),
)
AEADS = (
    *("AES128GCM", "AES256GCM", "AES128CCM", "AES256CCM", "AES128CCM8", "AES256CCM8", "CHACHA20POLY1305"),
    *("ARIA128GCM", "ARIA256GCM"),
)
"""Ciphers that need no MAC."""
CIPHERS = (
    *("eNULL", "IDEA", "3DES", "eFZA", "AES128", "AES256", "CAMELLIA128", "CAMELLIA256", "SEED"),
    *("eGOST", "eGOST12", *AEADS),
)
"""Ciphers whose name says all."""
CIPHERS_BY_BITS = {
    "AES": (128, 256),
    "CAMELLIA": (128, 256),
    "RC4": (40, 56, 64, 128),
    "RC2": (40, 56, 128),
    "DES": (40, 56),
}
"""Ciphers that one name stands for, and the bits that each may have."""
MACS = ("MD5", "SHA1", "SHA256", "SHA384", "AEAD", "GOST94", "GOST89MAC", "GOST89MAC12", "GOST12_256")
VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.2", "TLSv1.3")
STRENGTHS = ("", "NONE", "EXP40", "EXP56", "LOW", "MEDIUM", "HIGH")
FLAGS = ("export", "fips", "not-default", "weak", "invalid", "unclassified")
PRFS = ("default", "sha256", "sha384")


def wrong_rows(suites: Mapping[str, SuiteRow]) -> Iterator[tuple[str, str]]:
    """For each row that no suite can be made of, yield its number and what is wrong with it."""
    for number, row in suites.items():
        mistake = next(_mistakes(number, row), None)
        if mistake is not None:
            yield number, mistake


def _mistakes(number: str, row: SuiteRow) -> Iterator[str]:
    if not _is_number(number):
        yield "expected a number such as 0x002F for the key"
    words: tuple[tuple[str, str, Collection[str]], ...] = (
        ("key exchange", row.kx, KEY_EXCHANGES),
        ("authentication", row.auth, AUTHENTICATIONS),
        ("cipher", row.enc, (*CIPHERS, *CIPHERS_BY_BITS)),
        ("MAC", row.mac, MACS),
        ("version", row.version, VERSIONS),
        ("strength", row.strength, STRENGTHS),
        ("PRF", row.prf, PRFS),
        *(("flag", flag, FLAGS) for flag in row.flags.split()),
    )
    for name, given, known in words:
        if given not in known:
            yield f"got {name} {given!r}, expected one of {', '.join(map(repr, known))}"
    bits = CIPHERS_BY_BITS.get(row.enc)
    if bits is not None and row.strength_bits not in bits and row.alg_bits not in bits:
        yield f"got {row.enc} with {row.alg_bits} bits, expected one of {', '.join(map(str, bits))}"
    if (row.mac == "AEAD") is not (row.enc in AEADS):
        yield f"got MAC {row.mac!r} with cipher {row.enc!r}, expected 'AEAD' with {', '.join(AEADS)} alone"


def _is_number(text: str) -> bool:
    try:
        return 0 <= int(text, 0) < 1 << 24
    except ValueError:
        return False
