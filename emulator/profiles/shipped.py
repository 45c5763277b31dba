"""The profiles that come with the package, as they were compiled."""

from __future__ import annotations

import functools
from typing import Any

from emulator.profiles import store
from emulator.profiles.model import Profile
from emulator.profiles.tables import from_table

_made: dict[str, Any] = {}
"""Sections that are large, by what they are: releases that answer alike share them."""


@functools.cache
def profile(name: str) -> Profile:
    """Return the profile of a release or a distributor's build by its own name."""
    entry = store.STORE.load(name, functools.partial(_table, name))
    ready = {key: _made[part] for key, part in entry.parts.items() if part in _made}
    found = from_table(Profile, entry.data, ready)
    _made.update({part: getattr(found, key) for key, part in entry.parts.items()})
    return found


def _table(name: str) -> dict[str, Any]:
    from emulator.profiles.building import built  # noqa: PLC0415 - brings pydantic in, which takes a while

    return built(name).to_table()


def forget() -> None:
    """Make the profiles anew when they are asked for."""
    profile.cache_clear()
    _made.clear()
