from __future__ import annotations

import json

import pytest

from emulator import Script, load_profile
from emulator.cli import main
from emulator.scenario.kinds import KINDS
from emulator.scenario.runner import Runner


def trace(script, name):
    runner = Runner(load_profile(name))
    try:
        return runner.run(script.scenario())["trace"]
    finally:
        runner.close()


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    return tmp_path / "scenario.toml"


def test_what_init_writes_runs_and_shows_what_it_says(capsys, written):
    assert capsys.readouterr().out == "scenario.toml is written; run it: emulator run scenario.toml\n"
    script = Script.load(written)
    last = [trace(script, name)[-1]["error"] for name in script.profiles]
    assert last == ["WANT_WRITE", "WANT_WRITE", "SYSCALL", "SYSCALL"]


def test_what_the_comments_say_is_true(written):
    text = written.read_text(encoding="utf-8")
    script = Script.load(written)
    first = next(entry for entry in trace(script, "1.0.1") if entry["step"]["do"] == "write")
    assert first["error"] == "WANT_WRITE"
    named = [line.lstrip("# ") for line in text.splitlines() if line.startswith("#   ")]
    suggested = [line.split("  ")[0] for line in named]
    assert len(suggested) == 9
    with_all = Script(steps=[step.raw for step in script.steps] + suggested)
    assert {step.do for step in with_all.steps} < KINDS.keys()
    defaults = {"protocol": "TLSv1", "cipher": "AES128-SHA", "blocking": False}
    assert {key: script.world[key] for key in defaults} == defaults
    assert Script().scenario().world.cipher == "AES128-SHA"


def test_init_does_not_write_over_a_file_unless_forced(written, capsys):
    written.write_text("mine")
    assert main(["init"]) == 2
    assert capsys.readouterr().err == "init: scenario.toml is there already; --force writes over it\n"
    assert written.read_text() == "mine"
    assert main(["init", "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"written": "scenario.toml"}
    assert Script.load(written).steps


def test_init_prints_instead_of_writing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "-"]) == 0
    script = Script.parse(capsys.readouterr().out)
    assert main(["init", "-", "--json"]) == 0
    assert Script.parse(capsys.readouterr().out, "a.json") == script
    assert not [*tmp_path.iterdir()]


def test_init_writes_toml_only(capsys):
    assert main(["init", "scenario.json"]) == 2
    assert "expected a name that ends in .toml" in capsys.readouterr().err
