"""The page of findings: each code, the clauses that it breaks, and what the generations do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.contract.codes import answers_alike, codes
from emulator.knowledge import index
from emulator.knowledge.timeline import releases_with
from emulator.pages.page import page_of
from emulator.profile import load_profile
from emulator.profiles.clauses import topics
from tools.pages.spans import in_words

if TYPE_CHECKING:
    from emulator.contract.codes import Code
    from emulator.profiles.clauses import Clause


@dataclass(frozen=True)
class Section:
    """One code."""

    code: Code
    clauses: tuple[tuple[Clause, str], ...]
    """The clauses that it breaks, and the releases whose pages have them."""
    answers: tuple[tuple[str, str], ...]
    """Series that follow each other and answer alike, and their answer."""
    lacking: bool
    """Whether there is a release whose pages have none of the clauses."""


def page() -> dict[str, Any]:
    """Return what the template of the page is filled with."""
    pages = {name: page_of(load_profile(name)) for name in index.releases()}
    sections = []
    for known in codes().values():
        clauses = []
        for identifier in known.clauses:
            topic, _, word = identifier.partition(".")
            having = [name for name, found in pages.items() if found.has(identifier)]
            clauses.append((topics()[topic].clauses[word], _spans(list(pages), having)))
        lacking = len(releases_with(known.clauses)) < len(pages)
        sections.append(Section(known, tuple(clauses), answers_alike(known.name), lacking))
    return {"sections": sections}


def _spans(names: list[str], having: list[str]) -> str:
    """Return releases in words, those that follow each other together."""
    held = set(having)
    groups = [list(group) for key, group in groupby(names, key=held.__contains__) if key]
    return ", ".join(in_words(group) for group in groups)
