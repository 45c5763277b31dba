"""Releases of OpenSSL by name, and their order: the only place that compares releases.

Which releases there are is said by the profiles.  Up to 1.1.1 a release is a number and a letter ("1.0.1g");
the first of a series has no letter, and because its name is also the name of the series it is written
"1.0.1-base" wherever the two could be confused.  After "y" come "za", "zb".  From 3.0 on there are no
letters, and a series is named by two numbers.
"""

from __future__ import annotations

import re
from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"(\d+)\.(\d+)\.(\d+)(z?[a-y])?(-base)?", re.ASCII)


@total_ordering
class Release:
    """One release, made from its name: ``Release("0.9.8za")``, ``Release("1.0.1-base")``.

    ``Release("1.0.1")`` is the base release too; that "1.0.1" may also stand for the series is the business
    of the names of profiles.  Anything that isn't of this form is a ValueError; whether the release was ever
    published isn't asked.
    """

    __slots__ = ("fix", "letter", "major", "minor")

    major: int
    minor: int
    fix: int
    letter: str

    def __init__(self, name: str) -> None:
        match = _NAME.fullmatch(name)
        if match is None or (match[4] and match[5]):
            raise ValueError(f"{name!r} is no release's name such as '1.0.1g' or '1.0.1-base'")
        object.__setattr__(self, "major", int(match[1]))
        object.__setattr__(self, "minor", int(match[2]))
        object.__setattr__(self, "fix", int(match[3]))
        object.__setattr__(self, "letter", match[4] or "")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a release is what its name says: {name} cannot be set")

    def __reduce__(self) -> tuple[type[Release], tuple[str]]:
        return Release, (self.name,)

    @property
    def number(self) -> str:
        """The name without its letter: "1.0.1"."""
        return f"{self.major}.{self.minor}.{self.fix}"

    @property
    def series(self) -> str:
        """The releases this one belongs to: "1.0.1" of 1.0.1g, "3.0" of 3.0.12."""
        return f"{self.major}.{self.minor}" if self.major >= 3 else self.number

    @property
    def is_base(self) -> bool:
        """Whether this is the first release of a series with letters."""
        return self.major < 3 and not self.letter

    @property
    def name(self) -> str:
        """The name that means this release and nothing else: "1.0.1g", "1.0.1-base"."""
        return f"{self.number}-base" if self.is_base else str(self)

    def __str__(self) -> str:
        return f"{self.number}{self.letter}"

    def __repr__(self) -> str:
        return f"Release({self.name!r})"

    def _key(self) -> tuple[int, int, int, int, str]:
        # "" < "a" < ... < "y" < "za": the shorter letter is the older one.
        return (self.major, self.minor, self.fix, len(self.letter), self.letter)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Release) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._key() < other._key() if isinstance(other, Release) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


def is_included(release: Release, since: Iterable[Release]) -> bool:
    """Whether something that came with the releases ``since`` is in ``release``.

    Several releases mean a backport: what came with 0.9.8m and 1.0.0 is in 0.9.8n and in 1.0.0, and not in
    0.9.8l.  In a series that ``since`` names it starts at the release named; another series has it if it is
    newer than all.
    """
    starts = tuple(since)
    own = [start for start in starts if start.series == release.series]
    if own:
        return release >= min(own)
    return bool(starts) and release > max(starts)
