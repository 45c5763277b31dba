"""``compare()``: the same calls on several generations, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from emulator.comparison.comparison import Comparison
from emulator.comparison.replay import Replays
from emulator.exceptions import UsageError
from emulator.profile import list_series, load_profile
from emulator.scenario.model import Scenario

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from emulator.comparison.cells import Lane
    from emulator.context import Authority
    from emulator.profile import BuildOverride, Profile

    ProfileName = str | os.PathLike[str] | Profile

Follow = Literal["library", "manual", "both"]
FOLLOWS: dict[str, tuple[Authority, ...]] = {
    "library": ("library",),
    "manual": ("manual",),
    "both": ("library", "manual"),
}
"""The lanes of each profile."""


def compare(
    what: Scenario,
    profiles: Iterable[ProfileName] | ProfileName | None = None,
    *,
    follow: Follow | None = None,
    build: BuildOverride | None = None,
) -> Comparison:
    """Make the same calls on several generations of OpenSSL and lay what they answer side by side.

    ``what`` is a scenario.  ``profiles`` are what
    :func:`emulator.load_profile` takes; the last release of each series unless given.  ``follow`` is the
    authority where a release's page and its code disagree: "library" (the default for scenarios),
    "manual", or "both" for a lane of each.  ``build`` says how the library was
    configured ("no-asm"), for a scenario in place of its own ``build``.

    What the calls lead to ends a lane and is no exception here.  Raises UsageError for an argument that is
    none of these, and what load_profile() raises.
    """
    chosen = _profiles(profiles)
    authorities = _authorities(follow or "library")
    if isinstance(what, Scenario):
        return _of_scenario(what, chosen, authorities, build)
    raise UsageError(f"compare() takes a scenario, not {type(what).__name__}")


def _profiles(profiles: Iterable[ProfileName] | ProfileName | None) -> list[ProfileName]:
    if profiles is None:
        return [*list_series()]
    one = isinstance(profiles, str) or not hasattr(profiles, "__iter__") or hasattr(profiles, "release")
    chosen: list[Any] = [profiles] if one else [*profiles]  # type: ignore[misc]
    if not chosen:
        raise UsageError("profiles: got none, expected one at least")
    return chosen


def _authorities(follow: str) -> tuple[Authority, ...]:
    if follow not in FOLLOWS:
        raise UsageError(f"follow: got {follow!r}, expected one of {', '.join(FOLLOWS)}")
    return FOLLOWS[follow]


def _of_scenario(
    scenario: Scenario,
    names: Sequence[ProfileName],
    authorities: Sequence[Authority],
    build: BuildOverride | None,
) -> Comparison:
    replays = Replays(scenario)
    lanes: list[Lane] = []
    profiles: list[Profile] = []
    for name in names:
        profile = load_profile(name, build if build is not None else scenario.build or None)
        for authority in authorities:
            lanes.append(replays.lane(profile, _called(name, profile), authority))
            profiles.append(profile)
    return Comparison(scenario.id, "", scenario.id, lanes)


def _called(name: ProfileName, profile: Profile) -> str:
    return name if isinstance(name, str) else profile.name
