"""Lanes from a callable: a fresh pair for each profile, and a log of the calls that are made on it."""

from __future__ import annotations

import inspect
import traceback
from typing import TYPE_CHECKING, Any

from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import SimulatedCrash, UsageError
from emulator.lanes.cells import Lane, protection_of
from emulator.lanes.manual import Setting, annotated
from emulator.lanes.watched import Log, TooManyCalls, WatchedPair, WatchedSide
from emulator.pair import connected_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.context import Authority
    from emulator.pair import Pair
    from emulator.profile import Profile

MOST_CALLS = 10_000


class Calls:
    """Calls a callable with a pair of any profile.

    ``most_calls`` end a lane that does not end by itself.  With ``keep_queue`` the error queue is the
    callable's business; else it is emptied before each call that reads or writes, as SSL_get_error(3) asks
    for.  ``settings`` are those of :func:`connected_pair`.
    """

    def __init__(
        self,
        call: Callable[..., object],
        settings: dict[str, Any],
        *,
        most_calls: int = MOST_CALLS,
        keep_queue: bool = False,
    ) -> None:
        self.call = call
        self.settings = {"undefined": "ignore", **settings}
        self.most_calls = most_calls
        self.keep_queue = keep_queue
        self._takes_pair = _takes_pair(call)

    def lane(self, profile: Profile, name: str, follow: Authority) -> Lane:
        """Call the callable with a fresh pair of this profile; an exception is the lane's outcome."""
        lane = Lane(name, profile.release, follow)
        log = Log(self.most_calls, keep_queue=self.keep_queue)
        previous = use(ErrorQueue())
        try:
            with connected_pair(profile, follow=follow, **self._settings(follow)) as pair:
                self._run(pair, log, lane)
        except UsageError as error:
            lane.outcome = {"kind": "unsupported", "what": str(error)}
        finally:
            use(previous)
        lane.entries = annotated(profile, self._setting(), log.entries)
        return lane

    def _run(self, pair: Pair, log: Log, lane: Lane) -> None:
        sides = [_watch(end.who, pair, log) for end in pair.ends]
        given: tuple[object, ...] = (_watched_pair(pair, log),) if self._takes_pair else tuple(pair)
        try:
            self.call(*given)
        except SimulatedCrash as crash:
            lane.outcome = {"kind": "crash", "signal": crash.signal, "why": str(crash)}
        except TooManyCalls:
            lane.outcome = {"kind": "exception", "what": f"more than {self.most_calls} calls: it has no end"}
        except Exception as error:  # noqa: BLE001 - any exception is an outcome of this release
            lane.outcome = {"kind": "exception", "what": _told(error)}
            _keep_missing(error, sides)
        finally:
            for side in sides:
                side.let_go()
        lane.protection = protection_of(sides[0].conn)

    def _settings(self, follow: Authority) -> dict[str, Any]:
        """Return the settings of a pair: a policy chooses in the manual's lanes alone."""
        if follow == "manual":
            return self.settings
        return {name: value for name, value in self.settings.items() if name != "policy"}

    def _setting(self) -> Setting:
        sides = {who: self.settings.get(who) or {} for who in ("client", "server")}
        stateless = frozenset(who for who, settings in sides.items() if settings.get("no_state"))
        return Setting(blocking=bool(self.settings.get("blocking")), stateless=stateless)


def _watch(who: str, pair: Pair, log: Log) -> WatchedSide:
    number = 0 if who == "client" else 1
    side = WatchedSide(who, pair[number], log)
    pair.ends[number].on_accept = side.tap.of(who)
    return side


def _watched_pair(pair: Pair, log: Log) -> WatchedPair:
    watched = WatchedPair(pair, pair.ends)
    watched.log = log
    return watched


def _told(error: Exception) -> str:
    """Return an exception in one line; of an assertion without a text its source line."""
    line = traceback.extract_tb(error.__traceback__)[-1].line if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__}: {str(error) or line}".rstrip(": ")


def _keep_missing(error: Exception, sides: list[WatchedSide]) -> None:
    """Add a row for a call that the release lacks."""
    if isinstance(error, AttributeError):
        for side in sides:
            if error.obj is side.conn and error.name in side.conn.profile.functions:
                side.missing(error.name)


def _takes_pair(call: Callable[..., object]) -> bool:
    """Whether the callable takes one argument, the pair, instead of client and server."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [
        each
        for each in parameters
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) and each.default is each.empty
    ]
    return len(needed) == 1 and not any(each.kind is each.VAR_POSITIONAL for each in parameters)
