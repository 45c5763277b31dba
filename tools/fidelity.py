"""How much of every recording an emulated release answers as recorded: ``tools/data/fidelity.json``."""

from __future__ import annotations

import sys

from emulator.scenario.fidelity import SUFFIX, as_text, judge_all, read_verdicts, recordings
from tools.places import DATA, TRACES

FOUND = DATA / "fidelity.json"


def stale() -> list[str]:
    """List the recordings that came or went; whether the others still match, their replay tells."""
    there = {path.name.removesuffix(SUFFIX) for path in recordings(str(TRACES))}
    listed = {verdict.recording for verdict in read_verdicts(FOUND)}
    return [f"the recording {name}" for name in sorted(there ^ listed)]


def refresh(_only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Replay every recording, and write how much of it matches."""
    verdicts = judge_all(recordings(str(TRACES)))
    FOUND.write_text(as_text(verdicts), encoding="utf-8")
    sys.stdout.write(f"{len(verdicts)} recordings\n")
