"""The commands of ``python -m emulator``.

Exit status: 0 when a command did what was asked, 1 when a comparison fell short or a scenario could not be
run to its end, 2 for something that cannot be read, with one line on standard error.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FELL_SHORT = 1
UNUSABLE = 2

app = typer.Typer(
    help="OpenSSL's SSL_write, call by call, as a chosen generation of OpenSSL behaved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LIBSSL = Annotated[
    str,
    typer.Option(
        "--libssl", metavar="PATH", help="A real, shared libssl: its file, or the system's by its name."
    ),
]
SCENARIOS = Annotated[
    str, typer.Argument(metavar="FILE", help="Scenarios: .jsonl, .jsonl.gz, or - for standard input.")
]
STRICT = Annotated[bool, typer.Option("--strict", help="Sizes of handshake records must match too.")]
REQUIRE = Annotated[
    float,
    typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with status 1 if a smaller share matches."),
]


class _Done(Exception):  # noqa: N818 - no error
    """A command is over: its exit status, past typer, which would end the process."""

    def __init__(self, status: int) -> None:
        self.status = status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status.  Raises SystemExit for help, and with 2 for a wrong command line."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="python -m emulator")
    except _Done as done:
        return done.status
    return 0


def _command(name: str) -> Callable[[Callable[..., int]], Callable[..., None]]:
    """Make a command of a function that answers an exit status."""

    def add(run: Callable[..., int]) -> Callable[..., None]:
        @app.command(name)
        @functools.wraps(run)
        def command(*values: object, **options: object) -> None:
            raise _Done(_status(name, functools.partial(run, *values, **options)))

        return command

    return add


def _status(name: str, run: Callable[[], int]) -> int:
    try:
        return run()
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (EmulatorError, OSError) as error:
        sys.stderr.write(f"{name}: {_one_line(error)}\n")
        return UNUSABLE


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


@_command("replay")
def _replay(
    file: SCENARIOS,
    profile: Annotated[str, typer.Option(metavar="RELEASE", help="The release to emulate.")],
    follow: Annotated[  # noqa: ARG001 - said by the caller so that nobody takes it for granted
        Literal["library"],
        typer.Option(help="Whom to follow where manual and code disagree; traces follow the library."),
    ] = "library",
) -> int:
    """Run recorded scenarios on an emulated release and print one trace a line."""
    from emulator.profile import load_profile  # noqa: PLC0415 - comparing needs none of it
    from emulator.scenario.model import ScenarioError, read_scenarios  # noqa: PLC0415
    from emulator.scenario.runner import Runners  # noqa: PLC0415

    status = 0
    with Runners(load_profile(profile)) as runners:
        for scenario in read_scenarios(file):
            try:
                line = runners.run(scenario)
            except ScenarioError:
                raise
            except Exception as error:  # noqa: BLE001 - a mistake of ours in one scenario must not hide the others
                sys.stderr.write(f"replay: {scenario.id}: {type(error).__name__}: {_one_line(error)}\n")
                line = {**scenario.raw, "trace": [{"step": step.raw} for step in scenario.steps or []]}
                status = FELL_SHORT
            sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


@_command("compare-traces")
def _compare(
    expected: Annotated[
        str, typer.Argument(metavar="EXPECTED", help="Traces as recorded: .jsonl or .jsonl.gz.")
    ],
    actual: Annotated[
        str, typer.Argument(metavar="ACTUAL", help="Traces to judge: .jsonl, .jsonl.gz, or -.")
    ],
    *,
    strict: STRICT = False,
    require: REQUIRE = 100.0,
) -> int:
    """Tell how many scenarios of ACTUAL match EXPECTED, and where the others first differ."""
    from emulator.scenario.compare import compare_lines, read_traces  # noqa: PLC0415

    comparison = compare_lines(read_traces(expected), read_traces(actual), strict=strict)
    sys.stdout.writelines(f"{line}\n" for line in comparison.report())
    return FELL_SHORT if comparison.shares()["total"].percent < require else 0


@_command("record")
def _record(
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
) -> int:
    """Run scenarios on a real libssl and print one trace a line."""
    from emulator.profile import load_profile  # noqa: PLC0415
    from emulator.reallib.record import Recorder  # noqa: PLC0415
    from emulator.scenario.model import read_scenarios  # noqa: PLC0415

    status = 0
    scenarios = list(read_scenarios(file))
    named = None if profile is None else load_profile(profile)
    with Recorder(libssl, named, times=times) as recorder:
        for scenario, line in zip(scenarios, recorder.record(scenarios), strict=True):
            if line is None:
                sys.stderr.write(f"record: {scenario.id}: ends now one way and now another\n")
                status = FELL_SHORT
            else:
                sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


@_command("verify")
def _verify(
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
) -> int:
    """Run scenarios on a real libssl and on a profile, and tell where the two part."""
    from emulator.reallib.report import Request, verify  # noqa: PLC0415

    request = Request(libssl, profile, scenarios or (), count, seed, protocol, wide, strict, shrink, keep)
    return FELL_SHORT if verify(request, sys.stdout) < require else 0


@_command("fidelity")
def _fidelity(
    *,
    traces: Annotated[
        str, typer.Option(metavar="DIR", help="The folder of recordings: RELEASE.jsonl.gz.")
    ] = "tests/scenario/traces",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all that was found, as docs/fidelity.json has it.")
    ] = False,
) -> int:
    """Replay every recording of a folder, and tell how much of it matches and what doesn't."""
    from emulator.scenario.fidelity import as_text, judge_all, recordings, table  # noqa: PLC0415

    verdicts = judge_all(recordings(traces))
    sys.stdout.write(as_text(verdicts) if as_json else "".join(f"{line}\n" for line in table(verdicts)))
    return 0 if all(not verdict.differences for verdict in verdicts) else FELL_SHORT


@_command("demo")
def _demo(
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="RELEASE", help="A column of the table; may be repeated.", show_default=False),
    ] = None,
    protocol: Annotated[str, typer.Option(help="The protocol that every pair speaks.")] = "TLSv1",
    follow: Annotated[
        Literal["manual", "library"],
        typer.Option(help="Whom to follow where a release's manual page and its code disagree."),
    ] = "manual",
) -> int:
    """Run one short program on several generations and show side by side what it sees."""
    from emulator.demo import DEFAULT_PROFILES  # noqa: PLC0415
    from emulator.demo_table import show  # noqa: PLC0415
    from emulator.profile import load_profile  # noqa: PLC0415

    names = list(profile or DEFAULT_PROFILES)
    show(names, [load_profile(name) for name in names], protocol, follow, sys.stdout)
    return 0


@_command("profiles")
def _profiles(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[RELEASE [OTHER]]", show_default=False)
    ] = None,
) -> int:
    """List the profiles; with one RELEASE say what it answers, with two where they differ."""
    from emulator.exceptions import UsageError  # noqa: PLC0415
    from emulator.profile import load_profile  # noqa: PLC0415
    from emulator.profiles.describe import details, differences, listing  # noqa: PLC0415

    match [load_profile(name) for name in names or ()]:
        case []:
            lines = listing()
        case [one]:
            lines = details(one)
        case [one, other]:
            lines = differences(one, other)
        case more:
            raise UsageError(f"got {len(more)} profiles, expected two at most")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
