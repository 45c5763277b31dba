"""Profiles are verified against real libraries of their releases: what differs is told, made small, kept."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from emulator.behaviours.write import EmptyFragments
from emulator.cli import main
from emulator.profile import load_profile
from emulator.reallib import live
from emulator.reallib.live import Verdict
from emulator.reallib.oracles import known
from emulator.reallib.verify import Counts

WORLD = {"protocol": "TLSv1", "cipher": "AES128-SHA"}
STEPS = [
    {"do": "establish"},
    {"who": "client", "do": "pending"},
    {"who": "client", "do": "write", "size": 100},
    {"do": "pump"},
]


def line(family):
    trace = [{"step": step} for step in STEPS]
    return json.dumps({"id": f"{family}/one", "scenario": {**WORLD, "family": family}, "trace": trace})


@pytest.fixture(name="traces")
def _traces(tmp_path):
    folder = tmp_path / "traces"
    folder.mkdir()
    for library in known():
        with gzip.open(folder / f"{library.recording}.jsonl.gz", "wt") as file:
            file.write(line("plain") + "\n" + line("random") + "\n")
    return str(folder)


@pytest.mark.timeout(600)
def test_the_libraries_that_have_a_recording_are_all_verified(libraries, traces, capsys):
    verify = ["oracles", "verify", str(libraries), "--traces", traces, "--random", "2", "--json"]
    assert main(verify) == 0
    out = json.loads(capsys.readouterr().out)
    names = [library.name for library in known() if library.recording]
    assert (out["good"], [one["library"] for one in out["libraries"]]) == (True, names)
    for one in out["libraries"]:
        assert (one["hand_written"]["matched"], one["hand_written"]["total"]) == (1, 1)
        assert one["random"]["matched"] + one["random"]["unsupported"] + one["random"]["by_chance"] == 2
        assert (one["differences"], one["kept"]) == ([], None)


@pytest.mark.timeout(600)
def test_the_seed_is_printed_and_is_another_each_time(libraries, traces, capsys):
    verify = ["oracles", "verify", str(libraries), "--only", "1.1.1w", "--traces", traces, "--random", "1"]
    seeds = []
    for _ in range(2):
        assert main(verify) == 0
        out = capsys.readouterr().out.splitlines()
        assert re.fullmatch(r"1\.1\.1w +hand-written 1/1 100\.00 % +random [01]/[01] 100\.00 %.*", out[1])
        seeds.append(re.fullmatch("seed ([0-9a-f]{8})", out[0])[1])
    assert seeds[0] != seeds[1]


@pytest.fixture
def planted(monkeypatch):
    """The recorder finds a profile in which empty fragments are not what the library's are."""
    real = load_profile("1.1.1w")
    write = real.write.replace(empty_fragments=EmptyFragments.NONE)
    other = real.replace(write=write)
    monkeypatch.setattr("emulator.reallib.record.profile_of", lambda version: other)


@pytest.mark.timeout(600)
def test_what_differs_is_made_small_and_kept_as_a_trace(libraries, traces, tmp_path, capsys, planted):
    kept = tmp_path / "found"
    verify = ["oracles", "verify", str(libraries), "--only", "1.1.1w", "--traces", traces, "--random", "0"]
    assert main([*verify, "--seed", "s", "--keep", str(kept)]) == 1
    out = capsys.readouterr().out
    assert "hand-written 0/1 0.00 %" in out
    assert "--only 1.1.1w --random 0 --seed s" in out
    (found,) = [json.loads(each) for each in (kept / "1.1.1w.jsonl").read_text().splitlines()]
    assert [entry["step"]["do"] for entry in found["trace"]] == ["establish", "write"]
    assert found["openssl"] == "1.1.1w"
    assert main([*verify, "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["libraries"]
    assert [difference["id"] for difference in one["differences"]] == ["plain/one"]


@pytest.mark.timeout(600)
def test_a_library_that_is_not_what_it_should_be_verifies_nothing(libraries, traces, tmp_path, capsys):
    verify = ["oracles", "verify", str(libraries), "--traces", traces]
    assert main(["oracles", "verify", str(tmp_path), "--traces", traces]) == 2
    assert "holds no intact" in capsys.readouterr().err
    (library,) = [one for one in known() if one.name == "1.1.1w"]
    other = live.Plan(libraries, [_renamed(library, "1.1.1a")], tmp_path / "traces", 1)
    with pytest.raises(live.FetchError, match=r"calls itself 1\.1\.1w, and should be 1\.1\.1a"):
        list(live.verify_all(other))
    assert main([*verify[:-1], str(tmp_path / "none"), "--only", "1.1.1w"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def _renamed(library, version):
    fields = {name: getattr(library, name) for name in library.__slots__}
    return type(library)(**{**fields, "version": version})


@pytest.mark.parametrize(
    ("hand", "drawn", "is_good"),
    [
        (Counts(matched=5), Counts(matched=99, parted=1), True),
        (Counts(matched=5, parted=1), Counts(matched=100), False),
        (Counts(matched=5), Counts(matched=98, parted=2), False),
        (Counts(unsupported=5), Counts(matched=100), False),
        (Counts(matched=5, unsteady=1), Counts(), True),
    ],
)
def test_all_that_was_written_by_hand_must_match_and_the_share_of_what_was_drawn(hand, drawn, is_good):
    assert Verdict(known()[0], "", hand, drawn).is_good(99) is is_good
