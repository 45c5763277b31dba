"""The terminal: how wide it is, and whether anything is coloured."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, cast

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

WIDTH = 110
"""Columns of text where the output is no terminal."""

_colour: ContextVar[bool | None] = ContextVar("colour", default=None)


@contextmanager
def coloured(colour: bool | None) -> Iterator[None]:  # noqa: FBT001 - the one thing that there is to say
    """Colour what is printed within: True always, False never, None as the terminal and NO_COLOR say."""
    token = _colour.set(colour)
    try:
        yield
    finally:
        _colour.reset(token)


def colour_asked() -> bool | None:
    """Whether colours were asked for; None where nothing was said of them."""
    return _colour.get()


def is_plain() -> bool:
    """Whether only text may be printed, neither colours nor bold type, whatever the terminal can do."""
    colour = _colour.get()
    return os.environ.get("NO_COLOR", "") != "" if colour is None else not colour


def make_console(file: TextIO) -> Console:
    """A console that is as wide as its terminal, or wide enough where there is none."""
    console = _Console(
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


class _Console(Console):
    """A console whose reader may stop early: what then happens is up to the program, as with any print."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


class _Trimmed:
    """A file whose lines lose the blanks at their ends: rich fills up the last cell of every line."""

    _BLANKS = re.compile(r" +((?:\x1b\[[0-9;]*m)*)(?=\n)")

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(self._BLANKS.sub(r"\1", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
