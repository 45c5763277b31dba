"""What all commands have in common.

Exit status: 0 when a command did what was asked, 1 when a comparison fell short or a scenario could not be
run to its end, 2 for a wrong command line and for something that cannot be read or does not exist, with one
line on standard error, 130 when it was interrupted.
A command's module imports what it needs inside the command, so that the others do not wait for it.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

import emulator
from emulator.cli import completion
from emulator.exceptions import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console

PROGRAM = "emulator"
FELL_SHORT = 1
UNUSABLE = 2

PANELS = {
    "Run scenarios on several releases": ("demo", "init", "run", "report"),
    "What releases answer, and since when": ("profiles", "show", "diff", "timeline", "explain"),
    "Peers on the network": ("serve", "connect"),
    "Real libraries": ("oracles", "record", "verify", "plant"),
    "Recordings of real libraries": ("replay", "compare-traces", "fidelity"),
}
"""The commands in the order of the help, below the titles of its panels."""

WrongCommandLine: type[Exception] = typer.BadParameter.__mro__[1]
"""The base of what typer raises for a command line that it cannot read."""


class _Command(TyperCommand):
    """A command whose help is as plain as was asked."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with _style_of_help(self.get_params(ctx)):
            super().format_help(ctx, formatter)


class _Group(TyperGroup):
    """A group of commands with such a help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with _style_of_help(self.get_params(ctx)):
            super().format_help(ctx, formatter)


class _AllCommands(_Group):
    """All commands, in the order of PANELS."""

    def list_commands(self, ctx: Any) -> list[str]:
        order = [name for names in PANELS.values() for name in names]
        return sorted(super().list_commands(ctx), key=order.index)


@contextmanager
def _style_of_help(parameters: Iterable[Any]) -> Iterator[None]:
    """Within, typer's help is coloured as was asked, and does not say of every flag that it is a bool."""
    from typer import rich_utils

    from emulator.console import colour_asked, is_plain

    before = rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL
    if is_plain():
        rich_utils.COLOR_SYSTEM = None
    elif colour_asked():
        rich_utils.FORCE_TERMINAL = True
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    try:
        yield
    except SystemExit:  # rich's, once nobody reads any more
        raise _Done(0) from None
    finally:
        rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL = before


app = typer.Typer(
    cls=_AllCommands,
    help="OpenSSL's SSL_write, call by call, as a chosen generation of OpenSSL behaved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

PROFILE = Annotated[
    str,
    typer.Option(
        "--profile", metavar="RELEASE", help="The release to emulate.", autocompletion=completion.releases
    ),
]
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
        autocompletion=completion.sections_and_behaviours,
    ),
]
RELEASE = Annotated[
    str,
    typer.Argument(
        metavar="RELEASE",
        help="A profile's name: 1.0.1, 1.0.1g, 3.0.",
        autocompletion=completion.releases,
    ),
]


_COLOUR = typer.Option(
    "--color/--no-color",
    help="Colour the output, or don't; as the terminal and NO_COLOR say unless given.",
    show_default=False,
)
_HIDDEN = typer.Option("--color/--no-color", hidden=True)


class _Done(Exception):  # noqa: N818 - no error
    """A command is over: its exit status, past typer, which would end the process."""

    def __init__(self, status: int) -> None:
        self.status = status


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or print help or what is wrong with the command line; the exit status."""
    from emulator.console import coloured

    words = sys.argv[1:] if arguments is None else list(arguments)
    with coloured(_colour_in(words)):
        try:
            # The answer is the status of what typer does on its own: help, an interruption.
            return app(args=words, prog_name=PROGRAM, standalone_mode=False) or 0
        except _Done as done:
            return done.status
        except WrongCommandLine as error:
            return _wrong(error)
        except BrokenPipeError:
            return _pipe_is_closed()


def _colour_in(words: Sequence[str]) -> bool | None:
    """What the last of --color and --no-color says, wherever it stands, as help and errors heed it too."""
    options = words[: words.index("--")] if "--" in words else words
    said = [word == "--color" for word in options if word in ("--color", "--no-color")]
    return said[-1] if said else None


def _wrong(error: Any) -> int:
    """Say what is wrong with a command line; a group without a command has printed its help instead."""
    message = error.format_message()
    if message:
        path = error.ctx.command_path if error.ctx is not None else PROGRAM
        complain(path.removeprefix(f"{PROGRAM} "), message)
    return UNUSABLE


def _version(*, asked: bool) -> None:
    if asked:
        sys.stdout.write(f"{PROGRAM} {emulator.__version__}\n")
        raise typer.Exit


@app.callback()
def _for_all(
    *,
    colour: Annotated[bool | None, _COLOUR] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(asked=value), is_eager=True, help="Say it."
        ),
    ] = False,
) -> None:
    del colour, version  # the one is heeded by run_command(), the other by its callback


def _for_a_group(*, colour: Annotated[bool | None, _HIDDEN] = None) -> None:
    del colour


def command(name: str) -> Callable[[Callable[..., int]], Callable[..., None]]:
    """Make a command of a function that answers an exit status; its place in the help is in PANELS."""
    return _command_of(app, name, name)


def group(name: str, meaning: str) -> Callable[[str], Callable[[Callable[..., int]], Callable[..., None]]]:
    """Make a group of commands of two words: what is answered makes them, as :func:`command` does."""
    commands = typer.Typer(cls=_Group, help=meaning, no_args_is_help=True, callback=_for_a_group)
    app.add_typer(commands, name=name, rich_help_panel=_panel(name))
    return lambda second: _command_of(commands, second, f"{name} {second}")


def _panel(name: str) -> str:
    return next(panel for panel, names in PANELS.items() if name in names)


def _command_of(
    parent: typer.Typer, word: str, name: str
) -> Callable[[Callable[..., int]], Callable[..., None]]:
    def add(run: Callable[..., int]) -> Callable[..., None]:
        @functools.wraps(run)
        def wrapped(*, colour_: bool | None, **options: object) -> None:
            del colour_
            raise _Done(_status(name, functools.partial(run, **options)))

        _accept_colour(wrapped, run)
        panel = _panel(name) if parent is app else None
        parent.command(word, cls=_Command, rich_help_panel=panel)(wrapped)
        return wrapped

    return add


def _accept_colour(wrapped: Any, run: Callable[..., int]) -> None:
    """Let a command take --color and --no-color, too: who forgot it before the command adds it at the end."""
    signature = inspect.signature(run, eval_str=True)
    option = inspect.Parameter(
        "colour_", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[bool | None, _HIDDEN]
    )
    wrapped.__signature__ = signature.replace(parameters=[*signature.parameters.values(), option])


def _status(name: str, run: Callable[[], int]) -> int:
    try:
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_is_closed()
    except (EmulatorError, OSError) as error:
        complain(name, error)
        return UNUSABLE
    return status


def _pipe_is_closed() -> int:
    """Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def complain(name: str, error: object) -> None:
    """Say in one line on standard error what is wrong."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        error = f"{error.filename}: {error.strerror}"
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
