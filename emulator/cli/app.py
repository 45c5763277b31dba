"""The command line: the help, the command that a line names, and the end of a command.

A command's module is imported when the command runs (:mod:`emulator.cli.listing` names it), and imports what
the command needs inside the command, so that the other commands do not wait for it.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

import emulator
from emulator.cli.listing import listed, panel_of
from emulator.cli.output import UNUSABLE, complain
from emulator.exceptions import EmulatorError
from emulator.terminal.console import colour_asked, coloured, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PROGRAM = "emulator"

WrongCommandLine: type[Exception] = typer.BadParameter.__mro__[1]
"""The base of typer's exceptions for a wrong command line."""

_MADE: dict[str, typer.Typer] = {}
"""The commands whose modules are imported, and groups of commands, by name."""


class _Command(TyperCommand):
    """A command whose help follows --color and --no-color."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with _style_of_help(self.get_params(ctx)):
            super().format_help(ctx, formatter)


class _Group(TyperGroup):
    """A group of commands whose help follows --color and --no-color."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with _style_of_help(self.get_params(ctx)):
            super().format_help(ctx, formatter)


class _AllCommands(_Group):
    """All commands: the help shows entries of the listing; a command is imported when a line names it."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {
            name: TyperCommand(name=name, help=entry.summary, rich_help_panel=panel_of(name))
            for name, entry in listed().items()
        }

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in self.commands:
            self.commands[args[0]] = _imported(args[0])
        return super().resolve_command(ctx, args)


def _imported(name: str) -> Any:
    """Return a command or group by name, its module imported."""
    import_module(f"emulator.cli.{listed()[name].module}")
    return typer.main.get_command(_MADE[name])


def all_commands() -> dict[tuple[str, ...], Any]:
    """Import every command; return typer's commands by their words, in the order of the help."""
    found: dict[tuple[str, ...], Any] = {}
    for name in listed():
        command = _imported(name)
        if isinstance(command, TyperGroup):
            found |= {(name, second): each for second, each in command.commands.items()}
        else:
            found[(name,)] = command
    return found


@contextmanager
def _style_of_help(parameters: Iterable[Any]) -> Iterator[None]:
    """Inside the block typer's help follows --color and --no-color, and calls no flag a bool."""
    from typer import rich_utils

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
    except SystemExit:  # rich's, when the reader of the help is gone
        raise _Done(0) from None
    finally:
        rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL = before


app = typer.Typer(
    cls=_AllCommands,
    help="OpenSSL's SSL_write, call by call, as a chosen generation of OpenSSL behaved.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_COLOUR = typer.Option(
    "--color/--no-color",
    help="Whether to colour the output (default: by the terminal and NO_COLOR).",
    show_default=False,
)
_HIDDEN = typer.Option("--color/--no-color", hidden=True)


class _Done(Exception):  # noqa: N818 - no error
    """The exit status of a command that ended; an exception, since typer would end the process."""

    def __init__(self, status: int) -> None:
        self.status = status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or print help or an error in the command line; return the exit status.

    ``arguments`` are those of ``sys.argv`` unless given.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    with coloured(_colour_in(words)):
        try:
            # typer returns the status of what it does on its own: help, an interruption.
            return app(args=words, prog_name=PROGRAM, standalone_mode=False) or 0
        except _Done as done:
            return done.status
        except WrongCommandLine as error:
            return _wrong(error)
        except BrokenPipeError:
            return _pipe_is_closed()


def _colour_in(words: Sequence[str]) -> bool | None:
    """Return the last of --color and --no-color at any place: help and errors follow it too."""
    options = words[: words.index("--")] if "--" in words else words
    said = [word == "--color" for word in options if word in ("--color", "--no-color")]
    return said[-1] if said else None


def _wrong(error: Any) -> int:
    """Print the error in a command line; a group without a command has printed its help instead."""
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
            "--version",
            callback=lambda value: _version(asked=value),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    del colour, version  # the one is heeded by main(), the other by its callback


def _for_a_group(*, colour: Annotated[bool | None, _HIDDEN] = None) -> None:
    del colour


def command(name: str) -> Callable[[Callable[..., int]], Callable[..., None]]:
    """Make a command of a function that returns an exit status; PANELS has its place in the help."""
    _MADE[name] = typer.Typer(add_completion=False)
    return _command_of(_MADE[name], name, name)


def group(name: str) -> Callable[[str], Callable[[Callable[..., int]], Callable[..., None]]]:
    """Make a group of commands of two words; it returns what :func:`command` is for a single word."""
    _MADE[name] = commands = typer.Typer(
        name=name,
        cls=_Group,
        help=listed()[name].summary,
        no_args_is_help=True,
        callback=_for_a_group,
        add_completion=False,
    )
    return lambda second: _command_of(commands, second, f"{name} {second}")


def _command_of(
    parent: typer.Typer, word: str, name: str
) -> Callable[[Callable[..., int]], Callable[..., None]]:
    def add(run: Callable[..., int]) -> Callable[..., None]:
        @functools.wraps(run)
        def wrapped(*, colour_: bool | None, **options: object) -> None:
            del colour_
            raise _Done(_status(name, functools.partial(run, **options)))

        _accept_colour(wrapped, run)
        parent.command(word, cls=_Command)(wrapped)
        return wrapped

    return add


def _accept_colour(wrapped: Any, run: Callable[..., int]) -> None:
    """Let a command take --color and --no-color too, so that they can stand at the end of a line."""
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
    """The reader of our output is gone; nothing may be flushed into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
