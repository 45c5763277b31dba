"""``emulator record`` and ``verify``: a real libssl, and a profile beside it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from emulator.cli.app import AS_JSON, FELL_SHORT, REQUIRE, SCENARIOS, STRICT, command, complain, print_json

LIBSSL = Annotated[
    str,
    typer.Option(
        "--libssl", metavar="PATH", help="A real, shared libssl: its file, or the system's by its name."
    ),
]


@command("record")
def record(
    libssl: LIBSSL,
    file: SCENARIOS = "-",
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="RELEASE", help="Whose options are known; by the library's version unless given."
        ),
    ] = None,
    times: Annotated[
        int, typer.Option(min=1, help="How often; a value that differs between them is null.")
    ] = 2,
    *,
    as_json: Annotated[  # noqa: ARG001 - a trace is JSON
        bool, typer.Option("--json", help="Said for clarity: a trace is an object of JSON on a line.")
    ] = False,
) -> int:
    """Run scenarios on a real libssl and print one trace a line."""
    from emulator.profile import load_profile
    from emulator.reallib.record import Recorder
    from emulator.scenario.sources import scenarios_in

    status = 0
    scenarios = list(scenarios_in(file))
    named = None if profile is None else load_profile(profile)
    with Recorder(libssl, named, times=times) as recorder:
        for scenario, line in zip(scenarios, recorder.record(scenarios), strict=True):
            if line is None:
                complain("record", f"{scenario.id}: ends now one way and now another")
                status = FELL_SHORT
            else:
                sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


@command("verify")
def verify(
    *,
    libssl: LIBSSL,
    profile: Annotated[
        str | None,
        typer.Option(metavar="RELEASE", help="The profile to judge; by the library's version unless given."),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="Scenarios, .jsonl or .jsonl.gz; may be repeated.", show_default=False
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--random", min=0, metavar="N", help="Random scenarios; 500 if there are no files."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="What random scenarios are drawn from; printed.", show_default=False)
    ] = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="Draw these only: TLSv1.2; may be repeated.", show_default=False)
    ] = None,
    wide: Annotated[
        bool, typer.Option("--wide", help="Draw rare steps too: damaged records, failing reads.")
    ] = False,
    strict: STRICT = False,
    require: REQUIRE = 100.0,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="Print the smallest scenario that shows each difference.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Add the library's traces that differ to this file.", show_default=False
        ),
    ] = None,
    as_json: AS_JSON = False,
) -> int:
    """Run scenarios on a real libssl and on a profile, and tell where the two part."""
    from emulator.reallib.report import Request
    from emulator.reallib.report import verify as verify_and_tell

    request = Request(libssl, profile, scenarios or (), count, seed, protocol, wide, strict, shrink, keep)
    report = verify_and_tell(request, None if as_json else sys.stdout)
    if as_json:
        print_json(report.as_json() | {"required": require})
    return FELL_SHORT if report.counts.percent < require else 0
