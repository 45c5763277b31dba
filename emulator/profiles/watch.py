"""Which behaviours of a profile are looked at while something is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from emulator.behaviours.section import Section, SectionType
from emulator.profiles.describe import IDENTITY, TABLES

if TYPE_CHECKING:
    from emulator.profiles.model import Profile

SectionT = TypeVar("SectionT", bound=Section)


class Watched:
    """Records which behaviours are read of a copy of a profile, in whatever thread.

    The sections of the copy are objects of their own: what is cached for a section of the profile
    (:func:`~emulator.behaviours.section.cached_for_section`) is made again for the section of the copy.
    """

    def __init__(self, profile: Profile) -> None:
        self.looked_at: set[str] = set()
        """The keys of the behaviours ("write.bio_zero") that were read since it was last emptied."""
        self.profile: Profile = profile.replace(**self._copies(profile, "", without=(*IDENTITY, *TABLES)))

    def _copies(self, section: Section, prefix: str, without: tuple[str, ...] = ()) -> dict[str, Section]:
        """Return recording copies of the sections within a section, by their names."""
        inside = zip(section.fields, section.values(), strict=True)
        return {
            name: self._copy(value, f"{prefix}{name}.")
            for name, value in inside
            if isinstance(value, Section) and name not in without
        }

    def _copy(self, section: SectionT, prefix: str) -> SectionT:
        values = dict(zip(section.fields, section.values(), strict=True)) | self._copies(section, prefix)
        return _recording(type(section), prefix, self.looked_at)(**values)


def _recording(kind: type[SectionT], prefix: str, looked_at: set[str]) -> type[SectionT]:
    """Make a class of sections that put the keys of the fields that are read into a set."""
    keys = {name: f"{prefix}{name}" for name in kind.fields}

    def look(section: SectionT, name: str) -> Any:
        if name in keys:
            looked_at.add(keys[name])
        return object.__getattribute__(section, name)

    members = {"__getattribute__": look, "__module__": kind.__module__}
    return cast("type[SectionT]", SectionType(kind.__name__, (kind,), members))
