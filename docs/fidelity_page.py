"""What the page of fidelity says: out of ``fidelity.json``, ``evidence.json`` and the profiles' own sources.

``python -m emulator fidelity --json`` prints the one, and ``python docs/evidence.py`` writes the other.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.profile import load_profile
from emulator.profiles import files
from emulator.profiles.describe import answers
from emulator.release import Release
from emulator.scenario.compare import RANDOM_FAMILY
from emulator.scenario.fidelity import Count, Verdict, read_verdicts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DOCS = Path(__file__).resolve().parent
SHOWN_IDS = 6
"""How many scenarios are named of those that differ alike, unless all are."""
SHOWN_SOURCES = 2
LONGEST_ANSWER = 32
SOURCES = re.compile(r"Sources?: (.*?)\.(?= [A-Z(]|$)")
"""In the comment of a part of a profile, to the end of the sentence."""
STEP = re.compile(r"^step \d+ \([^)]*\): ")
PAGES = ("manual",)
"""Sections that say what a release's manual page says."""
ELSEWHERE = ("build", "exists", "ciphers")
"""Sections that no scenario asks about: what was built, what headers declare, and cipher strings."""


class Backing(StrEnum):
    """What an answer rests on."""

    TRACES = "traces"
    PART = "traces, in part"
    SOURCES = "sources"
    MANUAL = "manual"


# -- how much matches ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One recording in the tables."""

    verdict: Verdict
    hand: str
    random: str
    strict: str


def of_total(matched: int, total: int) -> str:
    """A share: the number alone where all match."""
    if total == 0:
        return ""
    return str(total) if matched == total else f"**{matched} of {total}**"


def rows(verdicts: list[Verdict]) -> list[Row]:
    """A row for every recording."""
    found = []
    for verdict in verdicts:
        hand, random, total = verdict.count(random=False), verdict.count(random=True), verdict.count()
        found.append(
            Row(
                verdict,
                of_total(hand.matched, hand.total),
                of_total(random.matched, random.total),
                of_total(total.strict, total.total),
            )
        )
    return found


def by_family(verdicts: list[Verdict]) -> dict[str, Any]:
    """Shares by family: a row for each, and a column for the recordings that have the same in all of them."""
    families = families_of(verdicts)
    columns: dict[tuple[str, ...], list[str]] = {}
    for verdict in verdicts:
        counts = (verdict.families.get(family, Count()) for family in families)
        column = tuple(of_total(count.matched, count.total) for count in counts)
        columns.setdefault(column, []).append(verdict.recording)
    return {
        "recordings": list(columns.values()),
        "rows": [(family, [column[index] for column in columns]) for index, family in enumerate(families)],
    }


def families_of(verdicts: list[Verdict]) -> list[str]:
    """Every family, the random one last."""
    names = dict.fromkeys(family for verdict in verdicts for family in verdict.families)
    return [*sorted(name for name in names if name != RANDOM_FAMILY), RANDOM_FAMILY]


def differences(verdicts: list[Verdict]) -> list[dict[str, Any]]:
    """What does not match: the recording, the reason, the ids."""
    return [
        {
            "recording": verdict.recording,
            "strict": strict,
            "reason": reason,
            "shown": ids[:SHOWN_IDS],
            "more": ids[SHOWN_IDS:],
        }
        for verdict in verdicts
        for strict, found in ((False, verdict.differences), (True, verdict.strict_differences))
        for reason, ids in _by_field(found).items()
    ]


def _by_field(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Reasons without the step in which they show."""
    merged: dict[str, list[str]] = {}
    for reason, ids in found.items():
        merged.setdefault(STEP.sub("", reason), []).extend(ids)
    return merged


# -- what backs a behaviour ------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What one recording says of one behaviour."""

    recording: str
    answer: str
    others: dict[str, str]
    """For each other answer the scenario that rules it out, or nothing."""

    @property
    def backing(self) -> Backing:
        """Whether the recording rules out every other answer, some, or none."""
        if self.others and all(self.others.values()):
            return Backing.TRACES
        return Backing.PART if any(self.others.values()) else Backing.SOURCES


@dataclass(frozen=True)
class Answer:
    """One answer to a behaviour's question, and what it rests on."""

    value: str
    releases: str
    backing: Backing
    recordings: tuple[str, ...]
    scenario: str
    not_told_apart: tuple[str, ...]
    sources: tuple[str, ...]


@functools.cache
def evidence() -> dict[str, dict[str, Shown]]:
    """By recording and behaviour what was found; answers that the profile no longer gives are left out."""
    path = DOCS / "evidence.json"
    recorded = {verdict.recording: verdict.profile for verdict in read_verdicts(DOCS / "fidelity.json")}
    found = {}
    for recording, shown in json.loads(path.read_text(encoding="utf-8")).items():
        given = answers(load_profile(recorded[recording]))
        found[recording] = {
            key: Shown(recording, answer, others)
            for key, (answer, others) in shown.items()
            if given.get(key) == answer
        }
    return found


def backing_of(recording: str, key: str) -> Backing:
    """What a behaviour of a recorded release rests on."""
    section = key.partition(".")[0]
    if section in PAGES:
        return Backing.MANUAL
    shown = evidence().get(recording, {}).get(key)
    return shown.backing if shown is not None else Backing.SOURCES


def answer_of(key: str, value: str, releases: str, names: Iterable[str]) -> Answer:
    """What rests an answer of these releases on what."""
    shown = [found[key] for found in evidence().values() if key in found and found[key].answer == value]
    best = sorted(shown, key=lambda one: list(Backing).index(one.backing))
    backing = best[0].backing if best else Backing.SOURCES
    if key.partition(".")[0] in PAGES:
        backing = Backing.MANUAL
    ruled_out = {other for one in shown for other, scenario in one.others.items() if scenario}
    open_ = {other for one in shown for other, scenario in one.others.items() if not scenario} - ruled_out
    if shown and ruled_out:
        backing = Backing.PART if open_ else Backing.TRACES
    telling = [one for one in shown if any(one.others.values())]
    return Answer(
        value,
        releases,
        backing,
        tuple(one.recording for one in telling),
        next((scenario for one in telling for scenario in one.others.values() if scenario), ""),
        tuple(sorted(open_)),
        sources_of(key, tuple(names)),
    )


def sources_of(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The sources of the files that give an answer to the first of these releases, the nearest file first."""
    first, *rest = key.split(".")
    for layer in reversed(_layers(names[0])):
        table: Any = layer.table
        for part in (first, *rest):
            table = table.get(part) if isinstance(table, dict) else None
        if table is not None:
            return _cited(layer)
    return ()


def _cited(layer: files.Layer) -> tuple[str, ...]:
    """What a file cites.  The first file of a series cites that release as a whole."""
    file = str(layer.path.relative_to(files.BUILT_IN))
    if "extends" not in files.parse(layer.path) and "first_release" in layer.table:
        return (f"the source of {layer.table['first_release']} (`{file}`)",)
    found = tuple(layer.table.get("sources", ())) or _in_comment(layer.path)
    return (*found[:SHOWN_SOURCES], f"`{file}`")


def _in_comment(path: Path) -> tuple[str, ...]:
    """The sources that the comment at the head of a file names."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = " ".join(line.removeprefix("#").strip() for line in itertools.takewhile(_is_comment, lines))
    found = SOURCES.search(head)
    return (found[1],) if found else ()


def _is_comment(line: str) -> bool:
    return line.startswith("#")


@functools.cache
def _layers(name: str) -> tuple[files.Layer, ...]:
    builds = files.distributions()
    return files.layers(builds[name] if name in builds else files.file_of(Release(name)))


def in_words(answer: Answer) -> str:
    """What an answer rests on, in a cell."""
    sources = "; ".join(answer.sources) or "the profile's file"
    if answer.backing is Backing.MANUAL:
        return f"manual: {sources}"
    if answer.backing is Backing.SOURCES:
        return f"sources: {sources}"
    first, *more = answer.recordings
    words = f"{answer.backing}: `{answer.scenario}` of {first}" + (f" and {len(more)} more" if more else "")
    if answer.not_told_apart:
        others = ", ".join(f"`{shortened(other)}`" for other in answer.not_told_apart)
        words += f"; not told apart from {others}; sources: {sources}"
    return words


def shortened(text: str) -> str:
    """A long list by its beginning."""
    return text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER].rpartition(' ')[0]} ..."


def counts(verdicts: list[Verdict]) -> Iterator[dict[str, Any]]:
    """For each recording how many of its behaviours rest on what; not every one has been asked for."""
    for verdict in verdicts:
        keys = [
            key for key in answers(load_profile(verdict.profile)) if key.partition(".")[0] not in ELSEWHERE
        ]
        asked = evidence().get(verdict.recording, {})
        found = [
            backing_of(verdict.recording, key)
            for key in keys
            if key in asked or key.partition(".")[0] in PAGES
        ]
        yield {
            "recording": verdict.recording,
            "not_asked": len(keys) - len(found),
            **{backing.name.lower(): found.count(backing) for backing in Backing},
        }


def page() -> dict[str, Any]:
    """What the template of the page is filled with, but for the behaviours."""
    verdicts = read_verdicts(DOCS / "fidelity.json")
    total = Count()
    for verdict in verdicts:
        total.add(verdict.count())
    return {
        "rows": rows(verdicts),
        "families": by_family(verdicts),
        "total": total,
        "unsupported": sum(verdict.unsupported for verdict in verdicts),
        "differences": differences(verdicts),
        "counts": list(counts(verdicts)),
    }
