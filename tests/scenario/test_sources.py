from __future__ import annotations

import gzip
import io
import json
import sys
from types import SimpleNamespace

import pytest

from emulator import Script, ScriptError
from emulator.cli import main
from emulator.scenario.model import Scenario, ScenarioError
from emulator.scenario.sources import read_any, scenarios_in

SCRIPT = Script("A script", protocol="TLSv1.2").establish().client.write(5)
TRACE = json.dumps({"id": "a/b", "scenario": {}, "trace": [{"step": {"do": "establish"}}]})


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        data = text.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def stdin(monkeypatch):
    def give(text):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        return "-"

    return give


FORMS = {
    "toml": SCRIPT.toml(),
    "json": json.dumps(SCRIPT.as_json()),
    "indented.json": "\n" + json.dumps(SCRIPT.as_json(), indent=2),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_script_is_read_from_a_file_and_from_standard_input(form, file, stdin):
    text = FORMS[form]
    assert read_any(file(f"a.{form}", text)) == [SCRIPT]
    assert read_any(stdin(text)) == [SCRIPT]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "-", "a"])
def test_traces_are_read_from_lines(name, file, stdin):
    text = f"\n{TRACE}\n\n{TRACE}\n"
    found = read_any(stdin(text) if name == "-" else file(name, text))
    assert [type(each) for each in found] == [Scenario, Scenario]
    assert [each.line for each in found] == [2, 4]


def test_one_line_of_a_trace_may_be_a_json_file(file):
    assert [each.id for each in read_any(file("a.json", TRACE))] == ["a/b"]
    with pytest.raises(ScriptError, match=r"a\.json: the key 'scenario' is missing"):
        read_any(file("a.json", '{"id": "a"}'))


def test_nothing_on_standard_input_is_no_scenario(stdin):
    assert read_any(stdin(" \n")) == []


def test_scripts_become_scenarios(file):
    assert [each.id for each in scenarios_in(file("a.toml", SCRIPT.toml()))] == ["a"]


@pytest.mark.parametrize(
    ("name", "text", "error", "complaint"),
    [
        ("-", f"{TRACE}\n{{\n", ScenarioError, "line 2: not JSON"),
        ("-", '{"id": "a/b", ', ScenarioError, "line 1: not JSON"),
        ("-", "establish", ScriptError, "stdin.toml:1: not TOML"),
        ("-", '{"steps":\n 5}', ScriptError, "stdin.json:1: steps: expected"),
        ("-", '{"steps":\n', ScriptError, "stdin.json:2: not JSON"),
        ("a.jsonl", "establish", ScenarioError, "line 1: not JSON"),
        ("a.json", "[5]", ScriptError, "a.json: expected keys"),
        ("a.toml", "steps = 5", ScriptError, "a.toml:1: steps: expected"),
    ],
)
def test_what_is_none_is_refused_with_its_line(name, text, error, complaint, file, stdin):
    with pytest.raises(error) as caught:
        read_any(stdin(text) if name == "-" else file(name, text))
    assert complaint in str(caught.value)


def test_replay_takes_a_script(file, capsys):
    assert main(["replay", "--profile", "1.0.1", str(file("a.toml", SCRIPT.toml()))]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["id"], [entry.get("ret") for entry in line["trace"]]) == ("a", [None, 5])
    path = file("a.toml", SCRIPT.toml().replace("write", "wriet"))
    assert main(["replay", "--profile", "1.0.1", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"replay: {path}:5: no step is called 'wriet'; did you mean")


@pytest.mark.parametrize("read", [Script.load, read_any, lambda path: list(scenarios_in(path))])
@pytest.mark.parametrize("name", ["a\0.toml", "a\0.json", "a\0.jsonl", "\0"])
def test_a_path_with_a_nul_is_refused(read, name):
    with pytest.raises(ScriptError, match="a path holds no NUL"):
        read(name)


@pytest.mark.parametrize("name", ["1.0.1\\u0000", "mine\\u0000.toml", "./\\u0000"])
def test_a_profile_whose_name_has_a_nul_is_refused_by_a_scenario(name):
    with pytest.raises(ScriptError, match="profiles: no profile is named"):
        Script.parse(f'profiles = ["{name}"]\nsteps = "establish"')
