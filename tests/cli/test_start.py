"""What a command imports before it does anything: the cause of how long it takes to start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from emulator.cli.listing import listed

IMPORTED = "import json, sys; from emulator.cli import main; main({!r}); print(json.dumps(list(sys.modules)))"


def imported_by(*words):
    """The modules that a command has imported when it ends, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(list(words))], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_help_of_all_commands_imports_no_command():
    imported = imported_by("--help")
    assert imported.isdisjoint(f"emulator.cli.{entry.module}" for entry in listed().values())
    assert imported.isdisjoint({"pydantic", "cryptography", "emulator.profile", "emulator.engine"})


@pytest.mark.parametrize("words", [["init", "-"], ["oracles", "list", "--json"], ["explain", "--help"]])
def test_a_command_imports_no_other_command(words):
    modules = {f"emulator.cli.{entry.module}" for entry in listed().values()}
    assert imported_by(*words) & modules == {f"emulator.cli.{listed()[words[0]].module}"}


def test_what_prints_json_imports_no_rich():
    assert "rich" not in imported_by("oracles", "list", "--json")


def test_a_comparison_takes_the_compiled_profiles_and_validates_nothing():
    imported_by("run", "@retry-moved")  # compiles them if nobody has
    imported = imported_by("run", "@retry-moved")
    assert imported.isdisjoint({"emulator.profiles.validation", "emulator.knowledge.making", "jinja2"})
