"""``emulator replay``, ``compare-traces`` and ``fidelity``: replay recorded scenarios, count matches."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, PROFILE, REQUIRE, SCENARIOS, STRICT
from emulator.cli.output import FELL_SHORT, complain, print_json, print_lines


@command("replay")
def replay(
    file: SCENARIOS,
    profile: PROFILE,
    follow: Annotated[  # noqa: ARG001 - said by the caller so that nobody takes it for granted
        Literal["library"],
        typer.Option(help="What to follow where manual and code disagree; traces follow the library."),
    ] = "library",
    *,
    as_json: Annotated[  # noqa: ARG001 - a trace is JSON
        bool, typer.Option("--json", help="No effect: traces are always JSON, an object on each line.")
    ] = False,
) -> int:
    """Run recorded scenarios on an emulated release and print a trace on each line."""
    from emulator.library import scenarios_in
    from emulator.profile import load_profile
    from emulator.scenario.model import ScenarioError
    from emulator.scenario.runner import Runners

    status = 0
    with Runners(load_profile(profile)) as runners:
        for scenario in scenarios_in(file):
            try:
                line = runners.run(scenario)
            except ScenarioError:
                raise
            except Exception as error:  # noqa: BLE001 - a mistake of ours in one scenario must not hide the others
                complain("replay", f"{scenario.id}: {type(error).__name__}: {error}")
                line = {**scenario.raw, "trace": [{"step": step.raw} for step in scenario.steps or []]}
                status = FELL_SHORT
            sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


@command("compare-traces")
def compare_traces(
    expected: Annotated[
        str, typer.Argument(metavar="EXPECTED", help="The recorded traces: .jsonl or .jsonl.gz.")
    ],
    actual: Annotated[
        str,
        typer.Argument(
            metavar="ACTUAL", help="The traces to compare: .jsonl, .jsonl.gz, or - for standard input."
        ),
    ],
    *,
    strict: STRICT = False,
    require: REQUIRE = 100.0,
    as_json: AS_JSON = False,
) -> int:
    """Count the scenarios of ACTUAL that match EXPECTED, and show the first difference of the others."""
    from emulator.scenario.compare import compare_lines, read_traces

    comparison = compare_lines(read_traces(expected), read_traces(actual), strict=strict)
    if as_json:
        print_json(comparison.as_json())
    else:
        print_lines(comparison.report())
    return FELL_SHORT if comparison.shares()["total"].percent < require else 0


@command("fidelity")
def fidelity(
    *,
    traces: Annotated[
        str, typer.Option(metavar="DIR", help="The folder of recordings: RELEASE.jsonl.gz.")
    ] = "tests/scenario/traces",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print all results as JSON, in the form of tools/data/fidelity.json."),
    ] = False,
) -> int:
    """Replay every recording of a folder, count the matches and show the differences."""
    from emulator.scenario.fidelity import as_text, judge_all, recordings, table

    verdicts = judge_all(recordings(traces))
    if as_json:
        sys.stdout.write(as_text(verdicts))
    else:
        print_lines(table(verdicts))
    return 0 if all(not verdict.differences for verdict in verdicts) else FELL_SHORT
