"""The terminal: how wide it is, and whether anything is coloured.

rich is imported when the first console is made: a command that prints JSON alone does not wait for it.
"""

from __future__ import annotations

import functools
import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from rich.console import Console

WIDTH = 110
"""Columns of text where the output is no terminal."""

_colour: ContextVar[bool | None] = ContextVar("colour", default=None)


@contextmanager
def coloured(colour: bool | None) -> Iterator[None]:  # noqa: FBT001 - the only argument there is
    """Colour what the block prints: True always, False never, None as the terminal and NO_COLOR say."""
    token = _colour.set(colour)
    try:
        yield
    finally:
        _colour.reset(token)


def colour_asked() -> bool | None:
    """Return what --color (True) or --no-color (False) asked for; None without either option."""
    return _colour.get()


def is_plain() -> bool:
    """Whether only text may be printed, neither colours nor bold type, whatever the terminal can do."""
    colour = _colour.get()
    return os.environ.get("NO_COLOR", "") != "" if colour is None else not colour


def make_console(file: TextIO) -> Console:
    """Make a console as wide as its terminal, or :data:`WIDTH` columns wide where there is none."""
    console = _console_class()(
        file=cast("TextIO", _Trimmed(file)),
        highlight=False,
        soft_wrap=False,
        color_system=None if is_plain() else "auto",
        no_color=None if _colour.get() is None else not _colour.get(),
        force_terminal=True if _colour.get() else None,
    )
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH
    return console


@functools.cache
def _console_class() -> type[Console]:
    from rich.console import Console  # noqa: PLC0415 - its import takes longer than most commands

    class _Console(Console):
        """A console that raises BrokenPipeError when its reader is gone, as print() does; rich would exit."""

        def on_broken_pipe(self) -> NoReturn:
            raise BrokenPipeError

    return _Console


class _Trimmed:
    """A file that drops the blanks at the ends of lines: rich fills the last cell of every line with them."""

    _BLANKS = re.compile(r" +((?:\x1b\[[0-9;]*m)*)(?=\n)")

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(self._BLANKS.sub(r"\1", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
