"""The interface of a BIO: C's return values, and the retry flags, which SSL_get_error() reads.

Source: ``crypto/bio/bio.h`` and ``bio_lib.c``, BIO_should_retry(3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.api.arguments import instance, shown
from emulator.exceptions import UsageError

FLAGS_READ = 0x01
FLAGS_WRITE = 0x02
FLAGS_IO_SPECIAL = 0x04
SHOULD_RETRY = 0x08
RETRY_FLAGS = FLAGS_READ | FLAGS_WRITE | FLAGS_IO_SPECIAL | SHOULD_RETRY

RETRY_READ = FLAGS_READ | SHOULD_RETRY
RETRY_WRITE = FLAGS_WRITE | SHOULD_RETRY

Data = bytes | bytearray | memoryview
"""The argument of BIO_write(): contiguous bytes, which no BIO refers to after the call."""


def bytes_of(data: Any) -> bytes | memoryview:
    """Return the bytes of an argument of BIO_write(); UsageError if it is no contiguous buffer."""
    if type(data) is bytes:
        return data
    try:
        view = memoryview(data)
        return view if view.format == "B" and view.c_contiguous else view.cast("B")
    except (TypeError, ValueError) as problem:  # no buffer, not contiguous, or released
        raise UsageError(f"data: got {shown(data)}, expected contiguous bytes ({problem})") from None


ErrorHook = Callable[[str, str], None]
"""Called with the function and the reason of an error of the library BIO, both without their prefixes."""


class BIO:
    """One end of a transport.

    ``flags`` are BIO_get_flags().  ``errno`` is C's errno after the last call that failed, 0 if that call did
    not set it.  ``ret`` is the return value of the last BIO_read(), as the bytes that :meth:`read` returns
    cannot be 0, -1 or -2.  ``on_error`` puts an error of this BIO onto the thread's queue.  The connection
    that uses the BIO assigns it, since only its profile has the numbers and texts of the release.
    """

    __slots__ = ("errno", "flags", "on_error", "ret")

    def __init__(self) -> None:
        self.flags = 0
        self.errno = 0
        self.ret = 0
        self.on_error: ErrorHook | None = None

    def write(self, data: Data) -> int:
        """BIO_write(): the number of bytes accepted; or 0, -1 or -2, with or without the retry flags."""
        raise NotImplementedError

    def read(self, n: int) -> bytes:
        """BIO_read(): at most ``n`` bytes; ``b""`` if none were read, and ``ret`` is 0, -1 or -2."""
        raise NotImplementedError

    def flush(self) -> int:
        """BIO_flush(): 1; a buffering BIO writes its bytes, and may fail."""
        return 1

    def eof(self) -> bool:
        """BIO_eof(): whether no read will ever return bytes again."""
        return False

    def pending(self) -> int:
        """BIO_pending(): the number of bytes that can be read now."""
        return 0

    def blocks(self) -> bool:
        """Whether reads and writes wait until the transport is ready."""
        return False

    def look(self, n: int) -> bytes:  # noqa: ARG002 - a transport that can show what waits overrides it
        """Return up to ``n`` bytes that a read would return now: they stay, and the call does not wait."""
        return b""

    def inbox(self) -> object:
        """Return an object that is true as long as :meth:`look` shows bytes; each write looks at it."""
        return Looks(self)

    def sees(self) -> bool:
        """Whether :meth:`look` shows the bytes that wait: whether the class overrides it."""
        return type(self).look is not BIO.look

    @property
    def should_read(self) -> bool:
        """BIO_should_read()."""
        return bool(self.flags & FLAGS_READ)

    @property
    def should_write(self) -> bool:
        """BIO_should_write()."""
        return bool(self.flags & FLAGS_WRITE)

    @property
    def should_retry(self) -> bool:
        """BIO_should_retry()."""
        return bool(self.flags & SHOULD_RETRY)

    def set_retry_read(self) -> None:
        """BIO_set_retry_read(): the caller should repeat the call once bytes can be read."""
        self.flags |= RETRY_READ

    def set_retry_write(self) -> None:
        """BIO_set_retry_write(): the caller should repeat the call once bytes can be written."""
        self.flags |= RETRY_WRITE

    def clear_retry_flags(self) -> None:
        """BIO_clear_retry_flags(), at the beginning of every call."""
        self.flags = 0

    def copy_next_retry(self, following: BIO) -> None:
        """BIO_copy_next_retry(): copy the retry flags of the BIO behind a filter, and its errno."""
        instance("following", following, BIO, or_none=False)
        self.flags |= following.flags & RETRY_FLAGS
        self.errno = following.errno

    def push_error(self, function: str, reason: str) -> None:
        """BIOerr(): call :attr:`on_error`, unless it is None."""
        if self.on_error is not None:
            self.on_error(function, reason)


class Looks:
    """Is true as long as a look shows bytes."""

    __slots__ = ("_bio",)

    def __init__(self, bio: BIO) -> None:
        self._bio = bio

    def __bool__(self) -> bool:
        return bool(self._bio.look(1))
