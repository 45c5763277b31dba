from __future__ import annotations

import contextlib
import json
import threading
import warnings

import pytest

import emulator
from emulator import Buffer, Connection
from emulator.exceptions import UsageError
from emulator.pair import Pair


def titles(comparison):
    return [row.title for row in comparison]


def moved_retry(client, server):
    """A retry from a copy of the data."""
    data = Buffer(40_000)
    client.write(data)
    server.read(20_000)
    client.write(data.moved())
    client.write(data)


def test_every_call_is_a_row_with_what_it_answered():
    comparison = emulator.compare(moved_retry, ["1.0.1", "1.1.1"], protocol="TLSv1", capacity=20_000)
    assert titles(comparison) == [
        "client write 40000",
        "server read 20000",
        "client write 40000 buffer=b",
        "client write 40000",
    ]
    assert (comparison.title, comparison.about) == ("moved_retry", "A retry from a copy of the data.")
    first, moved, last = (comparison.rows[index].cells for index in (0, 2, 3))
    assert [cell.answer.error for cell in first] == ["WANT_WRITE"] * 2
    assert sum(len(record.data) for record in first[0].records) == 20_000
    assert ["bad write retry" in cell.answer.queue[0] for cell in moved] == [True, True]
    assert [cell.answer.error for cell in last] == ["WANT_WRITE", "SYSCALL"]
    assert [lane.follow for lane in comparison.lanes] == ["library"] * 2
    assert json.loads(json.dumps(comparison.as_json())) == comparison.as_json()


def test_what_the_callable_gets_is_a_connection_that_answers_as_ever():
    seen = []

    def look(client, server):
        assert isinstance(client, Connection)
        assert type(client).__name__ == "Connection"
        assert not hasattr(client, "write_ex")
        assert client.write(b"hello") == 5
        assert server.read(10) == (5, b"hello")
        assert client.errno == 0
        seen.append(client)

    comparison = emulator.compare(look, ["1.0.1"])
    assert comparison.lanes[0].outcome is None
    assert titles(comparison) == ["client write b'hello'", "server read 10"]
    seen[0].write(b"after the lane is over")
    assert len(comparison) == 2


def test_a_call_within_a_call_is_no_row():
    comparison = emulator.compare(lambda client, server: client.has_pending(), ["1.1.1"])
    assert titles(comparison) == ["client has_pending"]
    assert comparison.rows[0].cells[0].answer.ret == 0


def test_a_call_that_a_release_lacks_ends_its_lane_beside_the_call_of_the_others():
    def calls(client, server):
        client.write(b"one")
        client.write_ex(b"two")
        client.pending()

    comparison = emulator.compare(calls, ["1.0.1", "1.1.1"])
    assert titles(comparison) == ["client write b'one'", "client write_ex b'two'", "client pending"]
    absent, there = comparison.rows[1].cells
    assert absent.missing
    assert there.answer.extra == {"written": 3}
    assert comparison.rows[1].differs
    assert not comparison.rows[2].differs
    assert comparison.lanes[0].outcome == {
        "kind": "exception",
        "what": "AttributeError: SSL_write_ex does not exist in OpenSSL 1.0.1u: added in 1.1.1",
    }


def test_an_exception_of_the_callable_is_an_outcome():
    def fails(client, server):
        assert client.write(b"") == 1

    (lane,) = emulator.compare(fails, ["1.0.1"], follow="library").lanes
    assert lane.outcome["kind"] == "exception"
    assert lane.outcome["what"].startswith("AssertionError: assert ")


def test_a_crash_is_an_outcome():
    def negative(client, server):
        client.write(Buffer(10), -1000)

    comparison = emulator.compare(negative, ["1.0.1g", "1.0.1u"])
    assert comparison.lanes[0].outcome["signal"] == "SIGSEGV"
    assert comparison.rows[0].cells[0].answer.extra == {"crash": "SIGSEGV"}
    assert comparison.lanes[1].outcome is None


def test_a_deadlock_is_an_outcome():
    def waits(client, server):
        client.read(1)

    (lane,) = emulator.compare(waits, ["1.0.1"], blocking=True, block_timeout=0.01).lanes
    assert lane.outcome["what"].startswith("Deadlock: ")


def test_a_callable_without_an_end_is_ended():
    def for_ever(client, server):
        while True:
            with contextlib.suppress(Exception):
                client.pending()

    comparison = emulator.compare(for_ever, ["1.0.1"], most_calls=20)
    assert len(comparison) == 21
    assert comparison.lanes[0].outcome["what"] == "more than 20 calls: it has no end"


def test_lanes_that_part_are_laid_side_by_side_again():
    def calls(client, server):
        if client.write(b"") == 0 and hasattr(client, "write_ex"):
            client.write_ex(b"")
        client.shutdown()

    comparison = emulator.compare(calls, ["1.0.1", "1.1.1"], follow="library")
    assert [(row.title, row.places) for row in comparison] == [
        ("client write b''", (0, 0)),
        ("client write_ex b''", (None, 1)),
        ("client shutdown", (1, 2)),
    ]
    assert comparison.rows[1].differs


def test_one_argument_is_the_pair_whose_transport_is_a_row_too():
    def calls(pair):
        assert isinstance(pair, Pair)
        pair.client.write(b"hello")
        pair.deliver()
        pair.set_capacity("client", None)
        pair.server.read(10)

    comparison = emulator.compare(calls, ["1.0.1"], delivery="manual")
    assert comparison.lanes[0].outcome is None
    assert titles(comparison) == [
        "client write b'hello'",
        "deliver",
        "client capacity none",
        "server read 10",
    ]
    assert comparison.rows[1].cells[0].answer.extra["moved"] == comparison.rows[0].cells[0].bytes


def test_the_error_queue_is_empty_before_each_call_unless_it_is_to_be_kept():
    def twice(client, server):
        client.shutdown()
        client.write(b"x")
        client.write(b"x")

    def queues(**options):
        rows = emulator.compare(twice, ["1.0.1"], **options).rows
        return [len(row.cells[0].answer.queue) for row in rows]

    assert queues() == [0, 1, 1]
    assert queues(keep_queue=True) == [0, 1, 2]


def test_both_sides_of_a_blocking_pair_may_have_a_thread():
    def calls(client, server):
        thread = threading.Thread(target=lambda: server.read(5))
        thread.start()
        client.write(b"hello")
        thread.join()

    comparison = emulator.compare(calls, ["1.0.1", "1.1.1"], blocking=True)
    assert sorted(titles(comparison)) == ["client write b'hello'", "server read 5"]
    assert all(lane.outcome is None for lane in comparison.lanes)


def test_the_manual_is_followed_without_warnings_and_its_word_is_kept():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        comparison = emulator.compare(
            lambda client, server: client.write(b""), ["1.0.1", "1.0.2"], follow="both"
        )
    (row,) = comparison
    assert not row.differs
    assert [lane.follow for lane in comparison.lanes] == ["library", "manual"] * 2
    assert row.cells[0].promise is None
    assert row.cells[1].promise == "the behaviour of SSL_write() with num=0 is undefined"
    assert {word.key for word in row.cells[0].manual} == {"manual.num-zero"}


def test_a_policy_chooses_in_the_lanes_of_the_manual():
    comparison = emulator.compare(
        lambda client, server: client.write(b""),
        ["1.0.1"],
        policy=lambda choice: next(each for each in choice.outcomes if each.ret == -1),
        follow="both",
    )
    library, manual = comparison.rows[0].cells
    assert (library.answer.ret, manual.answer.ret) == (0, -1)


def test_a_setting_that_no_release_takes_is_said():
    with pytest.raises(UsageError, match="client: got 'mode'"):
        emulator.compare(lambda client, server: None, ["1.0.1"], client={"mode": 1})
    with pytest.raises(TypeError, match="capacityy"):
        emulator.compare(lambda client, server: None, ["1.0.1"], capacityy=1)


def test_a_protocol_that_a_release_lacks_is_its_outcome():
    comparison = emulator.compare(
        lambda client, server: client.write(b"x"), ["1.0.1", "1.1.1"], protocol="TLSv1.3"
    )
    assert [lane.outcome and lane.outcome["kind"] for lane in comparison.lanes] == ["unsupported", None]


def test_the_same_profile_twice_never_differs():
    for follow in ("library", "manual"):
        comparison = emulator.compare(moved_retry, ["1.0.2", "1.0.2"], follow=follow, capacity=9_000)
        assert not comparison.differs
