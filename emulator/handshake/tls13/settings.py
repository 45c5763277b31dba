"""Settings that came with TLS 1.3, which an SSL_CTX and an SSL have alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.tls13 import UnknownCiphersuite
from emulator.error_queue import current
from emulator.exceptions import NotEmulated
from emulator.exists import answers_zero, exported
from emulator.handshake.common.suites import known_ciphersuites
from emulator.handshake.tls13.key_share import X448, X25519MLKEM768

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.error_queue import ErrorStrings
    from emulator.handshake.common.session import Session
    from emulator.profile import Profile
    from emulator.record.suite import CipherSuite

GROUP_NAMES = {
    "P-256": 23,
    "prime256v1": 23,
    "P-384": 24,
    "secp384r1": 24,
    "P-521": 25,
    "secp521r1": 25,
    "X25519": 29,
    "X448": X448,
    "X25519MLKEM768": X25519MLKEM768,
}
"""What SSL_set1_groups_list() calls the groups that can be used here."""

_TUPLE_SYNTAX = frozenset("*?-/")


class Settings(Protocol):
    """Where the settings are kept: a Context, or the HandshakeConfig of a connection."""

    ciphersuites: tuple[CipherSuite, ...]
    groups: tuple[int, ...] | None
    num_tickets: int
    psk_use_session: Callable[[], tuple[bytes, Session] | None] | None
    psk_find_session: Callable[[bytes], Session | None] | None


class Tls13Settings:
    """``SSL_CTX_set_...()`` and ``SSL_set_...()``."""

    profile: Profile

    def _tls13_settings(self) -> tuple[Settings, ErrorStrings]:
        """Where they are kept, and how errors of this release are spelled."""
        raise NotImplementedError

    @exported
    def set_ciphersuites(self, string: str) -> int:
        """SSL_set_ciphersuites(3), from 1.1.1: TLS 1.3 suites joined by ":"; 1, or 0 with an error."""
        settings, errors = self._tls13_settings()
        known = known_ciphersuites(self.profile.ciphers)
        names = [name.strip() for name in string.split(":")] if string else []
        tls13 = self.profile.tls13
        assert tls13 is not None
        unknown = [name for name in names if name not in known]
        if unknown and tls13.unknown_ciphersuite is UnknownCiphersuite.REFUSED:
            current().put(errors.entry("CIPHERSUITE_CB", "NO_CIPHER_MATCH"))
            return 0
        settings.ciphersuites = tuple(known[name] for name in names if name in known)
        return 1

    def set1_groups_list(self, names: str) -> int:
        """SSL_set1_groups_list(3), a control from 1.1.1: groups joined by ":", preferred first; 1, or 0.

        NotEmulated for groups that can't be used here, and for the signs that 3.5 knows besides names.
        """
        if answers_zero(self.profile, "set1_groups_list"):
            return 0
        if _TUPLE_SYNTAX & set(names.replace("P-", "")):
            raise NotEmulated("SSL_set1_groups_list() with signs besides names", names)
        found = []
        for name in (part.strip() for part in names.split(":")):
            group = GROUP_NAMES.get(name)
            if group is None:
                raise NotEmulated(f"the group {name!r}")
            if group in found or group not in self.profile.hello.groups:
                return 0
            found.append(group)
        settings, _ = self._tls13_settings()
        settings.groups = tuple(found)
        return 1

    @exported
    def set_num_tickets(self, count: int) -> int:
        """SSL_set_num_tickets(3), from 1.1.1: tickets that a server sends after a full handshake; 1."""
        self._tls13_settings()[0].num_tickets = count
        return 1

    @exported
    def get_num_tickets(self) -> int:
        """SSL_get_num_tickets(3), from 1.1.1."""
        return self._tls13_settings()[0].num_tickets

    @exported
    def set_psk_use_session_callback(
        self, callback: Callable[[], tuple[bytes, Session] | None] | None
    ) -> None:
        """SSL_set_psk_use_session_callback(3), from 1.1.1: a client's identity and session, None for none."""
        self._tls13_settings()[0].psk_use_session = callback

    @exported
    def set_psk_find_session_callback(self, callback: Callable[[bytes], Session | None] | None) -> None:
        """SSL_set_psk_find_session_callback(3), from 1.1.1: identity to session, None for an unknown one."""
        self._tls13_settings()[0].psk_find_session = callback
