"""The settings that a handshake gets from its Context and Connection."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from emulator.constants import Option
from emulator.handshake.common.key_exchange import AUTO_DH, DhParameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.ciphers import CiphersSection
    from emulator.behaviours.handshake import HandshakeSection
    from emulator.behaviours.hello import HelloSection
    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.session import Session, SessionCache, TicketKeys
    from emulator.record.suite import CipherSuite


class HandshakeProfile(Protocol):
    """The sections of a profile that handshakes read."""

    @property
    def handshake(self) -> HandshakeSection:
        """``[handshake]``."""

    @property
    def hello(self) -> HelloSection:
        """``[hello]``."""

    @property
    def ciphers(self) -> CiphersSection:
        """``[ciphers]``."""


class HandshakeConfig:
    """The settings of one connection, under OpenSSL's names where it has some.

    ``versions`` are the enabled protocol versions in ascending order; with ``fixed_method``
    (TLSv1_method() and the like) there is just one.  ``min_version`` and ``max_version`` are the bounds of
    SSL_set_min_proto_version() and SSL_set_max_proto_version(), 0 for none.
    ``cipher_suites`` is the list that the cipher string gave.  ``credentials`` are a server's certificates,
    or those with which a client answers a CertificateRequest.  ``verify`` gets the peer's chain in DER and
    says whether it is good; None is SSL_VERIFY_NONE.  ``request_certificate`` and ``require_certificate`` are
    a server's SSL_VERIFY_PEER and SSL_VERIFY_FAIL_IF_NO_PEER_CERT.  ``session_cache`` is the server's
    internal cache, None when it is off; without ``ticket_keys`` a server has no tickets.
    ``ecdh_group`` is the curve of SSL_CTX_set_tmp_ecdh() as a named group.
    ``ciphersuites`` is TLS 1.3's list; ``groups`` that of SSL_set1_groups_list(), None for the default.
    ``num_tickets`` and ``max_early_data`` are those of SSL_set_num_tickets() and SSL_set_max_early_data().
    ``psk_use_session`` gives a client an identity and its session (SSL_set_psk_use_session_callback(3)),
    ``psk_find_session`` a server the session of an identity (SSL_set_psk_find_session_callback(3)).
    """

    __slots__ = (
        "cipher_suites",
        "ciphersuites",
        "clock",
        "credentials",
        "dh_auto",
        "dh_parameters",
        "ecdh_auto",
        "ecdh_group",
        "fixed_method",
        "groups",
        "hostname",
        "max_early_data",
        "max_version",
        "min_version",
        "mode",
        "num_tickets",
        "options",
        "profile",
        "psk_find_session",
        "psk_use_session",
        "random",
        "request_certificate",
        "require_certificate",
        "security_level",
        "session_cache",
        "session_id_context",
        "session_timeout",
        "status_request",
        "ticket_keys",
        "verify",
        "versions",
    )

    def __init__(
        self,
        profile: HandshakeProfile,
        versions: tuple[int, ...],
        cipher_suites: tuple[CipherSuite, ...],
        *,
        fixed_method: bool = False,
        min_version: int = 0,
        max_version: int = 0,
        options: int = 0,
        mode: int = 0,
        security_level: int = 1,
        credentials: tuple[Credential, ...] = (),
        verify: Callable[[tuple[bytes, ...]], bool] | None = None,
        request_certificate: bool = False,
        require_certificate: bool = False,
        session_cache: SessionCache | None = None,
        session_timeout: int = 300,
        session_id_context: bytes = b"",
        ticket_keys: TicketKeys | None = None,
        hostname: str | None = None,
        status_request: bool = False,
        dh_parameters: DhParameters | None = None,
        dh_auto: bool = False,
        ecdh_group: int | None = None,
        ecdh_auto: bool = False,
        ciphersuites: tuple[CipherSuite, ...] = (),
        groups: tuple[int, ...] | None = None,
        num_tickets: int = 2,
        max_early_data: int = 0,
        psk_use_session: Callable[[], tuple[bytes, Session] | None] | None = None,
        psk_find_session: Callable[[bytes], Session | None] | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Take the settings that the class lists; the three without a default always matter."""
        self.profile = profile
        self.versions = versions
        self.cipher_suites = cipher_suites
        self.fixed_method = fixed_method
        self.min_version = min_version
        self.max_version = max_version
        self.options = options
        self.mode = mode
        self.security_level = security_level
        self.credentials = credentials
        self.verify = verify
        self.request_certificate = request_certificate
        self.require_certificate = require_certificate
        self.session_cache = session_cache
        self.session_timeout = session_timeout
        self.session_id_context = session_id_context
        self.ticket_keys = ticket_keys
        self.hostname = hostname
        self.status_request = status_request
        self.dh_parameters = dh_parameters
        self.dh_auto = dh_auto
        self.ecdh_group = ecdh_group
        self.ecdh_auto = ecdh_auto
        self.ciphersuites = ciphersuites
        self.groups = groups
        self.num_tickets = num_tickets
        self.max_early_data = max_early_data
        self.psk_use_session = psk_use_session
        self.psk_find_session = psk_find_session
        self.clock = clock
        self.random = random

    @property
    def fixed_version(self) -> int | None:
        """The version of a method that knows one only."""
        return self.versions[0] if self.fixed_method and self.versions else None

    @property
    def dhe_group(self) -> DhParameters | None:
        """The Diffie-Hellman group that a server uses, None when it has none."""
        if self.dh_parameters is not None:
            return self.dh_parameters
        return AUTO_DH if self.dh_auto else None

    @property
    def anti_replay(self) -> bool:
        """Whether a server's tickets serve once: with early data, unless SSL_OP_NO_ANTI_REPLAY is set."""
        return self.max_early_data > 0 and not self.options & Option.NO_ANTI_REPLAY

    @property
    def stateful_tickets(self) -> bool:
        """Whether a server's TLS 1.3 tickets are ids of sessions in its cache.

        With SSL_OP_NO_TICKET they are, and with anti-replay, which removes a session once it is used.
        """
        return self.anti_replay or bool(self.options & Option.NO_TICKET)
