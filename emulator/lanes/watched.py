"""Connections and a pair that log the calls made on them, and are otherwise the same."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING, Any, Literal

from emulator.buffer import identify
from emulator.constants import ErrorCode
from emulator.contract.call import Listener
from emulator.contract.path import listen
from emulator.error_queue import current
from emulator.exceptions import SimulatedCrash
from emulator.lanes.cells import Answer, Cell, Entry, promised
from emulator.lanes.short import arguments
from emulator.lanes.tap import RecordTap
from emulator.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.connection import Connection
    from emulator.contract.call import Call

IO_CALLS = frozenset(
    {"write", "write_ex", "read", "read_ex", "peek", "peek_ex", "write_early_data", "read_early_data"}
    | {"connect", "accept", "do_handshake", "shutdown", "sendfile"}
    | {"renegotiate", "renegotiate_abbreviated", "key_update", "new_session_ticket"}
)
"""Calls after which a program asks SSL_get_error(), and before which the error queue should be empty."""

WRITES = frozenset({"write", "write_ex", "write_early_data"})
RETRIES = (ErrorCode.WANT_READ, ErrorCode.WANT_WRITE)


class TooManyCalls(BaseException):  # that ends a callable which catches every Exception, too
    """A lane made more calls than it may."""


class Log:
    """The calls of one lane, in the order in which they returned."""

    def __init__(self, most_calls: int, *, keep_queue: bool) -> None:
        self.entries: list[Entry] = []
        self.keep_queue = keep_queue
        self._most_calls = most_calls
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        """Log a call; TooManyCalls after the most that are allowed."""
        with self._lock:
            self.entries.append(entry)
            if len(self.entries) > self._most_calls:
                raise TooManyCalls


class WatchedSide(Listener):
    """Logs the calls of one connection, and has the state that the next call is compared with."""

    def __init__(self, who: str, conn: Connection, log: Log) -> None:
        self.who = who
        self.conn = conn
        self.log = log
        self.tap = RecordTap()
        self._promised = conn.promises.made
        self._unfinished: int | None = None
        """The address of the buffer whose write must be repeated."""
        self._path = listen(conn, self, who=who)

    def before(self, call: Call) -> None:
        """Prepare errno and the queue for a call that reads or writes, as SSL_get_error(3) asks for."""
        if call.name in IO_CALLS:
            self.conn.errno = 0
            if not self.log.keep_queue:
                current().clear()
        call.notes["moved"] = self._is_moved(call.name, call.args)

    def after(self, call: Call) -> None:
        """Log the answer of a call, or the exception in its place."""
        if isinstance(call.raised, Exception):
            answer = _raised(call.raised)
        elif call.raised is not None:
            return
        else:
            answer = self._answer(call.answered) if call.name in IO_CALLS else _plain(call.answered)
        self._keep(call, answer)

    def _is_moved(self, name: str, args: Any) -> bool:
        """Whether a write repeats an unfinished one from another address."""
        if name not in WRITES or not args:
            return False
        try:
            address, _ = identify(args[0])
        except (TypeError, ValueError):
            return False  # the call says what is wrong with it
        moved = self._unfinished not in (None, address)
        self._unfinished = self._unfinished or address
        return moved

    def _answer(self, answered: Any) -> Answer:
        """Return the answer of a call that may read or write, and the state after it."""
        conn = self.conn
        ret, extra = _parts(answered)
        errno = conn.errno
        error = conn.get_error(ret)
        if error not in RETRIES:
            self._unfinished = None if ret > 0 else self._unfinished
        return Answer(
            ret=ret,
            error=error.name,
            errno=errno,
            queue=tuple(entry.text for entry in current()),
            want=conn.want().name,
            shutdown=int(conn.get_shutdown()),
            in_init=conn.in_init(),
            extra=extra,
        )

    def _keep(self, call: Call, answer: Answer) -> None:
        promises = self.conn.promises.since(self._promised)
        self._promised = self.conn.promises.made
        cell = Cell(answer=answer, records=self.tap.take(), promise=promised(promises))
        key = " ".join([self.who, call.name, *arguments(call.args, call.keywords)])
        size = _size_of(call.args, call.keywords) if call.name in WRITES else None
        title = f"{key} buffer=b" if call.notes["moved"] else key
        self.log.add(Entry(title, key, self.who, call.name, cell, size, self.conn.get_mode()))

    def let_go(self) -> None:
        """Stop logging."""
        self._path.remove(self)

    def missing(self, name: str) -> None:
        """Log a call that the release lacks."""
        key = f"{self.who} {name}"
        self.log.add(Entry(key, key, self.who, name, Cell(Answer(), missing=True)))


def _size_of(args: Any, keywords: Mapping[str, Any]) -> int | None:
    given = args[1] if len(args) > 1 else keywords.get("num")
    if given is not None:
        return int(given)
    return len(args[0]) if args and hasattr(args[0], "__len__") else None


def _parts(answered: Any) -> tuple[int, dict[str, Any]]:
    """Return C's return value, and the out-parameters."""
    if not isinstance(answered, tuple):
        return int(answered), {}
    ret, out = answered
    if isinstance(out, int):
        return int(ret), {"written": out}
    return int(ret), {"data": {"len": len(out), "crc32": zlib.crc32(out)}} if out else {}


def _plain(answered: Any) -> Answer:
    """Return the answer of a call that neither reads nor writes."""
    name = getattr(answered, "name", None)
    number = int(answered) if isinstance(answered, int) else None
    if isinstance(name, str):
        return Answer(ret=number, extra={"answer": name})
    if number is not None or answered is None:
        return Answer(ret=number)
    return Answer(extra={"answer": next(iter(arguments((answered,), {})))})


def _raised(error: Exception) -> Answer:
    if isinstance(error, SimulatedCrash):
        return Answer(extra={"crash": error.signal})
    return Answer(extra={"raised": f"{type(error).__name__}: {error}"})


class WatchedPair(Pair):
    """A pair that logs the calls on its transport."""

    log: Log

    def deliver(self, sender: Literal["client", "server"] | None = None, n: int | None = None) -> int:
        """As :meth:`Pair.deliver`."""
        moved = super().deliver(sender, n)
        self._keep(sender, "deliver", "" if n is None else n, Answer(extra={"moved": moved}))
        return moved

    def set_capacity(self, sender: Literal["client", "server"], capacity: int | None) -> None:
        """As :meth:`Pair.set_capacity`."""
        super().set_capacity(sender, capacity)
        self._keep(sender, "capacity", "none" if capacity is None else capacity, Answer())

    def _keep(self, sender: str | None, do: str, argument: object, answer: Answer) -> None:
        title = " ".join(word for word in (sender or "", do, str(argument)) if word)
        self.log.add(Entry(title, title, sender, do, Cell(answer)))
