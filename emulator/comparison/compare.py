"""``compare()``: the same calls on several generations, side by side."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, get_args

from emulator.api.arguments import listed, path_name
from emulator.comparison.comparison import Comparison
from emulator.comparison.sources import Source, load_one, of_scenario, of_script
from emulator.exceptions import UsageError
from emulator.lanes.decide import Decisions
from emulator.lanes.replay import Replays
from emulator.lanes.result import complete_missing
from emulator.profile import list_series, load_profile
from emulator.scenario.model import Scenario
from emulator.scenario.script import Script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from emulator.contract.transcript import Transcript
    from emulator.lanes.cells import Lane
    from emulator.lanes.decide import Player
    from emulator.profile import BuildOverride, Profile

    ProfileName = str | PathLike[str] | Profile
    Comparable = Script | Transcript | Scenario | Source | str | PathLike[str] | Callable[..., object]

Follow = Literal["library", "manual", "both"]
FOLLOWS: tuple[Follow, ...] = get_args(Follow)
OF_CALLS = ("most_calls", "keep_queue")


def compare(
    what: Comparable,
    profiles: Iterable[ProfileName] | ProfileName | None = None,
    *,
    follow: Follow | None = None,
    build: BuildOverride | None = None,
    **pair_settings: Any,
) -> Comparison:
    """Make the same calls on several generations of OpenSSL and lay their answers side by side.

    ``what`` is a :class:`Script` or the path of one, the transcript of a pair, "@name" for a scenario of the
    package, a recorded scenario, or a callable.  ``lambda client, server: ...`` is called for each profile
    with a fresh connected pair (or with the pair, if it takes one argument), and each of its calls becomes a
    row.

    ``profiles`` are names or profiles as :func:`emulator.load_profile` takes them; the default is those that
    the script names, or else the last release of each series.  A profile has a lane that follows the library;
    where the release's manual page permits or demands another answer in these calls, a lane that follows the
    manual stands beside it.  ``follow`` narrows that to "library" or "manual", or asks for "both" always.
    ``differs`` of the result compares lanes of one authority.  ``build`` is the configuration of the library
    ("no-asm"); it replaces that of a scenario.

    A callable may have the settings of :func:`emulator.connected_pair`, of which ``policy`` chooses in the
    lanes of the manual alone, and two more.  ``most_calls`` (10,000) ends a lane that would never end.  With
    ``keep_queue`` the callable empties the error queue itself; without it, the queue is emptied before each
    call that reads or writes, as SSL_get_error(3) requires.

    A simulated crash or an exception of the callable ends its lane and is not raised here.  Raises UsageError
    for a wrong argument and for a file that cannot be read, ScriptError or ScenarioError for a file without
    a scenario, and the exceptions of load_profile().
    """
    if callable(what):
        from emulator.lanes.calls import Calls  # noqa: PLC0415 - scenarios do without

        options = {key: pair_settings.pop(key) for key in OF_CALLS if key in pair_settings}
        calls = Calls(what, pair_settings, **options)
        title = getattr(what, "__name__", type(what).__name__)
        about = " ".join((what.__doc__ or "").split()) if hasattr(what, "__name__") else ""
        comparison = _compared(
            Source("calls" if title == "<lambda>" else title, about, "callable", None),
            calls,
            _profiles(profiles, ()),
            follow,
            build,
        )
        _complain_of_settings(comparison)
        return comparison
    if pair_settings:
        raise UsageError(f"{', '.join(pair_settings)}: a scenario says itself how its pair is set up")
    source = _source(what)
    assert source.scenario is not None
    own_build = source.scenario.build or None
    return _compared(
        source,
        Replays(source.scenario),
        _profiles(profiles, source.profiles),
        follow,
        build if build is not None else own_build,
    )


def _source(what: Any) -> Source:
    if isinstance(what, Script):
        return of_script(what)
    if isinstance(what, Scenario):
        return of_scenario(what)
    if isinstance(what, Source):
        return what
    if isinstance(what, str | PathLike):
        return load_one(path_name("what", what))
    from emulator.contract.transcript import Transcript  # noqa: PLC0415 - the others do without

    if isinstance(what, Transcript):
        return of_script(Script(**what.as_scenario()))
    kinds = "a script, a transcript, a scenario, a path, '@name' or a callable"
    raise UsageError(f"compare() takes {kinds}, not {type(what).__name__}")


def _profiles(profiles: Iterable[ProfileName] | ProfileName | None, own: Sequence[str]) -> list[ProfileName]:
    if profiles is None:
        return list(own or list_series())
    one = isinstance(profiles, str | PathLike) or hasattr(profiles, "release")
    chosen: list[Any] = [profiles] if one else listed("profiles", profiles, "profiles or their names")
    if not chosen:
        raise UsageError("profiles: got none, expected one at least")
    return chosen


def _checked(follow: Follow | None) -> Follow | None:
    if follow is not None and follow not in FOLLOWS:
        raise UsageError(f"follow: got {follow!r}, expected one of {', '.join(FOLLOWS)}")
    return follow


def _lanes(plays: Player, profile: Profile, name: str, follow: Follow | None) -> list[Lane]:
    """Return the lanes of a profile: of the authority that is asked for, or of both where they part."""
    if follow == "library":
        return [plays.lane(profile, name, "library")]
    manual = plays.lane(profile, name, "manual")
    if follow == "manual":
        return [manual]
    if follow is None and not manual.was_promised():
        manual.follow = "library"  # an answer that the page decided is a promise: there is none
        return [manual]
    library = plays.lane(profile, name, "library")
    return [library] if follow is None and manual.answers_as(library) else [library, manual]


def _compared(
    source: Source,
    plays: Player,
    names: Sequence[ProfileName],
    follow: Follow | None,
    build: BuildOverride | None,
) -> Comparison:
    lanes: list[Lane] = []
    profiles: list[Profile] = []
    for name in names:
        profile = load_profile(name, build)
        called = name if isinstance(name, str) else profile.name
        own = _lanes(plays, profile, called, _checked(follow))
        lanes += own
        profiles += [profile] * len(own)
    for lane in lanes:
        complete_missing(lane, lanes)
    decisions = Decisions(plays, profiles, lanes)
    return Comparison(source, lanes, decisions)


def _complain_of_settings(comparison: Comparison) -> None:
    """Raise UsageError for settings that no release accepts: the caller made a mistake."""
    whats = {lane.outcome["what"] for lane in comparison.lanes if _never_began(lane) and lane.outcome}
    if len(whats) == 1 and all(map(_never_began, comparison.lanes)):
        what = whats.pop()
        releases = {lane.release for lane in comparison.lanes}
        if not any(name in what for name in releases):
            raise UsageError(what)


def _never_began(lane: Lane) -> bool:
    return lane.outcome is not None and lane.outcome["kind"] == "unsupported"
