"""The questions that a profile may answer, by their keys in its file, without loading one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pydantic import BaseModel

from emulator.profiles.model import Profile
from emulator.profiles.validation import required

if TYPE_CHECKING:
    from collections.abc import Iterator


@functools.cache
def behaviour_keys() -> frozenset[str]:
    """Every key such as "write.pending_flush", of a behaviour or of any other field of a section."""
    return frozenset(_keys(Profile, ""))


def _keys(section: type[BaseModel], prefix: str) -> Iterator[str]:
    for key, field in section.model_fields.items():
        kind = required(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{prefix}{key}.")
        elif prefix:
            yield f"{prefix}{key}"
