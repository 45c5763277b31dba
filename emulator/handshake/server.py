"""The server's handshake: the hellos, and the messages of the version that they chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import TLS1_3_VERSION
from emulator.handshake.hello.server import ServerHellos
from emulator.handshake.tls12.server import ServerTls12

if TYPE_CHECKING:
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.tls13.server import ServerTls13
    from emulator.handshake.tls13.server_hello import ServerAnswer


class ServerHandshake(ServerHellos):
    """A server's handshake: the hellos are its own, ``tls12`` and ``tls13`` have the messages after them.

    The engine's machine reads ``hit``, ``certificate_requested``, ``ticket_expected`` and ``hello_retry``
    here to know what comes next.
    """

    __slots__ = ("_tls12", "_tls13")

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self._tls12: ServerTls12 | None = None
        self._tls13: ServerTls13 | None = None

    @property
    def tls12(self) -> ServerTls12:
        """The messages up to TLS 1.2, once a ClientHello has chosen a suite."""
        assert self._tls12 is not None, "no ClientHello has chosen a version up to TLS 1.2"
        return self._tls12

    @property
    def tls13(self) -> ServerTls13:
        """The messages of TLS 1.3, once a ClientHello has chosen it."""
        assert self._tls13 is not None, "no ClientHello has chosen TLS 1.3"
        return self._tls13

    def answer_tls13(self) -> ServerAnswer:
        """See ServerHellos."""
        from emulator.handshake.tls13.server import ServerTls13  # noqa: PLC0415 - releases up to 1.1.0 lack it

        self._tls13 = ServerTls13(self)
        return self._tls13.answer

    def begin_tls12(self) -> None:
        """See ServerHellos."""
        self._tls12 = ServerTls12(self)

    def begin(self, *, renegotiating: bool, new_session: bool = False) -> None:
        """See Handshake."""
        super().begin(renegotiating=renegotiating, new_session=new_session)
        self._renew()

    def finish(self) -> None:
        """Put a new session with an id into the cache (ssl_update_cache()), then forget the rest."""
        session, cache = self.session, self.config.session_cache
        # In TLS 1.3 construct_new_session_ticket() has put its sessions there.
        wanted = self.version != TLS1_3_VERSION and not self.hit
        if wanted and session is not None and cache is not None and session.session_id:
            cache.add(session)
        super().finish()
        self._renew()

    def _renew(self) -> None:
        """Forget the keys of the last handshake, not its suite; see Tls12."""
        if self._tls12 is not None:
            self._tls12 = ServerTls12(self)
