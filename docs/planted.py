"""Plant differences in the profiles of real libraries: ``python docs/planted.py FOLDER [LIBRARY...]``.

``emulator oracles fetch FOLDER`` brings the libraries.  Every behaviour of the write section is given every
other answer, and ``docs/planted.json`` keeps the small scenario that gives it away; ``docs/unseen.toml`` says
why the others cannot be seen.  It takes one to three minutes a library: it is done when a behaviour of that
section is added.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.profile import load_profile
from emulator.profiles.describe import answers
from emulator.reallib.live import recorded
from emulator.reallib.oracles import chosen, libssl_in
from emulator.reallib.plant import Planter
from emulator.reallib.record import Recorder
from emulator.scenario.generate import generate
from emulator.scenario.sources import scenarios_in

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCS = Path(__file__).resolve().parent
FOUND = DOCS / "planted.json"
POINTED = DOCS.parent / "tests" / "reallib" / "pointed.jsonl"
SECTION = "write"
DRAWN = 1500
SEED = "planted"


def campaign(path: Path, keys: list[str]) -> dict[str, Any]:
    """What one library gives away, and what not, of these behaviours."""
    with Recorder(str(path)) as recorder:
        planter = Planter(recorder, chain(scenarios_in(POINTED), generate(SEED, DRAWN, wide=True)))
        found = [planter.shrink(one).as_json() for one in planter.plant(keys)]
    return {
        "library": recorder.version,
        "profile": recorder.profile.name,
        "build": recorder.build,
        "scenarios": planter.count,
        "planted": found,
    }


def merged(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    """What was found now in place of what was found before, and the rest of that, in the profile's order."""
    asked = {one["key"] for one in now["planted"]}
    kept = [one for one in (before or now)["planted"] if one["key"] not in asked]
    order = list(answers(load_profile(now["profile"])))
    return {**now, "planted": sorted([*kept, *now["planted"]], key=lambda one: order.index(one["key"]))}


def as_text(found: Iterable[dict[str, Any]]) -> str:
    """What was found as JSON, a line for each planted answer."""
    blocks = []
    for one in found:
        head = json.dumps({key: value for key, value in one.items() if key != "planted"})
        lines = ",\n".join(f"  {json.dumps(each)}" for each in one["planted"])
        blocks.append(f' {head[:-1]}, "planted": [\n{lines}\n ]}}')
    return "[\n" + ",\n".join(blocks) + "\n]\n"


def main() -> int:
    """Plant, and write what was found; the exit status."""
    parser = argparse.ArgumentParser(description="Plant differences in the profiles of real libraries.")
    parser.add_argument("folder", type=Path, help="where `emulator oracles fetch` put the libraries")
    parser.add_argument("libraries", nargs="*", help="names of libraries; all unless given")
    parser.add_argument("--behaviour", action="append", metavar="KEY", help=f"all of {SECTION} unless given")
    arguments = parser.parse_args()
    before = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else []
    found = {one["library"]: one for one in before}
    for library in recorded(chosen(arguments.libraries or None)):
        one = campaign(libssl_in(arguments.folder, library), arguments.behaviour or [SECTION])
        found[one["library"]] = merged(found.get(one["library"]), one)
        seen = sum(each["recorded"] is not None for each in one["planted"])
        sys.stdout.write(f"{one['library']}: {seen} of {len(one['planted'])} planted answers are seen\n")
        sys.stdout.flush()
        FOUND.write_text(as_text(found.values()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
