"""What all commands have in common.

Exit status: 0 when a command did what was asked, 1 when a comparison fell short or a scenario could not be
run to its end, 2 for something that cannot be read or does not exist, with one line on standard error.
A command's module imports what it needs inside the command, so that the others do not wait for it.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

PROGRAM = "emulator"
FELL_SHORT = 1
UNUSABLE = 2

app = typer.Typer(
    help="OpenSSL's SSL_write, call by call, as a chosen generation of OpenSSL behaved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

PROFILE = Annotated[str, typer.Option("--profile", metavar="RELEASE", help="The release to emulate.")]
FOLLOW = Annotated[
    Literal["manual", "library"],
    typer.Option("--follow", help="Whom to follow where a release's manual page and its code disagree."),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
STRICT = Annotated[bool, typer.Option("--strict", help="Sizes of handshake records must match too.")]
REQUIRE = Annotated[
    float,
    typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with status 1 if a smaller share matches."),
]
SCENARIOS = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="Scenarios: .toml, .json, .jsonl, .jsonl.gz, @name, or - for standard input."
    ),
]

ONLY = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A section (write), behaviour (write.bio_zero), function, mode or option; may be repeated.",
        show_default=False,
    ),
]
RELEASE = Annotated[str, typer.Argument(metavar="RELEASE", help="A profile's name: 1.0.1, 1.0.1g, 3.0.")]


class _Done(Exception):  # noqa: N818 - no error
    """A command is over: its exit status, past typer, which would end the process."""

    def __init__(self, status: int) -> None:
        self.status = status


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status.  Raises SystemExit for help, and with 2 for a wrong command line."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name=PROGRAM)
    except _Done as done:
        return done.status
    return 0


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"{PROGRAM} {version(PROGRAM)}\n")
        raise typer.Exit


@app.callback()
def _for_all(
    context: typer.Context,
    *,
    colour: Annotated[
        bool | None,
        typer.Option(
            "--color/--no-color",
            help="Colour the output, or don't; as the terminal and NO_COLOR say unless given.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(asked=value), is_eager=True, help="Say it."
        ),
    ] = False,
) -> None:
    del version
    from emulator.console import coloured

    stack = ExitStack()
    stack.enter_context(coloured(colour))
    context.call_on_close(stack.close)


def command(name: str) -> Callable[[Callable[..., int]], Callable[..., None]]:
    """Make a command of a function that answers an exit status."""
    return _command_of(app, name, name)


def group(name: str, meaning: str) -> Callable[[str], Callable[[Callable[..., int]], Callable[..., None]]]:
    """Make a group of commands of two words: what is answered makes them, as :func:`command` does."""
    commands = typer.Typer(help=meaning, no_args_is_help=True)
    app.add_typer(commands, name=name)
    return lambda second: _command_of(commands, second, f"{name} {second}")


def _command_of(
    parent: typer.Typer, word: str, name: str
) -> Callable[[Callable[..., int]], Callable[..., None]]:
    def add(run: Callable[..., int]) -> Callable[..., None]:
        @parent.command(word)
        @functools.wraps(run)
        def wrapped(*values: object, **options: object) -> None:
            raise _Done(_status(name, functools.partial(run, *values, **options)))

        return wrapped

    return add


def _status(name: str, run: Callable[[], int]) -> int:
    try:
        return run()
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (EmulatorError, OSError) as error:
        complain(name, error)
        return UNUSABLE


def complain(name: str, error: object) -> None:
    """Say in one line on standard error what is wrong."""
    sys.stderr.write(f"{name}: {one_line(error)}\n")


def one_line(text: object) -> str:
    """A text without its line breaks."""
    return " ".join(str(text).split())


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of text."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def console() -> Console:
    """The console of standard output."""
    from emulator.console import make_console

    return make_console(sys.stdout)
