"""The words of a report: names of answers, states and records, in a cell and in its details."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from emulator.constants import AlertDescription, AlertLevel, Shutdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from enum import IntEnum

    from emulator.lanes.cells import Answer, Cell
    from emulator.lanes.tap import SentRecord

VERSIONS = {
    "0x0002": "SSL 2.0",
    "0x0300": "SSL 3.0",
    "0x0301": "TLS 1.0",
    "0x0302": "TLS 1.1",
    "0x0303": "TLS 1.2",
    "0x0304": "TLS 1.3",
}
SHORT_TYPES = {"application_data": "data", "change_cipher_spec": "CCS"}
MOST_RUNS = 4
MOST_BARS = 6

_STATUS = {"NONE": "ok", "ZERO_RETURN": "closed", "SSL": "error", "SYSCALL": "error"}
_EXTRA = {"written": "*written", "readbytes": "*readbytes"}
_HEADER = 5
_ALERT = 2


def status_of(cell: Cell) -> str:
    """Return the kind of an answer: ok, retry, closed, error, blocked, skipped, missing, or note."""
    if cell.missing:
        return "missing"
    if cell.skipped:
        return "skipped"
    answer = final(cell)
    if cell.blocked and cell.completed is None:
        return "blocked"
    if answer.extra.get("crash"):
        return "crash"
    return "note" if answer.error is None else _STATUS.get(answer.error, "retry")


def is_empty(cell: Cell) -> bool:
    """Whether a step has no result to show, as a setting of the transport."""
    answer = cell.answer
    is_call = cell.blocked or cell.missing or cell.skipped is not None
    has_result = answer.ret is not None or answer.error is not None or answer.want is not None or is_call
    return not (has_result or answer.queue or answer.extra or cell.records or cell.manual or cell.promise)


def final(cell: Cell) -> Answer:
    """Return the answer of a call; if it blocked and returned later, that answer."""
    return cell.answer if cell.completed is None else cell.completed


def answer_of(cell: Cell) -> str:
    """Return a cell's answer in a few words: "-1 WANT_WRITE", "blocks", "no such function"."""
    if cell.missing:
        return "no such function"
    if cell.skipped:
        return f"skipped: {cell.skipped}"
    words = _returned(final(cell))
    if not cell.blocked:
        return words
    return "blocks" if cell.completed is None else f"blocks, then {words}"


def _returned(answer: Answer) -> str:
    parts = [str(part) for part in (answer.ret, answer.error) if part is not None]
    return " ".join(parts) or ", ".join(f"{label} {value}" for label, value in extras(answer))


def extras(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the other results of a call: out-parameters, data, modes, bytes moved; each with its name."""
    for key, value in answer.extra.items():
        if value is None:
            continue
        if key == "data":
            yield "data read", f"{value['len']:,} bytes, CRC-32 {value['crc32']:08x}"
        elif key == "crash":
            yield "the library crashes", str(value)
        elif key == "moved":
            yield "delivered", f"{value:,} bytes"
        elif key == "mode":
            yield "mode", f"{value:#x}"
        else:
            yield _EXTRA.get(key, key), f"{value:,}" if isinstance(value, int) else str(value)


def reason_of(line: str) -> str:
    """Return the reason in an error's line; the whole line if it does not have OpenSSL's form."""
    parts = line.split(":", 4)
    return parts[4].strip() if len(parts) == 5 and parts[0] == "error" and parts[4].strip() else line


def origin_of(line: str) -> tuple[str, ...]:
    """Return the code and the function in an error's line; the whole line if it has another form."""
    parts = line.split(":", 4)
    return (parts[1], parts[3]) if len(parts) == 5 and parts[0] == "error" else (line,)


def states_of(answer: Answer) -> list[str]:
    """List words for the unusual parts of the state after a call."""
    words = []
    if answer.want not in (None, "NOTHING"):
        words.append(f"want {answer.want}")
    if answer.shutdown:
        words.append(f"shutdown {shutdown_words(answer.shutdown)}")
    if answer.in_init:
        words.append("in init")
    if answer.errno:
        words.append(f"errno {answer.errno}")
    return words


def shutdown_words(flags: int) -> str:
    """Return SSL_get_shutdown()'s bits in words: "sent", "received", "sent, received" or "none"."""
    names = [word for bit, word in ((Shutdown.SENT, "sent"), (Shutdown.RECEIVED, "received")) if flags & bit]
    return ", ".join(names) or "none"


def pairs_of(answer: Answer, sent: int = 0) -> list[tuple[str, str]]:
    """List a call's whole answer: names of results and functions, each with its value.

    ``sent`` is the number of bytes that the transports accepted during the call.
    """
    pairs: list[tuple[str, str]] = []
    if answer.ret is not None:
        pairs.append(("returned", str(answer.ret)))
    if answer.error is not None:
        pairs.append(("SSL_get_error", answer.error))
    pairs += extras(answer)
    if answer.error is not None:
        pairs.append(("errno", str(answer.errno)))
    if answer.want is not None:
        pairs.append(("SSL_want", answer.want))
    if answer.error is not None:
        pairs.append(("SSL_get_shutdown", f"{answer.shutdown} ({shutdown_words(answer.shutdown)})"))
    if answer.in_init is not None:
        pairs.append(("SSL_in_init", "1" if answer.in_init else "0"))
    if sent:
        pairs.append(("bytes sent", f"{sent:,}"))
    return pairs


# -- records -------------------------------------------------------------------------------------


def version_name(version: str | None) -> str:
    """Return a record's version in words, "TLS 1.2"; the number if it has no name."""
    return VERSIONS.get(version or "", version or "unknown")


def family(record: SentRecord) -> str:
    """Return the style of a record's bar: its type, or "other"."""
    name = record.type_name
    known = ("application_data", "handshake", "alert", "change_cipher_spec")
    return SHORT_TYPES.get(name, name).lower() if name in known else "other"


def note_of(record: SentRecord) -> str:
    """Return the level and description of an alert that is not encrypted; empty for other records."""
    body = record.data[_HEADER:]
    if record.continued or record.type_name != "alert" or record.length != _ALERT or len(body) < _ALERT:
        return ""
    level, description = (_member(kind, value) for kind, value in zip(_ALERT_FIELDS, body, strict=False))
    return f"{level} alert: {description}"


_ALERT_FIELDS = (AlertLevel, AlertDescription)


def _member(kind: type[IntEnum], value: int) -> str:
    return kind(value).name.lower() if value in {member.value for member in kind} else str(value)


def size_class(length: int | None) -> int:
    """Return the width of a record's bar, from 1 to 8, by its length."""
    limits = (64, 256, 1024, 2048, 4096, 8192, 16384)
    return 1 + sum((length or 0) >= limit for limit in limits)


@dataclass(frozen=True)
class RunOfRecords:
    """Records that follow each other and look alike, drawn as one group of bars."""

    sender: str
    kind: str
    """The style of their bars."""
    name: str
    length: int | None
    part: str
    """The part of the record that the step sent (:func:`part_of`)."""
    count: int = 1

    @property
    def width(self) -> int:
        """The width of a bar (:func:`size_class`)."""
        return size_class(self.length)

    @property
    def bars(self) -> int:
        """The number of bars that are drawn."""
        return min(self.count, MOST_BARS)

    @property
    def words(self) -> str:
        """The number of records, their type and their length."""
        words = [f"{self.count} \N{MULTIPLICATION SIGN}"] if self.count > 1 else []
        words += [self.name] if self.length is None else [self.name, f"{self.length:,}"]
        return " ".join(words) + (f", {self.part}" if self.part else "")


def runs_of(records: Iterable[SentRecord]) -> list[RunOfRecords]:
    """Group records that follow each other and look alike."""
    return [replace(look, count=len(list(run))) for look, run in groupby(map(_look, records))]


def _look(record: SentRecord) -> RunOfRecords:
    name = SHORT_TYPES.get(record.type_name, record.type_name)
    return RunOfRecords(record.sender, family(record), name, record.length, part_of(record))


def part_of(record: SentRecord) -> str:
    """Return the part of a record that a step has sent: all (empty), "begun", "rest", or another "part"."""
    begun, ended = not record.continued, record.complete
    return {(True, True): "", (True, False): "begun", (False, True): "rest"}.get((begun, ended), "part")
