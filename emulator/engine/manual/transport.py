"""The transport that manual mode reads from: shown ahead of the engine, and made to answer WANT_READ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bio.ahead import AheadBIO
from emulator.bio.filter import FilterBIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO


class AskingBIO(FilterBIO):
    """Stands before the transport while a write renegotiates: each read of the handshake is a choice."""

    __slots__ = ("_interrupts",)

    def __init__(self, next_bio: BIO, interrupts: Callable[[], bool]) -> None:
        super().__init__(next_bio)
        self._interrupts = interrupts

    def read(self, n: int) -> bytes:
        """BIO_read(), or -1 with a retry, the answer of a transport in which nothing has arrived."""
        if not self._interrupts():
            return self.next_bio.read(n)
        self.clear_retry_flags()
        self.set_retry_read()
        self.ret, self.errno = -1, 0
        return b""


def ahead_of(rbio: BIO | None) -> AheadBIO | None:
    """Return the filter that reads ahead of a transport, if there is one."""
    while isinstance(rbio, FilterBIO):
        if isinstance(rbio, AheadBIO):
            return rbio
        rbio = rbio.next_bio
    return None


class Ahead:
    """Sees to it that a look shows what waits in each transport of a connection, whatever BIO that is.

    Bytes that were read ahead of one transport come before those of the next one, as those in the read buffer
    of a connection do.  ``on_blind`` is told, once for each transport, of one that cannot be looked at.
    """

    __slots__ = ("_bytes", "_on_blind", "_told")

    def __init__(self, on_blind: Callable[[], bool]) -> None:
        self._bytes = b""
        """What was read ahead of a transport that was taken away."""
        self._on_blind = on_blind
        self._told = False

    def of(self, rbio: BIO | None, former: BIO | None) -> BIO | None:
        """Return a transport to read from: ``rbio`` itself if it shows what waits."""
        before = ahead_of(former)
        if before is not None:
            self._bytes += before.take_ahead()
        if rbio is None or (rbio.sees() and not self._bytes):
            return rbio
        ahead, self._bytes = self._bytes, b""
        self._told = False
        return AheadBIO(rbio, ahead, self._tell)

    def _tell(self) -> None:
        if not self._told:
            self._told = self._on_blind()
