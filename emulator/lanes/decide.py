"""The behaviours that decided a difference, found by replays on mixtures of the two profiles.

First the left lane's profile gets all answers of the right one.  Then as many of them as possible are taken
back, as long as the call still answers as in the right lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from emulator.lanes.cells import Outline
from emulator.lanes.leaves import answer_in_words, between, differing, name_of
from emulator.lanes.minimal import minimal_set, without_superfluous
from emulator.lanes.result import Decided, Decision, complete_missing, protected_alike
from emulator.lanes.words import question_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emulator.context import Authority
    from emulator.lanes.cells import Lane
    from emulator.lanes.result import Row
    from emulator.profile import Profile

MOST_REPLAYS = 300
"""A decision that would take more replays is not found."""
FOLLOW = "follow"
"""Stands for the authority among the keys: two lanes may differ in it as well."""


NEAREST = (FOLLOW, "write", "read", "shutdown", "get_error", "renegotiation", "tls13", "functions", "manual")
NEXT = ("errors", "record", "defaults")
"""Sections in the order of preference, for a row that answers of several sections would explain.

The calls themselves come first, errors and records next, and the handshake last.
"""


ANSWER = Outline._fields.index("answer")
Outlines: TypeAlias = dict[tuple[str, int], Outline]
"""The compared aspects of a lane's calls, by the call's key and the number of earlier calls of that key."""
BROKEN: Outlines = {("", 0): Outline((), (), (), ())}
"""The outlines of a replay that broke down: unlike all others."""


class Player(Protocol):
    """Makes the same calls on any profile."""

    def lane(self, profile: Profile, name: str, follow: Authority) -> Lane:
        """Make the calls on this profile."""


class TooManyReplays(Exception):  # noqa: N818 - no decision is found then
    """A decision would take more replays than it may."""


class _Between:
    """Mixtures of two lanes, by the keys whose answers are the right lane's; each is played once."""

    def __init__(
        self, plays: Player, left: tuple[Profile, Lane], right: tuple[Profile, Lane], *, sizes: bool
    ) -> None:
        self.plays = plays
        self.left, left_lane = left
        self.right, right_lane = right
        self.sizes = sizes
        self.follows: tuple[Authority, Authority] = (left_lane.follow, right_lane.follow)
        self.keys = sorted(self._differing(), key=_rank)
        self.found: list[frozenset[str]] = []
        """The sets of keys that decided other rows: likely to decide the next one."""
        self.replays = 0
        self.ends = left_lane, right_lane
        self.outlines = tuple(_outlines(lane, sizes=sizes) for lane in self.ends)
        self._played: dict[frozenset[str], Outlines | None] = {}

    def _differing(self) -> list[str]:
        keys = differing(self.left, self.right)
        if "manual" not in self.follows:
            keys = [key for key in keys if not key.startswith("manual.")]
        return keys if self.follows[0] == self.follows[1] else [*keys, FOLLOW]

    def aspects(self, row: Row, left: int, right: int) -> list[int]:
        """List the aspects in which two lanes differ in a row; if only one makes the call, the answer."""
        one, other = row.cells[left], row.cells[right]
        if one is None or other is None:
            return [ANSWER]
        both = zip(one.outline(sizes=self.sizes), other.outline(sizes=self.sizes), strict=True)
        return [aspect for aspect, (mine, theirs) in enumerate(both) if mine != theirs]

    def played(self, keys: frozenset[str]) -> Outlines | None:
        """Return the calls of a mixture; None if it breaks down, since no release ever answered so."""
        if keys not in self._played:
            self.replays += 1
            self._played[keys] = self._play(keys)
        return self._played[keys]

    def _play(self, keys: frozenset[str]) -> Outlines | None:
        profile = between(self.left, self.right, keys - {FOLLOW})
        try:
            lane = self.plays.lane(profile, profile.name, self.follows[FOLLOW in keys])
        except Exception:  # noqa: BLE001 - no release gave these answers together: anything may happen
            return None
        complete_missing(lane, self.ends)
        return _outlines(lane, sizes=self.sizes)


class Decisions:
    """Finds the behaviours that decided a row, when somebody asks for them."""

    def __init__(self, plays: Player, profiles: Sequence[Profile], lanes: Sequence[Lane]) -> None:
        self.plays = plays
        self.profiles = profiles
        self.lanes = lanes
        self.sizes = protected_alike(lanes)
        self._pairs: dict[tuple[int, int], _Between] = {}

    @property
    def replays(self) -> int:
        """How many replays have been made so far."""
        return sum(pair.replays for pair in self._pairs.values())

    def decisions(self, row: Row) -> tuple[Decision, ...]:
        """Return the decisions between neighbouring lanes that differ in this row."""
        return tuple(
            decision for left, right in self._neighbours(row) for decision in self._decided(row, left, right)
        )

    def _neighbours(self, row: Row) -> Iterator[tuple[int, int]]:
        """Yield the pairs of lanes to explain: a profile and the one before, a profile's two authorities."""
        last: dict[str, int] = {}
        for right, lane in enumerate(self.lanes):
            if row.groups[right] is None:
                continue
            for follow, left in last.items():
                near = follow == lane.follow or self.profiles[left] is self.profiles[right]
                if near and row.groups[left] != row.groups[right]:
                    yield left, right
            last[lane.follow] = right

    def _between(self, left: int, right: int) -> _Between:
        if (left, right) not in self._pairs:
            one = self.profiles[left], self.lanes[left]
            other = self.profiles[right], self.lanes[right]
            self._pairs[left, right] = _Between(self.plays, one, other, sizes=self.sizes)
        return self._pairs[left, right]

    def _decided(self, row: Row, left: int, right: int) -> Iterator[Decision]:
        """Yield a decision for each aspect in which the two differ, if one can be found."""
        pair = self._between(left, right)
        for aspect in pair.aspects(row, left, right):
            keys = _smallest(pair, _holds(pair, row, right, aspect))
            if keys is not None:
                pair.found = [keys, *(known for known in pair.found if known != keys)]
                yield Decision(left, right, self._behaviours(left, right, keys), Outline._fields[aspect])

    def _behaviours(self, left: int, right: int, keys: frozenset[str]) -> tuple[Decided, ...]:
        one, other = self.profiles[left], self.profiles[right]
        found = [_behaviour(one, other, key) for key in sorted(keys - {FOLLOW}, key=_rank_and_name)]
        if FOLLOW in keys:
            words = "Whom is followed where a page and the code disagree?"
            found.append(Decided(FOLLOW, self.lanes[left].follow, self.lanes[right].follow, words))
        return tuple(found)


def _rank(key: str) -> int:
    """Return the place of a key's section in the order of preference."""
    order = (*NEAREST, *NEXT)
    section = key.partition(".")[0]
    return order.index(section) if section in order else len(order)


def _rank_and_name(key: str) -> tuple[int, str]:
    return _rank(key), key


def _behaviour(left: Profile, right: Profile, key: str) -> Decided:
    name = name_of(right, key)
    return Decided(name, answer_in_words(left, key), answer_in_words(right, key), question_of(name))


def _smallest(pair: _Between, holds: Callable[[frozenset[str]], bool]) -> frozenset[str] | None:
    """Return the keys that decided: those of another row if they suffice; None if none can be found."""
    try:
        for known in pair.found:
            if holds(known):
                return without_superfluous(known, holds)
        return minimal_set(pair.keys, holds)
    except TooManyReplays:
        return None


def _holds(pair: _Between, row: Row, right: int, aspect: int) -> Callable[[frozenset[str]], bool]:
    """Return a test of a mixture: does it equal the right lane in one aspect of the row's call?

    That call and all earlier ones must answer as in one of the two lanes: if a handshake fails because its
    answers do not go together, the calls after it explain nothing.
    """
    place = row.places[right]
    before = pair.ends[1].entries[:place]
    call = row.key, sum(entry.key == row.key for entry in before)
    wanted = pair.outlines[1][call] if place is not None else None
    known = [{made: each[ANSWER] for made, each in outlines.items()} for outlines in pair.outlines]
    most = pair.replays + MOST_REPLAYS

    def holds(keys: frozenset[str]) -> bool:
        if pair.replays >= most:
            raise TooManyReplays
        for made, outline in (pair.played(keys) or BROKEN).items():
            if outline[ANSWER] not in [each.get(made) for each in known]:
                return False
            if made == call:
                return wanted is not None and outline[aspect] == wanted[aspect]
        return wanted is None

    return holds


def _outlines(lane: Lane, *, sizes: bool) -> Outlines:
    counts: dict[str, int] = {}
    found = {}
    for entry in lane.entries:
        nth = counts[entry.key] = counts.get(entry.key, -1) + 1
        found[entry.key, nth] = entry.cell.outline(sizes=sizes)
    return found
