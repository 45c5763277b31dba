"""Plant differences in the profiles of real libraries: ``python -m tools.planted FOLDER [LIBRARY...]``.

``emulator oracles fetch FOLDER`` brings the libraries.  Every behaviour of the write section is given every
other answer, and ``tools/data/planted.json`` keeps the small scenario that gives it away;
``tools/data/unseen.toml`` says why the others cannot be seen.  It takes one to three minutes a library: it is
done when a behaviour of that section is added.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.profile import load_profile
from emulator.profiles.describe import answers, in_words
from emulator.profiles.vary import every_other_answer
from emulator.reallib.live import recorded
from emulator.reallib.oracles import chosen, fetch, libssl_in
from emulator.reallib.plant import Planter
from emulator.reallib.record import Recorder
from emulator.scenario.generate import generate
from emulator.scenario.sources import scenarios_in
from tools.places import DATA, ORACLES, POINTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.profiles.model import Profile

FOUND = DATA / "planted.json"
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


def known() -> list[dict[str, Any]]:
    """Return what every library gave away."""
    found: list[dict[str, Any]] = json.loads(FOUND.read_text(encoding="utf-8"))
    return found


def due() -> dict[str, list[str]]:
    """Return by library the behaviours of which some other answer was not planted."""
    before = {one["library"]: one for one in known()}
    found = {}
    for library in recorded(chosen(None)):
        one = before.get(library.version, {"profile": library.version, "planted": []})
        profile = load_profile(one["profile"])
        planted = {(each["key"], each["planted"]) for each in one["planted"]}
        keys = [key for key in answers(profile) if key.partition(".")[0] == SECTION]
        missing = [key for key in keys if not {(key, each) for each in others(profile, key)} <= planted]
        if missing:
            found[library.name] = missing
    return found


def others(profile: Profile, key: str) -> list[str]:
    """Return the other answers to a question, in words."""
    return [in_words(value) for value in every_other_answer(profile, key)]


def stale() -> list[str]:
    """List the libraries in which some answer is still to be planted."""
    return [f"{', '.join(keys)} in {name}" for name, keys in due().items()]


def refresh(only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Plant in every library all answers, or those that are due; fetches the libraries first."""
    wanted = due() if only_stale else {library.name: [] for library in recorded(chosen(None))}
    folder = Path(os.environ.get("EMULATOR_ORACLES") or ORACLES)
    fetch(folder, chosen(list(wanted)), lambda line: sys.stderr.write(f"{line}\n"))
    write(folder, wanted)


def write(folder: Path, wanted: dict[str, list[str]]) -> None:
    """Plant other answers to these questions, to all where none is named; write what was found."""
    found = {one["library"]: one for one in (known() if FOUND.exists() else [])}
    for library in recorded(chosen(list(wanted) or None)):
        one = campaign(libssl_in(folder, library), wanted.get(library.name) or [SECTION])
        found[one["library"]] = merged(found.get(one["library"]), one)
        seen = sum(each["recorded"] is not None for each in one["planted"])
        sys.stdout.write(f"{one['library']}: {seen} of {len(one['planted'])} planted answers are seen\n")
        sys.stdout.flush()
        FOUND.write_text(as_text(found.values()), encoding="utf-8")


def main() -> int:
    """Plant, and write what was found; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.planted", description="Plant differences in the profiles of real libraries."
    )
    parser.add_argument("folder", type=Path, help="where `emulator oracles fetch` put the libraries")
    parser.add_argument("libraries", nargs="*", help="names of libraries; all unless given")
    parser.add_argument(
        "--behaviour", action="append", default=[], metavar="KEY", help=f"all of {SECTION} unless given"
    )
    options = parser.parse_args()
    names = options.libraries or [library.name for library in recorded(chosen(None))]
    write(options.folder, dict.fromkeys(names, options.behaviour))
    return 0


if __name__ == "__main__":
    sys.exit(main())
