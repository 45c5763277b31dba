"""One emulated side of a scenario: a :class:`Connection` and its scripted transport."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from emulator.api.protocols import MODES, bits
from emulator.buffer import Buffer
from emulator.error_queue import ErrorQueue, use
from emulator.scenario.kinds import BUFFER_SIZE
from emulator.scenario.side import Answer, Buffers
from emulator.scenario.wire import WireMeter

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulator.bio import ScriptedBIO
    from emulator.connection import Connection
    from emulator.scenario.kinds import Kind
    from emulator.scenario.step import Json, Step
    from emulator.scenario.threads import SideThread


class EmulatedSide:
    """A connection, its transport and its error queue.

    ``lacking`` names the kinds of steps whose function the release lacks; ``thread_of`` gives the thread on
    which a side's blocking calls run.
    """

    __slots__ = ("_buffers", "_lacking", "_thread_of", "bio", "conn", "errors", "meter", "who")

    def __init__(
        self,
        who: str,
        conn: Connection,
        bio: ScriptedBIO,
        lacking: Collection[str],
        thread_of: Callable[[str], SideThread],
    ) -> None:
        self.who = who
        self.conn = conn
        self.bio = bio
        self.errors = ErrorQueue()
        self.meter = WireMeter()
        bio.on_accept = self.meter.accept
        self._buffers = Buffers(lambda: Buffer(BUFFER_SIZE))
        self._lacking = lacking
        self._thread_of = thread_of

    @property
    def thread(self) -> SideThread:
        """The thread of the calls that may block."""
        return self._thread_of(self.who)

    @property
    def errno(self) -> int:
        """C's errno, of this side."""
        return self.conn.errno

    @errno.setter
    def errno(self, value: int) -> None:
        self.conn.errno = value

    def run(self, job: Callable[[], None]) -> None:
        """Run a job with this side's error queue: here, or on the side's thread where it may block."""
        if self.bio.wait is not None:
            self.thread.start(lambda: self._with_errors(job))
        else:
            self._with_errors(job)

    def _with_errors(self, job: Callable[[], None]) -> None:
        previous = use(self.errors)
        try:
            job()
        finally:
            use(previous)

    def lacks(self, kind: Kind) -> bool:
        """Whether the release does not have the function of this call."""
        return kind.name in self._lacking

    def perform(self, step: Step) -> Answer:
        """Make the call of a step."""
        return CALLS[step.do](self, step)

    def written_from(self, step: Step) -> memoryview:
        """The buffer that a step names, from the offset to its end.

        The bytes behind the first ``size`` go along: a release that reads too far sends them.
        """
        return self._buffers.filled(step).view(step.offset, BUFFER_SIZE - step.offset)

    def clear_errors(self) -> None:
        """ERR_clear_error()."""
        self.errors.clear()

    def drain_errors(self) -> list[Json]:
        """Take all errors off the queue, oldest first."""
        errors = self.errors
        if not errors:
            return []
        entries = [
            {"lib": entry.lib, "func": entry.func, "reason": entry.reason, "text": entry.text}
            for entry in errors
        ]
        errors.clear()
        return entries

    def get_error(self, ret: int) -> int:
        """SSL_get_error()."""
        return self.conn.get_error(ret)

    def want(self) -> int:
        """SSL_want()."""
        return self.conn.want()

    def get_shutdown(self) -> int:
        """SSL_get_shutdown()."""
        return self.conn.get_shutdown()

    def in_init(self) -> bool:
        """SSL_in_init()."""
        return self.conn.in_init()


Call: TypeAlias = Callable[[EmulatedSide, "Step"], Answer]


def _write(side: EmulatedSide, step: Step) -> Answer:
    return Answer(side.conn.write(side.written_from(step), step.size))


def _write_ex(side: EmulatedSide, step: Step) -> Answer:
    ret, written = side.conn.write_ex(side.written_from(step), step.size, written=step.written_before)
    return Answer(ret, out={"written": written})


def _read_ex(side: EmulatedSide, step: Step) -> Answer:
    ret, data = side.conn.read_ex(step.size)
    return Answer(ret, data, {"readbytes": len(data)})


def _unset_bio(side: EmulatedSide, _step: Step) -> Answer:
    side.conn.set_bio(None, None)
    return Answer(0)


def _put_error(side: EmulatedSide, step: Step) -> Answer:
    side.errors.put(side.conn.context.errors.numeric(step.lib, 0, step.reason))
    return Answer(0)


def _answer(call: Callable[[Connection, Step], int | None]) -> Call:
    """A call that only returns an int, or nothing."""
    return lambda side, step: Answer(int(call(side.conn, step) or 0))


CALLS: dict[str, Call] = {
    "write": _write,
    "write_ex": _write_ex,
    "read": lambda side, step: Answer(*side.conn.read(step.size)),
    "read_ex": _read_ex,
    "peek": lambda side, step: Answer(*side.conn.peek(step.size)),
    "handshake": _answer(lambda conn, _: conn.do_handshake()),
    "connect": lambda side, _: Answer(side.conn.connect() if side.who == "client" else side.conn.accept()),
    "renegotiate": _answer(lambda conn, _: conn.renegotiate()),
    "renegotiate_abbreviated": _answer(lambda conn, _: conn.renegotiate_abbreviated()),
    "key_update": _answer(lambda conn, step: conn.key_update(step.request)),
    "clear": _answer(lambda conn, _: conn.clear()),
    "shutdown": _answer(lambda conn, _: conn.shutdown()),
    "pending": _answer(lambda conn, _: conn.pending()),
    "set_max_send_fragment": _answer(lambda conn, step: conn.set_max_send_fragment(step.size)),
    "set_split_send_fragment": _answer(lambda conn, step: conn.set_split_send_fragment(step.size)),
    "set_mode": _answer(lambda conn, step: conn.set_mode(bits(step.modes, MODES))),
    "clear_mode": _answer(lambda conn, step: conn.clear_mode(bits(step.modes, MODES))),
    "get_mode": _answer(lambda conn, _: conn.get_mode()),
    "set_shutdown": _answer(lambda conn, step: conn.set_shutdown(step.flags)),
    "set_quiet_shutdown": _answer(lambda conn, _: conn.set_quiet_shutdown(1)),
    "unset_bio": _unset_bio,
    "put_error": _put_error,
}
"""A line for every call and setting of :data:`~emulator.scenario.kinds.KINDS`."""
