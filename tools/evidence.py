"""Find the scenario that shows each behaviour: ``python -m tools.evidence [RECORDING...] [--behaviour KEY]``.

A recorded scenario shows a behaviour if another answer to its question would make the scenario differ.  Every
behaviour of every recorded release is given each answer of another release, until a scenario differs;
``emulator/data/evidence.json`` keeps which it was.  That takes some minutes a recording: it is done when a
behaviour or a recording is added, and ``tools/reference.py`` makes a page of what was found.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

from emulator.knowledge.evidence import DATA, read
from emulator.profile import load_profile
from emulator.profiles.describe import answers, in_words
from emulator.profiles.vary import every_other_answer, with_answer
from emulator.profiles.watch import Watched
from emulator.scenario.budget import MOST_CALLS
from emulator.scenario.compare import RANDOM_FAMILY, difference, read_traces
from emulator.scenario.fidelity import SUFFIX, profile_of, recordings
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runner
from tools.places import TRACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.profiles.model import Profile
    from emulator.scenario.model import Json

RANDOM_SHARE = 10
"""Every tenth random scenario is asked; those written by hand all are."""
MOST_ANSWERS = 3
"""How many other answers are tried: those of the nearest releases."""
NOT_ASKED = ("manual.", "build.", "exists.", "ciphers.")
"""What pages, builds and headers say; and cipher strings: the tests have lists of real libraries."""


# -- one behaviour, answered otherwise ------------------------------------------------------------


def other_answers(profile: Profile, key: str) -> list[Any]:
    """The other answers to a question that are tried."""
    return every_other_answer(profile, key)[:MOST_ANSWERS]


# -- replaying -----------------------------------------------------------------------------------


def differs(runner: Runner, line: Json) -> bool:
    """Whether a scenario ends otherwise than it was recorded."""
    try:
        actual = json.loads(json.dumps(runner.run(parse_line(line))))
    except Exception:  # noqa: BLE001 - whatever becomes of it is another outcome than the recorded one
        return True
    return difference(line, actual, strict=True) is not None


class Recording:
    """The supported lines of one recording, those written by hand first."""

    def __init__(self, name: str) -> None:
        lines = read_traces(str(TRACES / f"{name}{SUFFIX}"))
        self.name = name
        self.profile = load_profile(profile_of(name, lines[0]["openssl"]), lines[0].get("build") or None)
        lines = [line for line in lines if "unsupported" not in line]
        by_hand = [line for line in lines if line["scenario"]["family"] != RANDOM_FAMILY]
        at_random = [line for line in lines if line["scenario"]["family"] == RANDOM_FAMILY]
        self.lines = [*by_hand, *at_random[::RANDOM_SHARE]]

    def first_that_differs(self, lines: Iterable[Json], profile: Profile) -> str:
        """The id of the first scenario that shows that the profile is another one; empty if none does."""
        runner = Runner(profile, most_calls=MOST_CALLS)
        try:
            return next((str(line["id"]) for line in lines if differs(runner, line)), "")
        finally:
            runner.close()

    @functools.cached_property
    def readers(self) -> dict[str, list[Json]]:
        """For each behaviour the scenarios in which its answer is looked at."""
        found: dict[str, list[Json]] = {key: [] for key in answers(self.profile)}
        for line in self.lines:
            watched = Watched(self.profile)
            if self.first_that_differs([line], watched.profile):
                continue  # it differs as it is, and shows nothing
            for key in watched.looked_at & found.keys():
                found[key].append(line)
        return found

    def shows(self, key: str, likely: list[str]) -> dict[str, str]:
        """For each other answer the id of a scenario that rules it out; empty if none does."""
        lines = sorted(self.readers[key], key=lambda line: line["id"] not in likely)
        found = {}
        for value in other_answers(self.profile, key):
            other = with_answer(self.profile, key, value)
            found[in_words(value)] = self.first_that_differs(lines, other)
        return found


# -- the campaign --------------------------------------------------------------------------------


Found: TypeAlias = dict[str, tuple[str, dict[str, str]]]
"""By behaviour: the answer that was given, and for each other answer what rules it out."""

Evidence: TypeAlias = dict[str, dict[str, Any]]
"""By recording: the profile that it is replayed on, and under ``answers`` what was found."""


def campaign(name: str, keys: list[str], likely: dict[str, list[str]]) -> tuple[str, Found]:
    """Ask one recording for behaviours: for all, unless ``keys`` names some, or sections of them.

    The answer is the profile that it is replayed on, and what was found.
    """
    recording = Recording(name)
    found = {
        key: (answer, recording.shows(key, likely.get(key, [])))
        for key, answer in asked_of(recording.profile).items()
        if not keys or key in keys or key.partition(".")[0] in keys
    }
    return recording.profile.name, found


def likely_ids(evidence: Evidence) -> dict[str, list[str]]:
    """What showed each behaviour in some recording."""
    found: dict[str, list[str]] = {}
    for shown in evidence.values():
        for key, (_answer, others) in shown["answers"].items():
            found.setdefault(key, []).extend(scenario for scenario in others.values() if scenario)
    return found


def as_text(evidence: Evidence) -> str:
    """What was found as JSON, a line for each behaviour."""
    blocks = []
    for name, found in sorted(evidence.items()):
        lines = ",\n".join(
            f"   {json.dumps(key)}: {json.dumps(shown)}" for key, shown in sorted(found["answers"].items())
        )
        head = f' {json.dumps(name)}: {{\n  "profile": {json.dumps(found["profile"])},\n  "answers": {{\n'
        blocks.append(f"{head}{lines}\n  }}\n }}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def asked_of(profile: Profile) -> dict[str, str]:
    """Return the answers of a profile that scenarios can show, by behaviour."""
    return {key: answer for key, answer in answers(profile).items() if not key.startswith(NOT_ASKED)}


def due(evidence: Evidence) -> dict[str, list[str]]:
    """Return by recording the behaviours that are new since, or that its profile now answers otherwise."""
    found = {}
    for path in recordings(str(TRACES)):
        name = path.name.removesuffix(SUFFIX)
        known = evidence.get(name, {"answers": {}})["answers"]
        wanted = asked_of(Recording(name).profile)
        keys = [key for key, answer in wanted.items() if known.get(key, [None])[0] != answer]
        if keys:
            found[name] = keys
    return found


def stale() -> list[str]:
    """List the behaviours that some recording is still to be asked for."""
    counts = Counter(key for keys in due(read()).values() for key in keys)
    return [f"{key} in {count} recordings" for key, count in counts.items()]


def refresh(only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Ask every recording for all behaviours, or for those that are due."""
    evidence = read()
    everything = {path.name.removesuffix(SUFFIX): list[str]() for path in recordings(str(TRACES))}
    write(due(evidence) if only_stale else everything, jobs=os.cpu_count())


def write(wanted: dict[str, list[str]], *, jobs: int | None) -> None:
    """Ask recordings for behaviours, all where none is named, and write what was found."""
    evidence: Evidence = read() if DATA.exists() else {}
    likely = likely_ids(evidence)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {name: pool.submit(campaign, name, keys, likely) for name, keys in wanted.items()}
        for name, future in futures.items():
            profile, found = future.result()
            known = evidence[name]["answers"] if wanted[name] and name in evidence else {}
            still = asked_of(load_profile(profile)).keys()
            both = {key: shown for key, shown in {**known, **found}.items() if key in still}
            evidence[name] = {"profile": profile, "answers": both}
            shown = sum(any(others.values()) for _answer, others in found.values())
            sys.stdout.write(f"{name}: {shown} of {len(found)} behaviours are shown\n")
            sys.stdout.flush()
            DATA.write_text(as_text(evidence), encoding="utf-8")


def main() -> int:
    """Ask, and write what was found; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.evidence", description="Find the scenario that shows each behaviour."
    )
    parser.add_argument("recordings", nargs="*", help="names of recordings; all unless given")
    parser.add_argument(
        "--behaviour", action="append", default=[], metavar="KEY", help="as write.bio_zero, or write"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many processes")
    options = parser.parse_args()
    names = options.recordings or [path.name.removesuffix(SUFFIX) for path in recordings(str(TRACES))]
    write(dict.fromkeys(names, options.behaviour), jobs=options.jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
