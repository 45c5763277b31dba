"""Every behaviour that has a name: its question, its possible answers, and what each means.

The words are those of :mod:`emulator.behaviours`: a behaviour has a question, and a meaning for each answer;
a field may have words of its own.  Functions, modes and options are listed beside the behaviours under their
names in C, since they come and go in the same way.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, get_origin

from emulator.behaviours.behaviour import Behaviour as Answers
from emulator.behaviours.meta import FunctionKind
from emulator.exceptions import UsageError
from emulator.profiles.describe import IDENTITY, TABLES, TABLES_WITHIN
from emulator.profiles.model import Profile
from emulator.profiles.tables import bare, is_section, types_of
from emulator.profiles.vary import known_profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.behaviours.section import Section as ProfileSection

SUGGESTED = 4
"""How many names are suggested to someone who misspelt one."""


class Kind(StrEnum):
    """What is it that releases answer differently?"""

    BEHAVIOUR = "behaviour"
    FUNCTION = "function"
    MODE = "mode"
    OPTION = "option"


@dataclass(frozen=True)
class Behaviour:
    """One thing on which releases may differ.

    ``key`` is its name: "write.bio_zero" of a behaviour, "SSL_write_ex" of a function, "SSL_MODE_AUTO_RETRY"
    of a mode.  ``answers`` has every answer that the model allows and what it means; it is
    empty where the answer is a number, yes or no, or a list.
    """

    key: str
    question: str
    answers: Mapping[str, str]
    kind: Kind = Kind.BEHAVIOUR

    @property
    def section(self) -> str:
        """The section of the profile file that it stands in."""
        return self.key.partition(".")[0] if self.kind is Kind.BEHAVIOUR else f"{self.kind}s"

    @property
    def name(self) -> str:
        """The key without its section."""
        return self.key.rpartition(".")[2]

    def words_of(self, value: str) -> str:
        """Say what an answer means; empty where the answer says it all."""
        return self.answers.get(value, "")


@dataclass(frozen=True)
class Section:
    """One section of a profile, and its behaviours as the model orders them."""

    key: str
    words: str
    behaviours: tuple[Behaviour, ...]


# -- the words -----------------------------------------------------------------------------------


def one_line(text: str | None) -> str:
    """Return a text without its line breaks and indents."""
    return " ".join((text or "").split())


def _behaviour(section: str, owner: type[ProfileSection], field: str) -> Behaviour:
    """Make a behaviour of a field: its question is that of its type, and the words about the field."""
    kind, key = bare(types_of(owner)[field]), f"{section}.{field}"
    words = one_line(owner.field_words.get(field))
    if not (isinstance(kind, type) and issubclass(kind, Answers)):
        return Behaviour(key, words, {})
    meanings = {str(answer): one_line(answer.meaning) for answer in kind}
    return Behaviour(key, " ".join(filter(None, (one_line(kind.__doc__), words))), meanings)


# -- the catalogue -------------------------------------------------------------------------------


@functools.cache
def sections() -> tuple[Section, ...]:
    """Every section that holds behaviours, as the model orders them."""
    return tuple(_sections())


def _sections() -> Iterator[Section]:
    for name, kind in types_of(Profile).items():
        owner = bare(kind)
        if name in (*IDENTITY, *TABLES) or not is_section(owner):
            continue
        fields = (each for each in owner.fields if _asks(name, owner, each))
        found = tuple(_behaviour(name, owner, each) for each in fields)
        yield Section(name, one_line(owner.__doc__), found)


def _asks(section: str, owner: type[ProfileSection], field: str) -> bool:
    """Whether a field is an answer to a question, and no table of strings, suites or faults."""
    annotation = bare(types_of(owner)[field])
    return get_origin(annotation) is not dict and f"{section}.{field}" not in TABLES_WITHIN


@functools.cache
def behaviours() -> tuple[Behaviour, ...]:
    """Every behaviour, as the model orders them."""
    return tuple(behaviour for section in sections() for behaviour in section.behaviours)


@functools.cache
def exists() -> tuple[Behaviour, ...]:
    """Every function, mode and option that some release has, by its name in C, in the order of appearance."""
    profiles = known_profiles().values()
    functions = {each.c_name: each.kind for profile in profiles for each in profile.functions.values()}
    modes = dict.fromkeys(name for profile in profiles for name in profile.modes)
    options = dict.fromkeys(name for profile in profiles for name in profile.options)
    return (
        *(_function(name, kind) for name, kind in functions.items()),
        *(Behaviour(f"SSL_MODE_{name}", _BIT.format("SSL_MODE", name), {}, Kind.MODE) for name in modes),
        *(
            Behaviour(f"SSL_OP_{name}", _BIT.format("SSL_OP", name) + _NO_EFFECT, {}, Kind.OPTION)
            for name in options
        ),
    )


_BIT = "Which bit is {}_{} in ssl.h, if it is there?"
_NO_EFFECT = " 0 where the name was kept and its effect dropped."
_ABSENCE = {
    FunctionKind.FUNCTION: "no symbol: a program that calls it does not link",
    FunctionKind.MACRO: "no macro: a program that calls it does not compile",
}


def _function(name: str, kind: FunctionKind) -> Behaviour:
    if kind is FunctionKind.CONTROL:
        missing = {"answers 0": "SSL_ctrl() does not know its number: it does nothing"}
    else:
        missing = {"absent": _ABSENCE[kind]}
    return Behaviour(name, f"Is there {name}()?", {"present": "", **missing}, Kind.FUNCTION)


def find(name: str) -> Behaviour:
    """Return the behaviour that a user calls so: by its key, or by its name if no other section has it.

    Functions, modes and options are found by their names in C.  Case, "-" for "_" and "()" don't matter.
    UsageError for a name that is unknown or that several sections have; it lists the nearest.
    """
    found = called(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"behaviour: {name!r} may be {' or '.join(each.key for each in found)}")
    raise UsageError(f"behaviour: {shown(name)} is unknown{hint(name, _by_key())}")


def called(name: str) -> list[Behaviour]:
    """List the behaviours that a name may mean, as :func:`find` reads it; empty if there is none."""
    if name in _by_key():
        return [_by_key()[name]]
    asked = _plain(name)
    exact = [each for each in _by_key().values() if _plain(each.key) == asked]
    own = [each for each in behaviours() if each.name == asked]
    return exact or own or [each for each in exists() if _without_prefix(each) == asked]


@functools.cache
def _by_key() -> dict[str, Behaviour]:
    return {each.key: each for each in (*behaviours(), *exists())}


def _plain(name: str) -> str:
    return name.strip().removesuffix("()").lower().replace("-", "_")


def _without_prefix(thing: Behaviour) -> str:
    """Return the name of a function, mode or option as people shorten it: "write_ex", "auto_retry"."""
    prefixes = {Kind.MODE: "ssl_mode_", Kind.OPTION: "ssl_op_"}
    return _plain(thing.key).removeprefix(prefixes.get(thing.kind, "ssl_"))


def hint(name: str, names: Iterable[str]) -> str:
    """Return the nearest names as the end of a message; empty if none is near."""
    near = nearest(name, names)
    if len(near) > 1:
        return f"; the nearest are {', '.join(near)}"
    return f"; did you mean {near[0]}?" if near else ""


def nearest(name: str, names: Iterable[str], limit: int = SUGGESTED) -> list[str]:
    """List at most ``limit`` of the names that someone who wrote ``name`` may have meant, likeliest first.

    What stands before the last dot of a name may be left out.
    """
    whole = _plain(name)
    alike, alike_at_the_end = _Likeness(whole), _Likeness(whole.rpartition(".")[2])

    def likeness(candidate: str) -> float:
        plain = _plain(candidate)
        own = plain.rpartition(".")[2]
        ratio = max(alike.to(plain), alike_at_the_end.to(own))
        return ratio + _BONUS if ratio and alike_at_the_end.holds(own) else ratio

    scored = sorted(((likeness(each), each) for each in dict.fromkeys(names)), key=lambda one: -one[0])
    return [each for score, each in scored[:limit] if score >= _ALIKE and score >= scored[0][0] - _SPREAD]


_ALIKE = 0.65
_SPREAD = 0.2
_BONUS = 0.2
"""For a name of which one is a part of the other."""


class _Likeness:
    """How alike a text is to one name after the other: from 0, not alike, to 1, the same.

    difflib needs time in proportion to the product of the lengths; a name whose length or letters alone rule
    out that it is near is not compared.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._matcher = difflib.SequenceMatcher(b=text, autojunk=False)

    def to(self, name: str) -> float:
        matcher, least = self._matcher, _ALIKE - _BONUS
        matcher.set_seq1(name)
        may_be = matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least
        return matcher.ratio() if may_be else 0.0

    def holds(self, name: str) -> bool:
        return name in self._text or self._text in name


_LONGEST_SHOWN = 60


def shown(text: str) -> str:
    """Return a text in quotes for a message; of a long one the beginning."""
    return repr(text) if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]!r}..."
