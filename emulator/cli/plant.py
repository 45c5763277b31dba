"""``emulator plant``: does verifying notice when a profile is wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, LIBSSL
from emulator.cli.output import FELL_SHORT, print_json, print_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.reallib.plant import Planted

DRAWN_UNLESS_ASKED = 1000


@command("plant")
def plant(
    libssl: LIBSSL,
    behaviours: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="BEHAVIOUR", help="Behaviours or sections (default: write).", show_default=False
        ),
    ] = None,
    *,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="RELEASE", help="The profile to change (default: that of the library's version)."
        ),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="A file of scenarios, as for verify; may be repeated.", show_default=False
        ),
    ] = None,
    count: Annotated[
        int, typer.Option("--random", min=0, metavar="N", help="The number of random scenarios.")
    ] = DRAWN_UNLESS_ASKED,
    seed: Annotated[
        str | None,
        typer.Option(help="The seed of the random scenarios; the command prints it.", show_default=False),
    ] = None,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="Shrink each scenario that shows a difference.")
    ] = False,
    as_json: AS_JSON = False,
) -> int:
    """Plant wrong answers in a profile, one at a time, and show which ones a real libssl reveals.

    Its exit status is 1 if there is one that no scenario shows.
    """
    import secrets
    from itertools import chain

    from emulator.library import scenarios_in
    from emulator.profile import load_profile
    from emulator.reallib.plant import Planter
    from emulator.reallib.record import Recorder
    from emulator.scenario.generate import generate

    seed = secrets.token_hex(4) if seed is None else seed
    named = None if profile is None else load_profile(profile)
    with Recorder(libssl, named) as recorder:
        drawn = generate(seed, count, wide=True)
        planter = Planter(recorder, chain(chain.from_iterable(map(scenarios_in, scenarios or ())), drawn))
        found = list(planter.plant(behaviours or ["write"]))
        if shrink:
            found = [planter.shrink(one) for one in found]
    head = {"library": recorder.version, "profile": recorder.profile.name, "seed": seed}
    if as_json:
        print_json({**head, "scenarios": planter.count, "planted": [one.as_json() for one in found]})
    else:
        print_lines([f"library {recorder.version}, profile {recorder.profile.release}, seed {seed}"])
        print_lines(_lines(found))
    return 0 if all(one.recorded for one in found) else FELL_SHORT


def _lines(found: list[Planted]) -> Iterable[str]:
    for one in found:
        shown = "not seen" if one.recorded is None else f"{one.recorded['id']}: {one.difference}"
        yield f"{one.key}: {one.answer} -> {one.planted}: {shown}"
    seen = sum(one.recorded is not None for one in found)
    yield f"{'seen':<20} {seen}/{len(found)}"
