"""The client's handshake: the hellos, and the messages of the version that they chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.handshake.hello.client import ClientHellos
from emulator.handshake.tls12.client import ClientTls12

if TYPE_CHECKING:
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.tls13.client import ClientTls13
    from emulator.handshake.tls13.client_hello import ClientOffer


class ClientHandshake(ClientHellos):
    """A client's handshake: the hellos are its own, ``tls12`` and ``tls13`` have the messages after them.

    The engine's machine reads ``hit``, ``certificate_requested``, ``status_expected``, ``ticket_expected``
    and ``hello_retry`` here to know what comes next.
    """

    __slots__ = ("_tls12", "_tls13")

    def __init__(self, config: HandshakeConfig) -> None:
        super().__init__(config)
        self._tls12: ClientTls12 | None = None
        self._tls13: ClientTls13 | None = None

    @property
    def tls12(self) -> ClientTls12:
        """The messages up to TLS 1.2, once a ServerHello has chosen a suite."""
        assert self._tls12 is not None, "no ServerHello has chosen a version up to TLS 1.2"
        return self._tls12

    @property
    def tls13(self) -> ClientTls13:
        """The messages of TLS 1.3, from a ClientHello on that offers it."""
        assert self._tls13 is not None, "no ClientHello has offered TLS 1.3"
        return self._tls13

    def offer_tls13(self) -> ClientOffer:
        """See ClientHellos."""
        from emulator.handshake.tls13.client import ClientTls13  # noqa: PLC0415 - releases up to 1.1.0 lack it

        self._tls13 = ClientTls13(self)
        return self._tls13.offer

    def begin_tls12(self) -> None:
        """See ClientHellos."""
        self._tls12 = ClientTls12(self)

    def begin(self, *, renegotiating: bool, new_session: bool = False) -> None:
        """See Handshake."""
        super().begin(renegotiating=renegotiating, new_session=new_session)
        self._renew()

    def finish(self) -> None:
        """See Handshake."""
        super().finish()
        self._renew()

    def _renew(self) -> None:
        """Forget the keys of the last handshake, not its suite; see Tls12."""
        if self._tls12 is not None:
            self._tls12 = ClientTls12(self)
