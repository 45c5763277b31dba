"""What is proposed as a library's profile, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.profile import Profile
    from emulator.reallib.climb import Found
    from emulator.reallib.survey import Fact
    from emulator.scenario.model import Json


@dataclass(slots=True)
class Proposal:
    """A profile for a library that calls itself ``version``.

    ``nearest`` is the profile that it extends, as ``extends`` says it in a file of ``folder``; ``lines`` are
    all recorded scenarios that tell something, ``matched`` and ``matched_before`` how many of them match the
    proposal, and the nearest profile.
    ``differences`` are those that still differ, by id; ``remarks`` what else does.
    """

    version: str
    nearest: Profile
    extends: str
    lines: list[Json]
    matched_before: int
    facts: list[Fact] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    differences: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)
    folder: Path = Path()

    @property
    def total(self) -> int:
        """How many recorded scenarios tell something."""
        return len(self.lines)

    @property
    def matched(self) -> int:
        """How many of them match."""
        return self.total - len(self.differences)

    @property
    def changes_nothing(self) -> bool:
        """Whether the nearest profile is proposed as it is."""
        return not self.facts and not self.found

    def summary(self) -> list[str]:
        """What was found, in a few lines."""
        name = self.nearest.name
        if self.changes_nothing and not self.differences:
            said = f"answers as {name} does: nothing has to be changed"
        else:
            keys = [*(fact.key for fact in self.facts), *(found.key for found in self.found)]
            said = f"nearest {name}; changed: {', '.join(keys) or 'nothing'}"
        shares = f"{self.matched} of {self.total} recorded scenarios match"
        return [
            f"library {self.version}: {said}",
            f"{shares}; {self.matched_before} match {name}" if self.total else "no scenarios were recorded",
            *(f"differs: {name}: {difference}" for name, difference in self.differences),
            *(f"differs: {remark}" for remark in self.remarks),
        ]

    def cited(self) -> list[Json]:
        """The recorded scenarios that the text names."""
        ids = {name for found in self.found for name in found.scenarios} | dict(self.differences).keys()
        return [line for line in self.lines if line["id"] in ids]

    def as_json(self) -> dict[str, Any]:
        """The proposal as a plain object."""
        return {
            "library": self.version,
            "nearest": self.nearest.name,
            "matched": self.matched,
            "matched_before": self.matched_before,
            "total": self.total,
            "seeds": self.seeds,
            "asked": {fact.key: fact.value for fact in self.facts},
            "found": {found.key: found.value for found in self.found},
            "differences": dict(self.differences),
            "remarks": self.remarks,
        }
