"""What ``from emulator import Connection, Context`` brings in: a program waits for all of it at its start."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

SLOW = {
    "ast",
    "asyncio",
    "cryptography.x509",
    "ctypes",
    "dataclasses",
    "difflib",
    "email",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "jinja2",
    "json",
    "pathlib",
    "pydantic",
    "rich",
    "selectors",
    "socket",
    "tempfile",
    "textwrap",
    "tokenize",
    "tomllib",
    "typer",
    "zipfile",
}
"""Modules that take milliseconds, and that the two classes do without until they are used."""

LATER = {
    "emulator.cli",
    "emulator.engine.machine.flow.client",
    "emulator.engine.machine.states.client",
    "emulator.handshake.client",
    "emulator.handshake.server",
    "emulator.profiles.names",
    "emulator.scenario",
}
"""Our own modules that a connection imports when its profile or its role asks for them, or never."""


def modules_after(program):
    """The modules that a fresh interpreter has imported after a program, without those it starts with."""
    lines = f"import sys\nbefore = set(sys.modules)\n{program}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_two_main_classes_bring_nothing_in_that_is_slow():
    imported = modules_after("from emulator import Connection, Context")
    assert "emulator.connection" in imported
    assert not SLOW & imported


def test_they_bring_in_the_handshakes_of_neither_side_and_the_machines_of_no_release():
    assert not LATER & modules_after("from emulator import Connection, Context")


@pytest.mark.parametrize("name", sorted(SLOW | LATER))
def test_what_is_not_imported_exists(name):
    assert find_spec(name)


@pytest.mark.parametrize(
    ("release", "needed", "not_needed"), [("1.0.1", "states", "flow"), ("3.0", "flow", "states")]
)
def test_a_connection_brings_in_the_machines_of_its_own_release(release, needed, not_needed):
    imported = modules_after(f"from emulator import connected_pair; connected_pair({release!r})")
    assert f"emulator.engine.machine.{needed}.client" in imported
    assert f"emulator.engine.machine.{not_needed}.client" not in imported
