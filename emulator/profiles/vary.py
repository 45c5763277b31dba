"""Copies of a profile that answer a question otherwise: what would a release do if it had behaved so?"""

from __future__ import annotations

import functools
from enum import Enum
from typing import TYPE_CHECKING, Any

from emulator.profiles import names
from emulator.profiles.published import known_releases

if TYPE_CHECKING:
    from emulator.behaviours.section import Section
    from emulator.profiles.model import Profile


@functools.cache
def known_profiles() -> dict[str, Profile]:
    """Every release's profile by the release's own name, oldest first."""
    return {release.name: names.find(release.name) for release in known_releases()}


def value_of(profile: Profile, key: str) -> Any:
    """The answer to a behaviour's question as the model has it; None in a profile without that section."""
    value: Any = profile
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return value


def with_answer(profile: Profile, key: str, value: object) -> Profile:
    """A copy of a profile with another answer to one question, under a name of its own."""
    return with_answers(profile, {key: value})


def with_answers(profile: Profile, values: dict[str, Any]) -> Profile:
    """A copy of a profile with other answers to some questions, under a name of its own."""
    changed = profile
    for key, value in values.items():
        changed = _replaced(changed, key.split("."), value)
    described = ", ".join(f"{key} {value}" for key, value in values.items())
    return changed.replace(name=f"{profile.name} with {described}")


def _replaced(section: Section | dict[str, Any], path: list[str], value: object) -> Any:
    first, *rest = path
    if isinstance(section, dict):  # the clauses of the manual pages: without a word the page is silent
        return {name: each for name, each in {**section, first: value}.items() if each is not None}
    new = _replaced(getattr(section, first), rest, value) if rest else value
    return section.replace(**{first: new})


def every_other_answer(profile: Profile, key: str) -> list[Any]:
    """All other answers to a question: of the nearest releases first, then what the model has besides."""
    own = value_of(profile, key)
    releases = list(known_profiles())
    here = releases.index(profile.release)
    near = sorted(releases, key=lambda name: abs(releases.index(name) - here))
    found = [value_of(known_profiles()[name], key) for name in near]
    if isinstance(own, Enum):
        found += list(type(own))
    elif isinstance(own, bool):
        found.append(not own)
    return [value for index, value in enumerate(found) if value not in (None, own, *found[:index])]


def distance(profile: Profile, key: str, value: object) -> int:
    """How many releases lie between a profile's and the nearest one that gives this answer.

    An answer that no release gives is farther than any.
    """
    releases = list(known_profiles())
    here = releases.index(profile.release)
    giving = (index for index, name in enumerate(releases) if value_of(known_profiles()[name], key) == value)
    return min((abs(index - here) for index in giving), default=len(releases))
