"""The transcript: what happened, as text, as a file, and as a scenario that answers the same."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import (
    Connection,
    Mode,
    Script,
    Transcript,
    UsageError,
    compare,
    connected_pair,
    make_scripted_bio_pair,
)
from emulator.bio.pipe import PipeEnd
from emulator.cli import main
from emulator.contract.as_scenario import _NO_EFFECT, _STEPS
from emulator.error_queue import ERR_put_error, current
from emulator.profile import load_profile
from emulator.scenario.kinds import KINDS, Part
from emulator.scenario.runner import Runner

ALL = [
    "0.9.6m",
    "0.9.7m",
    "0.9.8zh",
    "1.0.0t",
    "1.0.1u",
    "1.0.2u",
    "1.1.0l",
    "1.1.1w",
    "3.0.8",
    "3.2.0",
    "3.5.4",
]
DATA = bytes(range(251)) * 200


def pair_of(release, **more):
    more.setdefault("follow", "library")
    more.setdefault("transcript", True)
    if "protocol" not in more:
        more["protocol"] = "TLSv1.2" if int(release[0]) > 1 or release >= "1.0.1" else "TLSv1"
    return connected_pair(release, **more)


def answers_of(transcript):
    """What a scenario records of each call: the return value and SSL_get_error(), and the bytes read."""
    return [
        (event.ret, event.error, len(event.data) if event.name in {"read", "read_ex", "peek"} else None)
        for event in transcript
        if event.error is not None
    ]


def played(transcript, release=None):
    script = Script(**transcript.as_scenario())
    runner = Runner(load_profile(release or transcript.world["releases"]["client"]))
    try:
        trace = runner.run(script.scenario())["trace"]
    finally:
        runner.close()
    found = []
    for entry in trace:
        do = entry["step"]["do"]
        if "error" in entry and do not in {"pending", "renegotiate", "key_update", "clear"}:
            size = entry.get("data", {}).get("len", 0) if do in {"read", "read_ex", "peek"} else None
            found.append((entry["ret"], entry["error"], size))
    return found


# -- text ---------------------------------------------------------------------------------------


def test_a_transcript_is_off_unless_it_is_asked_for():
    pair = pair_of("1.1.1w", transcript=False)
    with pytest.raises(UsageError, match=r"connected_pair\(..., transcript=True\)"):
        pair.transcript  # noqa: B018
    with pytest.raises(UsageError, match=r"Connection\(..., transcript=True\)"):
        pair.client.transcript  # noqa: B018
    with pytest.raises(UsageError, match="transcript: got 'yes'"):
        pair_of("1.1.1w", transcript="yes")


def test_it_prints_each_call_and_only_what_changed():
    pair = pair_of("1.0.1u", handshake=True)
    pair.transcript.clear()
    pair.set_capacity("client", 1000)
    pair.client.write(b"x" * 2000)
    pair.server.read(10)
    pair.client.pending()
    text = str(pair.transcript)
    assert text.splitlines()[2:] == [
        "   6  client.write(2000 bytes) -> -1 WANT_WRITE",
        "        application data record of 2000 bytes made",
        *[line for line in text.splitlines() if "BIO_write" in line],
        "        SSL_want(): NOTHING -> WRITING",
        "        unfinished: 0 -> 2000",
        "   7  server.read(n=10) -> -1 WANT_READ",
        *[line for line in text.splitlines() if "BIO_read" in line],
        "        SSL_want(): NOTHING -> READING",
        "   8  client.pending() -> 0",
    ]
    assert "BIO_write 1000 -> 1000" not in text
    assert "(5 earlier calls were not kept)" in text.splitlines()[0]
    assert text.splitlines()[1] == "      the client may have 1000 bytes on the way"
    assert repr(pair.transcript) == "<Transcript of 3 calls>"


def test_records_and_operations_stand_in_their_order():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    *_, event = pair.transcript
    assert [type(each).__name__ for each in event.did] == ["RecordEvent", "BioOperation"]
    assert (event.records[0].what, event.records[0].type, event.records[0].size) == ("made", 23, 4)
    assert event.operations[0].ret == event.operations[0].size


def test_an_error_has_its_queue_and_its_errno():
    pair = pair_of("1.1.1w")
    there, _ = make_scripted_bio_pair()
    pair.client.set_bio(there, there)
    there.outgoing.plan.append({"errno": 32})
    assert pair.client.write(b"four") == -1
    pair.server.shutdown()
    assert pair.server.write(b"x") == -1
    text = str(pair.transcript)
    assert "client.write(4 bytes) -> -1 SYSCALL, errno 32" in text
    assert "-> -1 errno 32" in text
    assert "        queue: error:1420C0CF:SSL routines:ssl_write_internal:protocol is shutdown" in text


def test_a_call_that_raised_says_what():
    pair = pair_of("1.1.1w")
    with pytest.raises(UsageError):
        pair.client.write(b"x", 2)
    assert "raised UsageError: num: got 2" in str(pair.transcript).splitlines()[-1]


def test_only_the_last_calls_are_kept_if_that_is_asked():
    pair = pair_of("1.1.1w", transcript=3)
    for _ in range(5):
        pair.client.write(b"four")
    assert [event.number for event in pair.transcript] == [8, 9, 10]
    with pytest.raises(UsageError, match="7 earlier calls were not kept"):
        pair.transcript.as_scenario()
    with pytest.raises(UsageError, match="limit: got 0"):
        Transcript(0)


def test_a_connection_of_its_own_has_a_transcript_too():
    conn = Connection("1.0.1u", transcript=True)
    conn.set_connect_state()
    assert conn.do_handshake() == -1
    assert "connection.do_handshake() -> -1 WANT_READ" in str(conn.transcript)
    with pytest.raises(UsageError, match="one connection, and a scenario has a client and a server"):
        conn.transcript.as_scenario()


def test_the_answers_of_a_pair_are_the_same_with_a_transcript():
    runs = []
    for transcript in (False, True):
        pair = pair_of("1.0.2u", transcript=transcript, capacity=700)
        client, server = pair
        runs.append(
            [
                (ret := client.write(DATA), client.get_error(ret), client.want()),
                server.read(16384)[0],
                (client.shutdown(), client.get_shutdown()),
                (ret := client.write(DATA), client.get_error(ret), [str(entry) for entry in current()]),
            ]
        )
        current().clear()
    assert runs[0] == runs[1]


# -- files --------------------------------------------------------------------------------------


def some_calls(release="1.1.1w", **more):
    pair = pair_of(release, capacity=20000, client={"modes": ["ENABLE_PARTIAL_WRITE"]}, **more)
    pair.client.write(DATA)
    pair.client.write(DATA)
    pair.server.read(10000)
    pair.server.read(40000)
    pair.client.write(DATA[:])
    pair.client.write(b"last")
    pair.server.read(100)
    pair.client.shutdown()
    return pair


def test_a_saved_transcript_comes_back(tmp_path):
    pair = some_calls()
    path = tmp_path / "what-happened.json"
    pair.transcript.save(path)
    loaded = Transcript.load(path)
    assert str(loaded) == str(pair.transcript)
    assert list(loaded) == list(pair.transcript)
    assert loaded.as_scenario() == pair.transcript.as_scenario()
    assert loaded.as_json() == pair.transcript.as_json()
    assert json.loads(path.read_text())["emulator_transcript"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no transcript"),
        ("[]", "is no transcript"),
        ("{}", "is no transcript"),
        ('{"emulator_transcript": 2}', "of form 2, expected 1"),
        ('{"emulator_transcript": 1}', "damaged transcript"),
        ('{"emulator_transcript": 1, "world": {}, "dropped": 0, "events": [{"who": 1}]}', "damaged"),
        ('{"emulator_transcript": 1, "world": {}, "dropped": 0, "events": 5}', "damaged"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path, text, message):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        Transcript.load(path)


def test_emulator_run_plays_a_saved_transcript(tmp_path, capsys):
    path = tmp_path / "what-happened.json"
    some_calls().transcript.save(path)
    assert main(["run", str(path), "--profile", "1.0.1,1.1.1"]) == 0
    assert "client write 50200" in capsys.readouterr().out


def test_emulator_run_says_which_call_cannot_be_played(tmp_path, capsys):
    pair = pair_of("1.1.1w")
    pair.client.peek_ex(1)
    path = tmp_path / "what-happened.json"
    pair.transcript.save(path)
    assert main(["run", str(path)]) != 0
    said = " ".join(capsys.readouterr().err.split())
    assert "this transcript cannot be played again: call 6, client.peek_ex(): a scenario has no step" in said
    assert str(Transcript.load(path)) == str(pair.transcript)


# -- scenarios ----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ALL)
def test_a_scenario_of_a_transcript_answers_the_same(release):
    transcript = some_calls(release).transcript
    assert played(transcript) == answers_of(transcript)


@pytest.mark.parametrize("release", ["1.1.1w", "3.0.8", "3.5.4"])
def test_so_does_one_of_tls13(release):
    pair = pair_of(release, protocol="TLSv1.3", capacity=9000)
    pair.client.read(10)
    pair.client.write(DATA)
    pair.server.key_update(1)
    pair.server.write(b"after new keys")
    pair.client.read(100)
    pair.server.read(5000)
    pair.client.write(DATA)
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_settings_and_calls_of_both_sides_are_steps():
    pair = pair_of(
        "1.0.2u",
        client={"modes": ["AUTO_RETRY"], "options": ["NO_TICKET"]},
        server={"clear_modes": [], "no_state": False},
    )
    pair.client.set_mode(Mode.ENABLE_PARTIAL_WRITE)
    pair.client.clear_mode(Mode.AUTO_RETRY)
    pair.client.set_max_send_fragment(1000)
    pair.client.write(DATA)
    pair.server.set_quiet_shutdown(1)
    pair.server.set_shutdown(2)
    pair.server.set_bio(None, None)
    pair.server.write(b"x")
    scenario = pair.transcript.as_scenario()
    assert scenario["client"] == {"modes": ["AUTO_RETRY"], "options": ["NO_TICKET"]}
    assert (scenario["protocol"], scenario["profiles"]) == ("TLSv1.2", ["1.0.2u"])
    assert [step["do"] for step in scenario["steps"][-8:]] == [
        "set_mode",
        "clear_mode",
        "set_max_send_fragment",
        "write",
        "set_quiet_shutdown",
        "set_shutdown",
        "unset_bio",
        "write",
    ]
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_a_retry_from_another_address_is_from_another_buffer():
    pair = pair_of("1.0.1u", capacity=100)
    data = bytes(DATA)
    pair.client.write(data)
    pair.client.write(bytearray(data))
    pair.client.write(data)
    steps = [step for step in pair.transcript.as_scenario()["steps"] if step["do"] == "write"]
    assert [step.get("buffer", "a") for step in steps] == ["a", "b", "a"]
    assert steps[0]["data"] == data.hex()
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_a_dirty_queue_is_put_there_by_steps():
    pair = pair_of("1.0.1u")
    ERR_put_error(pair.client.context.errors.entry("SSL3_READ_BYTES", "UNEXPECTED_RECORD"))
    pair.server.read(10)
    assert [event.error for event in pair.transcript][-1] == "SSL"
    assert played(pair.transcript) == answers_of(pair.transcript)


@pytest.mark.parametrize("answer", ["retry", "zero", "zero-retry", "fail", 7, {"errno": 104}])
@pytest.mark.parametrize("release", ["1.0.1u", "1.1.1w", "3.2.0"])
def test_every_answer_of_a_transport_is_planned(release, answer, monkeypatch):
    pair = pair_of(release)
    there, _ = make_scripted_bio_pair()
    there.outgoing.plan.append(answer)
    end = pair.ends[0]
    monkeypatch.setattr(PipeEnd, "write", lambda self, data: planned(self, end, there, data))
    data = bytes(DATA[:20000])
    pair.client.write(data)
    monkeypatch.undo()
    pair.client.write(data)
    pair.server.read(30000)
    plans = [step["plan"] for step in pair.transcript.as_scenario()["steps"] if step["do"] == "plan"]
    assert plans[0][0] == answer
    assert played(pair.transcript) == answers_of(pair.transcript)


def planned(self, end, there, data):
    """The pipe of the client answers as a scripted transport does, and keeps what that accepts."""
    ret = there.write(data)
    self.flags, self.errno = there.flags, there.errno
    if ret > 0:
        end.outgoing.accept(bytes(data)[:ret])
    return ret


def test_the_end_of_the_transport_and_its_errors_are_steps():
    pair = pair_of("1.1.1w")
    pair.client.write(b"last")
    pair.close()
    for _ in range(3):
        pair.server.read(10)
    assert [step["do"] for step in pair.transcript.as_scenario()["steps"][-4:]] == [
        "read",
        "eof",
        "read",
        "read",
    ]
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_a_transcript_can_be_compared_over_releases():
    transcript = some_calls().transcript
    table = compare(transcript, ["1.1.1", "3.0.8"], follow="library")
    assert [row.title for row in table.rows] == [
        row.title for row in compare(Script(**transcript.as_scenario()), ["1.1.1"]).rows
    ]
    assert len(table.lanes) == 2


def untold(pair):
    with pytest.raises(UsageError) as caught:
        pair.transcript.as_scenario()
    return str(caught.value)


def test_what_a_scenario_cannot_say_is_refused_by_name():
    pair = pair_of("1.1.1w")
    pair.client.set_tlsext_host_name("example.org")
    assert untold(pair) == "call 6, client.set_tlsext_host_name(): a scenario has no step for this call"
    pair = pair_of("1.1.1w")
    pair.server.set_quiet_shutdown(0)
    assert "call 6, server.set_quiet_shutdown(): the step 'set_quiet_shutdown' sets it to 1" in untold(pair)
    pair = pair_of("1.1.1w")
    pair.server.set_bio(*make_scripted_bio_pair())
    assert "no step for another transport" in untold(pair)
    pair = pair_of("1.1.1w")
    pair.client.write(bytes(600_000))
    assert "it wrote 600000 bytes, and a buffer of a scenario has 524288" in untold(pair)
    pair = pair_of("1.1.1w", server_profile="1.0.2u")
    assert "the client is of 1.1.1w, the server of 1.0.2u" in untold(pair)
    pair = pair_of("1.1.1w")
    pair.ends[1].incoming.arrived.extend(b"\x15\x03\x03\0\2")
    pair.server.read(10)
    assert "it received bytes that the peer had not sent" in untold(pair)


def test_a_blocking_pair_cannot_be_played():
    pair = pair_of("1.0.1u", blocking=True)
    server = threading.Thread(target=lambda: pair.server.read(4))
    server.start()
    pair.client.write(b"four")
    server.join()
    assert "blocks" in untold(pair) or "at once" in untold(pair)


def test_every_step_of_a_call_is_made_of_its_call():
    made = {"write", "write_ex", "read", "read_ex", "peek", "handshake", "connect", "put_error", "get_mode"}
    made |= {"unset_bio", *_STEPS}
    assert {kind.name for kind in KINDS.values() if kind.part is not Part.TRANSPORT} <= made


def test_calls_that_a_scenario_leaves_out_change_nothing():
    pair = pair_of("1.1.1w")
    for name in sorted(_NO_EFFECT):
        call = getattr(pair.client, name)
        call(-1) if name == "get_error" else call()
    assert all(not event.changes for event in list(pair.transcript)[5:])
    assert len(pair.transcript) == 5 + len(_NO_EFFECT)


# -- any schedule -------------------------------------------------------------------------------

sides = st.sampled_from(["client", "server"])
steps = st.one_of(
    st.tuples(st.just("write"), sides, st.sampled_from([0, 1, 100, 16384, 20000, 40000])),
    st.tuples(st.just("retry"), sides, st.sampled_from([0, 5])),
    st.tuples(st.just("read"), sides, st.sampled_from([1, 100, 16384, 60000])),
    st.tuples(st.just("peek"), sides, st.sampled_from([0, 10])),
    st.tuples(st.just("capacity"), sides, st.sampled_from([None, 0, 100, 17000])),
    st.tuples(st.just("deliver"), sides, st.sampled_from([None, 1, 700])),
    st.tuples(st.just("renegotiate"), sides, st.just(0)),
    st.tuples(st.just("shutdown"), sides, st.just(0)),
    st.tuples(st.just("clean"), sides, st.just(0)),
)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(ALL), st.booleans(), st.booleans(), st.lists(steps, max_size=20))
def test_any_transcript_is_played_with_the_same_answers(release, manual, partial, schedule):
    current().clear()
    modes = {"modes": ["ENABLE_PARTIAL_WRITE"] if partial else []}
    pair = pair_of(release, delivery="manual" if manual else "at-once", client=modes, findings=False)
    last = {"client": DATA[:10], "server": DATA[:10]}
    for do, who, value in schedule:
        conn = pair.client if who == "client" else pair.server
        if do == "write":
            last[who] = DATA[:value]
            conn.write(last[who])
        elif do == "retry":
            conn.write(last[who] if not value else bytearray(last[who])[:-value])
        elif do in {"read", "peek"}:
            getattr(conn, do)(value)
        elif do == "capacity":
            pair.set_capacity(who, value)
        elif do == "deliver":
            pair.deliver(who, value)
        elif do == "clean":
            current().clear()
        else:
            getattr(conn, do)()
    assert played(pair.transcript) == answers_of(pair.transcript)


@pytest.mark.parametrize("keep", [-3, 0])
def test_a_number_of_calls_that_is_none_is_named_by_its_argument(keep):
    for make in (connected_pair, Connection):
        with pytest.raises(UsageError, match=rf"transcript: got {keep}"):
            make("1.0.1u", transcript=keep)


@pytest.mark.parametrize("release", ["1.0.2u", "1.1.1w", "3.5.4"])
def test_the_buffered_write_of_a_handshake_has_the_retry_flag_of_its_transport(release):
    pair = pair_of(release, capacity=100)
    pair.client.renegotiate()
    pair.client.write(b"x")
    assert "-> -1 retry" in str(pair.transcript)
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_the_protocol_is_that_of_the_first_handshake():
    pair = pair_of("1.1.1w", protocol="TLSv1.1")
    pair.client.shutdown()
    pair.client.clear()
    assert pair.transcript.as_scenario()["protocol"] == "TLSv1.1"


def test_a_transcript_that_ends_with_close_is_played():
    pair = pair_of("1.1.1w")
    pair.client.write(b"four")
    pair.client.close()
    pair.server.read(4)
    pair.server.close()
    assert [step["do"] for step in pair.transcript.as_scenario()["steps"][-4:]].count("unset_bio") == 2
    assert played(pair.transcript) == answers_of(pair.transcript)


def test_emulator_run_shows_the_first_bytes_of_long_data(tmp_path, capsys):
    path = tmp_path / "what-happened.json"
    pair = pair_of("1.1.1w")
    pair.client.write(bytes(range(256)) * 20)
    pair.transcript.save(path)
    assert main(["run", str(path), "--profile", "1.1.1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "data=000102..." in shown
    assert "(5120 bytes)" in shown
    assert "0a0b0c" not in shown
