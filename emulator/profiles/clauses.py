"""The clauses of the manual pages: ``profiles/clauses.toml``, and what is wrong with a word of a profile's.

A topic is a question about writing that a page may answer; a clause is one of its possible answers.  The
section ``[manual]`` of a profile says which clause stands on the pages of its release, by the topic and the
word of the clause; a topic that it lacks is one on which the pages are silent.
"""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.exceptions import ProfileError
from emulator.profiles import store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

FILE = "clauses.toml"

SILENT = "silent"
"""The word for a topic of which the pages of a release say nothing."""


class ClauseKind(StrEnum):
    """Whom does a clause bind, and how?"""

    PROMISE = "promise"
    """The library keeps it: an outcome that breaks it is a divergence of the library from its page."""
    PERMISSION = "permission"
    """An outcome that may occur, or with ``to`` "caller" a thing that the caller may do."""
    UNDEFINED = "undefined"
    """Every outcome may occur."""
    DUTY = "duty"
    """The caller keeps it, or the page promises nothing."""
    ADVICE = "advice"
    """The caller had better keep it."""


class Clause(NamedTuple):
    """One sentence of a manual page, in our own words."""

    id: str
    """Topic and word: "num-zero.undefined"."""
    page: str
    """The manual page: "SSL_write(3)"."""
    kind: ClauseKind
    says: str
    predicate: str = ""
    """The name of the predicate that tells whether a call keeps the clause; empty if no call shows that."""
    why_not: str = ""
    """Why no call can show whether the clause is kept; empty if there is a predicate."""
    implies: tuple[str, ...] = ()
    """Words of clauses about the same topic that whoever keeps this one keeps, too."""
    to: str = ""
    """Of a permission, "caller" if the caller is permitted something; otherwise the library is."""

    @property
    def topic(self) -> str:
        """The question that the clause answers."""
        return self.id.partition(".")[0]

    @property
    def word(self) -> str:
        """The word that a profile has for the clause."""
        return self.id.partition(".")[2]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data: what there is of it."""
        return {
            name: list(value) if isinstance(value, tuple) else str(value)
            for name, value in self._asdict().items()
            if value
        }


class Topic(NamedTuple):
    """A question that a page may answer, and every answer that a page of some release gives."""

    name: str
    page: str
    asks: str
    clauses: Mapping[str, Clause]
    """By their words."""


@functools.cache
def topics() -> Mapping[str, Topic]:
    """Return every topic by its name, in the order of the file, as the clauses were compiled."""
    entry = store.STORE.load("clauses", lambda: table(store.BUILT_IN / FILE))
    return _topics(entry.data["topics"])


def topics_of_file() -> Mapping[str, Topic]:
    """Return every topic as the file has it now: for those who compile."""
    return _topics(table(store.BUILT_IN / FILE)["topics"])


def clause_called(name: str) -> Clause | None:
    """Return the clause with an id such as "num-zero.undefined"; None if there is none."""
    topic, _, word = name.partition(".")
    return topics()[topic].clauses.get(word) if topic in topics() else None


def _topics(found: Mapping[str, Any]) -> dict[str, Topic]:
    return {name: _topic(name, **facts) for name, facts in found.items()}


def _topic(name: str, page: str, asks: str, clauses: Mapping[str, Any]) -> Topic:
    return Topic(
        name,
        page,
        asks,
        {
            word: Clause(
                f"{name}.{word}",
                page,
                ClauseKind(facts["kind"]),
                **{key: value for key, value in facts.items() if key not in {"kind", "implies"}},
                implies=tuple(facts.get("implies", ())),
            )
            for word, facts in clauses.items()
        },
    )


def forget() -> None:
    """Read the clauses anew when they are asked for."""
    topics.cache_clear()


# -- the file ------------------------------------------------------------------------------------

_OF_TOPIC = ("page", "asks")
_OF_CLAUSE = ("kind", "says", "predicate", "why_not", "to", "implies")


def table(path: Path) -> dict[str, Any]:
    """Read the file of the clauses as plain data; ProfileError for whatever is wrong with it."""
    from emulator.profiles.files import parse  # noqa: PLC0415 - brings tomllib in; what is compiled needs none

    return {"topics": {name: _checked_topic(f"{path}: {name}", facts) for name, facts in parse(path).items()}}


def _checked_topic(where: str, facts: Any) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise ProfileError(f"{where}: got {facts!r}, expected a table with page, asks and clauses")
    own = {key: facts[key] for key in _OF_TOPIC if isinstance(facts.get(key), str)}
    clauses = {word: each for word, each in facts.items() if word not in _OF_TOPIC}
    for key in _OF_TOPIC:
        if key not in own:
            got = f"got {facts[key]!r}" if key in facts else "missing"
            raise ProfileError(f"{where}.{key}: {got}, expected a text")
    if not clauses or SILENT in clauses:
        raise ProfileError(f"{where}: expected clauses, [{where.rpartition(' ')[2]}.WORD], none {SILENT!r}")
    return {
        **own,
        "clauses": {
            word: _checked_clause(f"{where}.{word}", each, clauses) for word, each in clauses.items()
        },
    }


def _checked_clause(where: str, facts: Any, words: Collection[str]) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise ProfileError(f"{where}: got {facts!r}, expected a table")
    for key, value in facts.items():
        if key not in _OF_CLAUSE or not isinstance(value, list if key == "implies" else str):
            raise ProfileError(f"{where}.{key}: got {value!r}, expected some of {', '.join(_OF_CLAUSE)}")
    unknown = [word for word in facts.get("implies", []) if word not in words]
    if unknown:
        raise ProfileError(f"{where}.implies: got {unknown[0]!r}, expected some of {', '.join(words)}")
    kinds = [str(kind) for kind in ClauseKind]
    if facts.get("kind") not in kinds:
        raise ProfileError(f"{where}.kind: got {facts.get('kind')!r}, expected one of {', '.join(kinds)}")
    if not facts.get("says"):
        raise ProfileError(f"{where}.says: missing, expected a sentence")
    if bool(facts.get("predicate")) == bool(facts.get("why_not")):
        raise ProfileError(f"{where}: expected either predicate or why_not")
    return dict(facts)


# -- profiles ------------------------------------------------------------------------------------


def wrong_words(manual: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each topic of a profile's that is unknown, or whose word is, and what is wrong with it."""
    import difflib  # noqa: PLC0415 - only where a file is checked

    from emulator.profiles.files import shown  # noqa: PLC0415 - as in table()

    known = topics_of_file()
    for name, word in manual.items():
        if name not in known:
            near = difflib.get_close_matches(name[:_LONGEST], known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"{FILE} has all topics"
            yield name, f"unknown topic; {hint}"
        elif word not in known[name].clauses:
            yield name, f"got {shown(word)}, expected one of {', '.join(map(repr, known[name].clauses))}"


_LONGEST = 80
"""Names that are longer are compared by their beginning."""
