"""What an answer of SSL_get_error() means for a call, and what to do about it."""

from __future__ import annotations

import os
from typing import NamedTuple

from emulator.constants import ErrorCode
from emulator.contract.call import HANDSHAKES, READS, WRITES
from emulator.knowledge import advice


class Words(NamedTuple):
    """The meaning of an answer, what to do about it, and the behaviours that bear on it."""

    means: str
    remedy: str
    behaviours: tuple[str, ...] = ()


DONE = Words("The call failed.", "Read the error queue: its oldest entry is the reason.")
"""Of a call that SSL_get_error() is not asked about."""

_ZERO = Words(
    "SSL_write() of no bytes returns 0, and SSL_get_error() finds no reason. The connection is as it was.",
    "Do not write 0 bytes; SSL_write_ex() of 1.1.1 and later succeeds with them.",
)
_SHUTDOWN_SENT = Words(
    "The close_notify was sent, and the peer's has not come yet. This is no error.",
    "Call SSL_shutdown() again to wait for the peer's close_notify; or close the transport.",
    ("shutdown.in_init",),
)
_OF_READS = {
    ErrorCode.WANT_READ: Words(
        "No data of the peer's application has arrived.",
        "Wait until the transport is readable, and read again. Writes are possible meanwhile.",
        ("get_error.want_guard",),
    ),
    ErrorCode.WANT_WRITE: Words(
        "The read has to write, for a handshake, a KeyUpdate or an alert, and the transport is full.",
        "Wait until the transport is writable, and read again.",
        ("get_error.want_guard",),
    ),
    ErrorCode.ZERO_RETURN: Words(
        "The peer has sent close_notify, or a fatal alert was received before: nothing more will come.",
        "Answer with SSL_shutdown(), unless a fatal error came before, and close the transport.",
        ("get_error.zero_return",),
    ),
    ErrorCode.SYSCALL: Words(
        "The transport failed or ended.",
        "Close without SSL_shutdown(). Without a close_notify the data may be cut off.",
        ("read.unexpected_eof", "machine.error_state"),
    ),
}
_OF_HANDSHAKES = {
    ErrorCode.WANT_READ: Words(
        "The handshake needs a message of the peer's.",
        "Wait until the transport is readable, and make the same call again.",
    ),
    ErrorCode.WANT_WRITE: Words(
        "The handshake has messages to send, and the transport is full.",
        "Wait until the transport is writable, and make the same call again.",
    ),
}


def words_for(name: str, error: ErrorCode, *, ret: int | None, errno: int, size: object) -> Words:
    """Return the words for the answer of a failed call; ``errno`` is C's errno after it."""
    if name == "write" and size == 0 and ret == 0:
        return _ZERO
    if name == "shutdown" and ret == 0 and error is not ErrorCode.SSL:
        return _SHUTDOWN_SENT
    own = {**dict.fromkeys(READS, _OF_READS), **dict.fromkeys(HANDSHAKES, _OF_HANDSHAKES)}
    words = own.get(name, {}).get(error) or _known(error, bears=name in WRITES)
    if error is ErrorCode.SYSCALL:
        reason = f"errno is {errno}: {os.strerror(errno)}" if errno else "errno is 0"
        return words._replace(means=f"{words.means} ({reason}.)")
    return words


def _known(error: ErrorCode, *, bears: bool) -> Words:
    """The advice about an answer, which is about writes: its behaviours bear on no other call."""
    known = advice.error_codes().get(f"SSL_ERROR_{error.name}")
    if known is None:
        return Words(f"SSL_get_error() says {error.name}.", "See the manual page of SSL_get_error(3).")
    return Words(known.meaning, known.remedy, known.shows if bears else ())
