"""One call on a connection, as listeners see it: its arguments, the state before and after, its answer."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.api.caller_bytes import view_of
from emulator.constants import ErrorCode
from emulator.engine.get_error import known_error
from emulator.error_queue import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.api.connection_settings import ConnectionSettings
    from emulator.bio import BIO
    from emulator.engine.ssl import SSL

WRITES = frozenset({"write", "write_ex", "write_ex2"})
"""The calls of SSL_write(3) that send the caller's bytes."""

READS = frozenset({"read", "read_ex", "peek", "peek_ex"})
"""The calls of SSL_read(3)."""

HANDSHAKES = frozenset({"connect", "accept", "do_handshake"})
EARLY_DATA = frozenset({"write_early_data", "read_early_data"})

IO_CALLS = WRITES | READS | HANDSHAKES | EARLY_DATA | {"shutdown", "sendfile"}
"""The calls that may read from or write to the transport, and whose result SSL_get_error() is asked about."""

_EX = frozenset({"write_ex", "write_ex2", "read_ex", "peek_ex", "write_early_data"})
"""Calls that answer 1 or 0, and the number of bytes apart from that."""

_USUAL = IO_CALLS - _EX
"""I/O calls that answer the number of bytes."""


class State(NamedTuple):
    """The state of a connection between two calls, as far as pages and duties speak of it."""

    in_init: bool
    """SSL_in_init(): a handshake is to be done or under way."""
    established: bool
    """SSL_is_init_finished(): a handshake is complete and none is under way."""
    role: bool
    """Whether the connect or accept state was set."""
    failed: bool
    """Whether a fatal error has ended the connection (the handshake's error state)."""
    shutdown: int
    """SSL_get_shutdown()."""
    mode: int
    """SSL_get_mode()."""
    rwstate: int
    """SSL_want()."""
    unfinished: int
    """Bytes of a write that has not returned success: sent, or in the record that waits; 0: none is known."""
    blocking: bool
    """Whether the transport that is read from waits until it can answer."""
    queue: int
    """Errors in the queue of this thread."""
    renegotiations: int
    """SSL_total_renegotiations()."""
    version: int
    """SSL_version()."""


def state_of(s: SSL) -> State:
    """Return the state of a connection as it is now."""
    machine, out, rbio = s.machine, s.out, s.inp.rbio
    # Two states are made for each call: a tuple by its places is made in less than half the time.
    return _tuple(
        State,
        (
            s.in_init,
            machine is not None and machine.is_init_finished(),
            machine is not None,
            machine is not None and machine.in_error(),
            s.shutdown,
            s.mode,
            s.rwstate,
            out.wnum + out.wpend_tot + out.resume_at,
            rbio is not None and rbio.blocks(),
            len(current()),
            s.total_renegotiations,
            s.version,
        ),
    )


_tuple = tuple.__new__


@dataclass(slots=True, eq=False)
class Call:
    """A public call on a connection.

    ``number`` counts the calls of all connections that share a clock, from 1.  ``answered`` is what the
    Python call returned; ``ret`` is C's return value and ``count`` the bytes that were written or read, which
    for ``write`` and ``read`` is ``ret`` itself where that is positive.  ``error`` is SSL_get_error() at the
    end of the call, for the calls of :data:`IO_CALLS`.  ``data`` and ``size`` are the bytes that the caller
    offered: the object and C's ``num``.
    """

    number: int
    who: str
    """ "client", "server", or "connection" for one that is not of a pair."""
    conn: ConnectionSettings
    name: str
    """The call's name, which is C's without ``SSL_``."""
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    thread: int
    taken: State | None = None
    """The state before the call, once it was taken."""
    after: State | None = None
    """The state after the call, if a listener hears of states."""
    answered: Any = None
    ret: int | None = None
    count: int = 0
    error: ErrorCode | None = None
    raised: BaseException | None = None
    """What the call raised instead of an answer."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What listeners keep with the call, by their names."""
    within: Call | None = None
    """The call on the same connection that led to this one: its transport has made it."""
    at_work: bool = False
    """Whether the library makes the call now; no listener is being told of it."""
    is_made: bool = False

    @property
    def before(self) -> State:
        """The state before the call; for a listener that does not hear of states only until it is made."""
        if self.taken is None:
            if self.is_made:
                msg = "no listener has asked for the state before this call"
                raise AssertionError(msg)
            self.taken = state_of(self.conn._s)  # noqa: SLF001
        return self.taken

    @property
    def writes(self) -> bool:
        """Whether the call offers bytes to SSL_write() or SSL_write_ex()."""
        return self.name in WRITES

    @property
    def data(self) -> Any:
        """The object whose bytes a write was given; None for other calls."""
        return _argument(self, 0, "data") if self.writes or self.name == "write_early_data" else None

    @property
    def size(self) -> int:
        """How many bytes a write was given: ``num``, or the length of the data."""
        num = _argument(self, 1, "num")
        if num is not None:
            return index(num)
        data = self.data
        return len(data) if type(data) is bytes else len(view_of(data)[1])

    @property
    def view(self) -> bytes | memoryview:
        """All bytes of the object that a write was given; they are the caller's, and may change."""
        data = self.data
        return data if type(data) is bytes else view_of(data)[1]

    def answer(self, answered: Any) -> None:
        """Take the answer of the call."""
        self.answered = answered
        if type(answered) is int and answered > 0 and self.name in _USUAL:
            self.ret = self.count = answered
            self.error = ErrorCode.NONE
            return
        if isinstance(answered, tuple):
            ret, out = answered
            self.ret = int(ret)
            self.count = out if isinstance(out, int) else len(out)
            if self.name in _EX and self.ret <= 0:
                self.count = 0
        elif isinstance(answered, int):
            self.ret = int(answered)
            self.count = max(self.ret, 0)
        if self.name in IO_CALLS and self.ret is not None:
            self.error = ErrorCode.NONE if self.ret > 0 else known_error(self.conn._s, self.ret)  # noqa: SLF001


def _argument(call: Call, place: int, name: str) -> Any:
    return call.args[place] if len(call.args) > place else call.keywords.get(name)


class Listener:
    """Hears of the calls of a connection.

    An exception in ``before`` is the caller's, and the call is not made; one in ``after`` takes the place of
    the answer.
    """

    hears_state = True
    """Whether the state is taken before and after each call, whoever looks at it later."""
    hears_transport = False
    """Whether :meth:`sent` and :meth:`received` are to be called."""
    hears_records = False
    """Whether :meth:`made` and :meth:`opened` are to be called."""
    hears_nested = False
    """Whether :meth:`after` is also called for a call that another one on the connection has led to."""

    def before(self, call: Call) -> None:
        """Hear of a call that is about to be made."""

    def after(self, call: Call) -> None:
        """Hear of a call that has answered or raised."""

    def sent(self, call: Call | None, data: bytes | memoryview, ret: int, bio: BIO) -> None:
        """Hear of a BIO_write() to ``bio`` and its answer; ``call`` led to it, None: no public call did."""

    def received(self, call: Call | None, size: int, data: bytes, ret: int, bio: BIO) -> None:
        """Hear of a BIO_read() from ``bio`` of up to ``size`` bytes and its answer."""

    def made(self, call: Call | None, kind: int, content: bytes | memoryview, wire: bytes) -> None:
        """Hear of records of type ``kind`` that were made of ``content``, before they leave: ``wire``.

        ``content`` may be a view of the caller's bytes.
        """

    def opened(self, call: Call | None, kind: int, content: bytes | None) -> None:
        """Hear of a record that was received and opened; ``content`` is None where it was refused."""


class _Numbered(threading.local):
    """A number for each thread, which no later thread has again, as get_ident() may."""

    def __init__(self) -> None:
        self.number = next(_numbers)


_numbers = itertools.count(1)
_this_thread = _Numbered()


def thread_number() -> int:
    """Return the number of this thread."""
    return _this_thread.number
