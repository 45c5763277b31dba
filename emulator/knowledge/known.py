"""A profile as far as it is known without loading it: its name, its release, its answers, who says so."""

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
    """One profile: a release's or a build's own out of the index, or any other, which was loaded."""

    name: str
    """Its own name: "1.0.1u" of what was asked for as "1.0.1"."""
    release: str
    """The release that it stands for."""
    answers: Mapping[str, str]
    """Its answers by key, and what exists in it by its name in C."""
    sources: tuple[str, ...] = ()
    """What a file of a user's cites; of a release or build its changes say it."""
    path: str = ""
    """The path of a user's file."""

    def sources_of(self, key: str) -> Sources | None:
        """Return the place that gives an answer, and what it cites; None for a profile without a file."""
        if self.path:
            from emulator.knowledge.making.citing import cited_in  # noqa: PLC0415 - few have a file
            from emulator.profiles.extending import layers_of_file  # noqa: PLC0415

            return cited_in(layers_of_file(Path(self.path)), key)
        return index.sources_of(key, self.name) if published.full_name(self.name) else None


def known(name: str | os.PathLike[str]) -> Known:
    """Return what is known of a profile by a name that ``load_profile`` takes, and raise what that raises."""
    own = published.full_name(name) if isinstance(name, str) else ""
    if own:
        return Known(own, index.release_of(own), index.answers_of(own))
    from emulator.profile import load_profile  # noqa: PLC0415 - releases and builds are in the index

    path = os.fsdecode(name)
    return of_profile(load_profile(name), path if path.endswith(".toml") else "")


def of_profile(profile: Profile, path: str = "") -> Known:
    """Return what is known of a profile that is loaded; ``path`` is that of a user's file."""
    from emulator.profiles.describe import facts  # noqa: PLC0415 - releases and builds are in the index

    return Known(profile.name, profile.release, facts(profile), profile.sources, path)
