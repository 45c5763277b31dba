"""One direction of a transport that lies in this process."""

from __future__ import annotations

from emulator.api.arguments import c_size


class Stream:
    """``sent`` was accepted from the writer, ``arrived`` was delivered to the reader.

    ``capacity`` limits ``sent`` (None: no limit); ``ended`` says that the reader gets 0 once ``arrived`` is
    empty.
    """

    __slots__ = ("arrived", "capacity", "ended", "sent")

    def __init__(self, capacity: int | None = None) -> None:
        if capacity is not None:
            c_size("capacity", capacity)
        self.sent = bytearray()
        self.arrived = bytearray()
        self.capacity = capacity
        self.ended = False

    def room(self) -> int | None:
        """How many bytes a writer could place now; None: no limit."""
        return None if self.capacity is None else max(0, self.capacity - len(self.sent))

    def deliver(self, limit: int | None = None) -> int:
        """Move up to ``limit`` bytes (all unless given) from ``sent`` to ``arrived``; how many were moved."""
        sent = self.sent
        if limit is not None:
            c_size("limit", limit)
        if limit is None or limit >= len(sent):
            moved = len(sent)
            self.arrived += sent
            sent.clear()
            return moved
        self.arrived += sent[:limit]
        del sent[:limit]
        return limit

    def take(self, n: int) -> bytes:
        """Hand out up to ``n`` bytes that have arrived."""
        arrived = self.arrived
        out = bytes(arrived[:n])
        del arrived[:n]
        return out
