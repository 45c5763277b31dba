"""Every behaviour that has a name: its question, its possible answers, and what each means.

The words are those of :mod:`emulator.behaviours`: a behaviour has a question, and a meaning for each answer;
a field may have words of its own.  Functions, modes and options are listed beside the behaviours under their
names in C, since they come and go in the same way.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.exceptions import UsageError
from emulator.knowledge.index import part
from emulator.knowledge.kinds import Kind
from emulator.knowledge.near import hint, plain, shown

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class CatalogueEntry:
    """An entry of the catalogue: a behaviour, function, mode or option, on which releases may differ.

    ``key`` is its name: "write.bio_zero" of a behaviour, "SSL_write_ex" of a function, "SSL_MODE_AUTO_RETRY"
    of a mode.  ``answers`` has every answer that the model allows, with its meaning.  It is empty if the
    answer is a number, yes or no, or a list.
    """

    key: str
    question: str
    answers: Mapping[str, str]
    kind: Kind = Kind.BEHAVIOUR

    @property
    def section(self) -> str:
        """The section of the profile that has it."""
        return self.key.partition(".")[0] if self.kind is Kind.BEHAVIOUR else f"{self.kind}s"

    @property
    def name(self) -> str:
        """The key without its section."""
        return self.key.rpartition(".")[2]

    def words_of(self, value: str) -> str:
        """Return the meaning of an answer; empty if the answer needs no more words."""
        return self.answers.get(value, "")


@dataclass(frozen=True)
class CataloguedSection:
    """One section of a profile, and its behaviours as the model orders them."""

    key: str
    words: str
    behaviours: tuple[CatalogueEntry, ...]


# -- the catalogue -------------------------------------------------------------------------------


@functools.cache
def sections() -> tuple[CataloguedSection, ...]:
    """Every section that holds behaviours, as the model orders them."""
    return tuple(
        CataloguedSection(each["key"], each["words"], tuple(map(_entry, each["behaviours"])))
        for each in part("answers")["sections"]
    )


def _entry(data: dict[str, Any]) -> CatalogueEntry:
    return CatalogueEntry(data["key"], data["question"], data["answers"], Kind(data["kind"]))


@functools.cache
def behaviours() -> tuple[CatalogueEntry, ...]:
    """Every behaviour, as the model orders them."""
    return tuple(behaviour for section in sections() for behaviour in section.behaviours)


@functools.cache
def exists() -> tuple[CatalogueEntry, ...]:
    """Every function, mode and option that some release has, by its name in C, in the order of appearance."""
    return tuple(map(_entry, part("answers")["exists"]))


def find(name: str) -> CatalogueEntry:
    """Return the behaviour that a user means: by its key, or by its name if no other section has that name.

    Functions, modes and options are found by their names in C.  Case, "-" for "_" and "()" don't matter.
    UsageError for a name that is unknown or that several sections have; it lists the nearest.
    """
    found = called(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"behaviour: {name!r} may be {' or '.join(each.key for each in found)}")
    near = hint(name, _by_key()) or "; emulator explain lists all behaviours"
    raise UsageError(f"behaviour: {shown(name)} is unknown{near}")


def called(name: str) -> list[CatalogueEntry]:
    """List the behaviours that a name may mean, as :func:`find` reads it; empty if there is none."""
    if name in _by_key():
        return [_by_key()[name]]
    asked = plain(name)
    exact = [each for each in _by_key().values() if plain(each.key) == asked]
    own = [each for each in behaviours() if plain(each.name) == asked]
    return exact or own or [each for each in exists() if _without_prefix(each) == asked]


@functools.cache
def _by_key() -> dict[str, CatalogueEntry]:
    return {each.key: each for each in (*behaviours(), *exists())}


def _without_prefix(thing: CatalogueEntry) -> str:
    """Return the name of a function, mode or option as people shorten it: "write_ex", "auto_retry"."""
    prefixes = {Kind.MODE: "ssl_mode_", Kind.OPTION: "ssl_op_"}
    return plain(thing.key).removeprefix(prefixes.get(thing.kind, "ssl_"))
