"""A transcript: every call of a pair or of a connection, with its answer and what it did.

The transport is heard as well, so that the transcript has what the library read and wrote.  A transcript of a
pair can be played again as a scenario.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emulator.api.arguments import c_size, flag
from emulator.buffer import identify
from emulator.contract.as_scenario import scenario_of
from emulator.contract.call import Listener
from emulator.contract.events import BioOperation, CallEvent, Note, RecordEvent, changes_between, shown
from emulator.contract.path import listen
from emulator.contract.world import agreed, world_of
from emulator.error_queue import current
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from emulator.api.connection_settings import ConnectionSettings
    from emulator.bio import BIO
    from emulator.contract.call import Call

SCHEMA = 1
"""The version of the form in which a transcript is saved."""

_KEY = "emulator_transcript"
_FAMILY = "transcript"
_OTHER = {"client": "server", "server": "client"}


class Transcript(Listener):
    """The calls of a pair, or of one connection, in order; ``print()`` shows them as text.

    ``limit`` is how many of the last calls are kept; None: all.  Iterating gives a
    :class:`~emulator.contract.events.CallEvent` for each.
    """

    hears_state = True
    hears_transport = True
    hears_records = True

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and c_size("limit", limit) == 0:
            raise UsageError("limit: got 0, expected a number of calls, or None for all")
        self._events: deque[CallEvent | Note] = deque(maxlen=limit)
        self._dropped = 0
        self._sides: dict[str, ConnectionSettings] = {}
        self._starts: dict[str, dict[str, Any]] = {}
        self._agreed: dict[str, Any] = {}
        """Protocol and suite of the first handshake that was done."""
        self._open: dict[int, CallEvent] = {}
        self._in_flight = {"client": bytearray(), "server": bytearray()}
        self._buffers: dict[str, dict[int, str]] = {}
        self._world: dict[str, Any] | None = None
        self.untold: str | None = None
        """Why this cannot be played again as a scenario, as far as the calls alone say; None: it can."""

    # -- recording --------------------------------------------------------------------------------

    def follow(self, who: str, conn: ConnectionSettings) -> None:
        """Take note of a connection whose calls are about to be heard, and of its settings."""
        s = conn._s  # noqa: SLF001
        self._sides[who] = conn
        conn.__dict__["_transcript"] = self
        self._starts[who] = {"mode": s.mode, "options": s.options, "no_state": s.machine is None}

    def note(self, says: str) -> None:
        """Take note of something that happened to the transport."""
        last = self._events[-1].number if self._events else 0
        self._append(Note(last, says))

    def before(self, call: Call) -> None:
        """Hear of a call that is about to be made."""
        event = CallEvent(call.number, call.who, call.name, _arguments(call), blocking=call.before.blocking)
        if call.before.queue:
            event.queue_before = _queue()
        if any(thread != call.thread for thread in self._open):
            self.untold = f"{_place(event)}: two calls were made at once"
        self._open[call.thread] = event
        if call.writes or call.name == "write_early_data":
            self._take_bytes(call, event)

    def _take_bytes(self, call: Call, event: CallEvent) -> None:
        """Keep what a write is given; the name of its buffer is a letter, since addresses are no facts."""
        try:
            data, view, size = call.data, call.view, call.size
        except (UsageError, TypeError, ValueError):  # the call is about to refuse its arguments
            return
        event.arguments.pop("data", None)
        event.arguments = {"bytes": f"{size} bytes", **event.arguments}
        event.data = bytes(view[: max(size, 0)])
        names = self._buffers.setdefault(call.who, {})
        if not call.before.unfinished:
            names.clear()
        address = identify(data)[0]
        event.buffer = names.setdefault(address, _letters(len(names)))

    def after(self, call: Call) -> None:
        """Hear of a call that has ended."""
        event = self._open.pop(call.thread)
        event.ret, event.count = call.ret, call.count
        event.error = None if call.error is None else call.error.name
        event.raised = None if call.raised is None else f"{type(call.raised).__name__}: {call.raised}"
        event.errno = call.conn._s.errno if call.error is not None else 0  # noqa: SLF001
        if call.after is not None:
            if call.after.established and not self._agreed:
                self._agreed = agreed(call.conn._s)  # noqa: SLF001
            event.changes = changes_between(call.before, call.after)
            if call.after.queue:
                event.queue = _queue()
        if not event.data and isinstance(call.answered, tuple) and isinstance(call.answered[1], bytes):
            event.data = call.answered[1]
        if event.delivers:
            event.delivers_all = not self._in_flight.get(_OTHER.get(event.who, ""), b"")
        self._append(event)

    def _append(self, event: CallEvent | Note) -> None:
        if len(self._events) == self._events.maxlen:
            self._dropped += 1
        self._events.append(event)

    def sent(self, call: Call | None, data: bytes | memoryview, ret: int, bio: BIO) -> None:
        """Hear of a BIO_write()."""
        event = self._event_of(call)
        if event is not None:
            event.did.append(_operation("write", len(data), ret, bio))
        if ret > 0 and call is not None and call.who in self._in_flight:
            self._in_flight[call.who] += data[:ret]

    def received(self, call: Call | None, size: int, data: bytes, ret: int, bio: BIO) -> None:
        """Hear of a BIO_read()."""
        event = self._event_of(call)
        if event is None or call is None:
            return
        event.did.append(_operation("read", size, ret, bio))
        sent = self._in_flight.get(_OTHER.get(call.who, ""))
        if data and sent is not None:
            if not sent.startswith(data) and self.untold is None:
                self.untold = f"{_place(event)}: it received bytes that the peer had not sent"
            event.delivers += len(data)
            del sent[: len(data)]

    def made(self, call: Call | None, kind: int, content: bytes | memoryview, wire: bytes) -> None:  # noqa: ARG002
        """Hear of records that were made."""
        event = self._event_of(call)
        if event is not None:
            event.did.append(RecordEvent("made", kind, len(content)))

    def opened(self, call: Call | None, kind: int, content: bytes | None) -> None:
        """Hear of a record that was opened or refused."""
        event = self._event_of(call)
        if event is not None:
            what = "refused" if content is None else "opened"
            event.did.append(RecordEvent(what, kind, len(content or b"")))

    def _event_of(self, call: Call | None) -> CallEvent | None:
        return None if call is None else self._open.get(call.thread)

    # -- reading ----------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[CallEvent]:
        return iter([event for event in self._events if isinstance(event, CallEvent)])

    def __len__(self) -> int:
        return sum(isinstance(event, CallEvent) for event in self._events)

    def __str__(self) -> str:
        head = [f"      ({self._dropped} earlier calls were not kept)"] if self._dropped else []
        return "\n".join([*head, *(line for event in self._events for line in event.lines())])

    def __repr__(self) -> str:
        return f"<Transcript of {len(self)} calls>"

    def clear(self) -> None:
        """Forget the calls; what follows cannot be played again, since a scenario begins with the first."""
        self._dropped += len(self)
        self._events.clear()

    # -- as data ----------------------------------------------------------------------------------

    @property
    def world(self) -> dict[str, Any]:
        """The releases of both sides, and what a scenario says of its world: protocol, suite, settings."""
        if self._world is not None:
            return self._world
        return world_of(self._sides, self._starts, self._agreed)

    def as_json(self) -> dict[str, Any]:
        """The transcript as plain data, in the form that :meth:`save` writes."""
        events = [event.as_json() for event in self._events]
        plain = {_KEY: SCHEMA, "world": self.world, "dropped": self._dropped, "events": events}
        return plain if self.untold is None else {**plain, "untold": self.untold}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file of JSON, which :meth:`load` and ``emulator run`` read."""
        plain = self.as_json()
        try:
            scenario = self.as_scenario()
        except UsageError as error:
            scenario = {"family": _FAMILY}
            plain = {"id": _FAMILY, "scenario": scenario, **plain, "untold": str(error)}
        else:
            plain = {**_line(scenario), **plain}
        Path(path).write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file that :meth:`save` has written.

        UsageError if it is none, OSError if it cannot be read.
        """
        try:
            plain = json.loads(Path(path).read_text(encoding="utf-8"))
            version = plain[_KEY]
        except (ValueError, TypeError, KeyError):
            raise UsageError(f"path: {path} is no transcript") from None
        if version != SCHEMA:
            raise UsageError(f"path: {path} is a transcript of form {version!r}, expected {SCHEMA}")
        try:
            return cls._of_json(plain)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(f"path: {path} is a damaged transcript ({error!r})") from None

    @classmethod
    def _of_json(cls, plain: dict[str, Any]) -> Self:
        loaded = cls()
        loaded._world = dict(plain["world"])
        loaded._dropped = int(plain["dropped"])
        loaded.untold = plain.get("untold")
        for event in plain["events"]:
            note = "note" in event
            loaded._append(Note(event["number"], event["note"]) if note else CallEvent.of_json(event))
        return loaded

    def as_scenario(self) -> dict[str, Any]:
        """The keys of a scenario that plays the calls again: ``Script(**transcript.as_scenario())``.

        The transport's answers become steps: what it accepted is a plan, what it gave is delivered.  Raises
        UsageError, which names the call, for what no scenario can say.
        """
        if self._dropped:
            raise UsageError(f"{self._dropped} earlier calls were not kept, so the scenario has no beginning")
        if self.untold is not None:
            raise UsageError(self.untold)
        return scenario_of(list(self), self.world)


def transcript_of(sides: Mapping[str, ConnectionSettings], keep: Any) -> Transcript:
    """Return a transcript that follows connections from now on; ``keep``: True, or how many calls to keep."""
    if isinstance(keep, bool) or not isinstance(keep, int):
        flag("transcript", keep)
        transcript = Transcript()
    else:
        if c_size("transcript", keep) == 0:
            raise UsageError("transcript: got 0, expected a number of calls, True for all, or False for none")
        transcript = Transcript(keep)
    clock = itertools.count(1)
    for who, conn in sides.items():
        transcript.follow(who, conn)
        listen(conn, transcript, who=who, clock=clock)
    return transcript


def _line(scenario: dict[str, Any]) -> dict[str, Any]:
    """The scenario as a line of a recording, without answers."""
    world = {key: value for key, value in scenario.items() if key not in ("title", "profiles", "steps")}
    return {
        "id": scenario["title"],
        "scenario": {"family": _FAMILY, **world},
        "trace": [{"step": step} for step in scenario["steps"]],
    }


def _arguments(call: Call) -> dict[str, Any]:
    names = _POSITIONAL.get(call.name, ())
    given = {names[at] if at < len(names) else f"argument {at + 1}": arg for at, arg in enumerate(call.args)}
    return {name: shown(value) for name, value in {**given, **call.keywords}.items() if value is not None}


_POSITIONAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("write", "write_ex", "write_early_data"), ("data", "num")),
    "write_ex2": ("data", "num", "flags"),
    **dict.fromkeys(("read", "peek"), ("n", "into")),
    **dict.fromkeys(("read_ex", "peek_ex", "read_early_data", "bio_read"), ("n",)),
    "key_update": ("updatetype",),
    "get_error": ("ret",),
    **dict.fromkeys(("set_mode", "clear_mode", "set_shutdown", "set_quiet_shutdown"), ("value",)),
    **dict.fromkeys(("set_max_send_fragment", "set_split_send_fragment"), ("value",)),
    "set_bio": ("rbio", "wbio"),
}


def _operation(op: str, size: int, ret: int, bio: BIO) -> BioOperation:
    failed = ret <= 0
    retry = bool(failed and bio.should_retry)
    return BioOperation(op, size, ret, retry, bio.errno if failed and not retry else 0)


def _queue() -> list[tuple[int, int, str]]:
    return [(entry.lib, entry.reason, entry.text) for entry in current()]


def _place(event: CallEvent) -> str:
    return f"call {event.number}, {event.who}.{event.name}()"


def _letters(index: int) -> str:
    """From a to z, then aa, ab, and so on."""
    letters = ""
    index += 1
    while index:
        index, place = divmod(index - 1, 26)
        letters = chr(ord("a") + place) + letters
    return letters
