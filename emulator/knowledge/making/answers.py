"""Which release answers what, and the places of the files that say so.

Spans stand for releases that follow each other: ``[value, 3, 17]`` is the value of the releases from the
fourth to the eighteenth, oldest first.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, get_origin

from emulator.behaviours.behaviour import Behaviour as Answers
from emulator.behaviours.meta import FunctionKind
from emulator.knowledge.kinds import Kind, one_line
from emulator.knowledge.making.citing import cited_in
from emulator.profiles import histories, names, store
from emulator.profiles.clauses import SILENT, topics
from emulator.profiles.describe import IDENTITY, MANUAL, TABLES, TABLES_WITHIN, facts
from emulator.profiles.extending import layers_of_build
from emulator.profiles.model import Profile
from emulator.profiles.published import (
    distributions,
    known_releases,
    patched_release,
    releases_of,
    series_names,
)
from emulator.profiles.tables import bare, is_section, types_of
from emulator.profiles.vary import known_profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from emulator.behaviours.section import Section
    from emulator.knowledge.kinds import Sources
    from emulator.profiles.layers import Layer

Json = dict[str, Any]


def answers() -> Json:
    """Return which release answers what, and the places of the files that say so."""
    profiles = known_profiles()
    own = {name: facts(profile) for name, profile in profiles.items()}
    builds = {name: names.find(name) for name in distributions()}
    sections, exists = list(_sections()), list(_exists(profiles.values()))
    keys = [each["key"] for section in sections for each in section["behaviours"]]
    every = [*keys, *(each["key"] for each in exists)]
    places = _Places()
    layers = [histories.layers_of(release) for release in known_releases()]
    return {
        "ranges": list(_ranges()),
        "sections": sections,
        "exists": exists,
        "spans": {key: _spans([each.get(key) for each in own.values()]) for key in every},
        "differs": {
            name: _differing(facts(profile), own[profile.release]) for name, profile in builds.items()
        },
        "places": {key: _spans([places.of(key, each) for each in layers]) for key in keys},
        "places_in_builds": {
            name: {key: places.of(key, own_layers) for key in keys}
            for name, own_layers in ((name, layers_of_build(name)) for name in distributions())
        },
        "cited": places.rows,
    }


def _spans(values: Sequence[Any]) -> list[list[Any]]:
    found, first = [], 0
    for value, alike in groupby(values):
        count = len(list(alike))
        found.append([value, first, first + count - 1])
        first += count
    return found


def _differing(own: dict[str, str], release: dict[str, str]) -> dict[str, str | None]:
    return {key: own.get(key) for key in {**release, **own} if own.get(key) != release.get(key)}


class _Places:
    """Places of files, each once."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._numbers: dict[Sources, int] = {}

    def of(self, key: str, layers: Sequence[Layer]) -> int | None:
        """Return the number of the place that answers a behaviour; None if none of the layers does."""
        sources = cited_in(layers, key)
        if sources is None:
            return None
        if sources not in self._numbers:
            self._numbers[sources] = len(self.rows)
            self.rows.append([sources.file, sources.place, list(sources.cited)])
        return self._numbers[sources]


# -- ranges --------------------------------------------------------------------------------------


def _ranges() -> Iterator[Json]:
    """Each range of releases that behave alike, oldest first; behind a series the builds made of it."""
    for series in series_names():
        for first, alike in groupby(releases_of(series), key=histories.since):
            own = [release.name for release in alike]
            yield {"series": series, "names": own, "changes": _changes(histories.changes_in(first))}
        for name in distributions():
            release = patched_release(name)
            if release.series == series:
                changes = _changes(layers_of_build(name)[-1:])
                yield {"series": series, "names": [name], "changes": changes, "patched": release.name}


def _changes(layers: Sequence[Layer]) -> list[Json]:
    return [
        {
            "file": str(layer.path.relative_to(store.BUILT_IN)),
            "says": layer.says,
            "sources": list(layer.sources),
        }
        for layer in layers
        if layer.says
    ]


# -- the catalogue -------------------------------------------------------------------------------


def _sections() -> Iterator[Json]:
    for name, kind in types_of(Profile).items():
        owner = bare(kind)
        if name == MANUAL:
            yield {"key": name, "words": _OF_THE_PAGES, "behaviours": list(_clauses())}
        if name in (*IDENTITY, *TABLES) or not is_section(owner):
            continue
        own = [_behaviour(name, owner, field) for field in owner.fields if _asks(name, owner, field)]
        yield {"key": name, "words": one_line(owner.__doc__), "behaviours": own}


_OF_THE_PAGES = (
    "What this release's own manual pages promise, permit and ask for, as far as they are about writing."
)


def _clauses() -> Iterator[Json]:
    """Each topic of the manual pages, as a question whose answers are the clauses."""
    for topic in topics().values():
        meanings = {SILENT: "the page does not say"}
        meanings |= {word: f"{clause.kind}: {clause.says}" for word, clause in topic.clauses.items()}
        yield _entry(f"{MANUAL}.{topic.name}", f"{topic.page}: {topic.asks}", meanings, Kind.BEHAVIOUR)


def _asks(section: str, owner: type[Section], field: str) -> bool:
    """Whether a field is an answer to a question, and no table of strings, suites or faults."""
    annotation = bare(types_of(owner)[field])
    return get_origin(annotation) is not dict and f"{section}.{field}" not in TABLES_WITHIN


def _behaviour(section: str, owner: type[Section], field: str) -> Json:
    """Make a behaviour of a field: its question is that of its type, and the words about the field."""
    kind, key = bare(types_of(owner)[field]), f"{section}.{field}"
    words = one_line(owner.field_words.get(field))
    if not (isinstance(kind, type) and issubclass(kind, Answers)):
        return _entry(key, words, {}, Kind.BEHAVIOUR)
    meanings = {str(answer): one_line(answer.meaning) for answer in kind}
    return _entry(key, " ".join(filter(None, (one_line(kind.__doc__), words))), meanings, Kind.BEHAVIOUR)


def _entry(key: str, question: str, meanings: dict[str, str], kind: Kind) -> Json:
    return {"key": key, "question": question, "answers": meanings, "kind": str(kind)}


_BIT = "Which bit is {}_{} in ssl.h, if it is there?"
_NO_EFFECT = " 0 where the name was kept and its effect dropped."
_ABSENCE = {
    FunctionKind.FUNCTION: "no symbol: a program that calls it does not link",
    FunctionKind.MACRO: "no macro: a program that calls it does not compile",
}


def _exists(every: Iterable[Profile]) -> Iterator[Json]:
    """Each function, mode and option that some release has, by its name in C, in the order of appearance."""
    profiles = list(every)
    functions = {each.c_name: each.kind for profile in profiles for each in profile.functions.values()}
    modes = dict.fromkeys(name for profile in profiles for name in profile.modes)
    options = dict.fromkeys(name for profile in profiles for name in profile.options)
    for name, kind in functions.items():
        yield _function(name, kind)
    for name in modes:
        yield _entry(f"SSL_MODE_{name}", _BIT.format("SSL_MODE", name), {}, Kind.MODE)
    for name in options:
        yield _entry(f"SSL_OP_{name}", _BIT.format("SSL_OP", name) + _NO_EFFECT, {}, Kind.OPTION)


def _function(name: str, kind: FunctionKind) -> Json:
    if kind is FunctionKind.CONTROL:
        missing = {"answers 0": "SSL_ctrl() does not know its number: it does nothing"}
    else:
        missing = {"absent": _ABSENCE[kind]}
    return _entry(name, f"Is there {name}()?", {"present": "", **missing}, Kind.FUNCTION)
