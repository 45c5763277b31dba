from __future__ import annotations

import importlib.util
import zlib
from pathlib import Path

import pytest

from emulator.bio import make_scripted_bio_pair
from emulator.exceptions import SimulatedCrash
from emulator.scenario.emulated import EmulatedSide
from emulator.scenario.model import parse_line
from emulator.scenario.side import Unsupported
from emulator.scenario.stage import Stage
from emulator.scenario.threads import SideThread

_spec = importlib.util.spec_from_file_location(
    "fake_connection", Path(__file__).parent / "fake_connection.py"
)
fake_connection = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fake_connection)

DATA = bytes(range(256)) * 2048


class FakeSides:
    """Two emulated sides whose connections are fakes, and the threads of their calls."""

    def __init__(self):
        self.threads = {}
        self.stage = None

    def begin(self, *, blocking, requires=None):
        bios = make_scripted_bio_pair()
        sides = {
            who: EmulatedSide(
                who, fake_connection.FakeConnection(bio), bio, {"renegotiate_abbreviated"}, self.thread_of
            )
            for who, bio in zip(("client", "server"), bios, strict=True)
        }
        self.stage = Stage(sides, blocking=blocking, requires=requires)
        return self.stage

    def thread_of(self, who):
        if who not in self.threads:
            self.threads[who] = SideThread()
        return self.threads[who]

    def close(self):
        for thread in self.threads.values():
            thread.close()


@pytest.fixture
def fakes():
    fakes = FakeSides()
    yield fakes
    fakes.close()


@pytest.fixture
def play(fakes):
    def play(*steps, blocking=False, requires=None):
        scenario = parse_line({"id": "x", "scenario": {}, "trace": [{"step": step} for step in steps]})
        stage = fakes.begin(blocking=blocking, requires=requires)
        try:
            entries = stage.trace(scenario.steps)
        finally:
            stage.abandon()
        return [{key: value for key, value in entry.items() if key != "step"} for entry in entries]

    return play


def write(size=5, who="client", **arguments):
    return {"who": who, "do": "write", "size": size, **arguments}


def read(size=100, who="server"):
    return {"who": who, "do": "read", "size": size}


DELIVER = {"do": "deliver", "from": "client"}
PUMP = {"do": "pump"}
WROTE_5 = {
    "ret": 5,
    "error": "NONE",
    "want": "NOTHING",
    "in_init": False,
    "wire": [[23, 769, 5]],
    "bytes": 10,
}


def test_a_call_is_recorded_with_what_the_transport_accepted(play):
    assert play(write()) == [WROTE_5]


def test_fields_stand_in_the_recorders_order(play):
    (entry,) = play(write())
    assert list(entry) == ["ret", "error", "want", "in_init", "wire", "bytes"]


def test_data_is_recorded_by_length_and_crc(play):
    entries = play(write(), DELIVER, read())
    expected = b"\x17\x03\x01\x00\x05" + DATA[:5]
    assert entries[1] == {"moved": 10}
    assert entries[2]["data"] == {"len": 10, "crc32": zlib.crc32(expected)}
    assert play(read())[0] == {"ret": -1, "error": "WANT_READ", "want": "NOTHING", "in_init": False}


def test_the_buffer_is_filled_from_its_start_and_written_from_its_offset(play, fakes):
    play(write(8), write(4, offset=4, fill="x"), write(4, offset=2), write(4, buffer="b", offset=300))
    assert [call[1] for call in fakes.stage.sides["client"].conn.calls] == [
        DATA[:4],
        DATA[4:8],
        DATA[2:4] + b"\4\5",
        bytes(4),
    ]


def test_a_write_may_bring_its_bytes(play, fakes):
    play(write(4, data="61626364"), write(6), write(4, data="6162 6364", fill="x", offset=2))
    calls = fakes.stage.sides["client"].conn.calls
    assert [call[1] for call in calls] == [b"abcd", DATA[:4], b"cd" + DATA[4:6]]


def test_a_negative_size_is_passed_as_the_length(play, fakes):
    play(write(-1000))
    assert fakes.stage.sides["client"].conn.calls == [("write", bytes(4), -1000)]


def test_a_plan_and_a_capacity_shape_what_is_accepted(play):
    entries = play(
        {"do": "plan", "who": "client", "plan": [3, "retry", {"errno": 32}]},
        write(),
        write(),
        {"do": "capacity", "who": "client", "bytes": 3},
        write(),
    )
    assert entries[0] == entries[3] == {}
    assert (entries[1]["error"], entries[1]["wire"]) == ("WANT_WRITE", [["partial-header", 3]])
    assert (entries[2]["error"], entries[2]["errno"]) == ("SYSCALL", 32)
    assert "wire" not in entries[4]


def test_an_end_and_a_failure_show_once_everything_is_read(play):
    entries = play(write(), DELIVER, {"do": "eof", "from": "client"}, read(), read(),
                   {"do": "fail_read", "who": "client", "errno": 104}, read(who="client"))  # fmt: skip
    assert [entries[3]["ret"], entries[4]["ret"], entries[4]["error"]] == [10, 0, "SYSCALL"]
    assert (entries[6]["ret"], entries[6]["errno"]) == (-1, 104)


def test_injected_bytes_are_read_and_corrupted_ones_differ(play):
    entries = play({"do": "inject", "from": "client", "hex": "0102"}, read(), write(),
                   {"do": "corrupt", "from": "client", "at": 9}, DELIVER, read())  # fmt: skip
    assert entries[1]["data"] == {"len": 2, "crc32": zlib.crc32(b"\1\2")}
    assert entries[5]["data"]["crc32"] == zlib.crc32(b"\x17\x03\x01\x00\x05" + DATA[:4] + bytes([4 ^ 0xFF]))


def test_the_queue_is_cleared_before_a_call_unless_it_is_to_be_kept(play):
    put = {"who": "client", "do": "put_error", "lib": 20, "reason": 193}
    entry = {"lib": 20, "func": 0, "reason": 193, "text": "error:20:193"}
    entries = play(put, read(who="client"), put, {**read(who="client"), "keep_queue": True})
    assert "queue" not in entries[1]
    assert (entries[3]["error"], entries[3]["queue"]) == ("SSL", [entry])


def test_each_side_has_a_queue_of_its_own(play):
    put = {"who": "client", "do": "put_error", "lib": 20, "reason": 193}
    entries = play(put, {**read(who="server"), "keep_queue": True})
    assert "queue" not in entries[1]


def test_mode_calls_record_the_mode_and_set_bits_that_no_release_needs_to_know(play):
    entries = play(
        {"who": "client", "do": "set_mode", "modes": ["AUTO_RETRY", "RELEASE_BUFFERS", "OF_THE_FUTURE"]},
        {"who": "client", "do": "set_mode", "modes": ["ENABLE_PARTIAL_WRITE"]},
        {"who": "client", "do": "clear_mode", "modes": ["AUTO_RETRY"]},
        {"who": "client", "do": "get_mode"},
        {"who": "server", "do": "get_mode"},
    )
    assert entries == [{"mode": 20}, {"mode": 21}, {"mode": 17}, {"mode": 17}, {"mode": 0}]


def test_fragment_calls_record_their_value_and_the_queue_even_when_it_is_empty(play):
    entries = play(
        {"who": "client", "do": "set_max_send_fragment", "size": 10},
        {"who": "client", "do": "set_split_send_fragment", "size": 10},
    )
    assert [entry["ret"] for entry in entries] == [0, 1]
    assert [len(entry["queue"]) for entry in entries] == [1, 0]


def test_settings_record_nothing(play, fakes):
    entries = play(
        {"who": "client", "do": "set_shutdown", "flags": 1},
        {"who": "client", "do": "set_quiet_shutdown"},
        {"who": "client", "do": "unset_bio"},
    )
    assert entries == [{}, {}, {}]
    assert fakes.stage.sides["client"].conn.calls == [
        ("set_shutdown", 1),
        ("set_quiet_shutdown", 1),
        ("set_bio", None, None),
    ]


def test_a_function_that_the_release_lacks_is_missing(play):
    assert play({"who": "client", "do": "renegotiate_abbreviated"}) == [{"missing": True}]


def test_written_keeps_its_value_when_nothing_was_written(play):
    full = {"do": "capacity", "who": "client", "bytes": 0}
    entries = play(full, {"who": "client", "do": "write_ex", "size": 5, "written_before": 77})
    assert (entries[1]["ret"], entries[1]["written"]) == (0, 77)


def test_establish_records_nothing_and_never_blocks(play, fakes):
    assert play({"do": "establish"}, blocking=True) == [{}]
    assert fakes.stage.sides["client"].bio.should_read


def test_a_handshake_that_fails_is_an_answer_or_shows_that_the_protocol_is_lacking(play, monkeypatch):
    monkeypatch.setattr(fake_connection.FakeConnection, "do_handshake", lambda self: -1)
    assert play({"do": "establish"}) == [{}]
    with pytest.raises(Unsupported, match="TLSv1 is not supported"):
        play({"do": "establish"}, requires="TLSv1")


def test_a_blocked_side_takes_no_part_in_establish(play):
    entries = play(read(), {"do": "establish"}, write(), PUMP, blocking=True)
    assert entries[1] == {}
    assert entries[0]["completed"]["ret"] == 10


def test_a_crash_comes_out_of_a_blocking_call_too(play):
    for blocking in (False, True):
        with pytest.raises(SimulatedCrash):
            play(write(fake_connection.CRASHING_SIZE), blocking=blocking)


def test_a_blocked_call_completes_in_the_step_that_wakes_it(play):
    entries = play(read(), write(), DELIVER, {"do": "wake", "who": "server"}, blocking=True)
    assert entries[1] == WROTE_5
    assert list(entries[0]) == ["blocked", "completed", "completed_after"]
    assert (entries[0]["completed"]["ret"], entries[0]["completed_after"]) == (10, 3)


def test_delivering_wakes_nobody(play):
    assert play(read(), write(), DELIVER, blocking=True)[0] == {"blocked": True}


def test_a_side_that_is_blocked_skips_its_calls_but_not_what_happens_to_its_transport(play):
    entries = play(
        read(),
        read(),
        {"who": "server", "do": "get_mode"},
        {"who": "server", "do": "put_error", "lib": 20, "reason": 1},
        {"do": "capacity", "who": "server", "bytes": 1},
        {"who": "server", "do": "renegotiate_abbreviated"},
        blocking=True,
    )
    skipped = {"skipped": "side is blocked"}
    assert entries == [{"blocked": True}, skipped, skipped, skipped, {}, skipped]


def test_what_was_sent_before_and_after_blocking_is_told_apart(play):
    entries = play({"do": "capacity", "who": "client", "bytes": 4}, write(), PUMP, blocking=True)
    assert (entries[1]["wire"], entries[1]["bytes"]) == ([["partial-header", 4]], 4)
    assert entries[1]["completed"]["wire"] == [[23, 769, 5]]
    assert entries[1]["completed"]["bytes"] == 6
    assert entries[1]["completed_after"] == 2


def test_a_pump_wakes_both_sides_until_nothing_moves(play):
    entries = play(read(), {"do": "capacity", "who": "client", "bytes": 1}, write(300), PUMP, PUMP, read(),
                   blocking=True)  # fmt: skip
    assert entries[0]["completed_after"] == 3
    assert entries[2]["completed_after"] == 3
    assert entries[5]["ret"] == 100


def test_a_pump_gives_up_on_a_transport_that_trickles(play):
    entries = play({"do": "capacity", "who": "client", "bytes": 10}, write(60_000), PUMP, blocking=True)
    assert "completed" not in entries[1]


def test_an_eof_wakes_a_blocked_reader_at_the_next_pump(play):
    entries = play(read(), {"do": "eof", "from": "client"}, PUMP, blocking=True)
    assert entries[0]["completed"]["ret"] == 0
