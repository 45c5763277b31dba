"""TLS 1.3's list of cipher suites (SSL_CTX_set_ciphersuites(3)), which cipher strings do not touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.handshake.suites import suite_table

if TYPE_CHECKING:
    from emulator.behaviours.ciphers import CiphersSection
    from emulator.record.suite import CipherSuite

TLS_DEFAULT_CIPHERSUITES: Final = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
"""ssl.h, in every release with TLS 1.3."""


def known_ciphersuites(section: CiphersSection) -> dict[str, CipherSuite]:
    """The release's suites of TLS 1.3 by their names (tls13_ciphers[]); none before 1.1.1."""
    rows = suite_table(section).rows
    return {listed.suite.name: listed.suite for listed in rows if listed.row.version == "TLSv1.3"}


def default_ciphersuites(section: CiphersSection) -> tuple[CipherSuite, ...]:
    """What a new SSL_CTX has."""
    known = known_ciphersuites(section)
    return tuple(known[name] for name in TLS_DEFAULT_CIPHERSUITES.split(":") if name in known)
