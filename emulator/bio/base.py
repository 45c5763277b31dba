"""What every BIO answers: C's return values and the retry flags that SSL_get_error() looks at.

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
"""What a BIO accepts: contiguous bytes; nothing is kept of it beyond the call."""


def bytes_of(data: Any) -> bytes | memoryview:
    """Return the bytes of an argument of BIO_write(); UsageError where there are none."""
    if type(data) is bytes:
        return data
    try:
        view = memoryview(data)
        return view if view.format == "B" and view.c_contiguous else view.cast("B")
    except (TypeError, ValueError) as problem:  # no buffer, not contiguous, or released
        raise UsageError(f"data: got {shown(data)}, expected contiguous bytes ({problem})") from None


ErrorHook = Callable[[str, str], None]
"""Called with the function and the reason, both without prefix, of an error of library BIO."""


class BIO:
    """One end of a transport.

    ``flags`` are BIO_get_flags(); ``errno`` is what the last failing call left in C's errno, 0 if it
    left nothing; ``ret`` is C's answer to the last :meth:`read` (bytes cannot say 0, -1 or -2).
    ``on_error`` is told of errors that this BIO pushes onto the queue of its thread; the connection that
    uses the BIO sets it, since only a profile knows how its release prints them.
    """

    __slots__ = ("errno", "flags", "on_error", "ret")

    def __init__(self) -> None:
        self.flags = 0
        self.errno = 0
        self.ret = 0
        self.on_error: ErrorHook | None = None

    def write(self, data: Data) -> int:
        """BIO_write(): how many bytes were accepted, or 0, -1 or -2 with the retry flags set or not."""
        raise NotImplementedError

    def read(self, n: int) -> bytes:
        """BIO_read() of at most ``n`` bytes; ``b""`` if nothing was read, and then ``ret`` says why."""
        raise NotImplementedError

    def flush(self) -> int:
        """BIO_flush(): 1 unless a BIO buffers what it was given."""
        return 1

    def eof(self) -> bool:
        """BIO_eof(): whether nothing can ever be read from here again."""
        return False

    def pending(self) -> int:
        """BIO_pending(): how many bytes can be read now."""
        return 0

    def blocks(self) -> bool:
        """Whether a call waits until the transport can answer it."""
        return False

    def look(self, n: int) -> bytes:  # noqa: ARG002 - nothing to see unless a transport blocks
        """Up to ``n`` bytes that a read would give now: they stay where they are, and nothing waits."""
        return b""

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
        """BIO_set_retry_read(): repeat the call once there is something to read."""
        self.flags |= RETRY_READ

    def set_retry_write(self) -> None:
        """BIO_set_retry_write(): repeat the call once there is room."""
        self.flags |= RETRY_WRITE

    def clear_retry_flags(self) -> None:
        """BIO_clear_retry_flags(): what every call begins with."""
        self.flags = 0

    def copy_next_retry(self, following: BIO) -> None:
        """BIO_copy_next_retry(): a filter passes on the retry flags (and errno) of the next BIO."""
        instance("following", following, BIO, or_none=False)
        self.flags |= following.flags & RETRY_FLAGS
        self.errno = following.errno

    def push_error(self, function: str, reason: str) -> None:
        """BIOerr(): tell :attr:`on_error`, if anyone listens."""
        if self.on_error is not None:
            self.on_error(function, reason)
