"""Which bytes of a trace belong to handshake records: their number is not compared.

Source: "How traces are compared"; content types of RFC 5246 section 6.2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.constants import SSL3_RT_HEADER_LENGTH, ContentType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.scenario.model import Json

HANDSHAKE_TYPES = frozenset({int(ContentType.CHANGE_CIPHER_SPEC), int(ContentType.HANDSHAKE)})
"""Records whose sizes depend on keys and certificates."""


def is_handshake(entry: Any) -> bool:
    """Whether this entry of a ``wire`` is a record of a handshake."""
    return bool(entry) and entry[0] in HANDSHAKE_TYPES


class _Record:
    """A record on the wire; its content type is known once its header is complete."""

    __slots__ = ("content_type", "header", "left")

    def __init__(self) -> None:
        self.content_type: object = None
        self.header = 0
        self.left = 0

    def take(self, count: int, headers: Iterable[Any]) -> int:
        """Take in up to ``count`` bytes, the next of ``headers`` when the fifth header byte is among them."""
        if self.header == SSL3_RT_HEADER_LENGTH:
            part = min(self.left, count)
            self.left -= part
            return part
        part = min(SSL3_RT_HEADER_LENGTH - self.header, count)
        self.header += part
        if self.header == SSL3_RT_HEADER_LENGTH:
            self.content_type, _, self.left = next(iter(headers), (None, None, count - part))
            self.left = self.left or 0
        return part

    @property
    def is_complete(self) -> bool:
        return self.header == SSL3_RT_HEADER_LENGTH and not self.left


class _Direction:
    """The bytes that one side's transport accepted and has not delivered, as parts of records."""

    __slots__ = ("record", "waiting")

    def __init__(self) -> None:
        self.record = _Record()
        self.waiting: list[list[Any]] = []

    def accept(self, call: Json) -> None:
        """Queue the ``bytes`` of a call, which completed the headers that its ``wire`` names."""
        headers = iter([entry for entry in call.get("wire") or () if len(entry) == 3])
        count = call.get("bytes") or 0
        while count > 0:
            if self.record.is_complete:
                self.record = _Record()
            part = self.record.take(count, headers)
            self.waiting.append([self.record, part])
            count -= part

    def deliver(self, count: int) -> list[_Record] | None:
        """Dequeue ``count`` bytes; their records, or None if it was not recorded what they are."""
        records = []
        while count > 0 and self.waiting:
            first = self.waiting[0]
            part = min(first[1], count)
            first[1] -= part
            count -= part
            records.append(first[0])
            if not first[1]:
                self.waiting.pop(0)
        return None if count else records


def uncounted_deliveries(trace: list[Json]) -> set[int]:
    """Indices of the ``deliver`` steps that move any byte of a handshake record.

    So is one that moves bytes of which the trace does not tell the type: what a call sent that has been
    woken and has blocked again, and was never seen to complete.
    """
    directions = {"client": _Direction(), "server": _Direction()}
    completions = _completions(trace)
    moves: dict[int, list[_Record] | None] = {}
    for index, entry in enumerate(trace):
        step = entry["step"]
        for who, call in completions.get(index, ()):
            directions[who].accept(call)
        if "who" in step and "bytes" in entry:
            directions[step["who"]].accept(entry)
        elif step.get("do") == "deliver":
            moves[index] = directions[step["from"]].deliver(entry.get("moved") or 0)
        elif step.get("do") == "pump":
            for direction in directions.values():
                direction.waiting.clear()
    return {index for index, records in moves.items() if records is None or _any_handshake(records)}


def _any_handshake(records: list[_Record]) -> bool:
    return any(record.content_type in HANDSHAKE_TYPES for record in records)


def _completions(trace: list[Json]) -> dict[int, list[tuple[str, Json]]]:
    """For each step the calls that had blocked earlier and completed by its end, with their sides."""
    found: dict[int, list[tuple[str, Json]]] = {}
    for index, entry in enumerate(trace):
        if isinstance(entry.get("completed"), dict):
            after = entry.get("completed_after", index)
            found.setdefault(after, []).append((entry["step"]["who"], entry["completed"]))
    return found
