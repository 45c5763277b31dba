from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest

from emulator.cli import main

MOVED = '''
title = "A retry from a buffer that has moved"
profiles = ["1.0.1", "1.1.1"]
protocol = "TLSv1.2"
steps = """
establish
client capacity 20000
client write 40000
client write 40000 buffer=b
"""
'''
SAME = 'title = "Nothing special"\nsteps = "establish\\nclient write 5"\nprofiles = ["1.0.1", "1.0.2"]\n'
LINE = {
    "id": "recorded",
    "build": ["no-asm"],
    "scenario": {"family": "test"},
    "trace": [{"step": {"do": "establish"}}, {"step": {"do": "write", "who": "client", "size": 5}}],
}


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moved.toml").write_text(MOVED)
    (tmp_path / "same.toml").write_text(SAME)
    (tmp_path / "traces.jsonl").write_text(f"{json.dumps(LINE)}\n{json.dumps({**LINE, 'id': 'again'})}\n")


def test_the_calls_stand_side_by_side_with_the_differences_marked(capsys):
    assert main(["run", "moved.toml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "A retry from a buffer that has moved"
    assert [part.strip() for part in lines[2].split("  ") if part.strip()] == [
        "1.0.1 (1.0.1u)",
        "1.1.1 (1.1.1w)",
    ]
    assert [line.split("  ")[0] for line in lines if line.startswith("* ")] == [
        "* client write 40000 buffer=b",
        "* marks where the columns differ: 1 of 4 calls.",
    ]


def test_profiles_are_given_with_commas_or_again_and_again(capsys):
    for options in (["--profile", "1.0.2,3.0"], ["--profile", "1.0.2", "--profile", "3.0"]):
        assert main(["run", "moved.toml", *options, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert [lane["name"] for lane in data["lanes"]] == ["1.0.2", "3.0"]


def test_json_has_what_decided_only_if_asked(capsys):
    decided = []
    for options in ([], ["--why"]):
        assert main(["run", "moved.toml", "--json", *options]) == 0
        decided.append(json.loads(capsys.readouterr().out)["rows"][3]["decided"])
    assert decided[0] == []
    assert "errors.strings.SSL.functions" in [
        each["key"] for decision in decided[1] for each in decision["behaviours"]
    ]


def test_why_names_what_decided(capsys):
    assert main(["run", "moved.toml", "--why", "--only-differences"]) == 0
    out = capsys.readouterr().out
    assert "1.0.1 -> 1.1.1, errors: errors.strings.SSL.functions" in out
    assert "establish" not in out


def test_both_authorities_can_be_followed(capsys):
    assert main(["run", "moved.toml", "--profile", "1.0.1", "--follow", "both", "--json"]) == 0
    lanes = json.loads(capsys.readouterr().out)["lanes"]
    assert [lane["follow"] for lane in lanes] == ["library", "manual"]


def test_several_scenarios_follow_each_other_and_are_a_list_in_json(capsys):
    assert main(["run", "same.toml", "traces.jsonl", "--profile", "1.0.1"]) == 0
    titles = ["Nothing special", "recorded", "again"]
    assert [line for line in capsys.readouterr().out.splitlines() if line in titles] == titles
    assert main(["run", "same.toml", "traces.jsonl", "--profile", "1.0.1", "--json"]) == 0
    assert [each["title"] for each in json.loads(capsys.readouterr().out)] == titles


def test_lines_of_json_are_read_from_standard_input(capsys, monkeypatch):
    text = io.BytesIO(json.dumps(LINE).encode())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=text))
    assert main(["run", "-", "--profile", "1.0.1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "recorded"


def test_a_build_can_be_asked_for(capsys):
    assert main(["run", "same.toml", "--build", "no-asm,ssl3", "--json"]) == 0
    assert main(["run", "same.toml", "--build", "no-sam"]) == 2
    assert "build: 'no-sam' is unknown; expected some of asm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "expected", "status"),
    [
        ("moved.toml", "same", 1),
        ("moved.toml", "different", 0),
        ("same.toml", "same", 0),
        ("same.toml", "different", 1),
    ],
)
def test_the_exit_status_tells_whether_it_is_as_expected(file, expected, status):
    assert main(["run", file, "--expect", expected]) == status


def test_a_page_of_html_is_written_beside_the_table(tmp_path, capsys):
    assert main(["run", "moved.toml", "same.toml", "--html", "page.html"]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "A retry from a buffer that has moved" in page
    assert "Nothing special" in page
    assert capsys.readouterr().out


def test_what_is_wrong_is_said_in_one_line(capsys, tmp_path):
    (tmp_path / "wrong.toml").write_text('steps = "establish\\nclient wriet 5"\n')
    wrong = {
        "missing.toml": "missing.toml",
        "wrong.toml": "did you mean 'write'",
    }
    for name, said in wrong.items():
        assert main(["run", name]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("run: ")
        assert said in line
    assert main(["run"]) == 2
    assert "emulator run --list" in capsys.readouterr().err


def test_a_misspelt_profile_suggests_the_nearest(capsys):
    assert main(["run", "same.toml", "--profile", "1.0.1zz"]) == 2
    assert "no profile is named '1.0.1zz'; the nearest are 1.0.1" in capsys.readouterr().err


def test_the_scenarios_of_the_package_are_listed_with_what_they_show(capsys):
    assert main(["run", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("@retry-moved "))
    assert "write.after_bad_retry" in " ".join(lines[start : start + 3])
    assert main(["run", "--list", "--json"]) == 0
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert "write.after_bad_retry" in listed["@retry-moved"]["shows"]
    assert listed["@retry-moved"]["title"]


def test_words_keep_the_list_to_the_scenarios_of_which_they_are_said(capsys):
    assert main(["run", "--list", "after_bad_retry", "Moved", "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["@retry-moved"]
    assert main(["run", "--list", "no-such-word"]) == 2
    assert "emulator run --list names all" in capsys.readouterr().err


def test_the_name_of_a_scenario_without_its_mark_is_understood_but_not_taken(capsys):
    assert main(["run", "retry-moved"]) == 2
    assert (
        capsys.readouterr().err == "run: No such file or directory: retry-moved; did you mean @retry-moved?\n"
    )


def test_a_scenario_of_the_package_runs_by_its_name(capsys):
    assert main(["run", "@retry-moved", "--profile", "1.1.0,1.1.1", "--why", "--expect", "different"]) == 0
    assert "write.after_bad_retry recoverable -> fatal" in capsys.readouterr().out


def test_a_misspelt_name_of_the_package_suggests_the_nearest(capsys):
    assert main(["run", "@retry-moevd"]) == 2
    assert "did you mean 'retry-moved'" in capsys.readouterr().err
