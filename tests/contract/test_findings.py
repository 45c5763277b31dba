"""Findings: the calls of a caller's that break a duty of the release's page, or leave the defined."""

from __future__ import annotations

import copy
import pickle
import socket
import threading
import time
from array import array

import pytest

from emulator import (
    Buffer,
    Connection,
    Deadlock,
    ERR_clear_error,
    ERR_get_error,
    ERR_put_error,
    ErrorCode,
    ErrorEntry,
    FindingError,
    Mode,
    UndefinedBehaviourWarning,
    UsageError,
    connected_pair,
    library,
    load_profile,
)
from emulator.contract import findings as findings_module
from emulator.contract import retries
from emulator.contract.call import thread_number
from emulator.contract.codes import Kind, answers_of, code, codes
from emulator.pages.page import page_of
from emulator.profile import list_series
from emulator.profiles.clauses import topics
from tools import findings as tool
from tools.findings import run_example
from tools.places import REFERENCE

SERIES = list_series()
AT_THE_END = {"write-never-repeated"}
"""Codes that are found when the connection is closed."""


def earned(text, release):
    """The findings of an example, before its connections are closed, and after that."""
    made = []

    def keep(make):
        def call(*args, **keywords):
            made.append(make(*args, **keywords))
            return made[-1]

        return call

    def until_it_waits(_thread):
        while not made[0].client._path.under_way:
            time.sleep(0.001)

    run_example(
        text,
        release,
        connected_pair=keep(connected_pair),
        Connection=keep(Connection),
        until_it_waits=until_it_waits,
    )
    (subject,) = made
    before = subject.findings.codes
    subject.close()
    return before, subject.findings


def is_due(name, release):
    """Whether the page of a release has a clause for the code, or every release has the duty."""
    known, page = code(name), page_of(load_profile(release))
    return known.everywhere or any(page.has(clause) for clause in known.clauses)


# -- each code, on each generation ------------------------------------------------------------------


@pytest.mark.parametrize("release", SERIES)
@pytest.mark.parametrize("name", codes())
def test_the_smallest_caller_who_does_it_earns_the_finding_where_the_page_has_the_duty(name, release):
    before, at_the_end = earned(codes()[name].wrong, release)
    found = at_the_end.codes if name in AT_THE_END else before
    assert found == ((name,) if is_due(name, release) else ())


@pytest.mark.parametrize("release", SERIES)
@pytest.mark.parametrize("name", codes())
def test_the_same_caller_put_right_earns_none(name, release):
    assert earned(codes()[name].right, release)[1] == []


@pytest.mark.parametrize(("name", "silent", "speaking"), [
    ("write-zero", "0.9.6d", "0.9.6e"),
    ("call-after-fatal", "1.0.2q", "1.0.2r"),
    ("call-after-fatal", "1.1.0j", "1.1.0k"),
    ("call-after-fatal", "1.1.1a", "1.1.1b"),
    ("shutdown-after-error", "1.1.1a", "1.1.1b"),
    ("io-between-tries", "1.1.1w", "3.0"),
    ("mode-in-mid-write", "3.1", "3.2"),
    ("write-without-state", "0.9.6", "0.9.6c"),
])  # fmt: skip
def test_a_duty_begins_with_the_release_whose_page_has_it(name, silent, speaking):
    silent = "0.9.6-base" if silent == "0.9.6" else silent
    assert earned(codes()[name].wrong, silent)[0] == ()
    assert earned(codes()[name].wrong, speaking)[0] == (name,)


@pytest.mark.parametrize(
    ("release", "kind"), [("1.0.1u", Kind.UNDEFINED), ("1.1.0l", Kind.UNDEFINED), ("1.1.1w", Kind.ADVICE)]
)
def test_the_clause_of_the_page_says_how_grave_a_finding_is(release, kind):
    client, _ = connected_pair(release, undefined="ignore")
    client.write(b"")
    (found,) = client.findings
    assert found.kind is kind
    assert found.clause.id == f"num-zero{'.undefined' if kind is Kind.UNDEFINED else '-call.avoid'}"
    assert found.page == f"SSL_write(3) of OpenSSL {release}"


def test_a_page_that_asks_for_a_state_with_generic_methods_says_nothing_of_the_others():
    for method, expected in (("SSLv23", ("write-without-state",)), ("TLSv1", ())):
        client = Connection("0.9.6a", method=method, findings=True)
        client.write(b"data")
        ERR_clear_error()
        assert client.findings.codes == expected


# -- what a finding says ----------------------------------------------------------------------------


def test_a_finding_has_the_call_the_earlier_call_the_clause_and_a_sentence():
    pair = connected_pair("1.0.1u", capacity=100)
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    pair.client.write(bytes(bytearray(data)))
    (found,) = pair.findings
    assert (found.code, found.kind, found.who) == ("retry-moved", Kind.DUTY, "client")
    assert (found.call.number, found.call.text, found.call.ret) == (3, "write(1000)", None)
    assert (found.earlier.number, found.earlier.answer) == (1, "-1 WANT_WRITE")
    assert found.clause.id == "repeated-call.same-arguments"
    said = "write(1000) answered -1 WANT_WRITE and must be repeated with the same buffer"
    assert found.says == f"{said}; the same bytes came from another one"
    assert str(found).startswith("retry-moved: client, call 3, write(1000): write(1000) answered")
    assert "SSL_write(3) of OpenSSL 1.0.1u" in str(found)
    assert dict(found.generations)["1.1.1"].startswith(
        "client write 40000 buffer=b: -1 SSL (bad write retry)"
    )
    assert found.title == "A retry from another buffer"
    assert found.advice


def test_a_pair_has_the_findings_of_both_sides_in_the_order_of_the_calls():
    pair = connected_pair("1.0.1u", undefined="ignore")
    pair.server.write(b"")
    pair.client.get_error(pair.client.write(b""))
    pair.server.get_error(0)
    pair.server.write(b"")
    expected = [("server", 1), ("client", 2), ("server", 5)]
    assert [(found.who, found.call.number) for found in pair.findings] == expected
    assert [found.call.number for found in pair.server.findings] == [1, 5]


def test_findings_are_frozen():
    client, _ = connected_pair("1.0.1u", undefined="ignore")
    client.write(b"")
    with pytest.raises(AttributeError):
        client.findings[0].code = "other"


def test_findings_are_bounded_and_the_further_ones_counted(monkeypatch):
    monkeypatch.setattr(findings_module, "MOST_FINDINGS", 3)
    pair = connected_pair("1.0.1u", undefined="ignore")
    for _ in range(5):
        pair.client.get_error(pair.client.write(b""))
    assert (len(pair.findings), pair.findings.dropped) == (3, 2)
    assert repr(pair.findings) == "<Findings: write-zero, write-zero, write-zero, 2 dropped>"
    assert str(pair.findings).endswith("... and 2 more")
    assert pair.findings[:2] == [pair.findings[0], pair.findings[1]]


def test_the_clause_about_results_is_cited_for_writes_alone():
    pair = connected_pair("1.0.1u", protocol="TLSv1", capacity=0)
    data = b"data"
    pair.client.read(1)
    pair.client.write(data)
    pair.client.write(data)
    read, write = pair.findings
    assert (read.code, read.kind, read.clause, read.page) == ("result-not-asked", Kind.DUTY, None, "")
    assert (write.code, write.clause.id) == ("result-not-asked", "failure-reason.ask-get-error")


# -- on and off -------------------------------------------------------------------------------------


def test_a_connection_watches_on_request_and_says_so_otherwise():
    with pytest.raises(UsageError, match="findings=True"):
        Connection("1.0.1u").findings  # noqa: B018
    assert not hasattr(Connection("1.0.1u"), "findings")
    assert Connection("1.0.1u", findings=True).findings == []
    assert Connection("1.0.1u", strict=True).findings == []


def test_a_pair_watches_unless_told_not_to():
    assert connected_pair("1.0.1u").findings == []
    pair = connected_pair("1.0.1u", findings=False)
    for unwatched in (pair, pair.client, pair.server):
        with pytest.raises(UsageError, match="findings=False"):
            unwatched.findings  # noqa: B018
    pair.close()


@pytest.mark.parametrize("keyword", ["findings", "strict"])
def test_what_turns_findings_on_is_a_bool(keyword):
    for make in (connected_pair, Connection):
        with pytest.raises(UsageError, match=keyword):
            make("1.0.1u", **{keyword: "yes"})


def test_a_strict_pair_needs_findings():
    with pytest.raises(UsageError, match=r"strict.*findings=False"):
        connected_pair("1.0.1u", strict=True, findings=False)
    assert connected_pair("1.0.1u", strict=True, findings=True).findings == []


def test_without_findings_nothing_is_held_of_the_callers_bytes():
    pair = connected_pair("1.0.1u", capacity=0, findings=False, ledger=False, progress=False)
    assert pair.client._path is None
    assert pair.client._watch is None


# -- strict -----------------------------------------------------------------------------------------


def test_strict_raises_before_the_call_is_made():
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    with pytest.raises(FindingError, match="retry-moved") as raised:
        pair.client.write(bytes(bytearray(data)))
    assert raised.value.finding is pair.findings[0]
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 1000
    assert pair.server.read(2000) == (1000, data)


def test_strict_does_not_raise_for_advice():
    pair = connected_pair("1.1.1w", strict=True)
    assert pair.client.get_error(pair.client.write(b"")) is ErrorCode.SYSCALL
    assert pair.findings.codes == ("write-zero",)


def test_strict_raises_a_suspicion_when_the_pair_is_closed():
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    pair.client.get_error(pair.client.write(b"a" * 1000))
    with pytest.raises(FindingError, match="write-never-repeated"):
        pair.close()
    pair.close()


def test_strict_raises_a_suspicion_when_the_connection_is_closed():
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    pair.client.get_error(pair.client.write(b"a" * 1000))
    with pytest.raises(FindingError, match="write-never-repeated"):
        pair.client.close()


def test_strict_does_not_hide_what_a_with_block_raises():
    def program():
        with connected_pair("1.0.1u", capacity=100, strict=True) as pair:
            pair.client.get_error(pair.client.write(b"a" * 1000))
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        program()


def test_a_refused_shutdown_leaves_the_write_to_be_repeated():
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    with pytest.raises(FindingError, match="shutdown-with-pending-write"):
        pair.client.shutdown()
    assert pair.client.get_shutdown() == 0
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 1000


@pytest.mark.parametrize("new", [Buffer(b"b" * 131_072), None])
def test_strict_compares_every_byte_before_the_call_is_made(new):
    data = bytearray(131_072)
    pair = connected_pair("1.1.1", capacity=100, strict=True, protocol="TLSv1.2")
    pair.client.set_mode(Mode.ACCEPT_MOVING_WRITE_BUFFER)
    pair.client.get_error(pair.client.write(data))
    pair.set_capacity("client", None)
    other = data if new is None else bytearray(data)
    other[16_384 * 6] = 1
    code = "retry-changed-in-place" if new is None else "retry-other-content"
    with pytest.raises(FindingError, match=code):
        pair.client.write(other)
    data[16_384 * 6] = 0
    assert pair.client.write(data) == 131_072
    assert pair.findings.codes == (code,)


def test_bytes_that_are_compared_after_the_call_have_the_code_of_their_buffer():
    data = bytearray(131_072)
    pair = connected_pair("1.1.1", capacity=100, protocol="TLSv1.2")
    pair.client.get_error(pair.client.write(data))
    pair.set_capacity("client", None)
    data[16_384 * 6] = 1
    assert pair.client.write(data) == 131_072
    assert pair.findings.codes == ("retry-changed-in-place",)


def refused_retry(pair):
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    with pytest.raises(FindingError, match="retry-moved"):
        pair.client.write(bytes(bytearray(data)))
    return data


@pytest.mark.parametrize("way", ["pair", "connection", "with"])
def test_a_write_whose_retry_was_refused_is_no_suspicion_at_the_end(way):
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    refused_retry(pair)
    if way == "with":
        with pair:
            pass
    else:
        (pair if way == "pair" else pair.client).close()
    pair.close()
    assert pair.findings.codes == ("retry-moved",)


def test_a_write_that_blocks_again_after_a_refused_retry_is_one():
    pair = connected_pair("1.0.1u", capacity=100, strict=True)
    pair.client.get_error(pair.client.write(refused_retry(pair)))
    with pytest.raises(FindingError, match="write-never-repeated"):
        pair.close()


# -- SSL_get_error() --------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [ERR_get_error, ERR_clear_error])
@pytest.mark.parametrize("release", ["1.0.1u", "1.1.1", "3.0"])
def test_emptying_the_error_queue_before_the_question_is_late(release, empty):
    pair, data = blocked(release)
    ret = pair.client.write(bytes(bytearray(data)))
    empty()
    assert pair.client.get_error(ret) is ErrorCode.SYSCALL
    assert pair.findings.codes == ("retry-moved", "get-error-late")
    assert "entries before: 1, now: 0" in pair.findings[1].says


def test_a_call_on_the_other_end_that_leaves_an_error_is_late():
    pair, _data = blocked("1.1.1")
    ret = pair.client.read(1)[0]
    ERR_clear_error()
    server_ret = pair.server.write(b"a" * 1000)
    pair.server.get_error(server_ret)
    pair.server.get_error(pair.server.write(bytes(bytearray(b"a" * 1000))))
    pair.client.get_error(ret)
    assert "get-error-late" in [found.code for found in pair.findings if found.who == "client"]


def test_a_call_on_the_other_end_that_changes_nothing_is_not():
    pair = connected_pair("1.1.1", capacity=100)
    ret = pair.client.write(b"a" * 1000)
    pair.server.get_error(pair.server.read(10)[0])
    ERR_clear_error()
    assert pair.client.get_error(ret) is ErrorCode.WANT_WRITE
    assert pair.findings == []


def test_a_later_thread_is_another_one_even_if_python_gives_it_the_same_number():
    pair = connected_pair("1.1.1", capacity=100)
    answers = []
    for step in (lambda: pair.client.write(b"a" * 1000), lambda: pair.client.get_error(answers[0])):
        thread = threading.Thread(target=lambda step=step: answers.append(step()))
        thread.start()
        thread.join()
    assert pair.findings.codes == ("get-error-other-thread",)


# -- partial writes ---------------------------------------------------------------------------------


def partial(data, *parts):
    """A pair that has written parts of ``data`` in partial mode, each from where the one before has ended."""
    pair = connected_pair("1.1.1", protocol="TLSv1.2", client={"modes": ["ENABLE_PARTIAL_WRITE"]})
    at = 0
    for size in parts:
        at += pair.client.write(data[at : at + size] if size else data[at:])
    return pair, at


def test_a_rest_that_is_written_in_partial_slices_is_still_missing():
    data = bytes(range(250)) * 240
    pair, at = partial(data, 0, 20_000, 3616)
    assert at < len(data)
    pair.close()
    assert pair.findings.codes == ("partial-rest-missing",)
    assert pair.findings[0].call.text == "write(60000)"


def test_a_slice_of_the_rest_that_is_partial_is_continued_by_its_own_rest():
    data = bytes(range(250)) * 240
    pair, _at = partial(data, 0, 20_000)
    pair.client.write(b"something else")
    assert pair.findings.codes == ("partial-rest-missing",)


def test_a_rest_that_is_written_in_slices_to_its_end_is_no_suspicion():
    data = bytes(range(250)) * 240
    pair, at = partial(data, 0, 20_000, 3616, 20_000, 0)
    assert at == len(data)
    pair.close()
    assert pair.findings == []


# -- callers who are in the right -------------------------------------------------------------------


def test_a_read_of_decrypted_bytes_between_two_tries_does_no_io():
    pair = connected_pair("3.0", protocol="TLSv1.2", capacity=100)
    client, server = pair
    pair.set_capacity("server", None)
    server.write(b"hello")
    assert client.read(2) == (2, b"he")
    data = b"a" * 1000
    client.get_error(client.write(data))
    assert client.read(2) == (2, b"ll")
    assert client.findings == []


def test_a_moved_buffer_is_right_with_the_mode_for_it():
    pair = connected_pair("1.1.1w", capacity=100, client={"modes": ["ACCEPT_MOVING_WRITE_BUFFER"]})
    pair.client.get_error(pair.client.write(b"a" * 1000))
    pair.set_capacity("client", None)
    pair.client.write(bytearray(b"a" * 1000))
    assert pair.findings == []


def test_another_thread_may_repeat_a_write():
    pair = connected_pair("1.0.1u", capacity=100)
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    pair.set_capacity("client", None)
    thread = threading.Thread(target=pair.client.write, args=[data])
    thread.start()
    thread.join()
    assert pair.findings == []


def test_the_result_zero_of_a_shutdown_is_no_error():
    client, server = connected_pair("1.1.1w", protocol="TLSv1.2")
    assert client.shutdown() == 0
    server.get_error(server.read(1)[0])
    server.shutdown()
    assert client.shutdown() == 1
    assert client.findings == []
    assert server.findings == []


def test_a_write_that_the_peers_close_cut_off_is_not_the_callers_fault():
    pair = connected_pair("1.0.1u", protocol="TLSv1", capacity=100)
    pair.set_capacity("server", None)
    client, server = pair
    client.get_error(client.write(b"a" * 1000))
    server.shutdown()
    assert client.get_error(client.read(1)[0]) is ErrorCode.ZERO_RETURN
    pair.close()
    assert pair.findings == []


def test_a_usage_error_is_no_call():
    pair = connected_pair("1.0.1u", capacity=100)
    data = b"a" * 1000
    pair.client.get_error(pair.client.write(data))
    for wrong in ("text", None, b"x"):
        with pytest.raises((UsageError, TypeError)):
            pair.client.write(wrong, 5)
    pair.set_capacity("client", None)
    pair.client.write(data)
    pair.close()
    assert pair.findings == []


def test_arguments_that_are_none_do_no_harm():
    released = memoryview(b"gone")
    released.release()
    client, _ = connected_pair("1.0.1u", protocol="TLSv1")
    ret, _data = client.read(1)
    for wrong in (released, 10**5000, None, object(), "text"):
        for call in (client.write, client.bio_read, client.set_mode, client.get_error, client.read):
            with pytest.raises((UsageError, TypeError)):
                call(wrong)
    assert client.get_error(ret) is ErrorCode.WANT_READ
    assert "get-error-late" not in client.findings.codes


def test_a_connection_that_was_cleared_starts_anew():
    pair = connected_pair("1.1.1w", protocol="TLSv1.2")
    pair.ends[1].close()
    pair.client.get_error(pair.client.read(1)[0])
    ERR_clear_error()
    pair.client.clear()
    pair.client.get_error(pair.client.do_handshake())
    assert "call-after-fatal" not in pair.client.findings.codes


# -- the retries in detail ----------------------------------------------------------------------------


def blocked(release="1.0.1u", size=1000, capacity=100, modes=(), data=None):
    pair = connected_pair(release, capacity=capacity, client={"modes": list(modes)})
    data = b"a" * size if data is None else data
    pair.client.get_error(pair.client.write(data))
    return pair, data


def test_a_write_of_another_kind_from_the_same_thread_is_another_write():
    pair, _ = blocked()
    pair.client.write(b"ping")
    assert pair.findings.codes == ("write-between-tries",)


def test_the_rest_of_the_data_is_a_shorter_retry():
    pair, data = blocked()
    pair.client.write(data[400:])
    assert pair.findings.codes == ("retry-shorter",)


def test_a_longer_buffer_that_begins_as_the_first_one_is_a_longer_retry():
    pair, data = blocked()
    pair.client.write(data + b"more")
    assert pair.findings.codes == ("retry-longer",)


def test_a_write_of_nothing_while_one_is_to_be_repeated_is_a_shorter_retry_too():
    pair, _ = blocked()
    with pytest.warns(UndefinedBehaviourWarning) as warned:
        pair.client.write(b"")
    assert pair.findings.codes == ("write-zero", "retry-shorter")
    assert warned[0].filename == __file__


@pytest.mark.parametrize("place", [0, 16383, 16384, 100_000, 299_999])
def test_one_changed_byte_of_a_long_write_is_found_wherever_it_is(place):
    data = Buffer(300_000)
    pair, _ = blocked(size=0, data=data, capacity=100)
    data.memory[place] = 1
    pair.set_capacity("client", None)
    pair.client.write(data)
    assert set(pair.findings.codes) <= {"retry-changed-in-place", "retry-other-content"}
    assert len(pair.findings) == 1


def test_a_write_is_not_read_from_end_to_end_at_every_retry(monkeypatch):
    digested = []
    original = retries._digest
    monkeypatch.setattr(
        retries, "_digest", lambda view, size, at: digested.append(at) or original(view, size, at)
    )
    data = Buffer(1_000_000)
    pair, _ = blocked(size=0, data=data, capacity=16_384 * 2)
    first = len(digested)
    tries = 0
    while pair.client.get_error(pair.client.write(data)) is not ErrorCode.NONE:
        tries += 1
        pair.server.get_error(pair.server.read(16_384)[0])
    assert pair.findings == []
    assert tries > 20
    assert len(digested) <= first + 6 * (tries + 1) + first


def test_the_same_bytes_object_is_not_read_again(monkeypatch):
    pair, data = blocked(size=300_000)
    monkeypatch.setattr(retries, "_digest", lambda *_: pytest.fail("read again"))
    pair.set_capacity("client", None)
    assert pair.client.write(data) == 300_000


def test_no_digest_is_made_of_a_write_that_succeeds(monkeypatch):
    monkeypatch.setattr(retries, "_digest", lambda *_: pytest.fail("a digest"))
    pair = connected_pair("1.0.1u")
    assert pair.client.write(bytearray(100_000)) == 100_000


@pytest.mark.parametrize("strict", [True, False])
def test_a_bytearray_can_be_resized_after_its_write_has_blocked(strict):
    data = bytearray(b"a" * 1000)
    pair = connected_pair("1.0.1u", capacity=100, strict=strict)
    pair.client.get_error(pair.client.write(data))
    data[0] = 1
    found = None
    try:
        pair.client.write(data)
    except FindingError as error:
        found = error  # and with it the frames of the call
    data.extend(b"more")
    assert (found is not None) is strict


def test_a_caller_may_pass_one_object_in_several_ways():
    data = array("H", range(500))
    pair, _ = blocked(size=0, data=data, modes=["ACCEPT_MOVING_WRITE_BUFFER"])
    pair.client.get_error(pair.client.write(memoryview(data)))
    pair.set_capacity("client", None)
    assert pair.client.write(bytes(data)) == 1000
    assert pair.findings == []


def test_the_answer_of_the_last_try_counts():
    """A write that waited for room, and then for the peer, leaves the caller free to read."""
    pair = connected_pair("3.0", protocol="TLSv1.2", capacity=0)
    client = pair.client
    client.renegotiate()
    assert client.get_error(client.write(b"data")) is ErrorCode.WANT_WRITE
    pair.set_capacity("client", None)
    data = pair.client.findings
    assert client.get_error(client.write(b"data")) is ErrorCode.WANT_READ
    client.get_error(client.read(100)[0])
    assert data == []


@pytest.mark.parametrize("finding", [str, repr, pickle.dumps, copy.deepcopy])
def test_a_finding_and_its_error_can_be_shown_copied_and_sent(finding):
    client, _ = connected_pair("1.0.1u", undefined="ignore")
    client.write(b"")
    assert finding(client.findings[0])
    assert pickle.loads(pickle.dumps(FindingError(client.findings[0]))).finding == client.findings[0]


def test_the_same_entries_in_the_queue_are_told_once():
    pair = connected_pair("1.0.1u", blocking=True, block_timeout=0.01)
    ERR_put_error(ErrorEntry(0x14000001, 20, 0, 1, "error of another library"))
    with pytest.raises(Deadlock):
        pair.client.read(1)
    pair.client.write(b"data")
    assert pair.findings.codes == ("queue-dirty",)


def test_who_left_the_entry_is_the_earlier_call():
    client, server = connected_pair("1.0.1u")
    server.write(b"a" * 100, -1)
    client.write(b"data")
    (_, found) = client._watch._company.findings
    assert (found.code, found.who, found.earlier.text, found.earlier.who) == (
        "queue-dirty",
        "client",
        "write(-1)",
        "server",
    )


def test_the_ping_of_another_thread_is_another_write_whatever_its_length():
    for size in (4, 1000):
        pair, _ = blocked(modes=["ACCEPT_MOVING_WRITE_BUFFER"])
        thread = threading.Thread(target=pair.client.write, args=[b"p" * size])
        thread.start()
        thread.join()
        (found,) = pair.findings
        assert found.code == "write-between-tries"
        assert found.call.thread != found.earlier.thread == thread_number()


def test_callers_of_sockets_are_watched_too():
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    client = Connection("1.1.1w", sock=ends[0], findings=True)
    client.set_connect_state()
    assert client.get_error(client.write(b"first")) is ErrorCode.WANT_READ
    client.get_error(client.write(b"second"))
    assert client.findings.codes == ("other-data-after-want-read",)
    for end in ends:
        end.close()


# -- the table of codes -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", codes())
def test_every_code_names_clauses_that_exist_and_a_scenario_with_those_steps(name):
    known = codes()[name]
    clauses = {clause.id for topic in topics().values() for clause in topic.clauses.values()}
    assert set(known.clauses) <= clauses
    if known.scenario:
        steps = library.load(known.scenario).scenario().steps
        assert known.steps
        assert max(known.steps) <= len(steps)
    else:
        assert not known.steps


@pytest.mark.parametrize("name", codes())
def test_every_code_has_answers_of_every_generation_or_says_why_not(name):
    found = answers_of(name)
    assert [series for series, _ in found] == (list(SERIES) if found else [])
    assert all(words for _, words in found)
    assert found or codes()[name].note


@pytest.mark.parametrize("name", codes())
def test_every_code_has_a_section_on_the_page_of_findings(name):
    text = (REFERENCE / "findings.md").read_text(encoding="utf-8")
    section = text.partition(f"## {name} {{ #{name} }}\n")[2].partition("\n## ")[0]
    assert codes()[name].title in section
    assert codes()[name].wrong.strip() in section
    assert codes()[name].right.strip() in section


def test_the_answers_are_those_that_the_releases_give():
    assert tool.stale() == []


def test_an_unknown_code_is_an_error_that_names_the_others():
    with pytest.raises(UsageError, match="retry-moved"):
        code("retry-removed")
