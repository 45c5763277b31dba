"""One connection from its first byte to its last: calls the library, has events happen, and notes it all."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.api.exists import require
from emulator.constants import (
    SSL_KEY_UPDATE_NOT_REQUESTED,
    SSL_KEY_UPDATE_REQUESTED,
    ErrorCode,
    InfoCallback,
)
from emulator.error_queue import ErrorQueue, current, use
from emulator.exceptions import NotEmulated, SimulatedCrash, UsageError
from emulator.peers.events import Progress
from emulator.peers.messages import message_facts
from emulator.peers.transport import RecordCount, Stopped, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.connection import Connection
    from emulator.peers.application import Application
    from emulator.peers.events import Event
    from emulator.peers.log import Log
    from emulator.peers.transport import Transport
    from emulator.profile import Profile

CHUNK = 16384
"""Bytes of one SSL_write() and SSL_read() unless said otherwise."""
GOODBYE = 5.0
"""Seconds of silence after which a peer that has been told goodbye need not answer."""

_WAITS = (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)
_BOTH_ENDED = 1
_TOLD_AT_THE_END = ("how", "ok", "handshakes", "received", "sent", "retries")


class _Over(Exception):  # noqa: N818 - no error
    """The connection has ended: how, and whether that is what was wanted."""

    def __init__(self, how: str, *, ok: bool) -> None:
        self.how = how
        self.ok = ok


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection ended.

    ``ok``: as it should: both sides said so, or an event of ours ended it.  ``handshakes`` counts those that
    were finished, ``data`` is what was received and kept, ``received`` and ``sent`` count bytes, ``retries``
    calls that answered once more what they had answered before.  ``fired`` are the events in the order in
    which they happened, ``not_fired`` the others.
    """

    how: str
    ok: bool
    handshakes: int
    data: bytes
    received: int
    sent: int
    retries: int
    fired: tuple[Event, ...]
    not_fired: tuple[Event, ...]

    def facts(self) -> dict[str, Any]:
        """What a note says of it."""
        facts = {name: getattr(self, name) for name in _TOLD_AT_THE_END}
        return {**facts, "not_fired": [str(event) for event in self.not_fired]}


@dataclass(slots=True)
class _Call:
    """A call that may have to be repeated: what it waits for, None: it may be made at once."""

    wants: ErrorCode | None = None

    def may_be_made(self, ready: tuple[bool, bool]) -> bool:
        """Whether what it waits for has come."""
        return self.wants is None or ready[self.wants is ErrorCode.WANT_WRITE]


class Exchange:
    """One connection over a :class:`Transport`, on the thread that calls :meth:`run`."""

    def __init__(
        self,
        connection: Connection,
        transport: Transport,
        application: Application,
        events: Iterable[Event],
        log: Log,
        *,
        server: bool,
        number: int | None = None,
        chunk: int = CHUNK,
        messages: bool = False,
    ) -> None:
        self.connection = connection
        self._transport = transport
        self._application = application
        self._waiting = list(events)
        self._fired: list[Event] = []
        self._log = log
        self._number = number
        self._chunk = chunk
        self._progress = Progress()
        self._handshakes = 0
        self._retries = 0
        self._last_note: tuple[Any, ...] | None = None
        self._write, self._read, self._shutdown = _Call(), _Call(ErrorCode.WANT_READ), _Call()
        self._under_way = b""
        self._closing = False
        self._is_server = server
        self._has_renegotiated = False
        self._peer_closed = False
        self._how = "closed"
        connection.set_info_callback(self._hear)
        if messages:
            connection.set_msg_callback(self._hear_message)

    @staticmethod
    def check_messages(profile: Profile) -> None:
        """Raise UsageError where the release cannot tell of messages."""
        try:
            require(profile, "set_msg_callback")
        except AttributeError as absent:
            raise UsageError(f"msg: {absent}") from None

    # -- from the first byte to the last ------------------------------------------------------

    def run(self) -> Ended:
        """Shake hands, do what the application wants until one side closes, let go of the socket."""
        previous = use(ErrorQueue())
        try:
            return self._end(self._run())
        finally:
            use(previous)
            self._transport.close()

    def _run(self) -> _Over:
        self._transport.tick = self._tick
        try:
            self._shake_hands()
            while True:
                self._turn()
        except _Over as over:
            return over
        except Stopped:
            return self._stop()
        except TimedOut:
            return _Over(self._how, ok=True) if self._closing else _Over("timed out", ok=False)
        except SimulatedCrash as crash:
            self._note("crash", signal=crash.signal, reason=str(crash))
            return _Over("crashed", ok=False)
        except NotEmulated as missing:
            self._note("not-emulated", reason=str(missing))
            return _Over("not emulated", ok=False)

    def _stop(self) -> _Over:
        """Say goodbye if that takes no waiting."""
        self._transport.blocking = False
        if self._progress.started is not None and not self._closing:
            with contextlib.suppress(_Over, Stopped, TimedOut, SimulatedCrash):
                self._close()
        return _Over("stopped", ok=True)

    def _end(self, over: _Over) -> Ended:
        self._transport.part()
        if over.how in ("closed", "peer closed") and not self._application.satisfied:
            over.ok = False
        return Ended(
            over.how,
            over.ok,
            self._handshakes,
            bytes(self._application.data),
            self._progress.bytes_in,
            self._progress.bytes_out,
            self._retries,
            tuple(self._fired),
            tuple(self._waiting),
        )

    def _shake_hands(self) -> None:
        self._fire()
        handshake = _Call()
        while True:
            ret = self._call("SSL_do_handshake", self.connection.do_handshake, waits=handshake)
            if ret > 0:
                break
            if handshake.wants is not None:
                self._wait([handshake.wants])
        self._transport.records_in, self._transport.records_out = RecordCount(), RecordCount()
        self._progress.started = time.monotonic()
        self._application.start(self.connection)

    # -- the calls of the library -------------------------------------------------------------

    def _call(
        self,
        name: str,
        function: Callable[..., Any],
        *arguments: Any,
        waits: _Call | None = None,
        always: bool = False,
    ) -> Any:
        """Make one call and note an answer that is no plain success, or any.

        ``waits`` is told what to wait for before it is repeated.  With it, an answer that is neither success
        nor to be repeated ends the connection; without it the caller decides.
        """
        connection = self.connection
        promised = connection.promises.made
        connection.errno = 0
        answer = function(*arguments)
        ret = answer[0] if isinstance(answer, tuple) else answer
        error = connection.get_error(ret)
        queue = [entry.text for entry in current()]
        current().clear()
        for promise in connection.promises.since(promised):
            self._note("manual", page=promise.page, meaning=promise.meaning)
        if ret <= 0 or queue or always:
            self._note_call(name, ret, error, queue)
        if waits is not None:
            repeat = ret <= 0 and error in _WAITS
            # On a socket that blocks there is nothing to wait for: the call itself waits when it is repeated.
            waits.wants = error if repeat and (waits is self._read or not self._transport.blocking) else None
            if ret <= 0 and not repeat:
                self._failed(name, error)
        return answer

    def _note_call(self, name: str, ret: int, error: ErrorCode, queue: list[str]) -> None:
        errno = self.connection.errno
        key = name, ret, error, errno, tuple(queue)
        if error in _WAITS and key == self._last_note:
            self._retries += 1  # the same answer to the same call: once is enough
            return
        self._note("call", call=name, ret=ret, error=error.name, errno=errno, queue=queue)
        self._last_note = key

    def _failed(self, name: str, error: ErrorCode) -> None:
        """A call has failed for good: why the connection is over."""
        if self._progress.started is None:
            raise _Over("handshake failed", ok=False)
        if name == "SSL_read" and error is ErrorCode.ZERO_RETURN:
            self._peer_closed = True
            self._how = "closed" if self._closing else "peer closed"
            return
        if self._closing or self._peer_closed:
            raise _Over(
                self._how, ok=True
            )  # all was said; only the way that the transport ended is not polite
        if name == "SSL_read" and self._transport.eof():
            raise _Over("end of file without close_notify", ok=False)
        raise _Over("failed", ok=False)

    def _hear(self, where: int, _ret: int) -> None:
        if where != InfoCallback.HANDSHAKE_DONE:
            return
        connection = self.connection
        self._handshakes += 1
        self._note(
            "handshake",
            number=self._handshakes,
            protocol=connection.get_version(),
            cipher=connection.get_current_cipher(),
            reused=connection.session_reused(),
        )

    def _hear_message(self, outgoing: bool, version: int, content_type: int, message: bytes) -> None:  # noqa: FBT001
        facts = message_facts(outgoing, version, content_type, message)
        if facts is not None:
            self._note("message", **facts)

    def _note(self, what: str, **facts: Any) -> None:
        self._last_note = None
        self._log.add(what, connection=self._number, **facts)

    # -- one turn -----------------------------------------------------------------------------

    def _turn(self) -> None:
        """Let what is due happen, then write, read or close as far as that is possible now."""
        self._fire()
        ready = self._transport_is_ready()
        if self._transport.is_paused():
            return
        if self._closing:
            if self._shutdown.wants is not None and self._shutdown.may_be_made(ready):
                self._close()
        elif self._may_write():
            if self._write.may_be_made(ready):
                self._write_on()
                if self._under_way and self._transport.blocking and self.connection.in_init():
                    return  # SSL_read() would end the handshake, and then wait for data
                ready = self._wait([self._read.wants], time.monotonic())  # the write may have read, too
        elif self._has_said_all():
            self._close()
            return
        if self._may_read() and (self.connection.pending() > 0 or self._read.may_be_made(ready)):
            self._read_on()

    def _may_read(self) -> bool:
        return not self._peer_closed and not self._transport.deaf

    def _may_write(self) -> bool:
        """Whether there is something to write, and no renegotiation of ours that a write would disturb.

        A client's SSL_write() would take data that is still on its way for the server's answer, and fail.
        """
        if self._closing or not self._has_to_write():
            return False
        return not (self._has_renegotiated and self.connection.in_init())

    def _has_to_write(self) -> bool:
        return bool(self._under_way or self._application.outgoing)

    def _has_said_all(self) -> bool:
        """Whether it may close: in the middle of a handshake releases from 1.0.2 on refuse to."""
        if self._has_to_write():
            return False
        return self._peer_closed or (self._application.finished and not self.connection.in_init())

    def _transport_is_ready(self) -> tuple[bool, bool]:
        """What the transport can do: now if there is something to do, else as soon as it can do something."""
        calls = [self._read] if self._may_read() else []
        calls += [self._write] if self._may_write() else []
        calls += [self._shutdown] if self._closing and self._shutdown.wants else []
        wants = [call.wants for call in calls]
        at_once = None in wants or (self._may_read() and self.connection.pending() > 0)
        at_once = at_once or (not self._closing and self._has_said_all())
        now = time.monotonic() if at_once and not self._transport.is_paused() else None
        return self._wait(wants, now)

    def _wait(self, wants: list[ErrorCode | None], until: float | None = None) -> tuple[bool, bool]:
        times = [] if self._transport.is_paused() else self._times()
        limit = min([*times, *([] if until is None else [until])], default=None)
        read, write = ErrorCode.WANT_READ in wants, ErrorCode.WANT_WRITE in wants
        return self._transport.wait(read=read, write=write, until=limit)

    def _times(self) -> list[float]:
        """When the events that wait for a time are due."""
        times = (self._progress.time_of(event.moment) for event in self._waiting)
        return [at for at in times if at is not None]

    def _write_on(self) -> None:
        outgoing = self._application.outgoing
        if not self._under_way:
            size = self._until_event("out", self._chunk)
            self._under_way = bytes(outgoing[:size])
            del outgoing[:size]
        ret = self._call("SSL_write", self.connection.write, self._under_way, waits=self._write)
        if ret <= 0:
            return
        self._progress.bytes_out += ret
        # A rest that is empty is no new object that a retry could be taken for.
        self._under_way = self._under_way[ret:]
        if not self._has_to_write():
            self._application.sent_all()

    def _read_on(self) -> None:
        size = self._until_event("in", CHUNK)
        ret, data = self._call("SSL_read", self.connection.read, size, waits=self._read)
        if ret > 0:
            self._read.wants = ErrorCode.WANT_READ
            self._progress.bytes_in += ret
            self._application.received(data)
        elif self._peer_closed and self._closing:
            self._close()

    def _until_event(self, way: str, most: int) -> int:
        """How many bytes may pass before an event that counts them is due."""
        limits = (self._progress.bytes_until(event.moment, way) for event in self._waiting)
        return min([most, *(limit for limit in limits if limit is not None)])

    def _close(self) -> None:
        """SSL_shutdown(): say that this is the end; over once both sides have."""
        self._closing = True
        self._transport.be_patient_for(GOODBYE)
        self.connection.errno = 0
        ret = self.connection.shutdown()
        error = self.connection.get_error(ret)
        queue = [entry.text for entry in current()]
        current().clear()
        self._shutdown.wants = error if ret < 0 and error in _WAITS else None
        if ret < 0:
            self._note_call("SSL_shutdown", ret, error, queue)
        if ret == _BOTH_ENDED:
            raise _Over(self._how, ok=True)
        if ret < 0 and self._shutdown.wants is None:
            raise _Over("failed", ok=self._peer_closed)

    # -- events -------------------------------------------------------------------------------

    def _tick(self) -> float | None:
        """Something has passed, or a wait is over: have the transport's events happen; when to come next."""
        self._fire(only_transport=True)
        now = time.monotonic()
        return min((at for at in self._times() if at > now), default=None)

    def _fire(self, *, only_transport: bool = False) -> None:
        """Have all happen that is due, in the order given; nothing overtakes a pause.

        What needs a call of the library waits until the one that is under way has returned.
        """
        progress, transport = self._progress, self._transport
        progress.records_in, progress.records_out = transport.records_in.count, transport.records_out.count
        for event in list(self._waiting):
            if transport.is_paused():
                return
            if only_transport and not event.is_of_transport:
                continue
            if event not in self._waiting or not progress.is_due(event.moment, time.monotonic()):
                continue
            self._waiting.remove(event)
            self._fired.append(event)
            self._note("event", event=str(event), received=progress.bytes_in, sent=progress.bytes_out)
            _HAPPENINGS[event.name](self, event)

    def _renegotiate(self, _event: Event) -> None:
        connection, transport = self.connection, self._transport
        if self._call("SSL_renegotiate", connection.renegotiate, always=True) <= 0:
            return
        if self._is_server or transport.blocking:
            self._start_handshake()
        else:
            self._has_renegotiated = True
            if self._may_read():
                self._read_on()

    def _key_update(self, event: Event) -> None:
        asked = event.name == "key-update-requested"
        kind = SSL_KEY_UPDATE_REQUESTED if asked else SSL_KEY_UPDATE_NOT_REQUESTED
        if self._call("SSL_key_update", self.connection.key_update, kind, always=True) > 0:
            self._start_handshake()

    def _start_handshake(self) -> None:
        """Send what was asked for; a handshake that has to wait for the peer goes on in the next calls."""
        handshake = _Call()
        self._call("SSL_do_handshake", self.connection.do_handshake, waits=handshake)
        if handshake.wants is not None:
            self._read.wants = handshake.wants

    def _close_now(self, _event: Event) -> None:
        if not self._closing:
            self._close()

    def _reset(self, _event: Event) -> None:
        self._transport.reset()
        raise _Over("reset", ok=True)

    def _hang_up(self, _event: Event) -> None:
        self._transport.hang_up()
        raise _Over("hung up", ok=True)

    def _dribble(self, event: Event) -> None:
        piece, gap = event.arguments
        self._transport.dribble(piece, gap / 1000)

    def _pause(self, event: Event) -> None:
        self._transport.pause(event.arguments[0] / 1000)

    def _stop_reading(self, _event: Event) -> None:
        self._transport.deaf = True

    def _resume_reading(self, _event: Event) -> None:
        self._transport.deaf = False


_HAPPENINGS: dict[str, Callable[[Exchange, Event], None]] = {
    "renegotiate": Exchange._renegotiate,  # noqa: SLF001 - the table of its own methods
    "key-update": Exchange._key_update,  # noqa: SLF001
    "key-update-requested": Exchange._key_update,  # noqa: SLF001
    "close": Exchange._close_now,  # noqa: SLF001
    "reset": Exchange._reset,  # noqa: SLF001
    "hang-up": Exchange._hang_up,  # noqa: SLF001
    "dribble": Exchange._dribble,  # noqa: SLF001
    "pause": Exchange._pause,  # noqa: SLF001
    "stop-reading": Exchange._stop_reading,  # noqa: SLF001
    "resume-reading": Exchange._resume_reading,  # noqa: SLF001
}
