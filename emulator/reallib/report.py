"""What ``emulator verify`` prints."""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.profile import load_profile
from emulator.reallib.record import Recorder
from emulator.reallib.verify import Verifier
from emulator.scenario.generate import generate
from emulator.scenario.model import read_scenarios

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import TextIO

    from emulator.reallib.verify import Parting
    from emulator.scenario.model import Scenario

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


def verify(request: Request, out: TextIO) -> float:
    """Verify a profile against a library and print where they part; the share that matches, in percent."""
    with ExitStack() as stack:
        named = None if request.profile is None else load_profile(request.profile)
        recorder = stack.enter_context(Recorder(request.libssl, named))
        verifier = stack.enter_context(Verifier(recorder, strict=request.strict))
        out.write(f"library {recorder.version}, profile {recorder.profile.release}\n")
        for parting in verifier.run(_scenarios(request, out)):
            _tell(verifier.shrink(parting) if request.shrink else parting, request, out)
        counts = verifier.counts
    for name, count in (("unsupported", counts.unsupported), ("by chance", counts.unsteady)):
        if count:
            out.write(f"{name:<20} {count}\n")
    out.write(f"{'match':<20} {counts.matched}/{counts.total} {int(counts.percent * 100) / 100:.2f} %\n")
    return counts.percent


def _scenarios(request: Request, out: TextIO) -> Iterable[Scenario]:
    count = request.count
    if count is None:
        count = 0 if request.files else DRAWN_UNLESS_ASKED
    seed = secrets.token_hex(4) if request.seed is None else request.seed
    if count:
        out.write(f"seed {seed}\n")
    drawn = generate(seed, count, protocols=request.protocols, wide=request.wide)
    return chain(chain.from_iterable(map(read_scenarios, request.files)), drawn)


def _tell(parting: Parting, request: Request, out: TextIO) -> None:
    recorded = parting.recorded
    out.write(f"{recorded['id']}: {parting.difference}\n")
    if request.shrink:
        world = {key: value for key, value in recorded["scenario"].items() if key != "family"}
        out.write(f"    {json.dumps(world)}\n")
        out.writelines(f"    {json.dumps(entry['step'])}\n" for entry in recorded.get("trace", ()))
    if request.keep is not None:
        with Path(request.keep).open("a", encoding="utf-8") as file:
            file.write(json.dumps(recorded) + "\n")
