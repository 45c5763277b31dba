"""What ``emulator verify`` prints."""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.library import scenarios_in
from emulator.profile import load_profile
from emulator.reallib.record import Recorder
from emulator.reallib.verify import Verifier
from emulator.scenario.generate import generate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import TextIO

    from emulator.reallib.verify import Counts, Parting
    from emulator.scenario.model import Json, Scenario

DRAWN_UNLESS_ASKED = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be verified: the options of the command."""

    libssl: str
    profile: str | None = None
    files: Collection[str] = ()
    count: int | None = None
    seed: str | None = None
    protocols: Collection[str] | None = None
    wide: bool = False
    strict: bool = False
    shrink: bool = False
    keep: str | None = None


@dataclass(slots=True)
class Report:
    """What was found: ``library`` as it calls itself, the profile, ``seed`` if scenarios were drawn."""

    library: str
    profile: str
    seed: str | None
    counts: Counts
    partings: list[Parting]

    def as_json(self) -> Json:
        """The same as a plain object."""
        return {
            "library": self.library,
            "profile": self.profile,
            "seed": self.seed,
            **self.counts.as_json(),
            "differences": [parting.as_json() for parting in self.partings],
        }


def verify(request: Request, out: TextIO | None) -> Report:
    """Verify a profile against a library; print to ``out``, if it is given, where they part."""
    with ExitStack() as stack:
        named = None if request.profile is None else load_profile(request.profile)
        recorder = stack.enter_context(Recorder(request.libssl, named))
        verifier = stack.enter_context(Verifier(recorder, strict=request.strict))
        seed = _seed(request)
        report = Report(recorder.version, recorder.profile.release, seed, verifier.counts, [])
        if out is not None:
            out.write(f"library {report.library}, profile {report.profile}\n")
            out.write(f"seed {seed}\n" if seed is not None else "")
        for found in verifier.run(_scenarios(request, seed)):
            parting = verifier.shrink(found) if request.shrink else found
            report.partings.append(parting)
            _keep(parting, request)
            if out is not None:
                _tell(parting, request, out)
    if out is not None:
        _tell_counts(report.counts, out)
    return report


def _seed(request: Request) -> str | None:
    """What scenarios are drawn from, None if none are."""
    if request.count == 0 or (request.count is None and request.files):
        return None
    return secrets.token_hex(4) if request.seed is None else request.seed


def _scenarios(request: Request, seed: str | None) -> Iterator[Scenario]:
    for file in request.files:
        yield from scenarios_in(file)
    if seed is not None:
        count = DRAWN_UNLESS_ASKED if request.count is None else request.count
        yield from generate(seed, count, protocols=request.protocols, wide=request.wide)


def _keep(parting: Parting, request: Request) -> None:
    if request.keep is not None:
        with Path(request.keep).open("a", encoding="utf-8") as file:
            file.write(json.dumps(parting.recorded) + "\n")


def _tell(parting: Parting, request: Request, out: TextIO) -> None:
    out.write(f"{parting.recorded['id']}: {parting.difference}\n")
    if request.shrink:
        tell_scenario(parting, out)


def tell_scenario(parting: Parting, out: TextIO) -> None:
    """Print the scenario of a difference: its world, then its steps."""
    shown = parting.as_json()
    world = {key: value for key, value in shown["scenario"].items() if key != "family"}
    out.writelines(f"    {json.dumps(each)}\n" for each in (world, *shown["steps"]))


def _tell_counts(counts: Counts, out: TextIO) -> None:
    for name, count in (("unsupported", counts.unsupported), ("by chance", counts.unsteady)):
        if count:
            out.write(f"{name:<20} {count}\n")
    out.write(f"{'match':<20} {counts}\n")
