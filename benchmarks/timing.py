"""Timing two or more subjects against each other: interleaved, several rounds, medians."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Batch = Callable[[int], float]
    """Do something so many times; answer the seconds that it took, preparations left out."""


@dataclass(frozen=True)
class Row:
    """One line of the table.  ``ratio`` is a speed: 1 is as fast as pyOpenSSL, 2 is twice as fast."""

    name: str
    ours: str
    theirs: str
    ratio: float | None = None
    target: float | None = None
    verdict: bool | None = None
    limit: str = ""
    """What stands in the target's column where the target is no ratio."""

    def cells(self) -> tuple[str, ...]:
        """The columns as text."""
        held = self.verdict
        if held is None and self.ratio is not None and self.target is not None:
            held = self.ratio >= self.target
        mark = {None: "", True: "held", False: "MISSED"}[held]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x"
        target = self.limit if self.target is None else f"{self.target:.2g} x"
        return self.name, self.ours, self.theirs, ratio, target, mark


HEADINGS = ("", "emulator", "pyOpenSSL", "speed", "target", "")


def print_table(title: str, rows: Sequence[Row], headings: Sequence[str] = HEADINGS) -> None:
    """Print rows under their title, columns aligned."""
    lines = [tuple(headings), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    print(f"\n{title}")
    for line in lines:
        first, *others = line
        padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print(f"  {first.ljust(widths[0])}  {'  '.join(padded)}".rstrip())


def interleaved(batches: Mapping[str, Batch], number: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of one operation for each subject and round; the order turns from round to round."""
    for batch in batches.values():
        batch(max(number // 4, 1))  # warm up
    seconds: dict[str, list[float]] = {name: [] for name in batches}
    names = list(batches)
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            seconds[name].append(batches[name](number) / number)
    return seconds


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How fast we are compared with them: the median of the rounds' own ratios."""
    return median(their / our for our, their in zip(ours, theirs, strict=True))


def microseconds(seconds: Sequence[float]) -> str:
    """The median of some rounds, for people."""
    value = median(seconds) * 1e6
    return f"{value:.2f} us" if value < 100 else f"{value:.0f} us"


def stopwatch(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start
