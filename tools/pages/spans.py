"""Who answers what: values, and the releases that have them in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.knowledge import catalogue, index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.knowledge.catalogue import CatalogueEntry
    from emulator.knowledge.kinds import Kind


@dataclass(frozen=True)
class Holders:
    """A value, and the releases that have it in words."""

    value: str
    releases: str


@dataclass(frozen=True)
class Answered:
    """One named behaviour, and who answers what."""

    behaviour: CatalogueEntry
    given: tuple[Holders, ...]


@dataclass(frozen=True)
class SectionOfPage:
    """One section of a profile."""

    key: str
    words: str
    behaviours: tuple[Answered, ...]


def holders(value_of: Callable[[str], str]) -> tuple[Holders, ...]:
    """Return the values and who has them, in the order of their first release; empty ones are left out.

    A distributor's build is named only where it answers otherwise than its release.
    """
    found: dict[str, list[str]] = {}
    for value, names in groupby(index.releases(), key=value_of):
        found.setdefault(value, []).append(in_words(list(names)))
    for name, release in index.builds().items():
        if value_of(name) != value_of(release):
            found.setdefault(value_of(name), []).append(name)
    return tuple(Holders(value, ", ".join(spans)) for value, spans in found.items() if value)


def in_words(names: Sequence[str]) -> str:
    """Return releases that follow each other in words: "1.0.1g to 1.0.1u"."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def sections() -> list[SectionOfPage]:
    """List all sections that hold behaviours, as the model orders them."""

    def answered(behaviour: CatalogueEntry) -> Answered:
        return Answered(behaviour, holders(lambda name: index.answers_of(name).get(behaviour.key, "")))

    return [
        SectionOfPage(section.key, section.words, tuple(map(answered, section.behaviours)))
        for section in catalogue.sections()
    ]


def existing(kind: Kind) -> list[dict[str, Any]]:
    """List the functions, modes or options that some release has: the values of each, and who has them."""

    def given(name: str) -> tuple[Holders, ...]:
        return holders(lambda release: index.answers_of(release).get(name, "unknown"))

    return [{"name": each.key, "given": given(each.key)} for each in catalogue.exists() if each.kind is kind]
