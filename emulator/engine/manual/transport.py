"""The transport that manual mode reads from: looked into, and made to answer WANT_READ."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class Blind:
    """Is false, as a transport without look() shows nothing; calls ``on_blind`` until that returns True."""

    __slots__ = ("_on_blind", "_told")

    def __init__(self, on_blind: Callable[[], bool]) -> None:
        self._on_blind = on_blind
        self._told = False

    def __bool__(self) -> bool:
        self._told = self._told or self._on_blind()
        return False
