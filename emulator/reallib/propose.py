"""A profile is proposed for a library: the nearest one, and what has to be changed in it.

The library says itself what it exports, what a new context holds, how its errors are printed and what its
first record says.  The rest is found by recorded scenarios: see :mod:`emulator.reallib.climb`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from emulator.exceptions import UnknownProfile, UsageError
from emulator.profile import list_series, load_profile
from emulator.profiles.names import nearest, of_text
from emulator.reallib.climb import Climb
from emulator.reallib.profile_text import proposed_text
from emulator.reallib.proposal import Proposal
from emulator.reallib.record import RELEASE, Recorder, profile_of
from emulator.reallib.replay import agreements
from emulator.reallib.survey import ask
from emulator.reallib.verify import CONFIRMATIONS
from emulator.scenario.generate import generate
from emulator.scenario.model import parse_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from emulator.profile import Profile
    from emulator.reallib.survey import Survey
    from emulator.scenario.model import Json, Scenario

DRAWN_UNLESS_ASKED = 500
"""So many scenarios are drawn at a time."""

MOST_ROUNDS = 4
"""So often scenarios are drawn anew, as long as the new ones bring differences to light."""


class Records(Protocol):
    """What is needed of a recorder; ``build`` is what the library lacks, as a line of a trace says it."""

    build: list[str]

    def record(self, scenarios: Iterable[Scenario], times: int | None = None) -> Iterator[Json | None]:
        """Record each scenario; None for one that ends now one way and now another."""


def named(name: str, folder: Path) -> dict[str, Profile]:
    """One profile, by what a file in ``folder`` that extends it calls it: its name, or the path to its file.

    UsageError for a file that lies elsewhere than in that folder or below: none there could extend it.
    """
    profile = load_profile(name)
    if not name.endswith(".toml"):
        return {profile.name: profile}
    path, within = Path(name).resolve(), folder.resolve()
    if not path.is_relative_to(within):
        raise UsageError(
            f"{name}: a profile extends files beside it or below its folder, not of {within}; "
            f"write it to {path.parent}"
        )
    return {path.relative_to(within).as_posix(): profile}


def candidates(version: str) -> dict[str, Profile]:
    """The profiles that a library of this version may be nearest to, by their names.

    That of the release, if it is known; else those around it.
    """
    try:
        profile = profile_of(version)
    except UnknownProfile:
        match = RELEASE.match(version)
        names = nearest(match[0] if match else version)
        return {profile.name: profile for profile in map(load_profile, names)}
    return {profile.name: profile}


def _matched(profile: Profile, lines: Iterable[Json]) -> int:
    return sum(found.is_whole for found in agreements(profile, lines))


class Proposer:
    """Proposes a profile for the library that a recorder drives.

    ``profiles`` are the candidates for the nearest one, of which that is taken that most scenarios match,
    ``survey`` what the library says of itself, ``folder`` where the proposed file is to lie.
    ``draw`` gives new scenarios for each seed, or none.
    """

    def __init__(
        self,
        recorder: Records,
        survey: Survey,
        profiles: Mapping[str, Profile],
        draw: Callable[[str], Iterable[Scenario]] | None = None,
        folder: Path = Path(),
    ) -> None:
        self._recorder = recorder
        self._survey = survey
        self._profiles = profiles
        self._draw = draw
        self._folder = folder
        self.lines: list[Json] = []

    def propose(self, scenarios: Iterable[Scenario], seed: str = "") -> Proposal:
        """Record the scenarios, and those that are drawn; make a proposal of what they tell."""
        seeds: list[str] = []
        self.lines = self._recorded(scenarios)
        proposal, profile = self._of_lines()
        while self._draw is not None and len(seeds) < MOST_ROUNDS:
            seeds.append(f"{seed}-{len(seeds) + 1}")
            new = self._recorded(self._draw(seeds[-1]))
            self.lines += new
            if len(seeds) > 1 and all(found.is_whole for found in agreements(profile, new)):
                break
            proposal, profile = self._of_lines()
        proposal.seeds = seeds
        proposal.lines = self.lines
        proposal.matched_before = _matched(proposal.nearest, self.lines)
        return proposal

    def _recorded(self, scenarios: Iterable[Scenario]) -> list[Json]:
        lines = [line for line in self._recorder.record(scenarios) if line is not None]
        return [line for line in lines if "unsupported" not in line]

    def _of_lines(self) -> tuple[Proposal, Profile]:
        extends, near = self._nearest()
        self.lines = self._without_chance(near)
        facts = list(self._survey.facts(near))
        remarks = list(self._survey.remarks(near))
        proposal = Proposal(self._survey.version, near, extends, self.lines, 0, facts)
        proposal.remarks = remarks
        proposal.folder = self._folder
        climb = Climb(loaded(proposal), self.lines)
        proposal.found = climb.run()
        proposal.differences = climb.differences()
        return proposal, climb.profile

    def _nearest(self) -> tuple[str, Profile]:
        """The profile that most lines match, the first of equals."""
        if len(self._profiles) == 1:
            return next(iter(self._profiles.items()))
        return max(self._profiles.items(), key=lambda named: _matched(named[1], self.lines))

    def _without_chance(self, profile: Profile) -> list[Json]:
        """The lines; those that differ are recorded so often that what is decided by chance has shown."""
        kept = []
        for line, found in zip(self.lines, agreements(profile, self.lines), strict=True):
            if found.is_whole:
                kept.append(line)
                continue
            (again,) = self._recorder.record([parse_line(line)], CONFIRMATIONS)
            if again is not None and "unsupported" not in again:
                kept.append(again)
        return kept


def proposal_for(
    libssl: str,
    scenarios: Iterable[Scenario],
    *,
    profile: str | None = None,
    times: int = 2,
    count: int | None = None,
    seed: str = "",
    folder: Path = Path(),
) -> Proposal:
    """Propose a profile for the real library of this path, as a file that is to lie in ``folder``.

    ``profile`` names the one to begin with, otherwise found by what the library calls itself; ``count``
    random scenarios are drawn at a time, from ``seed``.  Raises OracleError, UnknownProfile,
    ProfileError; UsageError for the profile of a file that lies elsewhere.
    """
    known = None if profile is None else named(profile, folder)
    survey = ask(libssl, _latest() if known is None else next(iter(known.values())))
    known = candidates(survey.version) if known is None else known
    first = next(iter(known.values()))
    protocols = [protocol for protocol in first.exists.protocols if first.speaks(protocol)]

    def draw(seed: str) -> Iterable[Scenario]:
        return generate(seed, DRAWN_UNLESS_ASKED if count is None else count, protocols=protocols, wide=True)

    with Recorder(libssl, first, times=times) as recorder:
        drawn = None if count == 0 else draw
        return Proposer(recorder, survey, known, drawn, folder).propose(scenarios, seed)


def _latest() -> Profile:
    """The latest profile, which knows the functions of all."""
    return load_profile(list_series()[-1])


def loaded(proposal: Proposal) -> Profile:
    """The profile that the proposal's text says."""
    path = proposal.folder / f"{_file_name(proposal.version)}.toml"
    return of_text(proposed_text(proposal), path)


def _file_name(version: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in version)
