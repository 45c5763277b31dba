"""What a transcript has of a call: arguments and answer, operations of the transport, records, changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.constants import PROTOCOL_NAMES, ContentType, ErrorCode, Want

if TYPE_CHECKING:
    from emulator.contract.call import State

_BIO = ("read", "write")
_NOT_SHOWN = frozenset({"queue", "blocking"})
_WANTS = {int(want): want.name for want in Want}
_TYPES = {int(kind): kind.name.lower().replace("_", " ") for kind in ContentType}


class BioOperation(NamedTuple):
    """A BIO_write() of ``size`` bytes or a BIO_read() of at most so many, and its answer.

    ``retry`` is BIO_should_retry() afterwards, ``errno`` what the BIO left, 0 unless the call failed.
    """

    op: str
    size: int
    ret: int
    retry: bool
    errno: int

    def __str__(self) -> str:
        more = " retry" if self.retry else f" errno {self.errno}" if self.errno else ""
        return f"BIO_{self.op} {self.size} -> {self.ret}{more}"


class RecordEvent(NamedTuple):
    """A record that was "made", "opened" or "refused"; ``size`` is the number of bytes of content."""

    what: str
    type: int
    size: int

    def __str__(self) -> str:
        kind = _TYPES.get(self.type, f"type {self.type}")
        content = "" if self.what == "refused" else f" of {self.size} bytes"
        return f"{kind} record{content} {self.what}"


@dataclass(slots=True)
class CallEvent:
    """One call.  ``data`` are the bytes that a write was given or a read gave.

    ``buffer`` is a name for the address of a write's bytes: "a" for a new write, the same name for every
    retry from the same address.  ``queue_before`` and ``queue`` are the errors in the thread's queue, each as
    library, reason and text.  ``changes`` has the fields of the connection's state that changed: before and
    after.  ``did`` is what passed to and from the transport, and the records, in order.
    """

    number: int
    who: str
    name: str
    arguments: dict[str, Any]
    ret: int | None = None
    count: int = 0
    error: str | None = None
    errno: int = 0
    raised: str | None = None
    data: bytes = b""
    buffer: str = ""
    queue_before: list[tuple[int, int, str]] = field(default_factory=list)
    queue: list[tuple[int, int, str]] = field(default_factory=list)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    did: list[BioOperation | RecordEvent] = field(default_factory=list)
    delivers: int = 0
    """How many bytes of the peer's the call took from the transport."""
    delivers_all: bool = False
    """Whether these were all bytes that the peer had sent and that had not been taken."""
    blocking: bool = False

    @property
    def operations(self) -> list[BioOperation]:
        """The operations of the transport, in order."""
        return [each for each in self.did if isinstance(each, BioOperation)]

    @property
    def records(self) -> list[RecordEvent]:
        """The records that were made, opened or refused, in order."""
        return [each for each in self.did if isinstance(each, RecordEvent)]

    def lines(self) -> list[str]:
        """The event as text: the call, then what it did, each on a line that is set in."""
        inside = [str(each) for each in self.did]
        inside += [_change(name, old, new) for name, (old, new) in self.changes.items()]
        inside += [f"queue: {text}" for _, _, text in self.queue]
        return [f"{self.number:>4}  {self._head()}", *(f"        {line}" for line in inside)]

    def _head(self) -> str:
        given = ", ".join(
            f"{value}" if key == "bytes" else f"{key}={value}" for key, value in self.arguments.items()
        )
        head = f"{self.who}.{self.name}({given})"
        if self.raised is not None:
            return f"{head} raised {self.raised}"
        answer = "" if self.ret is None else f" -> {self.ret}"
        if self.count and self.count != self.ret:
            answer += f", {self.count} bytes"
        error = "" if self.error in (None, ErrorCode.NONE.name) else f" {self.error}"
        errno = f", errno {self.errno}" if self.errno else ""
        return head + answer + error + errno

    def as_json(self) -> dict[str, Any]:
        """The event as plain data; what says nothing is left out."""
        plain = asdict(self)
        plain["data"] = self.data.hex()
        plain["did"] = [list(each) for each in self.did]
        kept = {key: value for key, value in plain.items() if value or (key == "ret" and value is not None)}
        return {"number": self.number, "who": self.who, "name": self.name, **kept}

    @classmethod
    def of_json(cls, plain: dict[str, Any]) -> CallEvent:
        """The event that as_json() made the data of."""
        given = {"arguments": {}, **plain}
        given["data"] = bytes.fromhex(given.get("data", ""))
        given["did"] = [
            (BioOperation if each[0] in _BIO else RecordEvent)(*each) for each in given.get("did", [])
        ]
        given["changes"] = {name: tuple(each) for name, each in given.get("changes", {}).items()}
        for name in ("queue", "queue_before"):
            given[name] = [tuple(each) for each in given.get(name, [])]
        return cls(**given)


@dataclass(slots=True)
class Note:
    """Something that happened to the transport between two calls, in words."""

    number: int
    says: str

    def lines(self) -> list[str]:
        """The note as text."""
        return [f"      {self.says}"]

    def as_json(self) -> dict[str, Any]:
        """The note as plain data."""
        return {"number": self.number, "note": self.says}


def changes_between(before: State, after: State) -> dict[str, tuple[Any, Any]]:
    """The fields of a state that changed."""
    pairs = zip(before._fields, before, after, strict=True)
    return {name: (old, new) for name, old, new in pairs if old != new and name not in _NOT_SHOWN}


def shown(value: Any) -> Any:
    """An argument as a transcript has it: numbers and short texts as they are, bytes by their number."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    return type(value).__name__


def _change(name: str, old: Any, new: Any) -> str:
    if name == "rwstate":
        return f"SSL_want(): {_WANTS.get(old, old)} -> {_WANTS.get(new, new)}"
    if name == "version":
        return f"version: {PROTOCOL_NAMES.get(old, old)} -> {PROTOCOL_NAMES.get(new, new)}"
    if name == "mode":
        return f"mode: {old:#x} -> {new:#x}"
    return f"{name}: {old} -> {new}"
