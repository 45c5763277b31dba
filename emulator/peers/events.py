"""What a peer is told to do, and when: ``WHAT@WHEN``, as ``renegotiate@100B-in`` or ``dribble:1:20@open``."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.api.exists import require
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.profile import Profile


@dataclass(frozen=True, slots=True)
class Action:
    """What an event does: ``words`` says it, ``arguments`` names its numbers, ``defaults`` the optional ones.

    ``function`` is the call of the library that it makes (without ``SSL_``); without one it is done to the
    transport.
    """

    words: str
    arguments: tuple[str, ...] = ()
    defaults: tuple[int, ...] = ()
    function: str | None = None

    @property
    def usage(self) -> str:
        """The arguments as one writes them: ``:N[:MS]``."""
        needed = len(self.arguments) - len(self.defaults)
        return "".join(
            f":{name}" if number < needed else f"[:{name}]" for number, name in enumerate(self.arguments)
        )


ACTIONS = {
    "renegotiate": Action("SSL_renegotiate(), and a server sends its HelloRequest", function="renegotiate"),
    "key-update": Action("SSL_key_update(): new keys for what we send", function="key_update"),
    "key-update-requested": Action(
        "the same, and the peer is asked for new keys, too", function="key_update"
    ),
    "close": Action("SSL_shutdown(): close_notify; nothing is written any more", function="shutdown"),
    "reset": Action("the transport ends with a TCP RST"),
    "hang-up": Action("the transport ends with a FIN, without close_notify"),
    "dribble": Action("the transport passes on N bytes at a time, then rests MS", ("N", "MS"), (1,)),
    "pause": Action("nothing is read, written or done for MS", ("MS",)),
    "stop-reading": Action("nothing is read any more: the peer's pipe fills up"),
    "resume-reading": Action("stop-reading is over"),
}
"""By name, in the order of the help."""

_MOMENT = re.compile(r"(?P<amount>\d+)(?P<unit>B|ms|r)(?:-(?P<way>in|out))?")
_MOMENTS = "open, start, 100B, 100B-in, 100B-out, 250ms, 3r, 3r-in or 3r-out"


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event is due.

    ``unit`` is "open" (before the handshake), "start" (right after the first one), "B" (once that many bytes
    of application data have passed), "ms" (milliseconds after the first handshake) or "r" (once that many
    records of any type have passed since it).  ``way`` counts what came "in" or went "out" alone; "" both.
    """

    unit: str
    amount: int = 0
    way: str = ""

    def __str__(self) -> str:
        if self.unit in ("open", "start"):
            return self.unit
        return f"{self.amount}{self.unit}" + (f"-{self.way}" if self.way else "")

    @classmethod
    def parse(cls, text: str, whole: str) -> Moment:
        """Read a WHEN of the event ``whole``; UsageError."""
        if text in ("open", "start"):
            return cls(text)
        match = _MOMENT.fullmatch(text)
        if match is None or (match["unit"] == "ms" and match["way"]):
            raise UsageError(f"event {whole!r}: got {text!r} for WHEN, expected {_MOMENTS}")
        return cls(match["unit"], int(match["amount"]), match["way"] or "")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a peer does at a moment; ``arguments`` are the numbers behind its name."""

    name: str
    arguments: tuple[int, ...]
    moment: Moment

    def __str__(self) -> str:
        return f"{':'.join((self.name, *map(str, self.arguments)))}@{self.moment}"

    @property
    def action(self) -> Action:
        """What it does."""
        return ACTIONS[self.name]

    @property
    def is_of_transport(self) -> bool:
        """Whether the library has no part in it, so that it can happen during a call that waits."""
        return self.action.function is None

    @classmethod
    def parse(cls, text: str) -> Event:
        """Read WHAT@WHEN, ``start`` without a WHEN; UsageError names what was expected."""
        what, _, when = text.partition("@")
        name, *numbers = what.split(":")
        if name not in ACTIONS:
            raise UsageError(f"event {text!r}: {_unknown(name)}")
        action = ACTIONS[name]
        if not all(re.fullmatch(r"\d+", number) for number in numbers) or not (
            0 <= len(action.arguments) - len(numbers) <= len(action.defaults)
        ):
            raise UsageError(f"event {text!r}: expected {name}{action.usage}@WHEN with whole numbers")
        missing = len(action.arguments) - len(numbers)
        values = (*map(int, numbers), *(action.defaults[-missing:] if missing else ()))
        if name == "dribble" and not values[0]:
            raise UsageError(f"event {text!r}: got 0 for N, expected at least 1 byte")
        event = cls(name, values, Moment.parse(when or "start", text))
        if event.moment.unit == "open" and not event.is_of_transport:
            raise UsageError(f"event {text!r}: at open there is no connection yet that could {name}")
        return event


def _unknown(name: str) -> str:
    nearest = difflib.get_close_matches(name, ACTIONS, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else f"; expected one of {', '.join(ACTIONS)}"
    return f"no event is named {name!r}{hint}"


def events_of(given: Iterable[str | Event], profile: Profile) -> tuple[Event, ...]:
    """Read events for a peer of this release.

    UsageError for what is no event, and for one whose function the release does not export: no program could
    have called it.  What a function answers that is there is the library's to say.
    """
    if isinstance(given, str):
        raise UsageError(f"events: got the string {given!r}, expected a list of them")
    events = tuple(each if isinstance(each, Event) else Event.parse(each) for each in given)
    for event in events:
        function = event.action.function
        if function in profile.functions:
            try:
                require(profile, function)
            except AttributeError as absent:
                raise UsageError(f"event '{event}': {absent}") from None
    return events


@dataclass(slots=True)
class Progress:
    """What has passed since the first handshake: application bytes and records, and when it was over.

    ``started`` is of :func:`time.monotonic`, None until the handshake is over.
    """

    started: float | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    records_in: int = 0
    records_out: int = 0

    def _passed(self, unit: str, way: str) -> int:
        into, out = (self.bytes_in, self.bytes_out) if unit == "B" else (self.records_in, self.records_out)
        return into * (way != "out") + out * (way != "in")

    def is_due(self, moment: Moment, now: float) -> bool:
        """Whether a moment has come."""
        if moment.unit == "open":
            return True
        if self.started is None:
            return False
        if moment.unit == "ms":
            return now >= self.started + moment.amount / 1000
        return moment.unit == "start" or self._passed(moment.unit, moment.way) >= moment.amount

    def time_of(self, moment: Moment) -> float | None:
        """When a moment of time comes; None for others, and before the handshake is over."""
        if moment.unit != "ms" or self.started is None:
            return None
        return self.started + moment.amount / 1000

    def bytes_until(self, moment: Moment, way: str) -> int | None:
        """How many bytes may yet pass this way before a moment of bytes comes; None: any number."""
        if moment.unit != "B" or moment.way not in ("", way):
            return None
        left = moment.amount - self._passed("B", moment.way)
        return left if left > 0 else None
