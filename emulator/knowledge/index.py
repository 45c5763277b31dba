"""The index of all profiles: the answers of every release, their places in the files, texts about them.

The index is computed from all profiles at once, which takes seconds, and kept (:mod:`emulator.compiled`).  So
``emulator timeline`` and similar commands load no profile.  :mod:`emulator.knowledge.making` computes it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.compiled import PACKAGE, Store, Tree
from emulator.knowledge.kinds import MISSING, Sources
from emulator.profiles import published, store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RowT = TypeVar("RowT")

STORE = Store(
    "knowledge",
    [
        *store.inputs(store.BUILT_IN),
        Tree("advice", PACKAGE / "knowledge" / "advice", ".toml"),
        Tree("emulator/knowledge", PACKAGE / "knowledge", ".py"),
        Tree("errors-seen", PACKAGE / "data" / "errors-seen.json"),
        Tree("emulator/error_queue.py", PACKAGE / "error_queue.py"),
    ],
)
"""The index is computed again when one of these files changes."""

PARTS = ("answers", "errors", "advice")


def part(name: str) -> dict[str, Any]:
    """Return one part of the index: "answers", "errors" or "advice"."""
    return _part(name)


@functools.cache
def _part(name: str) -> dict[str, Any]:
    return STORE.load(name, functools.partial(made, name)).data


def compile_into(folder: Path) -> None:
    """Write the index for a wheel, whose ``_compiled`` the folder is to be."""
    STORE.compile_into(folder, ((name, made(name)) for name in PARTS))


def made(name: str) -> dict[str, Any]:
    """Compute one part of the index."""
    from emulator.knowledge.making import advice, answers, errors  # noqa: PLC0415 - loads all profiles

    return {"answers": answers.answers, "errors": errors.errors, "advice": advice.advice}[name]()


# -- releases ------------------------------------------------------------------------------------


@functools.cache
def releases() -> tuple[str, ...]:
    """Return every release by its own name, oldest first."""
    return tuple(release.name for release in published.known_releases())


@functools.cache
def series() -> Mapping[str, tuple[str, ...]]:
    """Return the releases of every series by their own names, oldest first."""
    return {
        name: tuple(release.name for release in published.releases_of(name))
        for name in published.series_names()
    }


@functools.cache
def builds() -> Mapping[str, str]:
    """Return the distributors' builds, and the release that each was made from."""
    return {name: published.patched_release(name).name for name in published.distributions()}


def release_of(name: str) -> str:
    """Return a release's own name, or that of the release that a build was made from."""
    return builds().get(name, name)


@functools.cache
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate(releases())}


def place_of(release: str) -> int:
    """Return the place of a release among all, oldest first."""
    return _places()[release]


# -- answers -------------------------------------------------------------------------------------


def _answer(name: str, key: str) -> str | None:
    if name in builds():
        own: dict[str, str | None] = part("answers")["differs"][name]
        return own[key] if key in own else _answer(builds()[name], key)
    rows: list[tuple[str | None, int, int]] = part("answers")["spans"][key]
    return _at(rows, _places()[name])


def _at(rows: list[tuple[RowT, int, int]], place: int) -> RowT:
    """Return the value of a release; each row has a value and the places of the first and last release."""
    return next(value for value, _first, last in rows if place <= last)


def value_in(name: str, key: str) -> str:
    """Return the answer of a release or build; :data:`MISSING` if it has none."""
    return _answer(name, key) or MISSING


@functools.cache
def answers_of(name: str) -> Mapping[str, str]:
    """Return all answers of a release or build by key, and its functions, modes and options."""
    every = ((key, _answer(name, key)) for key in part("answers")["spans"])
    return {key: value for key, value in every if value is not None}


def sources_of(key: str, name: str) -> Sources | None:
    """Return the place that gives an answer of a release or build, and its sources; None without a place."""
    data = part("answers")
    if key not in data["places"]:
        return None
    in_build: dict[str, int | None] | None = data["places_in_builds"].get(name)
    place = _at(data["places"][key], _places()[name]) if in_build is None else in_build[key]
    if place is None:
        return None
    file, where, cited = data["cited"][place]
    return Sources(file, where, tuple(cited))
