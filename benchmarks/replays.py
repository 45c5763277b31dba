"""Recorded scenarios that are replayed in a second."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.timing import Row
from emulator import load_profile
from emulator.scenario.fidelity import SUFFIX, profile_of
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runners

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = 300
TRACES = Path(__file__).parent.parent / "tests" / "scenario" / "traces"


def replay(release: str, lines: list[dict[str, object]]) -> float:
    """Scenarios a second: parsed, run and printed, as ``python -m emulator replay`` does it."""
    start = perf_counter()
    with Runners(load_profile(release)) as runners:
        for line in lines:
            json.dumps(runners.run(parse_line(line)))
    return len(lines) / (perf_counter() - start)


def rows(*, quick: bool) -> Iterator[Row]:
    """One line for each release that there is a recording of."""
    for path in sorted(TRACES.glob(f"*{SUFFIX}")):
        with gzip.open(path, "rt") as file:
            lines = [json.loads(line) for line in file][:: 4 if quick else 1]
        release = profile_of(path.name.removesuffix(SUFFIX), lines[0]["openssl"])
        load_profile(release)
        rate = median(replay(release, lines) for _ in range(3 if quick else 5))
        yield Row(f"{release:10} {len(lines):4} scenarios", f"{rate:.0f}/s", "", None, None, rate >= TARGET)
