"""One call with all that a clause of a manual page may be about: plain facts, which a test can make up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulator.constants import ErrorCode, Mode, Shutdown
from emulator.contract.call import IO_CALLS, READS, WRITES, State

if TYPE_CHECKING:
    from typing import Self

WANTS = frozenset({ErrorCode.WANT_READ, ErrorCode.WANT_WRITE})
FATAL = frozenset({ErrorCode.SYSCALL, ErrorCode.SSL})

AT_REST = State(
    in_init=False,
    established=True,
    role=True,
    failed=False,
    shutdown=0,
    mode=0,
    rwstate=1,
    unfinished=0,
    blocking=False,
    queue=0,
    renegotiations=0,
    version=0x0301,
)
"""An established connection of TLS 1.0 between two calls, over a non-blocking transport."""


@dataclass(frozen=True, slots=True)
class Transport:
    """What a call did to the transports, and what lay there."""

    writes: int = 0
    """How many BIO_write() there were."""
    sent: int = 0
    """The bytes that they accepted."""
    refused: int = 0
    """The bytes of the last BIO_write() that were not accepted."""
    write_failed: bool = False
    """Whether the last BIO_write() failed, or accepted nothing, without asking for a retry."""
    reads: int = 0
    """How many BIO_read() there were."""
    received: int = 0
    eof: bool = False
    """Whether the last BIO_read() met the end of the file."""
    read_failed: bool = False
    """Whether the last BIO_read() failed without asking for a retry."""
    offered: bool = False
    """Whether bytes lay there to be read before the call."""
    left: bool = False
    """Whether bytes lie there to be read after the call."""
    request: bool = False
    """Whether the first of them began a handshake record on an established connection: a renegotiation."""
    request_left: bool = False
    """Whether such a record lies there after the call."""

    @property
    def failed(self) -> bool:
        """Whether the transport failed or ended in this call."""
        return self.write_failed or self.read_failed or self.eof


@dataclass(frozen=True, slots=True)
class Repeated:
    """How a write compares with the one that it repeats."""

    error: ErrorCode
    """What the former call answered: WANT_READ or WANT_WRITE."""
    same_length: bool = True
    same_buffer: bool = True
    same_contents: bool = True

    @property
    def same(self) -> bool:
        """Whether all arguments are the same."""
        return self.same_length and self.same_buffer and self.same_contents


@dataclass(frozen=True, slots=True)
class Observation:
    """One call: its arguments, the state before, the outcome, and what went before on the connection."""

    name: str = "write"
    """C's name without ``SSL_``."""
    size: int = 0
    """How many bytes a write or read was given."""
    ret: int = 0
    error: ErrorCode = ErrorCode.NONE
    """SSL_get_error() after an I/O call."""
    count: int = 0
    """How many bytes the call says that it wrote or read."""
    argument: int = 0
    """The value that SSL_get_error() was passed, or the bits that SSL_set_mode() was."""
    before: State = AT_REST
    after: State = AT_REST
    transport: Transport = field(default_factory=Transport)
    errno: int = 0
    errors: int = 0
    """How many entries the call put into the error queue."""
    written: int = 0
    """Bytes of this write that are in records which have left, if the write failed."""
    generic: bool = False
    """Whether the method is a generic one that has not chosen a version yet."""
    quiet: bool = False
    """Whether the shutdown is a quiet one."""
    closed: bool = False
    """Whether the peer's close_notify was taken."""
    had_session: bool = False
    """Whether a handshake was completed on this connection before this call."""
    fatal: bool = False
    """Whether an earlier call answered SYSCALL or SSL."""
    repeated: Repeated | None = None
    """If a write waits to be repeated: how this call compares with it; None if none waits."""
    rest: int | None = None
    """If the last write was a partial one: how many bytes were left; None if it was not."""
    last: Observation | None = None
    """The I/O call before this one on the connection."""
    asked: bool = True
    """Whether SSL_get_error() was called since then."""
    between: int = 0
    """How many other calls were made since then."""
    thread: int = 0
    missing: bool = False
    """Whether the release lacks the function: no call was made."""

    def but(self, **changes: Any) -> Self:
        """Return a copy with other facts; ``mode``, ``shutdown`` and the like are those of both states."""
        states = {key: changes.pop(key) for key in [*changes] if key in State._fields}
        before, after = self.before._replace(**states), self.after._replace(**states)
        return replace(self, **{"before": before, "after": after, **changes})

    # -- what kind of call it is -----------------------------------------------------------------

    @property
    def writes(self) -> bool:
        """Whether it is SSL_write() or SSL_write_ex()."""
        return self.name in WRITES

    @property
    def reads(self) -> bool:
        """Whether it is SSL_read() or one of its like."""
        return self.name in READS

    @property
    def is_io(self) -> bool:
        """Whether SSL_get_error() can be asked about it."""
        return self.name in IO_CALLS and not self.missing

    # -- how it went -----------------------------------------------------------------------------

    @property
    def wants(self) -> bool:
        """Whether it answered WANT_READ or WANT_WRITE."""
        return self.error in WANTS

    @property
    def renegotiating(self) -> bool:
        """Whether it met a renegotiation: one under way, or a request for one."""
        states = self.before.in_init or self.after.in_init
        return self.had_session and (states or self.transport.request)

    @property
    def negotiates(self) -> bool:
        """Whether a handshake was under way before, during or after the call."""
        ran = self.before.renegotiations != self.after.renegotiations
        return ran or self.before.in_init or self.after.in_init

    def mode(self, mode: Mode) -> bool:
        """Whether a mode was set before the call."""
        return bool(self.before.mode & mode)

    def shut(self, flag: Shutdown) -> bool:
        """Whether a flag of SSL_get_shutdown() was set before the call."""
        return bool(self.before.shutdown & flag)
