"""Profiles: how one release of OpenSSL behaves, as data.

A profile is a TOML file for a range of letter releases that behave alike.  It extends other files and names
every behaviour; loaded it is a frozen model, complete and without defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.profiles.model import BUILD_WORDS, BuildOverride, Profile

if TYPE_CHECKING:
    import os
    from types import ModuleType

__all__ = ["BUILD_WORDS", "BuildOverride", "Profile", "list_profiles", "list_series", "load_profile"]


def load_profile(name: str | os.PathLike[str] | Profile, build: BuildOverride | None = None) -> Profile:
    """Load the profile of this name.

    ``name`` is a series ("1.0.1": its last letter release), a release ("1.0.1g", "1.0.1-base", "0.9.x"), a
    distributor's build of one by the name it gives itself ("0.9.8e-fips-rhel5", "1.0.1e-fips"), a path to a
    TOML file, the name of an entry point in the group ``emulator.profiles``, or a Profile, which is given
    back.  ``build`` overrides the profile's ``[build]``.

    Raises UnknownProfile, which lists the nearest names, ProfileError, which says what is wrong with a file,
    or UsageError for a word of ``build`` that isn't known.
    """
    profile: Profile = name if isinstance(name, Profile) else _names().find(name)
    return profile.with_build(build) if build else profile


def list_profiles() -> list[str]:
    """List every name that ``load_profile`` takes: series, releases and builds, then entry points."""
    names: list[str] = _names().known_names()
    return names


def list_series() -> list[str]:
    """List the series, oldest first: as the name of a profile each stands for its last release."""
    names: list[str] = _names().series()
    return names


def _names() -> ModuleType:
    """What finds profiles by their names; who brings a Profile along does without it."""
    from emulator.profiles import names  # noqa: PLC0415 - files, JSON and checksums

    return names
