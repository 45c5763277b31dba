"""All commands, in the order of the help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.cli import (
    demo,
    explain,
    init,
    knowledge,
    oracles,
    peers,
    plant,
    profiles,
    reallib,
    report,
    run,
    traces,
)
from emulator.cli.app import app, run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "main"]

COMMANDS = (
    demo,
    init,
    run,
    report,
    profiles,
    knowledge,
    explain,
    traces,
    reallib,
    plant,
    oracles,
    peers,
)
"""The modules whose import adds the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status.  Raises SystemExit for help, and with 2 for a wrong command line."""
    return run_command(arguments)
