"""The page of fidelity: from ``fidelity.json``, the package's evidence and the profiles' sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.knowledge import evidence, index
from emulator.knowledge.evidence import Backing
from emulator.profile import load_profile
from emulator.profiles.describe import answers
from emulator.scenario.compare import RANDOM_FAMILY
from emulator.scenario.fidelity import Count, Verdict, read_verdicts
from tools.pages.spans import sections
from tools.places import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.knowledge.evidence import Evidence
    from emulator.knowledge.kinds import Sources
    from tools.pages.spans import Answered

SHOWN_IDS = 6
"""How many scenarios are named of those that differ alike, unless all are."""
SHOWN_SOURCES = 2
LONGEST_ANSWER = 32
STEP = re.compile(r"^step \d+ \([^)]*\): ")
ELSEWHERE = ("build", "exists", "ciphers")
"""Sections that no scenario asks about: what was built, what headers declare, and cipher strings."""


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
class Answer:
    """One answer to a behaviour's question, and what it rests on."""

    value: str
    releases: str
    evidence: Evidence


def answer_of(key: str, value: str, releases: str, names: Iterable[str]) -> Answer:
    """What rests an answer of these releases on what."""
    return Answer(value, releases, evidence.of(key, value, names))


def sources_in_words(sources: Sources | None) -> str:
    """The first sources of a file, and the file."""
    if sources is None:
        return "the profile's file"
    if len(sources.cited) == 1 and sources.cited[0].startswith("the source of"):
        return f"{sources.cited[0]} (`{sources.file}`)"
    return "; ".join((*sources.cited[:SHOWN_SOURCES], f"`{sources.file}`"))


def in_words(answer: Answer) -> str:
    """What an answer rests on, in a cell."""
    found = answer.evidence
    sources = sources_in_words(found.sources)
    if not found.telling:
        return f"{found.backing}: {sources}"
    first, *more = found.recordings
    words = f"{found.backing}: `{found.scenario}` of {first}" + (f" and {len(more)} more" if more else "")
    if found.not_told_apart:
        others = ", ".join(f"`{shortened(other)}`" for other in found.not_told_apart)
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
        asked = evidence.recorded().get(verdict.recording, {})
        found = [
            evidence.backing_of(verdict.recording, key)
            for key in keys
            if key in asked or key.partition(".")[0] in evidence.PAGES
        ]
        yield {
            "recording": verdict.recording,
            "not_asked": len(keys) - len(found),
            **{backing.name.lower(): found.count(backing) for backing in Backing},
        }


def page() -> dict[str, Any]:
    """What the template of the page is filled with, but for the behaviours."""
    verdicts = read_verdicts(DATA / "fidelity.json")
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


def backed_sections() -> list[dict[str, Any]]:
    """List every section that scenarios can ask about, its behaviours, and what backs each answer."""
    return [
        {"key": section.key, "behaviours": [_backed(behaviour) for behaviour in section.behaviours]}
        for section in sections()
        if section.key not in ELSEWHERE and section.behaviours
    ]


def _backed(answered: Answered) -> dict[str, Any]:
    """Return a behaviour's answers, and what each rests on."""
    key, found = answered.behaviour.key, []
    for given in answered.given:
        names = [
            name
            for name in (*index.releases(), *index.builds())
            if index.answers_of(name).get(key) == given.value
        ]
        found.append(answer_of(key, given.value, given.releases, names))
    return {"key": key, "name": answered.behaviour.name, "answers": found}
