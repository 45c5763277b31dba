"""What happens at a peer, as notes: plain objects to be printed, waited for and looked at afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Note = dict[str, Any]
"""``what`` says what happened, ``connection`` to which client (from 1 on), the other keys the details."""

PATIENCE = 30.0


class NothingCame(EmulatorError, TimeoutError):  # noqa: N818 - named for what it says to the user
    """What a program waited for has not been noted in time."""


class Log(list[Note]):
    """Notes in the order in which they came, from all connections; ``listener`` is told of each at once.

    Without ``keep`` it stays empty, and only the listener is told.
    """

    def __init__(self, listener: Callable[[Note], None] | None = None, *, keep: bool = True) -> None:
        super().__init__()
        self._keep = keep
        self._listener = listener
        self._news = threading.Condition()

    def add(self, what: str, **facts: Any) -> None:
        """Note something; a fact that is None is left out."""
        note = {"what": what, **{key: value for key, value in facts.items() if value is not None}}
        with self._news:
            if self._keep:
                self.append(note)
            if self._listener is not None:
                self._listener(note)
            self._news.notify_all()

    def of(self, what: str, **facts: Any) -> list[Note]:
        """The notes of one kind whose facts are these."""
        wanted = {"what": what, **facts}
        return [note for note in list(self) if wanted.items() <= _hashable(note, wanted)]

    def wait_for(self, what: str, *, count: int = 1, timeout: float = PATIENCE, **facts: Any) -> Note:
        """Wait until so many notes of a kind with these facts have come; the last of them.

        Raises NothingCame, which is a TimeoutError, after ``timeout`` seconds.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self.of(what, **facts)) >= count, timeout):
                wanted = ", ".join([what, *(f"{key}={value!r}" for key, value in facts.items())])
                raise NothingCame(f"no note of {wanted} within {timeout:g} s; the last is {self[-1:]}")
            return self.of(what, **facts)[count - 1]


def _hashable(note: Note, wanted: Mapping[str, Any]) -> Any:
    return {key: note[key] for key in wanted if key in note}.items()


def as_text(note: Note) -> str:
    """One line for people."""
    facts = {key: value for key, value in note.items() if key not in ("what", "connection")}
    text = _LINES[note["what"]](facts)
    return f"{note['connection']}: {text}" if "connection" in note else text


def _listening(facts: Note) -> str:
    return f"listening on {facts['host']}:{facts['port']} as OpenSSL {facts['release']}"


def _handshake(facts: Note) -> str:
    reused = ", session reused" if facts["reused"] else ""
    return f"handshake {facts['number']}: {facts['protocol']} {facts['cipher']}{reused}"


def _call(facts: Note) -> str:
    errno = f", errno {facts['errno']}" if facts["errno"] else ""
    queue = "".join(f"; {text}" for text in facts["queue"])
    return f"{facts['call']}() = {facts['ret']}, {facts['error']}{errno}{queue}"


def _message(facts: Note) -> str:
    arrow = ">>>" if facts["direction"] == "out" else "<<<"
    return f"{arrow} {facts['version']} {facts['message']} [{facts['length']} bytes]"


def _ended(facts: Note) -> str:
    waits = f"; repeated calls: {facts['retries']}" if facts["retries"] else ""
    late = "".join(f"; never fired: {event}" for event in facts["not_fired"])
    return f"{facts['how']}; received {facts['received']} bytes, sent {facts['sent']}{waits}{late}"


_LINES: dict[str, Callable[[Note], str]] = {
    "listening": _listening,
    "connected": lambda facts: f"connected {facts['peer']}",
    "failed": lambda facts: f"no connection: {facts['reason']}",
    "handshake": _handshake,
    "event": lambda facts: f"event {facts['event']}",
    "call": _call,
    "manual": lambda facts: f"{facts['page']}: {facts['meaning']}",
    "message": _message,
    "not-emulated": lambda facts: facts["reason"],
    "crash": lambda facts: f"the process would have died: {facts['reason']}",
    "expected": lambda facts: f"{facts['text']!r} never came",
    "ended": _ended,
    "never-fired": lambda facts: f"never fired: {facts['event']}",
}
