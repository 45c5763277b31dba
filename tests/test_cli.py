from __future__ import annotations

import gzip
import io
import itertools
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulator.cli import main

TRACES = Path(__file__).parent / "scenario" / "traces"
UNINITIALIZED = {
    "id": "test/uninitialized",
    "build": ["no-asm"],
    "scenario": {"family": "test", "client": {"no_state": True}},
    "trace": [{"step": {"who": "client", "do": "write", "size": 5}}],
}
REPLAYED = {
    **UNINITIALIZED,
    "openssl": "1.0.1u",
    "trace": [
        {
            "step": {"who": "client", "do": "write", "size": 5},
            "ret": -1,
            "error": "SSL",
            "queue": [
                {
                    "lib": 20,
                    "func": 208,
                    "reason": 276,
                    "text": "error:140D0114:SSL routines:SSL_write:uninitialized",
                },
            ],
            "want": "NOTHING",
            "in_init": True,
        },
    ],
}


@pytest.fixture
def scenarios(tmp_path):
    path = tmp_path / "scenarios.jsonl"
    path.write_text(json.dumps(UNINITIALIZED) + "\n")
    return path


def replay(*arguments):
    return main(["replay", "--profile", "1.0.1u", "--follow", "library", *map(str, arguments)])


def test_replay_prints_a_trace_for_every_line(scenarios, capsys):
    assert replay(scenarios) == 0
    out = capsys.readouterr()
    assert [json.loads(line) for line in out.out.splitlines()] == [REPLAYED]
    assert out.err == ""


def test_replay_reads_gzipped_files_and_standard_input(scenarios, tmp_path, capsys, monkeypatch):
    packed = tmp_path / "x.jsonl.gz"
    packed.write_bytes(gzip.compress(scenarios.read_bytes()))
    assert replay(packed) == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(scenarios.read_bytes())))
    assert replay("-") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [REPLAYED] * 2


def test_replay_says_what_a_release_does_not_support(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    lines = [
        {"id": "a", "scenario": {"protocol": "TLSv1.2"}, "trace": [{"step": {"do": "establish"}}]},
        {"id": "b", "scenario": {"cipher": "NO-SUCH-CIPHER"}, "trace": [{"step": {"do": "establish"}}]},
        {"id": "c", "scenario": {"protocol": "TLSv1.3"}, "unsupported": "TLSv1.3"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["replay", "--profile", "0.9.8y", str(path)]) == 0
    out = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["unsupported"] for line in out] == ["TLSv1.2", "NO-SUCH-CIPHER", "TLSv1.3"]
    assert not any("trace" in line for line in out)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 2: not JSON"),
        ('{"id": "x"}', "line 2: the key 'scenario' is missing"),
        ('{"id": "x", "scenario": {}, "trace": [], "build": ["no-sense"]}', "line 2: build: 'no-sense'"),
        ('{"id": "x", "scenario": {}, "trace": [{"step": {"do": "dance"}}]}', "line 2: trace[0]: no step"),
    ],
)
def test_replay_stops_at_a_bad_line_and_says_which_in_one_line(scenarios, capsys, text, reason):
    with scenarios.open("a") as file:
        file.write(text + "\n")
    assert replay(scenarios) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["no-such-file"], ["--profile", "9.9.9", "no-such-file"]])
def test_replay_of_nothing_that_exists_is_status_2(arguments, capsys):
    assert replay(*arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_compare_traces_tells_the_share_and_the_first_difference(tmp_path, capsys):
    expected, actual = tmp_path / "expected.jsonl", tmp_path / "actual.jsonl"
    other = json.loads(json.dumps({**REPLAYED, "id": "random/1", "scenario": {"family": "random"}}))
    expected.write_text(json.dumps(REPLAYED) + "\n" + json.dumps(other) + "\n")
    other["trace"][0]["ret"] = 5
    actual.write_text(json.dumps(REPLAYED) + "\n" + json.dumps(other) + "\n")
    arguments = ["compare-traces", str(expected), str(actual)]
    assert main(arguments) == 1
    assert capsys.readouterr().out.splitlines() == [
        "random/1: step 0 (client write 5): ret: expected -1, got 5",
        "test                 1/1 100.00 %",
        "hand-written         1/1 100.00 %",
        "random               0/1 0.00 %",
        "total                1/2 50.00 %",
    ]
    assert main([*arguments, "--require", "50"]) == 0
    assert main([*arguments, "--require", "50.1"]) == 1


def test_compare_traces_asks_for_the_sizes_of_handshakes_only_when_strict(tmp_path):
    expected, actual = tmp_path / "expected.jsonl", tmp_path / "actual.jsonl"
    line = {"id": "x", "scenario": {}, "trace": [{"step": {"do": "x"}, "wire": [[22, 769, 5]], "bytes": 10}]}
    expected.write_text(json.dumps(line))
    line["trace"][0].update(wire=[[22, 769, 6]], bytes=11)
    actual.write_text(json.dumps(line))
    assert main(["compare-traces", str(expected), str(actual)]) == 0
    assert main(["compare-traces", "--strict", str(expected), str(actual)]) == 1


def test_compare_traces_of_what_are_no_traces_is_status_2(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    path.write_text("[]\n")
    assert main(["compare-traces", str(path), str(path)]) == 2
    assert capsys.readouterr().err == "compare-traces: line 1: not a JSON object\n"


@pytest.mark.parametrize("percent", ["101", "-1", "all"])
def test_a_share_that_is_no_percentage_is_status_2(percent):
    assert main(["compare-traces", "a", "b", "--require", percent]) == 2


def test_the_package_is_a_command():
    traces = f"{TRACES}/1.0.1u.jsonl.gz"
    command = [sys.executable, "-m", "emulator", "compare-traces", traces, traces]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "total " in done.stdout


def test_a_reader_that_stops_early_is_no_error():
    command = f"{sys.executable} -m emulator compare-traces {TRACES}/1.0.1g.jsonl.gz {TRACES}/1.0.2u.jsonl.gz"
    done = subprocess.run(f"{command} | head -1", shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.fixture
def recordings(tmp_path):
    """A folder with a few lines of two recordings, one of them of a distributor's build."""
    for name in ("1.0.1e-wheel", "1.0.2u"):
        with gzip.open(TRACES / f"{name}.jsonl.gz", "rt") as file:
            lines = list(itertools.islice(file, 0, 60, 6))
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(lines)
    return tmp_path


def test_fidelity_tells_how_much_of_each_recording_matches(recordings, capsys):
    assert main(["fidelity", "--traces", str(recordings)]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["recording", "profile", "hand-written", "random", "strict", "unsupported"]
    assert [row.split()[:2] for row in rows] == [["1.0.1e-wheel", "1.0.1e-fips"], ["1.0.2u", "1.0.2u"]]


def test_fidelity_prints_all_that_it_found_as_json(recordings, capsys):
    assert main(["fidelity", "--traces", str(recordings), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["recording"] for each in found] == ["1.0.1e-wheel", "1.0.2u"]
    assert found[0]["openssl"] == "1.0.1e-fips"
    assert sum(count["total"] for count in found[1]["families"].values()) + found[1]["unsupported"] == 10


def test_fidelity_tells_what_does_not_match(recordings, capsys):
    (recordings / "1.0.1e-wheel.jsonl.gz").unlink()
    (recordings / "1.0.2u.jsonl.gz").rename(recordings / "1.1.0l.jsonl.gz")
    assert main(["fidelity", "--traces", str(recordings)]) == 1
    assert "1.1.0l: " in capsys.readouterr().out.splitlines()[-1]


def test_fidelity_of_a_folder_without_recordings_is_status_2(tmp_path, capsys):
    assert main(["fidelity", "--traces", str(tmp_path)]) == 2
    assert "holds no recordings" in capsys.readouterr().err
