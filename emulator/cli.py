"""The commands of ``python -m emulator``.

Exit status: 0 when a command did what was asked, 1 when a comparison fell short or a scenario could not be
run to its end, 2 for something that cannot be read, with one line on standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

FELL_SHORT = 1
UNUSABLE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (EmulatorError, OSError) as error:
        sys.stderr.write(f"{options.name}: {_one_line(error)}\n")
        return UNUSABLE
    return status


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="name")
    _add_replay(commands)
    _add_compare(commands)
    return parser


def _add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "run recorded scenarios on an emulated release and print one trace a line"
    replay = commands.add_parser("replay", help=about, description=about)
    replay.add_argument("--profile", required=True, metavar="RELEASE", help="the release to emulate")
    replay.add_argument(
        "--follow",
        choices=["library"],
        default="library",
        help="whom to follow where manual and code disagree; traces follow the library",
    )
    replay.add_argument("file", metavar="FILE", help="scenarios: .jsonl, .jsonl.gz, or - for standard input")
    replay.set_defaults(command=_replay)


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "tell how many scenarios of ACTUAL match EXPECTED, and where the others first differ"
    compare = commands.add_parser("compare-traces", help=about, description=about)
    compare.add_argument("expected", metavar="EXPECTED", help="traces as recorded: .jsonl or .jsonl.gz")
    compare.add_argument("actual", metavar="ACTUAL", help="traces to judge: .jsonl, .jsonl.gz, or -")
    compare.add_argument("--strict", action="store_true", help="sizes of handshake records must match too")
    compare.add_argument(
        "--require",
        type=_percent,
        default=100.0,
        metavar="PERCENT",
        help="exit with status 1 if a smaller share matches (100 unless said)",
    )
    compare.set_defaults(command=_compare)


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is no percentage from 0 to 100")
    return value


def _replay(options: argparse.Namespace) -> int:
    """Print the trace of every scenario; what the traces say does not matter to the exit status."""
    from emulator.profile import load_profile  # noqa: PLC0415 - comparing needs none of it
    from emulator.scenario.model import ScenarioError, read_scenarios  # noqa: PLC0415
    from emulator.scenario.runner import Runners  # noqa: PLC0415

    runners = Runners(load_profile(options.profile))
    status = 0
    for scenario in read_scenarios(options.file):
        try:
            line = runners.run(scenario)
        except ScenarioError:
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one scenario must not hide the others
            sys.stderr.write(f"{options.name}: {scenario.id}: {type(error).__name__}: {_one_line(error)}\n")
            line = {**scenario.raw, "trace": [{"step": step.raw} for step in scenario.steps or []]}
            status = FELL_SHORT
        sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return status


def _compare(options: argparse.Namespace) -> int:
    """Print where scenarios differ and what share matches."""
    from emulator.scenario.compare import compare_lines, read_traces  # noqa: PLC0415

    expected, actual = read_traces(options.expected), read_traces(options.actual)
    comparison = compare_lines(expected, actual, strict=options.strict)
    sys.stdout.writelines(f"{line}\n" for line in comparison.report())
    return FELL_SHORT if comparison.shares()["total"].percent < options.require else 0
