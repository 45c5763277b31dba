"""What the tests of the command line share."""

from __future__ import annotations

import subprocess
import sys

import pytest

from emulator.cli.app import all_commands

COMMANDS = all_commands()


@pytest.fixture(params=COMMANDS.items(), ids=lambda item: " ".join(item[0]))
def each_command(request):
    """Each command in turn: its words, and what typer makes of it."""
    return request.param


@pytest.fixture
def commands():
    """All commands by their words, in the order of the help."""
    return COMMANDS


@pytest.fixture
def started(monkeypatch):
    """Run ``python -m emulator`` with a command line; what subprocess.run() answers."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words, **options):
        command = [sys.executable, "-m", "emulator", *map(str, words)]
        options = {"capture_output": True, "text": True, "timeout": 60, **options}
        return subprocess.run(command, check=False, **options)

    return run
