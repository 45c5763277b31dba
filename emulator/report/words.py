"""The words of a report: what an answer, a state and a record are called in a cell and in the details."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.constants import AlertDescription, AlertLevel, Shutdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from enum import IntEnum

Json = dict[str, Any]

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


def status_of(cell: Json) -> str:
    """What kind of an answer it is: ok, retry, closed, error, blocked, skipped, missing, or note."""
    for kind in ("missing", "skipped"):
        if cell.get(kind):
            return kind
    answer = final(cell)
    if cell.get("blocked") and answer is cell:
        return "blocked"
    if (answer.get("extra") or {}).get("crash"):
        return "crash"
    error = answer.get("error")
    if error is None:
        return "note"
    return _STATUS.get(error, "retry")


def is_empty(cell: Json) -> bool:
    """Whether a step has left nothing to tell: a setting of the transport, say."""
    told = ("ret", "error", "queue", "want", "extra", "records", "blocked", "skipped", "missing", "manual")
    return not any(cell.get(key) not in (None, [], {}, False) for key in (*told, "promise"))


def final(cell: Json) -> Json:
    """The answer of a call: what it completed with if it had blocked."""
    completed: Json | None = cell.get("completed")
    return completed or cell


def answer_of(cell: Json) -> str:
    """A cell's answer in a few words: "-1 WANT_WRITE", "blocks", "no such function"."""
    if cell.get("missing"):
        return "no such function"
    if cell.get("skipped"):
        return f"skipped: {cell['skipped']}"
    words = _returned(final(cell))
    if not cell.get("blocked"):
        return words
    return "blocks" if not cell.get("completed") else f"blocks, then {words}"


def _returned(answer: Json) -> str:
    ret, error = answer.get("ret"), answer.get("error")
    parts = [str(part) for part in (ret, error) if part is not None]
    return " ".join(parts) or ", ".join(f"{label} {value}" for label, value in extras(answer))


def extras(answer: Json) -> Iterator[tuple[str, str]]:
    """What else a call gave: out-parameters, data, modes, bytes moved; each with its name."""
    for key, value in (answer.get("extra") or {}).items():
        if value is None:
            continue
        if key == "data":
            yield "data read", f"{value['len']:,} bytes, CRC-32 {value['crc32']:08x}"
        elif key == "crash":
            yield "the library dies", str(value)
        elif key == "moved":
            yield "delivered", f"{value:,} bytes"
        elif key == "mode":
            yield "mode", f"{value:#x}"
        else:
            yield _EXTRA.get(key, key), f"{value:,}" if isinstance(value, int) else str(value)


def reason_of(line: str) -> str:
    """The reason in an error's line; the whole line where it isn't in OpenSSL's form."""
    parts = line.split(":", 4)
    return parts[4].strip() if len(parts) == 5 and parts[0] == "error" and parts[4].strip() else line


def origin_of(line: str) -> tuple[str, ...]:
    """The code and the function of an error's line, beside its reason; the line itself in other forms."""
    parts = line.split(":", 4)
    return (parts[1], parts[3]) if len(parts) == 5 and parts[0] == "error" else (line,)


def states_of(answer: Json) -> list[str]:
    """The state that a call left behind, as far as it is worth a word."""
    words = []
    if answer.get("want") not in (None, "NOTHING"):
        words.append(f"want {answer['want']}")
    if answer.get("shutdown"):
        words.append(f"shutdown {shutdown_words(answer['shutdown'])}")
    if answer.get("in_init"):
        words.append("in init")
    if answer.get("errno"):
        words.append(f"errno {answer['errno']}")
    return words


def shutdown_words(flags: int) -> str:
    """SSL_get_shutdown's bits: "sent", "received", "sent, received" or "none"."""
    names = [word for bit, word in ((Shutdown.SENT, "sent"), (Shutdown.RECEIVED, "received")) if flags & bit]
    return ", ".join(names) or "none"


def pairs_of(answer: Json) -> list[tuple[str, str]]:
    """A call's whole answer: what was asked, and what came."""
    pairs: list[tuple[str, str]] = []
    if answer.get("ret") is not None:
        pairs.append(("returned", str(answer["ret"])))
    if answer.get("error") is not None:
        pairs.append(("SSL_get_error", answer["error"]))
    pairs += extras(answer)
    if answer.get("error") is not None:
        pairs.append(("errno", str(answer.get("errno") or 0)))
    if answer.get("want") is not None:
        pairs.append(("SSL_want", answer["want"]))
    if answer.get("error") is not None:
        flags = answer.get("shutdown") or 0
        pairs.append(("SSL_get_shutdown", f"{flags} ({shutdown_words(flags)})"))
    if answer.get("in_init") is not None:
        pairs.append(("SSL_in_init", "1" if answer["in_init"] else "0"))
    if answer.get("bytes"):
        pairs.append(("bytes sent", f"{answer['bytes']:,}"))
    return pairs


# -- records -------------------------------------------------------------------------------------


def records_of(cell: Json) -> list[Json]:
    """All records that a call sent, those from before and after it blocked."""
    return [*(cell.get("records") or ()), *((cell.get("completed") or {}).get("records") or ())]


def version_name(version: str | None) -> str:
    """A record's version in words, "TLS 1.2"; as it came where it has no name."""
    return VERSIONS.get(version or "", version or "unknown")


def type_name(record: Json) -> str:
    """A record's type by its name, or by its number."""
    return str(record.get("type_name") or record.get("type"))


def family(record: Json) -> str:
    """The style that a record's bar has: its type, or "other"."""
    name = type_name(record)
    known = ("application_data", "handshake", "alert", "change_cipher_spec")
    return SHORT_TYPES.get(name, name).lower() if name in known else "other"


def note_of(record: Json) -> str:
    """What else a record's bytes say: the level and description of an alert that is not encrypted."""
    if record.get("continued"):
        return ""
    body = bytes.fromhex(record.get("hex") or "")[_HEADER:]
    if type_name(record) != "alert" or record.get("length") != _ALERT or len(body) < _ALERT:
        return ""
    level, description = (_member(kind, value) for kind, value in zip(_ALERT_FIELDS, body, strict=False))
    return f"{level} alert: {description}"


_ALERT_FIELDS = (AlertLevel, AlertDescription)


def _member(kind: type[IntEnum], value: int) -> str:
    return kind(value).name.lower() if value in {member.value for member in kind} else str(value)


def size_class(length: int | None) -> int:
    """How wide a record's bar is, from 1 to 8: one more for each doubling above 64 bytes, then 256."""
    limits = (64, 256, 1024, 2048, 4096, 8192, 16384)
    return 1 + sum((length or 0) >= limit for limit in limits)


def runs_of(records: Iterable[Json]) -> list[Json]:
    """Records that follow each other and look alike, as one: who sent them, what, how long, how many."""
    return [_run(look, len(list(run))) for look, run in groupby(records, key=_look)]


_Look = tuple[str, str, str, "int | None", str]


def _look(record: Json) -> _Look:
    kind = type_name(record)
    return (
        record["sender"],
        family(record),
        SHORT_TYPES.get(kind, kind),
        record.get("length"),
        part_of(record),
    )


def part_of(record: Json) -> str:
    """Which part of a record a step has sent: all of it (empty), its beginning, its end, or the middle."""
    begun, ended = not record.get("continued"), record.get("complete", True)
    return {(True, True): "", (True, False): "begun", (False, True): "rest"}.get((begun, ended), "part")


def _run(look: _Look, count: int) -> Json:
    sender, kind, name, length, part = look
    words = [f"{count} \N{MULTIPLICATION SIGN}"] if count > 1 else []
    words += [name] if length is None else [name, f"{length:,}"]
    return {
        "sender": sender,
        "kind": kind,
        "width": size_class(length),
        "bars": min(count, MOST_BARS),
        "count": count,
        "part": part,
        "words": " ".join(words) + (f", {part}" if part else ""),
    }
