"""Settings and facts of one connection: the ``SSL_set_*`` and ``SSL_get_*`` that an SSL_CTX lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from emulator.api.arguments import instance, text
from emulator.api.common_settings import CommonSettings
from emulator.api.exists import control, exported, not_emulated, require
from emulator.constants import PROTOCOL_VERSIONS
from emulator.exceptions import NotEmulated, UsageError
from emulator.handshake.common.session import Session

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_LONGEST_NAME = 255
"""TLSEXT_MAXLEN_host_name."""


class ConnectionSettings(CommonSettings):
    """The calls that set or tell something of an ``SSL`` without sending or reading a byte."""

    _s: SSL

    def __getattr__(self, name: str) -> Any:
        """Find a call of the release that has no method here; it answers 0 or raises NotEmulated.

        An AttributeError, if the release lacks it or no release has it.
        """
        function = None if name.startswith("_") else self.profile.functions.get(name)
        if function is None:
            return super().__getattr__(name)
        require(self.profile, name)
        return _always_zero if function.answers_zero else not_emulated(function.c_name)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse copy and pickle: no SSL can be copied with its keys and its transport."""
        raise UsageError("a connection cannot be copied or pickled: make another one")

    # -- settings -----------------------------------------------------------------------------

    def get_session(self) -> Session | None:
        """SSL_get1_session(3): a copy of the session in use, for set_session() of another connection."""
        hs = self._s.hs
        return hs.session.copy() if hs.session is not None else None

    def set_session(self, session: Session | None) -> int:
        """SSL_set_session(3): the session to offer, None for none; 1.

        None in the middle of a handshake takes the session that the handshake needs: the peer's next message
        is then a SimulatedCrash.  Raises UsageError before set_connect_state(), and NotEmulated if the real
        library resets the whole connection: from 1.1.0 after the hellos, and for None after the handshake.
        """
        instance("session", session, Session)
        if self._s.machine is None:
            raise UsageError("set_session() comes after set_connect_state()")
        self._s.set_session(session)
        return 1

    @control
    def set_tlsext_host_name(self, name: str | None) -> int:
        """SSL_set_tlsext_host_name(3), a control from 0.9.8j: the server_name of the hello, None for none.

        1, or 0 with an error in the queue for a name of more than 255 bytes.  Raises NotEmulated for an
        empty one, which some releases take.
        """
        if name == "":
            raise NotEmulated("SSL_set_tlsext_host_name() of an empty name")
        if name is not None and len(text("name", name).encode()) > _LONGEST_NAME:
            self._s.put_error("SSL3_CTRL", "SSL3_EXT_INVALID_SERVERNAME")
            return 0
        self._config.hostname = name
        return 1

    # -- facts --------------------------------------------------------------------------------

    def version(self) -> int:
        """SSL_version(3): the protocol version in use, as on the wire."""
        return self._s.version

    def get_version(self) -> str:
        """SSL_get_version(3): the protocol version in use by its name, such as "TLSv1.2"."""
        names = {number: name for name, number in PROTOCOL_VERSIONS.items()}
        return names.get(self._s.version, "unknown")

    def get_current_cipher(self) -> str | None:
        """SSL_get_cipher_name(3): OpenSSL's name of the suite in use, None before there is one."""
        hs = self._s.hs
        return hs.suite.name if hs.suite is not None else None

    @property
    def encrypts_then_macs(self) -> bool:
        """Whether the MAC of sent records is over the ciphertext (RFC 7366); libssl has no call for it."""
        return self._s.out.writer.encrypt_then_mac

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished(3): whether a handshake is complete and none is under way."""
        return self._s.machine is not None and self._s.machine.is_init_finished()

    @exported
    def is_server(self) -> bool:
        """SSL_is_server(3), from 1.0.2."""
        return self._s.server

    @control
    def get_secure_renegotiation_support(self) -> int:
        """SSL_get_secure_renegotiation_support(3), a control from 0.9.8m: 1 if the peer has RFC 5746."""
        return int(self._s.hs.peer_secure_renegotiation)

    @control
    def get_extms_support(self) -> int:
        """SSL_get_extms_support(3), a control from 1.1.0: whether the session has RFC 7627's master secret.

        1 or 0; -1 while a handshake is under way and before there is a session.
        """
        s = self._s
        if s.hs.session is None or s.in_init or s.in_handshake:
            return -1
        return int(s.hs.session.extended_master_secret)

    @control
    def num_renegotiations(self) -> int:
        """SSL_num_renegotiations(3): how many were started; there is no call that clears it."""
        return self._s.total_renegotiations

    @control
    def total_renegotiations(self) -> int:
        """SSL_total_renegotiations(3): how many were started."""
        return self._s.total_renegotiations

    def session_reused(self) -> bool:
        """SSL_session_reused(3): whether the handshake resumed a session."""
        return self._s.hs.hit


def _always_zero(*_args: Any, **_keywords: Any) -> int:
    return 0
