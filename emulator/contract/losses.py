"""What the ledger says: names of calls, records on the way, and losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emulator.constants import ContentType
from emulator.contract.call import WRITES
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from emulator.contract.call import Call

_OFFERS = WRITES | {"write_early_data"}
_TYPES = {int(kind): kind.name.lower().replace("_", " ") for kind in ContentType}


class CallName(NamedTuple):
    """A call by its number, its connection and its name; ``size`` is how many bytes it offered."""

    number: int
    who: str
    name: str
    size: int

    def __str__(self) -> str:
        size = f" of {self.size} bytes" if self.size else ""
        return f"call {self.number}, {self.who}.{self.name}(){size}"


def name_of(call: Call) -> CallName:
    """Return the name of a call; the name keeps no object of the caller alive."""
    name: CallName | None = call.notes.get("name")
    if name is None:
        name = call.notes["name"] = _made_name(call)
    return name


def _made_name(call: Call) -> CallName:
    size = 0
    if call.name in _OFFERS:
        args = call.args
        if len(args) == 1 and type(args[0]) is bytes:
            size = len(args[0])
        elif not isinstance(call.raised, UsageError):
            size = call.size
    # A NamedTuple is made in less than half the time so, and one is made for each write.
    return tuple.__new__(CallName, (call.number, call.who, call.name, size))


class Record(NamedTuple):
    """A record that was made, and whose bytes are not delivered yet.

    ``type`` is the content type, in TLS 1.3 the protected one.  ``length`` is the length in the header.
    ``size`` is the number of bytes of content, 0 unless that is application data.  ``end`` is the position
    behind the application data of this record and of all before it.  ``call`` led to it.
    """

    type: int
    length: int
    size: int
    end: int
    call: CallName | None

    def __str__(self) -> str:
        kind = _TYPES.get(self.type, f"type {self.type}")
        content = f", {self.size} bytes of data" if self.size else ""
        return f"{kind}, length {self.length}{content}, {self.call or 'no call'}"


@dataclass(frozen=True, slots=True)
class Loss:
    """Bytes that were lost, changed, doubled or added, or that nothing can bring to the peer any more.

    ``code`` is the stable name of the kind of loss ("emulator explain CODE").  ``sender`` ("client" or
    "server") is the side whose caller wrote the bytes.  ``offset`` is the position of the first wrong byte,
    counted from the first byte that this caller wrote.  ``expected`` and ``found`` are up to 16 bytes from
    that position; ``b""`` means that there are none, or that they are not known.  ``step`` is the call after
    which the loss could not be avoided, ``offered_by`` the call that offered the bytes; either may be None,
    which means unknown.
    """

    code: str
    sender: str
    offset: int
    says: str
    expected: bytes = b""
    found: bytes = b""
    step: CallName | None = None
    offered_by: CallName | None = None

    def __str__(self) -> str:
        line = f"byte {self.offset} from the {self.sender}: {self.says}"
        if self.expected or self.found:
            line += f" (expected {_shown(self.expected)}, found {_shown(self.found)})"
        if self.step is not None:
            line += f"; since {self.step}"
        if self.offered_by is not None and self.offered_by != self.step:
            line += f"; offered by {self.offered_by}"
        return line


def _shown(data: bytes) -> str:
    return repr(data) if data else "nothing"
