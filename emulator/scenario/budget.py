"""A bound on the calls of a scenario's transport, which tells a replay that would never end.

Answers that no release gave together can send the engine round for ever; whatever loops there reads or
writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bio import ScriptedBIO, make_scripted_bio_pair
from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from emulator.bio.base import Data


MOST_CALLS = 20_000
"""Twenty times as many calls of a transport as any recorded scenario makes."""


class EndlessError(EmulatorError):
    """A replay made more calls of its transport than it may: it goes round in a circle."""


class _Budget:
    """The calls that a transport may still take, both ends together."""

    __slots__ = ("_calls", "_left")

    def __init__(self, calls: int) -> None:
        self._calls = self._left = calls

    def spend(self) -> None:
        """Count one call; EndlessError where none is left."""
        self._left -= 1
        if self._left < 0:
            raise EndlessError(f"no end after {self._calls} calls of the transport")


class _CountedBIO(ScriptedBIO):
    __slots__ = ("_budget",)

    def __init__(self, like: ScriptedBIO, budget: _Budget) -> None:
        super().__init__(like.outgoing, like.incoming)
        self._budget = budget

    def write(self, data: Data) -> int:
        self._budget.spend()
        return super().write(data)

    def read(self, n: int) -> bytes:
        self._budget.spend()
        return super().read(n)


def make_bios(most_calls: int | None) -> tuple[ScriptedBIO, ScriptedBIO]:
    """The two ends of a transport; after ``most_calls`` calls it raises EndlessError."""
    client, server = make_scripted_bio_pair()
    if most_calls is None:
        return client, server
    budget = _Budget(most_calls)
    return _CountedBIO(client, budget), _CountedBIO(server, budget)
