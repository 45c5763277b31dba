"""The questions that a profile may answer, by their keys in its file, without loading one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from emulator.profiles.clauses import topics
from emulator.profiles.describe import MANUAL
from emulator.profiles.model import Profile
from emulator.profiles.tables import bare, is_section, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.behaviours.section import Section


@functools.cache
def behaviour_keys() -> frozenset[str]:
    """Every key such as "write.pending_flush", of a behaviour or of any other field of a section."""
    return frozenset([*_keys(Profile, ""), *(f"{MANUAL}.{topic}" for topic in topics())])


def _keys(section: type[Section], prefix: str) -> Iterator[str]:
    for key, annotation in types_of(section).items():
        kind = bare(annotation)
        if is_section(kind):
            yield from _keys(kind, f"{prefix}{key}.")
        elif prefix:
            yield f"{prefix}{key}"
