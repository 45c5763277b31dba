from __future__ import annotations

import gzip
import json

import pytest

from emulator.scenario.model import (
    Malformed,
    ScenarioError,
    parse_line,
    parse_step,
    parse_world,
    read_scenarios,
)


def line(*steps, **keys):
    return {"id": "x/y", "scenario": {"family": "x"}, "trace": [{"step": step} for step in steps], **keys}


def test_a_world_has_the_recorders_defaults():
    world = parse_world({"family": "retry"})
    assert (world.protocol, world.cipher, world.blocking) == ("TLSv1", "AES128-SHA", False)
    assert world.client.modes == world.server.options == ()
    assert not world.client.no_state


def test_a_cipher_is_not_asked_for_in_tls_1_3():
    assert parse_world({"family": "retry", "protocol": "TLSv1.3"}).cipher is None


def test_a_step_keeps_the_json_it_came_from_and_has_defaults():
    raw = {"who": "client", "do": "write", "size": 5}
    step = parse_step(raw)
    assert step.raw is raw
    assert (step.who, step.size, step.buffer, step.fill, step.offset, step.keep_queue) == (
        "client", 5, "a", None, 0, False)  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        {"do": "establish"},
        {"who": "client", "do": "write", "size": -1000},
        {
            "who": "client",
            "do": "write",
            "size": 5,
            "buffer": "b",
            "fill": "x",
            "offset": 7,
            "keep_queue": True,
        },
        {"who": "server", "do": "write_ex", "size": 5, "written_before": 77},
        {"who": "client", "do": "key_update", "request": 1},
        {"do": "deliver", "from": "client"},
        {"do": "deliver", "from": "client", "bytes": 50},
        {"do": "capacity", "who": "client", "bytes": None},
        {"do": "plan", "who": "client", "plan": [0, 5, "retry", "zero", "zero-retry", "fail", {"errno": 32}]},
        {"do": "inject", "from": "server", "hex": "0a0d"},
        {"who": "client", "do": "set_mode", "modes": ["AUTO_RETRY"]},
    ],
)
def test_steps_of_every_form_are_read(raw):
    assert parse_step(raw).do == raw["do"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ([], "must be an object"),
        ({"who": "client"}, "no step is called None"),
        ({"do": ["write"]}, "no step is called"),
        ({"do": "wriet", "who": "client", "size": 1}, "no step is called 'wriet'"),
        ({"do": "write", "who": "client"}, "lacks its argument 'size'"),
        ({"do": "write", "who": "nobody", "size": 1}, "must be 'client' or 'server'"),
        ({"do": "write", "who": "client", "size": "1"}, "'size' must be an integer"),
        ({"do": "write", "who": "client", "size": True}, "'size' must be an integer"),
        ({"do": "write", "who": "client", "size": 1, "siez": 2}, "no argument 'siez'"),
        ({"do": "write", "who": "client", "size": 1, "fill": "xy"}, "must be one letter"),
        ({"do": "write", "who": "client", "size": 1, "data": "6"}, "must be bytes in hexadecimal"),
        ({"do": "write", "who": "client", "size": 1, "data": "61" * 524_289}, "more than the 524288 bytes"),
        ({"do": "read", "who": "client", "size": 1, "data": "61"}, "no argument 'data'"),
        ({"do": "write", "who": "client", "size": 1, "keep_queue": 1}, "must be true or false"),
        ({"do": "write", "who": "client", "size": 500_000, "offset": 50_000}, "beyond the 524288 bytes"),
        ({"do": "write_ex", "who": "client", "size": -1}, "not negative"),
        ({"do": "read_ex", "who": "client", "size": -1}, "not negative"),
        ({"do": "deliver"}, "lacks its argument 'from'"),
        ({"do": "deliver", "from": "client", "bytes": None}, "not negative"),
        ({"do": "capacity", "who": "client"}, "lacks its argument 'bytes'"),
        ({"do": "capacity", "who": "client", "bytes": -1}, "not negative"),
        ({"do": "plan", "who": "client", "plan": "retry"}, "must be a list"),
        ({"do": "plan", "who": "client", "plan": ["later"]}, "no answer that a plan can hold"),
        ({"do": "plan", "who": "client", "plan": [-1]}, "no answer that a plan can hold"),
        ({"do": "plan", "who": "client", "plan": [{"errno": "EPIPE"}]}, "no answer that a plan can hold"),
        ({"do": "inject", "from": "client", "hex": "0g"}, "hexadecimal"),
        ({"do": "set_mode", "who": "client", "modes": "AUTO_RETRY"}, "list of names"),
        ({"do": "put_error", "who": "client", "lib": 20}, "lacks its argument 'reason'"),
    ],
)
def test_a_step_of_another_form_is_refused_with_its_reason(raw, reason):
    with pytest.raises(Malformed, match=reason):
        parse_step(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("TLSv1", "must be an object"),
        ({"protocol": "TLSv9"}, "no protocol is called 'TLSv9'"),
        ({"protocol": ["TLSv1"]}, "no protocol"),
        ({"cipher": 1}, "'cipher' must be a string"),
        ({"blocking": "yes"}, "'blocking' must be true or false"),
        ({"colour": "red"}, "no key 'colour'"),
        ({"client": []}, "a side must be an object"),
        ({"client": {"mode": []}}, "a side has no key 'mode'"),
        ({"client": {"modes": [1]}}, "list of names"),
    ],
)
def test_a_world_of_another_form_is_refused_with_its_reason(raw, reason):
    with pytest.raises(Malformed, match=reason):
        parse_world(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"scenario": {}, "trace": []}, "'id' is missing"),
        ({"id": "x", "trace": []}, "'scenario' is missing"),
        ({"id": "x", "scenario": {}}, "'trace' is missing"),
        ({"id": 5, "scenario": {}, "trace": []}, "'id' must be a string"),
        ({"id": "x", "scenario": {}, "trace": {}}, "'trace' must be a list"),
        (
            {"id": "x", "scenario": {}, "trace": [{"do": "pump"}]},
            r"trace\[0\] must be an object with a 'step'",
        ),
        ({"id": "x", "scenario": {}, "trace": [], "build": "no-asm"}, "list of names"),
        (line({"do": "pump"}, {"do": "dance"}), r"trace\[1\]: no step is called 'dance'"),
    ],
)
def test_a_line_of_another_form_is_refused_with_its_reason(raw, reason):
    with pytest.raises(Malformed, match=reason):
        parse_line(raw)


def test_an_unsupported_line_has_no_steps():
    assert parse_line({"id": "x", "scenario": {}, "unsupported": "TLSv1.3"}).steps is None


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz"])
def test_files_are_read_plain_and_gzipped_and_blank_lines_do_not_count(tmp_path, name):
    text = json.dumps(line({"do": "pump"})) + "\n\n" + json.dumps(line({"do": "establish"})) + "\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    scenarios = list(read_scenarios(str(path)))
    assert [scenario.line for scenario in scenarios] == [1, 3]
    assert [scenario.steps[0].do for scenario in scenarios] == ["pump", "establish"]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (b"{", "line 2: not JSON"),
        (b"\xff\xfe", "line 2: not UTF-8"),
        (b"[]", "line 2: not a JSON object"),
        (b"[" * 100_000, "line 2: not JSON"),
        (b'{"id": "x"}', "line 2: the key 'scenario' is missing"),
    ],
)
def test_the_first_bad_line_is_named(tmp_path, second, reason):
    path = tmp_path / "x.jsonl"
    path.write_bytes(json.dumps(line()).encode() + b"\n" + second + b"\n")
    with pytest.raises(ScenarioError, match=reason):
        list(read_scenarios(str(path)))


def test_a_damaged_gzip_file_is_an_error_of_the_line_it_breaks_off_at(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(line()).encode() + b"\n")[:-12])
    with pytest.raises(ScenarioError, match="damaged"):
        list(read_scenarios(str(path)))
