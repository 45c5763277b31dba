"""The client's handshake: the hellos, and the two ways to go on after them."""

from __future__ import annotations

from emulator.handshake.tls12.client import ClientTls12
from emulator.handshake.tls13.client import ClientTls13


class ClientHandshake(ClientTls12):
    """A client's handshake messages: construct_...() makes one, process_...() takes one.

    The engine's machine asks ``hit``, ``certificate_expected``, ``status_expected``,
    ``expects_server_key_exchange``, ``certificate_requested``, ``sends_certificate``,
    ``sends_certificate_verify`` and ``ticket_expected`` for what comes next.
    """

    __slots__ = ()

    tls13: ClientTls13 | None

    def make_tls13(self) -> ClientTls13:
        """What only TLS 1.3 needs, for a handshake that offers it."""
        return ClientTls13(self)
