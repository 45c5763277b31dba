"""The machine's own libssl is recorded, and a profile is verified against it: missing, it fails."""

from __future__ import annotations

import ctypes.util
import json
import re
import zlib

import pytest

from emulator.behaviours.write import EmptyFragments
from emulator.cli import main
from emulator.exceptions import UnknownProfile
from emulator.profile import load_profile
from emulator.reallib.oracle import Oracle, OracleError
from emulator.reallib.record import Recorder, profile_of
from emulator.reallib.verify import Verifier
from emulator.scenario.generate import generate
from emulator.scenario.model import parse_line

GCM = {"family": "live", "protocol": "TLSv1.2", "cipher": "AES128-GCM-SHA256"}
CBC = {"family": "live", "protocol": "TLSv1", "cipher": "AES128-SHA"}
ESTABLISH = {"do": "establish"}


def scenario(*steps, **world):
    raw = {"id": "live/one", "scenario": {**GCM, **world}, "trace": [{"step": step} for step in steps]}
    return parse_line(raw)


def on(who, do, **arguments):
    return {"who": who, "do": do, **arguments}


@pytest.fixture(scope="module", name="libssl")
def _libssl():
    name = ctypes.util.find_library("ssl")
    assert name is not None, "these tests need a shared libssl; Debian's package is libssl3"
    return name


@pytest.fixture(scope="module", name="recorder")
def _recorder(libssl):
    with Recorder(libssl, load_profile("1.1.1w")) as recorder:
        yield recorder


@pytest.fixture(name="record")
def _record(recorder):
    def record(*steps, **world):
        (line,) = recorder.record([scenario(*steps, **world)])
        return line

    return record


def entries(line):
    return [{key: value for key, value in entry.items() if key != "step"} for entry in line["trace"]]


def test_the_library_says_which_it_is(recorder):
    assert re.fullmatch(r"[13]\.\d\.\d+\S*", recorder.version)
    assert set(recorder.build) <= {"ssl3", "no-ssl3", "weak-ciphers", "no-weak-ciphers"}


def test_data_arrives_and_every_field_of_a_call_is_recorded(record):
    line = record(
        ESTABLISH,
        on("client", "write", size=20000),
        {"do": "deliver", "from": "client"},
        on("server", "read", size=100),
        on("server", "pending"),
    )
    _, write, deliver, read, pending = entries(line)
    plain = {"error": "NONE", "want": "NOTHING", "in_init": False}
    wire = [[23, 0x0303, 16384 + 24], [23, 0x0303, 20000 - 16384 + 24]]
    assert write == {"ret": 20000, **plain, "wire": wire, "bytes": 20000 + 2 * 29}
    assert deliver == {"moved": 20000 + 2 * 29}
    assert read == {"ret": 100, **plain, "data": {"len": 100, "crc32": zlib.crc32(bytes(range(100)))}}
    assert pending["ret"] == 16284


def test_a_full_transport_asks_for_a_retry_and_a_moved_retry_is_refused(record):
    line = record(
        ESTABLISH,
        on("client", "capacity", bytes=1000),
        on("client", "write", size=5000),
        on("client", "write", size=5000, buffer="b"),
    )
    first, second = entries(line)[2:]
    assert (first["error"], first["want"], first["bytes"]) == ("WANT_WRITE", "WRITING", 1000)
    assert second["error"] == "SSL"
    assert [error["reason"] for error in second["queue"]] == [127]
    assert second["queue"][0]["text"].endswith("bad write retry")


def test_a_planned_errno_reaches_the_caller(record):
    line = record(ESTABLISH, on("client", "plan", plan=[{"errno": 104}]), on("client", "write", size=5))
    assert entries(line)[2] == {
        "ret": -1,
        "error": "SYSCALL",
        "errno": 104,
        "want": "WRITING",
        "in_init": False,
    }


def test_a_call_blocks_and_completes_when_there_is_room(record):
    line = record(
        ESTABLISH,
        on("client", "capacity", bytes=100),
        on("client", "write", size=200),
        on("client", "write", size=1),
        {"do": "pump"},
        blocking=True,
    )
    blocked, skipped = entries(line)[2:4]
    assert (blocked["blocked"], blocked["bytes"]) == (True, 100)
    assert (blocked["completed"]["ret"], blocked["completed_after"]) == (200, 4)
    assert skipped == {"skipped": "side is blocked"}


def test_an_error_that_was_there_before_the_call_stays_on_the_queue(record):
    line = record(
        ESTABLISH,
        on("client", "put_error", lib=20, reason=193),
        on("client", "read", size=5, keep_queue=True),
        on("server", "read", size=5, keep_queue=True),
    )
    client, server = entries(line)[2:]
    assert [(error["lib"], error["reason"]) for error in client["queue"]] == [(20, 193)]
    assert (client["error"], server["error"]) == ("SSL", "WANT_READ")
    assert "queue" not in server


def test_a_protocol_that_the_library_lacks_is_unsupported(record):
    assert record(ESTABLISH, protocol="SSLv3", cipher="AES128-SHA")["unsupported"] == "SSLv3"
    assert record(ESTABLISH, cipher="NO-SUCH-CIPHER")["unsupported"] == "NO-SUCH-CIPHER"


def test_a_scenario_that_crashes_takes_no_other_with_it(recorder, monkeypatch):
    # A side without BIO whose thread is woken by nobody: the process of this one scenario is killed.
    lines = list(
        recorder.record(
            [
                scenario(ESTABLISH, on("client", "write", size=5)),
                scenario(
                    on("server", "renegotiate"), on("server", "read", size=5), on("server", "write", size=5)
                ),
                scenario(ESTABLISH, on("client", "write", size=5)),
            ]
        )
    )
    assert lines[0] == lines[2]
    assert lines[0]["trace"][1]["ret"] == 5
    assert lines[1].get("crash") in {"SIGSEGV", None}


def test_what_is_recorded_twice_is_the_same(recorder):
    drawn = list(generate("twice", 40))
    assert list(recorder.record(drawn)) == list(recorder.record(drawn, 1))


PLAIN = [
    scenario(
        ESTABLISH,
        on("client", "write", size=size),
        {"do": "pump"},
        on("server", "read", size=100_000),
        **world,
    )
    for size in (1, 100, 16384, 40000)
    for world in (GCM, CBC)
]


def test_what_every_release_does_alike_is_verified(recorder):
    with Verifier(recorder) as verifier:
        assert list(verifier.run(PLAIN)) == []
    assert (verifier.counts.matched, verifier.counts.parted) == (len(PLAIN), 0)


def test_the_profile_of_the_machines_own_library_answers_as_it_does(libssl):
    with Recorder(libssl) as recorder, Verifier(recorder) as verifier:
        partings = [parting.difference for parting in verifier.run(generate("live", 60, wide=True))]
    assert partings == []
    assert verifier.counts.matched > 30


def test_a_planted_difference_is_found_and_made_small(libssl):
    profile = load_profile("1.1.1w")
    planted = profile.replace(write=profile.write.replace(empty_fragments=EmptyFragments.NONE))
    with Recorder(libssl, planted) as recorder, Verifier(recorder) as verifier:
        (parting,) = verifier.run(PLAIN[1:2])
        small = verifier.shrink(parting)
    assert "wire" in small.difference
    assert [entry["step"]["do"] for entry in small.recorded["trace"]] == ["establish", "write"]


def test_record_prints_traces_that_compare_equal_to_themselves(libssl, tmp_path, capsys):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(one.raw) + "\n" for one in PLAIN[:2]))
    assert main(["record", "--libssl", libssl, "--profile", "1.1.1w", str(source)]) == 0
    target.write_text(capsys.readouterr().out)
    once = ["record", "--libssl", libssl, "--profile", "1.1.1w", "--times", "1", "--json", str(target)]
    assert main(once) == 0
    assert capsys.readouterr().out == target.read_text()


def test_verify_prints_its_seed_and_exits_by_the_share(libssl, tmp_path, capsys):
    source, kept = tmp_path / "in.jsonl", tmp_path / "kept.jsonl"
    source.write_text(json.dumps(PLAIN[0].raw) + "\n")
    verify = ["verify", "--libssl", libssl, "--profile", "1.1.1w", "--scenarios", str(source)]
    assert main(verify) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "match                1/1 100.00 %"
    clash = scenario(ESTABLISH, {"do": "eof", "from": "server"}, on("client", "read", size=5))
    source.write_text(json.dumps(clash.raw) + "\n")
    arguments = [*verify, "--random", "3", "--seed", "s", "--protocol", "TLSv1.2", "--keep", str(kept)]
    assert main(arguments) == 1
    out = capsys.readouterr().out
    assert "seed s\n" in out
    assert json.loads(kept.read_text().splitlines()[0])["id"] == "live/one"


def test_verify_tells_all_that_it_found_as_one_object(libssl, tmp_path, capsys):
    source = tmp_path / "in.jsonl"
    clash = scenario(ESTABLISH, {"do": "eof", "from": "server"}, on("client", "read", size=5))
    source.write_text(json.dumps(PLAIN[0].raw) + "\n" + json.dumps({**clash.raw, "id": "live/eof"}) + "\n")
    verify = ["verify", "--libssl", libssl, "--profile", "1.1.1w", "--scenarios", str(source), "--json"]
    assert main(verify) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["matched"], report["total"], report["seed"], report["required"]) == (1, 2, None, 100.0)
    (difference,) = report["differences"]
    assert difference["id"] == "live/eof"
    assert difference["steps"] == [step.raw for step in clash.steps]
    assert "expected 'SSL', got 'SYSCALL'" in difference["difference"]
    assert main([*verify, "--random", "1", "--seed", "s", "--require", "50"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == "s"


@pytest.mark.parametrize("path", ["/no/such/libssl.so", "libc.so.6", __file__])
def test_what_is_no_libssl_is_said_in_one_line(path, capsys):
    with pytest.raises(OracleError):
        Oracle(path, processes=1)
    assert main(["record", "--libssl", path, "-"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("1.0.2q", "1.0.2q"),
        ("1.0.2k-fips", "1.0.2k-fips"),
        ("1.0.2k-odd", "1.0.2k"),
        ("1.0.1e-fips", "1.0.1e-fips"),
        ("1.1.1", "1.1.1-base"),
    ],
)
def test_a_profile_is_found_by_what_the_library_calls_itself(version, release):
    assert profile_of(version) == load_profile(release)


def test_a_library_of_no_known_series_has_no_profile():
    with pytest.raises(UnknownProfile):
        profile_of("9.9.9")
