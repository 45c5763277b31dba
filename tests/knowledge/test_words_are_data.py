"""The words of behaviours are data: explain, diff and the reference need neither docstrings nor sources."""

from __future__ import annotations

import compileall
import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.behaviours.behaviour import Behaviour
from emulator.cli import main
from emulator.knowledge import catalogue
from emulator.profiles import store
from emulator.profiles.model import Profile
from emulator.profiles.tables import bare, is_section, types_of

PACKAGE = Path(store.__file__).resolve().parents[1]
COMMANDS = [
    ["explain", "write.bio_zero"],
    ["explain", "read.max_warning_alerts", "--json"],
    ["diff", "1.0.2", "1.1.0"],
]
PRINT_THE_CATALOGUE = """
import dataclasses, json
from emulator.knowledge import catalogue
print(json.dumps([dataclasses.asdict(each) for each in catalogue.sections()]))
"""


def run(*arguments, **options):
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A folder with a copy of the package of which only .pyc files and data are left."""
    folder = tmp_path_factory.mktemp("compiled")
    copy = shutil.copytree(PACKAGE, folder / "emulator", ignore=shutil.ignore_patterns("__pycache__"))
    if not (copy / "_profiles").exists():
        shutil.copytree(store.BUILT_IN, copy / "_profiles")
    compileall.compile_dir(copy, quiet=1, legacy=True)
    for source in copy.rglob("*.py"):
        source.unlink()
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_prints_the_same_without_docstrings(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(command) == 0
    assert run("-OO", "-m", "emulator", *command) == capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_prints_the_same_without_source_files(command, compiled, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(command) == 0
    assert run("-m", "emulator", *command, cwd=compiled) == capsys.readouterr().out


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_the_catalogue_of_which_the_reference_is_made_is_the_same_without_docstrings(option):
    own = json.loads(json.dumps([dataclasses.asdict(each) for each in catalogue.sections()]))
    assert json.loads(run(option, "-c", PRINT_THE_CATALOGUE)) == own


def every_kind():
    return sorted(_below(Behaviour), key=lambda kind: kind.__name__)


def _below(kind):
    return {each for below in kind.__subclasses__() for each in (below, *_below(below))}


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__qualname__)
def test_every_behaviour_asks_a_question_of_its_own(kind):
    assert kind.__doc__ != Behaviour.__doc__
    assert "?" in kind.__doc__


def test_every_field_has_words_its_own_or_those_of_its_behaviour():
    for name, section in types_of(Profile).items():
        if not is_section(bare(section)) or name == "functions":
            continue
        for field, kind in types_of(bare(section)).items():
            asked = isinstance(bare(kind), type) and issubclass(bare(kind), Behaviour)
            assert asked or bare(section).field_words.get(field), f"{name}.{field}"
