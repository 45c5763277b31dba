"""The server's handshake: the hellos, and the two ways to go on after them."""

from __future__ import annotations

from emulator.handshake.tls12.server import ServerTls12
from emulator.handshake.tls13.server import ServerTls13


class ServerHandshake(ServerTls12):
    """A server's handshake messages: construct_...() makes one, process_...() takes one.

    The engine's machine asks ``hit``, ``certificate_expected``, ``sends_server_key_exchange``,
    ``certificate_requested``, ``expects_certificate_verify`` and ``ticket_expected`` for what comes next.
    """

    __slots__ = ()

    tls13: ServerTls13 | None

    def make_tls13(self) -> ServerTls13:
        """What only TLS 1.3 needs, for a handshake that chose it."""
        return ServerTls13(self)
