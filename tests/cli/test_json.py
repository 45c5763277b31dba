"""Every command speaks JSON, and bad input gets one line."""

from __future__ import annotations

import ctypes.util
import json

import pytest

from emulator.cli import main
from emulator.cli.app import all_commands

LIBSSL = ctypes.util.find_library("ssl")
TRACE = {
    "id": "json/one",
    "scenario": {"protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"},
    "trace": [{"step": {"do": "establish"}}, {"step": {"who": "client", "do": "write", "size": 5}}],
}
RUNNABLE = {
    "demo": ["--profile", "1.1.1"],
    "init": ["-"],
    "run": ["@retry-moved"],
    "report": ["@retry-moved", "@write-zero", "--profile", "1.0.1,1.1.1"],
    "profiles": [],
    "show": ["1.0.1"],
    "diff": ["1.0.1", "1.1.1", "--only", "write"],
    "page": ["1.0.1", "1.1.1"],
    "audit": ["1.0.1"],
    "timeline": ["after_bad_retry"],
    "explain": ["1409E10F"],
    "oracles list": [],
    "record": ["--libssl", LIBSSL, "trace.jsonl"],
    "verify": [
        "--libssl",
        LIBSSL,
        "--scenarios",
        "trace.jsonl",
        "--random",
        "3",
        "--seed",
        "json",
        "--require",
        "0",
    ],
    "plant": ["--libssl", LIBSSL, "write.bio_zero", "--random", "3", "--seed", "json"],
    "replay": ["--profile", "1.1.1", "trace.jsonl"],
    "compare-traces": ["trace.jsonl", "trace.jsonl"],
}
LINES = ("record", "replay")
"""What prints a trace a line."""
ELSEWHERE = {"serve", "connect", "fidelity", "oracles fetch", "oracles verify"}
"""They need a port, a folder of recordings or a download, and are run in JSON by tests of their own."""


def commands():
    return ((" ".join(words), command) for words, command in all_commands().items())


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trace.jsonl").write_text(json.dumps(TRACE) + "\n")
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "binary.jsonl").write_bytes(b"\x80\xff\x00\x01\n")
    (tmp_path / "folder").mkdir()


def test_every_command_has_json():
    without = [
        name for name, command in commands() if "--json" not in {o for p in command.params for o in p.opts}
    ]
    assert without == []
    assert {name for name, _ in commands()} == set(RUNNABLE) | ELSEWHERE


@pytest.mark.parametrize("name", RUNNABLE)
def test_with_json_a_command_prints_json_and_nothing_else(name, capsys):
    main([*name.split(), *RUNNABLE[name], "--json"])
    out, err = capsys.readouterr()
    documents = out.splitlines() if name in LINES else [out]
    assert all(json.loads(document) is not None for document in documents)
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "1.0.1zz"], "no profile is named '1.0.1zz'"),
        (["diff", "1.0.1", "1.1.1", "--only", "wriet"], "write"),
        (["timeline", "after_bad_rety"], "after_bad_retry"),
        (["explain", "bad_write_rety"], "BAD_WRITE_RETRY"),
        (["run", "@retry-move"], "did you mean 'retry-moved'?"),
        (["run", "missing.toml"], "missing.toml"),
        (["run", "folder"], "folder"),
        (["run", "empty.toml"], "empty.toml"),
        (["run", "empty.jsonl"], "no scenario in it has any step"),
        (["run", "binary.jsonl"], "line 1: not UTF-8"),
        (["replay", "--profile", "1.1.1", "binary.jsonl"], "line 1: not UTF-8"),
        (["replay", "--profile", "1.1.1", "missing.jsonl"], "missing.jsonl: No such file or directory"),
        (["replay", "--profile", "1.1.1", "folder"], "folder: Is a directory"),
        (["compare-traces", "missing.jsonl", "trace.jsonl"], "missing.jsonl: No such file or directory"),
        (["verify", "--libssl", "nowhere.so", "--random", "1"], "nowhere.so"),
        (["serve", "--profile", "1.0.1", "--port", "0", "--mode", "AUTO_RETY"], "did you mean 'AUTO_RETRY'?"),
        (["serve", "--profile", "1.0.1", "--port", "0", "--event", "renegotate@start"], "renegotiate"),
        (["oracles", "fetch", "folder", "--only", "1.0.2qq"], "1.0.2q"),
        (["fidelity", "--traces", "folder"], "folder"),
    ],
)
def test_bad_input_gets_one_line_and_status_2(arguments, said, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert "Traceback" not in err
    assert "[Errno" not in err
