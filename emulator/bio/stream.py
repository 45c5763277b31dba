"""One direction of a transport within this process."""

from __future__ import annotations

from emulator.api.arguments import c_size


class Stream:
    """The bytes accepted from the writer (``sent``), and those delivered to the reader (``arrived``).

    ``capacity`` limits ``sent`` (None: no limit).  ``ended``: the reader gets 0 once ``arrived`` is empty.
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
        """The number of bytes that a writer may send now; None: no limit."""
        return None if self.capacity is None else max(0, self.capacity - len(self.sent))

    def deliver(self, limit: int | None = None) -> int:
        """Move up to ``limit`` bytes (default: all) from ``sent`` to ``arrived``, and return their number."""
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
        """Remove and return up to ``n`` bytes that have arrived."""
        arrived = self.arrived
        out = bytes(arrived[:n])
        del arrived[:n]
        return out
