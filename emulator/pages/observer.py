"""A listener that makes observations of a connection's calls."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from emulator.buffer import identify
from emulator.constants import AlertDescription, ContentType, ErrorCode, Mode, Shutdown
from emulator.contract.call import IO_CALLS, WRITES, Call, Listener
from emulator.engine.receiving.state import BODY
from emulator.pages.observation import FATAL, WANTS, Observation, Repeated, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO
    from emulator.engine.ssl import SSL

NOTE = "pages"


class _Offered(NamedTuple):
    """What identifies the arguments of a write: they are compared with those of the next one."""

    size: int
    address: int
    contents: int
    error: ErrorCode


@dataclass(slots=True)
class _Traffic:
    """What passes between one call and the transports."""

    before: Transport
    writes: int = 0
    sent: int = 0
    refused: int = 0
    last_write: int = 1
    reads: int = 0
    received: int = 0
    last_read: int = 1


@dataclass(slots=True)
class _Memory:
    """What was seen on the connection so far."""

    last: Observation | None = None
    asked: bool = True
    between: int = 0
    offered: _Offered | None = None
    """The write that waits to be repeated."""
    rest: int | None = None
    fatal: bool = False
    had_session: bool = False
    traffic: dict[int, _Traffic] = field(default_factory=dict)
    """By the numbers of the calls under way."""


class Observer(Listener):
    """Hears of one connection's calls, and hands an observation of each to a sink when it has answered.

    A call that raises, or never returns, is not observed.
    """

    hears_transport = True

    def __init__(self, sink: Callable[[Call, Observation], None]) -> None:
        self._sink = sink
        self._memory = _Memory()

    def before(self, call: Call) -> None:
        """Look at the transport before the call."""
        s = call.conn._s  # noqa: SLF001 - the state of the connection that is observed
        waiting = _waiting(s)
        self._memory.traffic[call.number] = _Traffic(
            Transport(offered=bool(waiting), request=_is_request(s, waiting))
        )

    def sent(self, call: Call | None, data: bytes | memoryview, ret: int, bio: BIO) -> None:  # noqa: ARG002
        """Count a BIO_write() in."""
        traffic = self._memory.traffic.get(call.number) if call is not None else None
        if traffic is not None:
            traffic.writes += 1
            traffic.sent += max(ret, 0)
            traffic.refused = len(data) - max(ret, 0)
            traffic.last_write = ret

    def received(
        self,
        call: Call | None,
        size: int,  # noqa: ARG002
        data: bytes,
        ret: int,
        bio: BIO,  # noqa: ARG002
    ) -> None:
        """Count a BIO_read() in."""
        traffic = self._memory.traffic.get(call.number) if call is not None else None
        if traffic is not None:
            traffic.reads += 1
            traffic.received += len(data)
            traffic.last_read = ret

    def after(self, call: Call) -> None:
        """Make the observation."""
        traffic = self._memory.traffic.pop(call.number, None)
        if traffic is None or call.raised is not None or call.after is None:
            return
        offered = _offered(call)
        seen = self._observation(call, traffic, offered)
        self._remember(seen, offered)
        self._sink(call, seen)

    def _observation(self, call: Call, traffic: _Traffic, offered: _Offered | None) -> Observation:
        memory, s = self._memory, call.conn._s  # noqa: SLF001
        assert call.after is not None
        return Observation(
            name=call.name,
            size=_size(call),
            ret=call.ret or 0,
            error=call.error or ErrorCode.NONE,
            count=call.count,
            argument=_first_int(call),
            before=call.before,
            after=call.after,
            transport=_transport(s, traffic),
            errno=s.errno,
            errors=call.after.queue - call.before.queue,
            written=s.out.wnum,
            generic=s.generic or (s.machine is None and s.fixed_version == 0),
            quiet=bool(s.quiet_shutdown),
            closed=_closed(s),
            had_session=memory.had_session or call.before.established,
            fatal=memory.fatal,
            repeated=_compared(memory.offered, offered),
            rest=memory.rest,
            last=memory.last,
            asked=memory.asked,
            between=memory.between,
            thread=call.thread,
        )

    def _remember(self, seen: Observation, offered: _Offered | None) -> None:
        memory = self._memory
        memory.had_session = seen.had_session or seen.after.established
        if seen.name not in IO_CALLS:
            memory.asked |= seen.name == "get_error"
            memory.between += 1
            if seen.name == "clear":
                self._memory = _Memory(traffic=memory.traffic)
            return
        memory.last, memory.asked, memory.between = replace(seen, last=None), False, 0
        memory.fatal |= seen.error in FATAL
        if seen.name in WRITES:
            memory.offered = offered if seen.error in WANTS else None
            partial = seen.ret > 0 and seen.count < seen.size and seen.mode(Mode.ENABLE_PARTIAL_WRITE)
            memory.rest = seen.size - seen.count if partial else None


# -- the transport -------------------------------------------------------------------------------


def _waiting(s: SSL) -> bytes:
    """Return the first byte that lies there to be read, beyond the record at hand."""
    inp = s.inp
    if inp.rleft:
        return bytes(inp.rleft[:1])
    return b"" if inp.rbio is None else inp.rbio.look(1)


def _is_request(s: SSL, waiting: bytes) -> bool:
    """Whether a handshake record lies there for an established connection without a handshake under way."""
    inp = s.inp
    if s.machine is None or not s.machine.is_init_finished() or s.is_tls13 or not inp.rread:
        return False
    if inp.rstate == BODY and inp.packet:
        return bool(inp.rtype == ContentType.HANDSHAKE)
    return waiting == bytes([ContentType.HANDSHAKE])


def _transport(s: SSL, traffic: _Traffic) -> Transport:
    waiting = _waiting(s)
    return replace(
        traffic.before,
        writes=traffic.writes,
        sent=traffic.sent,
        refused=traffic.refused,
        write_failed=traffic.last_write <= 0 and not _retries(s.out.wbio),
        reads=traffic.reads,
        received=traffic.received,
        eof=traffic.last_read == 0 and not _retries(s.inp.rbio),
        read_failed=traffic.last_read < 0 and not _retries(s.inp.rbio),
        left=bool(s.inp.rbio is not None and s.inp.rbio.look(1)),
        request_left=_is_request(s, waiting),
    )


def _retries(bio: BIO | None) -> bool:
    return bio is not None and bio.should_retry


def _closed(s: SSL) -> bool:
    return bool(s.shutdown & Shutdown.RECEIVED) and s.inp.warn_alert == AlertDescription.CLOSE_NOTIFY


# -- arguments -----------------------------------------------------------------------------------


def _size(call: Call) -> int:
    if call.writes:
        return call.size
    return _first_int(call)


def _first_int(call: Call) -> int:
    """Return the first argument if it is a number: of a read its size, of SSL_get_error() the result."""
    first = call.args[0] if call.args else next(iter(call.keywords.values()), 0)
    return int(first) if isinstance(first, int) else 0


def _offered(call: Call) -> _Offered | None:
    """Return what identifies a write's arguments, as they are when it has answered."""
    if call.name not in WRITES:
        return None
    address, view = identify(call.data)
    size = call.size
    return _Offered(size, address, zlib.crc32(view[:size]), call.error or ErrorCode.NONE)


def _compared(former: _Offered | None, offered: _Offered | None) -> Repeated | None:
    if former is None:
        return None
    if offered is None:
        return Repeated(former.error)
    return Repeated(
        former.error,
        former.size == offered.size,
        former.address == offered.address,
        former.contents == offered.contents,
    )
