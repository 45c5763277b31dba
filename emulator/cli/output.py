"""Functions for the output of commands: lines, JSON, a console; and the exit statuses.

Exit status: 0 when a command did what was asked, 1 when a comparison fell short or a scenario could not be
run to its end, 2 for a wrong command line and for something that cannot be read or does not exist, with one
line on standard error, 130 when it was interrupted.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

FELL_SHORT = 1
UNUSABLE = 2


def complain(name: str, error: object) -> None:
    """Print an error in one line on standard error."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        error = f"{error.filename}: {error.strerror}"
    sys.stderr.write(f"{name}: {one_line(error)}\n")


def one_line(text: object) -> str:
    """Return a text without its line breaks."""
    return " ".join(str(text).split())


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of text."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def console() -> Console:
    """Return the console of standard output."""
    from emulator.terminal.console import make_console

    return make_console(sys.stdout)
