"""The answer of one lane to one call, and when two such answers count as alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.connection import Connection
    from emulator.context import Authority
    from emulator.engine.manual.promise import Promise
    from emulator.lanes.tap import SentRecord

EXTRA = ("written", "readbytes", "data", "mode", "moved", "crash")
"""Keys of a trace's entry that only some calls have."""

FOLLOWS = frozenset({"moved"})
"""Those of these keys that no library answers: they follow from the bytes sent before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a call and the state after it; None for a value that nobody asked for."""

    ret: int | None = None
    error: str | None = None
    """SSL_get_error(), without ``SSL_ERROR_``."""
    errno: int = 0
    queue: tuple[str, ...] = ()
    """The texts of the error queue, oldest first."""
    want: str | None = None
    shutdown: int = 0
    in_init: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Out-parameters, a digest of the bytes read, a mode; only the keys that the call has."""

    @property
    def outline(self) -> tuple[object, ...]:
        """The part that a program acts on: the return value and SSL_get_error()."""
        extra = sorted((key, repr(value)) for key, value in self.extra.items() if key not in FOLLOWS)
        return self.ret, self.error, self.errno, *extra

    @property
    def state(self) -> tuple[object, ...]:
        """SSL_want(), SSL_get_shutdown() and SSL_in_init() after the call."""
        return self.want, self.shutdown, self.in_init

    def as_json(self) -> dict[str, Any]:
        """A plain object."""
        return {
            "ret": self.ret,
            "error": self.error,
            "errno": self.errno,
            "queue": list(self.queue),
            "want": self.want,
            "shutdown": self.shutdown,
            "in_init": self.in_init,
            "extra": dict(self.extra),
        }


_NOTHING = Answer()


class Outline(NamedTuple):
    """The aspects of a cell that are compared."""

    answer: tuple[object, ...]
    """The part that a program acts on."""
    errors: tuple[object, ...]
    """The error queue."""
    records: tuple[object, ...]
    """The records sent."""
    state: tuple[object, ...]
    """SSL_want(), SSL_get_shutdown() and SSL_in_init() after the call."""


@dataclass(frozen=True, slots=True)
class Word:
    """The sentence of a manual page about something that a call did."""

    page: str
    key: str
    """The behaviour of the profile that has the sentence: "manual.num-zero"."""
    words: str
    question: str
    """The question that the words answer."""

    def as_json(self) -> dict[str, str]:
        """A plain object."""
        return {"page": self.page, "key": self.key, "words": self.words, "question": self.question}


@dataclass(frozen=True, slots=True)
class Cell:
    """One call in one lane."""

    answer: Answer
    blocked: bool = False
    """The call blocked; ``completed`` is its answer if it returned later."""
    completed: Answer | None = None
    completed_after: int | None = None
    """The index of the row during which it returned."""
    skipped: str | None = None
    missing: bool = False
    """The release has no such function."""
    records: tuple[SentRecord, ...] = ()
    """The records that both transports accepted during this step."""
    counts_records: bool = True
    """False for a handshake of which recordings hold nothing: its records are shown and not compared."""
    promise: str | None = None
    """The promise of the page, where the page was followed and the library would answer otherwise."""
    manual: tuple[Word, ...] = ()

    def outline(self, *, sizes: bool) -> Outline:
        """Return the aspects that must be equal for two cells to count as alike.

        Lengths of handshake records depend on keys and certificates, and never count; with ``sizes`` false
        no length or version does: the lanes do not protect their records alike.
        """
        later = self.completed or _NOTHING
        completed = None if self.completed is None else (self.completed_after, later.outline)
        return Outline(
            (self.answer.outline, self.blocked, completed, self.skipped, self.missing, self.promise),
            (self.answer.queue, later.queue),
            tuple(_outline(record, sizes=sizes) for record in self.records) if self.counts_records else (),
            (self.answer.state, later.state),
        )

    @property
    def bytes(self) -> int:
        """How many bytes the transports accepted during this step."""
        return sum(len(record.data) for record in self.records)

    def as_json(self, group: int) -> dict[str, Any]:
        """A plain object; cells of one row with the same ``group`` answered alike."""
        return {
            **self.answer.as_json(),
            "blocked": self.blocked,
            "completed": None if self.completed is None else self.completed.as_json(),
            "completed_after": self.completed_after,
            "skipped": self.skipped,
            "missing": self.missing,
            "records": [record.as_json() for record in self.records],
            "bytes": self.bytes,
            "manual": [word.as_json() for word in self.manual],
            "promise": self.promise,
            "group": group,
        }


def _outline(record: SentRecord, *, sizes: bool) -> tuple[object, ...]:
    known = record.sender, record.content_type, record.complete, record.continued
    if not sizes:
        return known
    if record.of_handshake:
        return *known, record.version
    return *known, record.version, record.length, len(record.data)


def promised(promises: Iterable[Promise]) -> str | None:
    """Return the promises made during a call, without the names of the pages; None without any."""
    words = [promise.meaning.removeprefix(f"{promise.page}: ") for promise in promises]
    return "; ".join(words) or None


@dataclass(frozen=True, slots=True)
class Entry:
    """One call of a lane, before the lanes are laid side by side."""

    title: str
    key: str
    """The title without the part that depends on earlier calls: the calls of one row have the same key."""
    who: str | None
    do: str
    cell: Cell
    size: int | None = None
    """How many bytes a write was given."""
    mode: int = 0
    """SSL_get_mode() of its connection."""

    def with_words(self, words: tuple[Word, ...]) -> Entry:
        """Return a copy with the manual's words in its cell."""
        return replace(self, cell=replace(self.cell, manual=words))


@dataclass(frozen=True, slots=True)
class Protection:
    """How records are protected: lengths are compared between lanes only if this is equal."""

    protocol: str | None = None
    cipher: str | None = None
    """OpenSSL's name of the cipher suite; None before there is one."""
    encrypt_then_mac: bool = False


def protection_of(connection: Connection) -> Protection:
    """Return how a connection protects the records it sends."""
    cipher = connection.get_current_cipher()
    if cipher is None:
        return Protection()
    return Protection(connection.get_version(), cipher, connection.encrypts_then_macs)


class Outcome(TypedDict, total=False):
    """Why a lane ended early."""

    kind: Literal["unsupported", "crash", "exception"]
    what: str
    """The protocol or cipher that the release lacks, or the exception; not of a crash."""
    signal: str
    """Of a crash alone: "SIGSEGV"."""
    why: str
    """Of a crash alone: what the library did."""


@dataclass(slots=True)
class Lane:
    """All calls of one profile, in order.

    ``name`` is the name by which the profile was loaded; ``outcome`` is None if the lane came to its end.
    """

    name: str
    release: str
    follow: Authority
    entries: list[Entry] = field(default_factory=list)
    protection: Protection = Protection()
    outcome: Outcome | None = None

    def was_promised(self) -> bool:
        """Whether the page decided any answer of this lane."""
        return any(entry.cell.promise for entry in self.entries)

    def answers_as(self, other: Lane) -> bool:
        """Whether the calls of another lane, of the same profile, answered as these did."""
        return self._answers() == other._answers() and self.outcome == other.outcome

    def _answers(self) -> list[Outline]:
        return [replace(entry.cell, promise=None).outline(sizes=True) for entry in self.entries]

    def as_json(self) -> dict[str, Any]:
        """Return all but the calls as a plain object."""
        return {
            "name": self.name,
            "release": self.release,
            "follow": self.follow,
            "protocol": self.protection.protocol,
            "cipher": self.protection.cipher,
            "encrypt_then_mac": self.protection.encrypt_then_mac,
            "outcome": self.outcome,
        }


def answer_of(recorded: Mapping[str, Any]) -> Answer:
    """Return the answer of a recorded call, or of its ``completed``."""
    return Answer(
        ret=recorded.get("ret"),
        error=recorded.get("error"),
        errno=recorded.get("errno", 0),
        queue=tuple(error["text"] for error in recorded.get("queue", ())),
        want=recorded.get("want"),
        shutdown=recorded.get("shutdown", 0),
        in_init=recorded.get("in_init"),
        extra={key: recorded[key] for key in EXTRA if key in recorded},
    )
