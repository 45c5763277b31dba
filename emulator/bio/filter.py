"""A filter: a BIO in front of another, which passes everything on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bio.base import BIO

if TYPE_CHECKING:
    from emulator.bio.base import Data, ErrorHook


class FilterBIO(BIO):
    """Passes every call on to ``next_bio`` and shows its answers, flags and errno as its own.

    A subclass sees or changes what passes through.
    """

    __slots__ = ("next_bio",)

    def __init__(self, next_bio: BIO) -> None:
        self.next_bio = next_bio

    @property
    def flags(self) -> int:
        """BIO_get_flags() of the next BIO."""
        return self.next_bio.flags

    @flags.setter
    def flags(self, value: int) -> None:
        self.next_bio.flags = value

    @property
    def errno(self) -> int:
        """The errno that the next BIO left."""
        return self.next_bio.errno

    @errno.setter
    def errno(self, value: int) -> None:
        self.next_bio.errno = value

    @property
    def ret(self) -> int:
        """C's answer to the last read of the next BIO."""
        return self.next_bio.ret

    @ret.setter
    def ret(self, value: int) -> None:
        self.next_bio.ret = value

    @property
    def on_error(self) -> ErrorHook | None:
        """The function that the next BIO tells of its errors."""
        return self.next_bio.on_error

    @on_error.setter
    def on_error(self, value: ErrorHook | None) -> None:
        self.next_bio.on_error = value

    @property
    def should_read(self) -> bool:
        """BIO_should_read() of the next BIO."""
        return self.next_bio.should_read

    @property
    def should_write(self) -> bool:
        """BIO_should_write() of the next BIO."""
        return self.next_bio.should_write

    @property
    def should_retry(self) -> bool:
        """BIO_should_retry() of the next BIO."""
        return self.next_bio.should_retry

    def set_retry_read(self) -> None:
        """BIO_set_retry_read() of the next BIO."""
        self.next_bio.set_retry_read()

    def set_retry_write(self) -> None:
        """BIO_set_retry_write() of the next BIO."""
        self.next_bio.set_retry_write()

    def clear_retry_flags(self) -> None:
        """BIO_clear_retry_flags() of the next BIO."""
        self.next_bio.clear_retry_flags()

    def write(self, data: Data) -> int:
        """BIO_write() to the next BIO."""
        return self.next_bio.write(data)

    def read(self, n: int) -> bytes:
        """BIO_read() from the next BIO."""
        return self.next_bio.read(n)

    def flush(self) -> int:
        """BIO_flush() of the next BIO."""
        return self.next_bio.flush()

    def eof(self) -> bool:
        """BIO_eof() of the next BIO."""
        return self.next_bio.eof()

    def pending(self) -> int:
        """BIO_pending() of the next BIO."""
        return self.next_bio.pending()

    def blocks(self) -> bool:
        """Whether the next BIO waits until its transport can answer."""
        return self.next_bio.blocks()

    def look(self, n: int) -> bytes:
        """Up to ``n`` bytes that a read would give now."""
        return self.next_bio.look(n)

    def inbox(self) -> object:
        """Return an object that is true as long as bytes wait in the next BIO."""
        return self.next_bio.inbox()

    def sees(self) -> bool:
        """Whether the next BIO shows the bytes that wait."""
        return self.next_bio.sees()

    def push_error(self, function: str, reason: str) -> None:
        """BIOerr() of the next BIO."""
        self.next_bio.push_error(function, reason)
