"""The terminal: how wide it is, and whether anything is coloured."""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

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


def make_console(file: TextIO) -> Console:
    """A console that is as wide as its terminal, or wide enough where there is none."""
    colour = _colour.get()
    console = Console(
        file=file,
        highlight=False,
        soft_wrap=False,
        no_color=None if colour is None else not colour,
        force_terminal=True if colour else None,
    )
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH
    return console
