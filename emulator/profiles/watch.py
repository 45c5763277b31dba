"""Which behaviours of a profile are looked at while something is done."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from emulator.profiles.describe import IDENTITY, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.profiles.model import Profile


def forget() -> None:
    """Empty the caches of what was once made of a profile, so that it is looked at again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("emulator.") and not name.startswith("emulator.profiles"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@contextmanager
def watched(profile: Profile) -> Iterator[set[str]]:
    """Keep the keys of the behaviours ("write.bio_zero") that are looked at, in whatever thread."""
    prefixes = dict(_prefixes(profile, ""))
    looked_at: set[str] = set()
    plain = BaseModel.__getattribute__ if "__getattribute__" in vars(BaseModel) else object.__getattribute__

    def look(section: BaseModel, name: str) -> Any:
        prefix = prefixes.get(type(section))
        if prefix is not None:
            looked_at.add(f"{prefix}{name}")
        return plain(section, name)

    type.__setattr__(BaseModel, "__getattribute__", look)
    try:
        yield looked_at
    finally:
        type.__delattr__(BaseModel, "__getattribute__")


def _prefixes(section: BaseModel, prefix: str) -> Iterator[tuple[type, str]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel) and not (not prefix and name in (*IDENTITY, *TABLES)):
            yield type(value), f"{prefix}{name}."
            yield from _prefixes(value, f"{prefix}{name}.")
