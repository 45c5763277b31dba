"""The facts about a profile that commands print, for releases and builds without loading the profile."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.knowledge import index
from emulator.profiles import published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.knowledge.kinds import Sources
    from emulator.profiles.model import Profile


@dataclass(frozen=True)
class Known:
    """One profile: of a release or build, from the index; or any other profile, which was loaded."""

    name: str
    """Its own name: "1.0.1u" for the user's "1.0.1"."""
    release: str
    """The release that it stands for."""
    answers: Mapping[str, str]
    """Its answers by key, and its functions, modes and options by their names in C."""
    sources: tuple[str, ...] = ()
    """The sources of a user's file; those of a release or build stand in its changes."""
    path: str = ""
    """The path of a user's file."""

    def sources_of(self, key: str) -> Sources | None:
        """Return the place that gives an answer, and its sources; None for a profile without a file."""
        if self.path:
            from emulator.knowledge.making.citing import cited_in  # noqa: PLC0415 - few have a file
            from emulator.profiles.extending import layers_of_file  # noqa: PLC0415

            return cited_in(layers_of_file(Path(self.path)), key)
        return index.sources_of(key, self.name) if published.full_name(self.name) else None


def known(name: str | os.PathLike[str]) -> Known:
    """Return the facts about a profile; takes the names of ``load_profile`` and raises its exceptions."""
    own = published.full_name(name) if isinstance(name, str) else ""
    if own:
        return Known(own, index.release_of(own), index.answers_of(own))
    from emulator.profile import load_profile  # noqa: PLC0415 - releases and builds are in the index

    path = os.fsdecode(name)
    return of_profile(load_profile(name), path if path.endswith(".toml") else "")


def of_profile(profile: Profile, path: str = "") -> Known:
    """Return the facts about a loaded profile; ``path`` is that of a user's file."""
    from emulator.profiles.describe import facts  # noqa: PLC0415 - releases and builds are in the index

    return Known(profile.name, profile.release, facts(profile), profile.sources, path)
