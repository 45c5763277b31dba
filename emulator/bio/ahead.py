"""A filter that shows what waits in a transport which cannot show it: by reading ahead of its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bio.base import Looks
from emulator.bio.filter import FilterBIO
from emulator.constants import SSL3_RT_HEADER_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO


class AheadBIO(FilterBIO):
    """Reads ahead for :meth:`look`, and gives the bytes, and the failure behind them, to the next reads.

    ``ahead`` are bytes that come before those of ``next_bio``.  A transport that blocks is not read ahead of:
    a look shows only the bytes that are here already, and ``on_blind`` is told.
    """

    __slots__ = ("_ahead", "_errors", "_failure", "_on_blind", "_raised")

    def __init__(self, next_bio: BIO, ahead: bytes, on_blind: Callable[[], None]) -> None:
        super().__init__(next_bio)
        self._ahead = ahead
        self._on_blind = on_blind
        self._failure: tuple[int, int] | None = None
        """``ret`` and ``errno`` of the read behind these bytes, if it failed otherwise than by a retry."""
        self._errors: list[tuple[str, str]] = []
        """The errors that this read has pushed."""
        self._raised: Exception | None = None
        """What this read has raised."""

    def sees(self) -> bool:
        """Whether a look shows the bytes that wait."""
        return True

    def look(self, n: int) -> bytes:
        """Up to ``n`` bytes that a read would return now."""
        if self.next_bio.sees():
            return (self._ahead + self.next_bio.look(n))[:n]
        while len(self._ahead) < n and self._failure is None and self._raised is None:
            if self.next_bio.blocks():
                self._on_blind()
                break
            chunk = self._read_ahead(max(n, SSL3_RT_HEADER_LENGTH) - len(self._ahead))
            if not chunk:
                break
            self._ahead += chunk
        return self._ahead[:n]

    def inbox(self) -> object:
        """Return an object that is true as long as :meth:`look` shows bytes."""
        return Looks(self)

    def _read_ahead(self, n: int) -> bytes:
        """Read, and leave no trace of the read in the transport's flags, in errno and in the error queue."""
        bio = self.next_bio
        before = bio.flags, bio.errno, bio.ret, bio.on_error
        bio.on_error = self._keep_error
        try:
            chunk = bio.read(n)
            if not chunk and not bio.should_retry:
                self._failure = bio.ret, bio.errno
        except NotImplementedError:  # a transport that is written to alone
            chunk = b""
        except Exception as error:  # noqa: BLE001 - the next read raises it
            self._raised = error
            chunk = b""
        finally:
            bio.flags, bio.errno, bio.ret, bio.on_error = before
        return chunk

    def _keep_error(self, function: str, reason: str) -> None:
        self._errors.append((function, reason))

    def read(self, n: int) -> bytes:
        """BIO_read(): first the bytes that were read ahead, then the failure behind them."""
        if self._ahead and n > 0:
            chunk, self._ahead = self._ahead[:n], self._ahead[n:]
            self.clear_retry_flags()
            self.ret = len(chunk)
            return chunk
        if self._raised is not None:
            error, self._raised = self._raised, None
            raise error
        if self._failure is None or n <= 0:
            return self.next_bio.read(n)
        self.clear_retry_flags()
        (self.ret, self.errno), self._failure = self._failure, None
        errors, self._errors = self._errors, []
        for function, reason in errors:
            self.push_error(function, reason)
        return b""

    def eof(self) -> bool:
        """BIO_eof(): nothing was read ahead, and nothing can come."""
        return not self._ahead and self.next_bio.eof()

    def pending(self) -> int:
        """BIO_pending(): the bytes that were read ahead, and those of the next BIO."""
        return len(self._ahead) + self.next_bio.pending()

    def ahead(self) -> int:
        """How many bytes were read ahead."""
        return len(self._ahead)

    def take_ahead(self) -> bytes:
        """Take the bytes that were read ahead, which another transport is to be read behind."""
        ahead, self._ahead = self._ahead, b""
        return ahead
