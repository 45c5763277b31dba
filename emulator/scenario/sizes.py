"""Which bytes of a trace belong to handshake records: their number is not compared.

Source: "How traces are compared"; content types of RFC 5246 section 6.2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.constants import SSL3_RT_HEADER_LENGTH, ContentType
from emulator.scenario.values import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.scenario.step import Json


HANDSHAKE_TYPES = (int(ContentType.CHANGE_CIPHER_SPEC), int(ContentType.HANDSHAKE))
"""Records whose sizes depend on keys and certificates."""


def is_handshake(entry: Any) -> bool:
    """Whether this entry of a ``wire`` is a record of a handshake."""
    return type(entry) is list and bool(entry) and entry[0] in HANDSHAKE_TYPES


def shows_handshake(call: Json) -> bool:
    """Whether the ``wire`` of a call has a record of a handshake."""
    wire = call.get("wire")
    return type(wire) is list and any(map(is_handshake, wire))


def _headers(call: Json) -> list[Any]:
    wire = call.get("wire")
    return [entry for entry in wire if type(entry) is list and len(entry) == 3] if type(wire) is list else []


def _count(value: Any) -> int:
    return value if type(value) is int else 0


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
            self.left = max(0, _count(self.left))
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
        headers = iter(_headers(call))
        count = _count(call.get("bytes"))
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
        if step.get("who") in SIDES and "bytes" in entry:
            directions[step["who"]].accept(entry)
        elif step.get("do") == "deliver" and step.get("from") in SIDES:
            moves[index] = directions[step["from"]].deliver(_count(entry.get("moved")))
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
        completed, who = entry.get("completed"), entry["step"].get("who")
        if type(completed) is dict and who in SIDES:
            found.setdefault(_count(entry.get("completed_after", index)), []).append((who, completed))
    return found
