"""``emulator record`` and ``verify``: run scenarios on a real libssl, and compare a profile with it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, LIBSSL, RECORDED, REQUIRE, STRICT
from emulator.cli.output import FELL_SHORT, complain, print_json, print_lines

if TYPE_CHECKING:
    from emulator.scenario.model import Scenario


@command("record")
def record(
    *,
    libssl: LIBSSL,
    file: RECORDED = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="RELEASE",
            help="The profile to start from (default: that of the library's version).",
        ),
    ] = None,
    times: Annotated[
        int,
        typer.Option(
            min=1, help="How often to run each scenario; a value that differs between the runs is null."
        ),
    ] = 2,
    proposed: Annotated[
        str | None,
        typer.Option(
            "--as-profile",
            metavar="PATH",
            help="Propose a profile for the library; write it to this file, or - for standard output.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            "--random",
            min=0,
            metavar="N",
            help="The number of random scenarios, with rare steps too; for a profile 500 at a "
            "time, as long as they find new differences.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="The seed of the random scenarios.", show_default=False)
    ] = None,
    traces: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="With --as-profile: write the traces that the profile cites to this file.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="With --as-profile, print the findings as JSON; traces are always JSON."),
    ] = False,
) -> int:
    """Run scenarios on a real libssl and print a trace on each line, or propose a profile."""
    import secrets

    from emulator.scenario.sources import STANDARD_INPUT, scenarios_in

    if file is None and count is None and proposed is None:
        file = STANDARD_INPUT
    scenarios = [] if file is None else list(scenarios_in(file))
    seed = secrets.token_hex(4) if seed is None else seed
    if proposed is None:
        return _record(libssl, scenarios, profile, times, count or 0, seed)
    return _propose(libssl, scenarios, profile, times, count, seed, Outputs(proposed, traces, as_json))


def _record(
    libssl: str, scenarios: list[Scenario], name: str | None, times: int, count: int, seed: str
) -> int:
    from emulator.profile import load_profile
    from emulator.reallib.record import Recorder
    from emulator.scenario.generate import generate

    status = 0
    named = None if name is None else load_profile(name)
    with Recorder(libssl, named, times=times) as recorder:
        scenarios += generate(seed, count, wide=True)
        for scenario, line in zip(scenarios, recorder.record(scenarios), strict=True):
            if line is None:
                complain("record", f"{scenario.id}: ends now one way and now another")
                status = FELL_SHORT
            else:
                sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


@dataclass(frozen=True)
class Outputs:
    """The files for a proposed profile and for the traces that it cites, and whether to print JSON."""

    profile: str
    traces: str | None
    as_json: bool


def _propose(
    libssl: str,
    scenarios: list[Scenario],
    name: str | None,
    times: int,
    count: int | None,
    seed: str,
    outputs: Outputs,
) -> int:
    from emulator.reallib.profile_text import proposed_text
    from emulator.reallib.propose import proposal_for

    folder = Path() if outputs.profile == "-" else Path(outputs.profile).parent
    proposal = proposal_for(
        libssl, scenarios, profile=name, times=times, count=count, seed=seed, folder=folder
    )
    text = proposed_text(proposal)
    if outputs.traces is not None:
        lines = (json.dumps(line) + "\n" for line in proposal.cited())
        Path(outputs.traces).write_text("".join(lines), encoding="utf-8")
    if outputs.profile != "-":
        Path(outputs.profile).write_text(text, encoding="utf-8")
    elif not outputs.as_json:
        sys.stdout.write(text)
    if outputs.as_json:
        print_json(proposal.as_json() | {"toml": text})
    elif outputs.profile != "-":
        print_lines([*proposal.summary(), f"written to {outputs.profile}"])
    return FELL_SHORT if proposal.differences else 0


@command("verify")
def verify(
    *,
    libssl: LIBSSL,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="RELEASE", help="The profile to verify (default: that of the library's version)."
        ),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Scenarios: .toml, .json, .jsonl, .jsonl.gz or @name; may be repeated.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            "--random", min=0, metavar="N", help="The number of random scenarios (500 if there are no files)."
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(help="The seed of the random scenarios; the command prints it.", show_default=False),
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw scenarios of this protocol only (TLSv1.2); may be repeated.", show_default=False
        ),
    ] = None,
    wide: Annotated[
        bool, typer.Option("--wide", help="Also draw rare steps: damaged records, failing reads.")
    ] = False,
    strict: STRICT = False,
    require: REQUIRE = 100.0,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="Print the smallest scenario that shows each difference.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Append the library's traces that differ to this file.", show_default=False
        ),
    ] = None,
    as_json: AS_JSON = False,
) -> int:
    """Run scenarios on a real libssl and on a profile, and show where their answers differ."""
    from emulator.reallib.report import Request
    from emulator.reallib.report import verify as verify_and_tell

    request = Request(libssl, profile, scenarios or (), count, seed, protocol, wide, strict, shrink, keep)
    report = verify_and_tell(request, None if as_json else sys.stdout)
    if as_json:
        print_json(report.as_json() | {"required": require})
    return FELL_SHORT if report.counts.percent < require else 0
