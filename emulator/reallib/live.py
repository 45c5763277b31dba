"""Live verification: every profile that a real library can be had for, against that library.

The hand-written scenarios of the library's recording must all match, fresh random ones nearly all.  What
differs is made small and kept, as a trace of the library's that the profile can be held to from then on.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.reallib.oracles import FetchError, libssl_in
from emulator.reallib.record import Recorder
from emulator.reallib.verify import Counts, Verifier
from emulator.scenario.compare import RANDOM_FAMILY
from emulator.scenario.generate import generate
from emulator.scenario.model import read_scenarios

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from emulator.reallib.oracles import Library
    from emulator.reallib.verify import Parting
    from emulator.scenario.model import Json, Scenario

MADE_SMALL = 5
"""So many differences of a library are made small and kept; the seed draws the others again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be verified.

    ``folder`` has the libraries, ``traces`` their recordings; ``count`` scenarios are drawn for each library;
    ``keep`` is a folder that takes what is found.
    """

    folder: Path
    libraries: Collection[Library]
    traces: Path
    count: int
    seed: str = field(default_factory=lambda: secrets.token_hex(4))
    strict: bool = False
    keep: Path | None = None

    def seed_of(self, library: Library) -> str:
        """What is drawn for this library: other scenarios than for the others."""
        return f"{self.seed}-{library.name}"


@dataclass(slots=True)
class Verdict:
    """What became of one library: ``hand_written`` and ``drawn`` scenarios, and where the profile parts."""

    library: Library
    profile: str
    hand_written: Counts = field(default_factory=Counts)
    drawn: Counts = field(default_factory=Counts)
    partings: list[Parting] = field(default_factory=list)
    kept: Path | None = None

    def is_good(self, require: float) -> bool:
        """Whether all that was written by hand matches, and this share of what was drawn, in percent."""
        hand = self.hand_written
        return hand.matched > 0 and not hand.parted and self.drawn.percent >= require

    def as_json(self) -> Json:
        """The same as a plain object."""
        return {
            "library": self.library.name,
            "version": self.library.version,
            "profile": self.profile,
            "hand_written": self.hand_written.as_json(),
            "random": self.drawn.as_json(),
            "differences": [parting.as_json() for parting in self.partings],
            "kept": None if self.kept is None else str(self.kept),
        }


def recorded(libraries: Iterable[Library]) -> tuple[Library, ...]:
    """Those of the libraries that have a recording, and so can be verified."""
    return tuple(library for library in libraries if library.recording)


def verify_all(plan: Plan) -> Iterator[Verdict]:
    """Verify one library after the other.

    Raises FetchError for a library that isn't there or calls itself otherwise, OSError without its recording.
    """
    found = {library: libssl_in(plan.folder, library) for library in plan.libraries}
    for library, libssl in found.items():
        yield _verified(plan, library, libssl)


def _verified(plan: Plan, library: Library, libssl: Path) -> Verdict:
    with Recorder(str(libssl)) as recorder:
        if recorder.version != library.version:
            raise FetchError(f"{libssl} calls itself {recorder.version}, and should be {library.version}")
        verdict = Verdict(library, recorder.profile.name)
        drawn = generate(plan.seed_of(library), plan.count, protocols=library.protocols, wide=True)
        for scenarios, counts in (
            (_hand_written(plan, library), verdict.hand_written),
            (drawn, verdict.drawn),
        ):
            _verify(recorder, scenarios, counts, plan, verdict)
    if plan.keep is not None and verdict.partings:
        verdict.kept = _keep(plan.keep, verdict)
    return verdict


def _verify(
    recorder: Recorder, scenarios: Iterable[Scenario], counts: Counts, plan: Plan, verdict: Verdict
) -> None:
    with Verifier(recorder, strict=plan.strict, counts=counts) as verifier:
        for parting in verifier.run(scenarios):
            small = len(verdict.partings) < MADE_SMALL
            verdict.partings.append(verifier.shrink(parting) if small else parting)


def _hand_written(plan: Plan, library: Library) -> list[Scenario]:
    scenarios = read_scenarios(str(plan.traces / f"{library.recording}.jsonl.gz"))
    return [scenario for scenario in scenarios if scenario.world.family != RANDOM_FAMILY]


def _keep(folder: Path, verdict: Verdict) -> Path:
    """Add what was made small to the finds of this profile; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{verdict.profile}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(parting.recorded) + "\n" for parting in verdict.partings[:MADE_SMALL])
    return path
