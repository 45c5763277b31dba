"""What a shell is offered behind a command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from emulator import library
from emulator.cli import completion
from emulator.knowledge import catalogue

ENGINE_IS_LOADED = (
    "import sys; from emulator.cli import completion as c; {}; print('emulator.engine' in sys.modules)"
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["diff", "1.0.1t"], ["1.0.1t"]),
        (["diff", "1.0.1", "1.1.1v"], ["1.1.1v"]),
        (["demo", "--foll"], ["--follow"]),
        (["replay", "--profile", "1.0.2u"], ["1.0.2u"]),
        (["run", "--profile", "1.0.1g,1.0.1t"], ["1.0.1g,1.0.1t"]),
        (["run", "@retry-move"], ["@retry-moved"]),
        (["timeline", "write.bio_z"], ["write.bio_zero"]),
        (["explain", "write.after_bad"], ["write.after_bad_retry"]),
        (["explain", "retry-mov"], ["retry-moved"]),
        (["oracles", "fetch", "x", "--only", "3.5"], ["3.5.4"]),
        (["time"], ["timeline"]),
    ],
)
def test_bash_completes(started, monkeypatch, line, expected):
    monkeypatch.setenv("_EMULATOR_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(["emulator", *line]))
    monkeypatch.setenv("COMP_CWORD", str(len(line)))
    assert started().stdout.split() == expected


def test_behaviours_are_completed_as_the_catalogue_has_them():
    known = {each.key for each in catalogue.behaviours()}
    assert set(completion.behaviours("")) == known


def test_scenarios_are_completed_as_the_package_has_them():
    assert {name.removeprefix("@") for name in completion.scenarios("")} == {
        name.removeprefix("@") for name in library.names()
    }


@pytest.mark.parametrize(
    "names",
    [
        "releases",
        "behaviours",
        "behaviours_and_findings",
        "sections_and_behaviours",
        "scenarios",
        "libraries",
    ],
)
def test_completing_loads_no_engine(names):
    script = ENGINE_IS_LOADED.format(f"assert c.{names}('')")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
