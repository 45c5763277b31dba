"""The record of the calls in which the manual page decided, and not the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emulator.constants import ErrorCode

MOST_PROMISES = 1000
"""How many promises a connection keeps; the oldest ones go first."""


class Promise(NamedTuple):
    """An answer that the manual page gives and the library does not.

    ``clause`` is the id of the page's clause, ``page`` the manual page with its release, ``meaning`` the
    clause in short.  ``ret`` is the answer of the call and ``error`` its SSL_get_error(); both are None if
    the answer is the library's, and the page decided something else: what was done in the call, or what its
    answer means.  ``call`` is the name of the call, as the connection has it.
    """

    clause: str
    page: str
    meaning: str
    ret: int | None = None
    error: ErrorCode | None = None
    call: str = "write"


class Promises(list[Promise]):
    """The newest promises of a connection, oldest first, at most :data:`MOST_PROMISES` of them."""

    dropped = 0
    """How many older ones are gone."""

    @property
    def made(self) -> int:
        """How many promises were made, those that are gone included."""
        return self.dropped + len(self)

    def add(self, promise: Promise) -> None:
        """Add a promise; the oldest one goes if there are too many."""
        self.append(promise)
        if len(self) > MOST_PROMISES:
            del self[0]
            self.dropped += 1

    def since(self, made: int) -> list[Promise]:
        """Return the promises made since :attr:`made` had this value, as far as they are here."""
        return self[max(0, made - self.dropped) :]
