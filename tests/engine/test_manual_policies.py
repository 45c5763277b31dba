"""Policies, a write of nothing, and a closed connection: the choices of ``follow="manual"``."""

from __future__ import annotations

import errno
import socket

import pytest

from emulator import (
    Choice,
    Connection,
    Context,
    ERR_clear_error,
    ERR_get_error,
    ERR_peek_error,
    ErrorCode,
    Outcome,
    Promise,
    SocketBIO,
    UndefinedBehaviourError,
    UndefinedBehaviourWarning,
    UsageError,
    Want,
    connected_pair,
    make_scripted_bio_pair,
)
from emulator.engine.manual.choice import ANYTHING, LIBRARY
from emulator.engine.manual.promise import MOST_PROMISES, Promises

NUM_ZERO = "num-zero.undefined"
UNDEFINED = ["0.9.6e", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2k", "1.1.0l"]
DEFINED = ["0.9.6-base", "0.9.6d", "1.1.1w", "3.0.16", "3.2.0"]

CLOSED = "closed-connection.zero"
CLEAN_CLOSE = "clean-close.zero-return"
ZERO_IF_CLOSED = ["0.9.6c", "0.9.7m", "0.9.8zh", "1.0.0t", "1.0.1u", "1.0.2j", "1.1.0c"]
"""Releases whose pages call 0 the answer for a closed connection."""

ONE_CASE = ["0.9.6b", "1.0.2k", "1.1.0d", "1.1.1w", "3.2.0"]


# -- which policies there are ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("lazy", "got 'lazy', expected 'eager', 'library', 'never'"),
        (1.5, "got 1.5"),
        (True, "got True"),
        (b"\0\1", "got b'"),
        ([0, "want-raed"], "did you mean 'want-read'?"),
        ([-1], "the schedule has -1"),
        ([True], "the schedule has True"),
        ([None], "the schedule has None"),
    ],
)
def test_a_wrong_policy_is_one_usage_error(policy, words):
    for make in (
        lambda: Context("1.0.1u", policy=policy),
        lambda: Connection("1.0.1u", policy=policy),
        lambda: connected_pair("1.0.1u", policy=policy),
    ):
        with pytest.raises(UsageError, match="policy: ") as raised:
            make()
        assert words in str(raised.value)


def test_who_follows_the_library_chooses_nothing():
    with pytest.raises(UsageError, match="follow='manual'"):
        Context("1.0.1u", follow="library", policy="eager")
    assert Context("1.0.1u", follow="library", policy="library")
    assert connected_pair("1.0.1u", follow="library", undefined="ignore").client.promises == []


@pytest.mark.parametrize("pick", [99, -1, True, "closed", None, Outcome("library", 1)])
def test_an_outcome_that_a_choice_has_not_is_a_usage_error(pick):
    with connected_pair("1.0.1u", policy=lambda _: pick) as (client, server):
        with pytest.raises(UsageError, match=NUM_ZERO):
            client.write(b"")
        assert client.write(b"still works") == 11
        assert server.read(100) == (11, b"still works")


def test_a_schedule_with_an_outcome_that_the_choice_has_not_is_a_usage_error():
    said = r"the schedule chose 'want-read' for num-zero\.undefined"
    with connected_pair("1.0.1u", policy=["want-read"]) as (client, _), pytest.raises(UsageError, match=said):
        client.write(b"")


def test_an_exception_of_a_chooser_comes_out_and_nothing_has_happened():
    def choose(_):
        raise KeyError("no idea")

    with connected_pair("1.0.1u", policy=choose) as (client, server):
        with pytest.raises(KeyError):
            client.write(b"")
        assert client.promises == []
        assert client.write(b"still works") == 11
        assert server.read(100) == (11, b"still works")


def test_a_chooser_is_told_what_the_choice_is_about():
    choices = []

    def choose(choice):
        choices.append(choice)
        return choice.outcomes[0]

    with connected_pair("1.0.1u", policy=choose, undefined="ignore") as (client, _):
        assert client.write(b"") == 0
    (choice,) = choices
    assert isinstance(choice, Choice)
    assert (choice.clause, choice.kind, choice.call) == (NUM_ZERO, "undefined", "write")
    assert choice.outcomes[0] == LIBRARY
    assert all(isinstance(outcome, Outcome) for outcome in choice.outcomes)


def test_each_connection_has_the_whole_schedule():
    with connected_pair("1.0.1u", policy=["0/SSL/entry", 0], undefined="ignore") as pair:
        for connection in pair:
            ERR_clear_error()
            assert connection.write(b"") == 0
            assert connection.get_error(0) is ErrorCode.SSL
            ERR_clear_error()
            assert connection.write(b"") == 0
            assert connection.get_error(0) is ErrorCode.SYSCALL


def test_the_same_seed_makes_the_same_choices_and_another_others():
    def run(seed):
        with connected_pair("1.0.1u", policy=seed, undefined="ignore") as (client, _):
            for _ in range(20):
                client.write(b"")
            ERR_clear_error()
            return [(promise.ret, promise.error) for promise in client.promises]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_promises_are_bounded_and_counted():
    promises = Promises()
    for number in range(MOST_PROMISES + 5):
        promises.add(Promise("clause", "page", str(number)))
    assert len(promises) == MOST_PROMISES
    assert promises.dropped == 5
    assert promises.made == MOST_PROMISES + 5
    assert [each.meaning for each in promises.since(MOST_PROMISES + 3)] == ["1003", "1004"]
    assert promises.since(0) == promises
    assert promises.since(promises.made) == []


# -- num=0 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", UNDEFINED)
@pytest.mark.parametrize("policy", ["eager", "library", "never"])
def test_where_the_page_calls_a_length_of_zero_undefined_it_is_warned_of(profile, policy):
    with connected_pair(profile=profile, policy=policy) as (client, _):
        with pytest.warns(UndefinedBehaviourWarning, match="num=0") as warned:
            assert client.write(b"") == 0
        assert warned[0].filename == __file__
        (promise,) = client.promises
        assert (promise.clause, promise.ret, promise.error) == (NUM_ZERO, None, None)


@pytest.mark.parametrize("profile", DEFINED)
def test_where_the_page_is_silent_or_says_an_error_nothing_is_warned_of(profile):
    with connected_pair(profile=profile, policy=1) as (client, _):
        assert client.write(b"") == 0
        assert client.promises == []


def test_a_length_of_zero_can_be_made_an_error_of_ours():
    with connected_pair(profile="1.0.1", undefined="raise") as (client, server):
        with pytest.raises(UndefinedBehaviourError, match=r"1\.0\.1u"):
            client.write(b"")
        assert client.write(b"still works") == 11
        assert server.read(100) == (11, b"still works")


def test_a_length_of_zero_can_be_nobodys_business():
    with connected_pair(profile="1.0.1", undefined="ignore") as (client, _):
        assert client.write(b"") == 0


def test_the_library_knows_no_undefined_behaviour():
    with connected_pair(profile="1.0.1", follow="library") as (client, _):
        assert client.write(b"") == 0
        assert client.promises == []


def answers_of(profile):
    """The outcomes that a write of nothing may have."""
    found = []

    def choose(choice):
        found.extend(choice.outcomes)
        return 0

    with connected_pair(profile, policy=choose, undefined="ignore") as (client, _):
        client.write(b"")
    return found


@pytest.mark.parametrize("profile", UNDEFINED)
def test_a_length_of_zero_may_have_every_outcome(profile):
    outcomes = set(answers_of(profile)[1:])
    assert {outcome.ret for outcome in outcomes} == {0, -1}
    errors = {"SSL", "WANT_READ", "WANT_WRITE", "WANT_X509_LOOKUP", "SYSCALL", "ZERO_RETURN"}
    errors |= {"WANT_CONNECT", "WANT_ACCEPT"} | (
        {"WANT_ASYNC", "WANT_ASYNC_JOB"} if "1.1.0" in profile else set()
    )
    assert {outcome.error.name for outcome in outcomes} == errors
    assert len(outcomes) == len(errors) * 8
    assert outcomes <= set(ANYTHING)


@pytest.mark.parametrize("profile", UNDEFINED)
def test_each_outcome_of_a_length_of_zero_is_what_it_says(profile):
    for outcome in answers_of(profile)[1:]:
        pair = connected_pair(profile, policy=[outcome], undefined="ignore")
        with pair as (client, server):
            ERR_clear_error()
            assert client.write(b"") == outcome.ret, outcome
            assert client.get_error(outcome.ret) is outcome.error, outcome
            assert client.get_error(outcome.ret) is outcome.error, "the answer stays until the next call"
            assert bool(ERR_get_error()) is outcome.entry, outcome
            (promise,) = client.promises
            assert (promise.ret, promise.error) == (outcome.ret, outcome.error)
            ERR_clear_error()
            ret = client.write(b"data")
            if outcome.dead:
                assert ret <= 0, outcome
                assert client.write(b"data") <= 0, outcome
            else:
                assert ret == 4, outcome
                assert client.get_error(0) is not outcome.error or outcome.error is ErrorCode.SYSCALL
                assert server.read(100) == (4, b"data")
            ERR_clear_error()


@pytest.mark.parametrize("error", [ErrorCode.WANT_READ, ErrorCode.WANT_WRITE, ErrorCode.WANT_X509_LOOKUP])
def test_what_a_length_of_zero_waits_for_is_seen_by_want(error):
    outcome = f"-1/{error.name}"
    with connected_pair("1.0.1u", policy=[outcome], undefined="ignore") as (client, _):
        assert client.write(b"") == -1
        assert client.want().name.startswith(
            {"WANT_READ": "READ", "WANT_WRITE": "WRIT"}.get(error.name, "X509")
        )
        assert client.read(1)[0] == -1
        assert client.want() is Want.READING
        assert client.get_error(-1) is ErrorCode.WANT_READ


def test_a_length_of_zero_may_do_anything_on_a_connection_without_a_role():
    for name in ("-1/WANT_WRITE", "0/SSL/entry"):
        connection = Connection("1.0.1u", policy=[name], undefined="ignore")
        ERR_clear_error()
        ret = connection.write(b"")
        assert f"{ret}/{connection.get_error(ret).name}" == name.removesuffix("/entry")
        ERR_clear_error()


# -- a closed connection ----------------------------------------------------------------------------


def closed_by_errno(number):
    def close(pair):
        ours, _ = make_scripted_bio_pair()
        pair.client.set_bio(ours, ours)
        ours.outgoing.plan.extend([{"errno": number}] * 5)

    return close


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ECONNRESET])
@pytest.mark.parametrize("profile", ZERO_IF_CLOSED)
def test_a_write_that_fails_since_the_connection_is_closed_may_answer_0(profile, number):
    with connected_pair(profile) as pair:
        closed_by_errno(number)(pair)
        answers = [pair.client.write(b"data") for _ in range(2)]
        assert answers == [0, -1], "eager: once"
        assert pair.client.errno == number
        assert pair.client.get_error(-1) is ErrorCode.SYSCALL
        (promise,) = pair.client.promises
        assert (promise.clause, promise.ret, promise.error) == (CLOSED, 0, ErrorCode.SYSCALL)


@pytest.mark.parametrize("profile", ZERO_IF_CLOSED)
def test_0_for_a_closed_connection_is_syscall(profile):
    with connected_pair(profile, policy=[1, 1]) as pair:
        closed_by_errno(errno.EPIPE)(pair)
        for _ in range(2):
            assert pair.client.write(b"data") == 0
            assert pair.client.get_error(0) is ErrorCode.SYSCALL
            assert ERR_peek_error() is None


@pytest.mark.parametrize("profile", ZERO_IF_CLOSED)
def test_another_error_is_no_closed_connection(profile):
    with connected_pair(profile) as pair:
        closed_by_errno(errno.EHOSTUNREACH)(pair)
        assert pair.client.write(b"data") == -1
        assert pair.client.promises == []


@pytest.mark.parametrize("profile", ONE_CASE)
def test_where_the_page_says_nothing_of_0_a_failed_write_is_the_librarys(profile):
    with connected_pair(profile, policy=lambda choice: pytest.fail(str(choice))) as pair:
        closed_by_errno(errno.EPIPE)(pair)
        assert pair.client.write(b"data") == -1
        assert pair.client.promises == []
    ERR_clear_error()


@pytest.mark.parametrize("policy", ["library", "never"])
def test_the_librarys_answer_for_a_closed_connection_can_be_had(policy):
    with connected_pair("1.0.1u", policy=policy) as pair:
        closed_by_errno(errno.EPIPE)(pair)
        assert pair.client.write(b"data") == -1
        assert pair.client.promises == []


def test_0_for_a_closed_connection_over_a_socket():
    ours, theirs = socket.socketpair()
    with connected_pair("1.0.1u") as pair, ours:
        bio = SocketBIO(ours)
        pair.client.set_bio(bio, bio)
        theirs.close()
        assert [pair.client.write(b"data") for _ in range(2)] == [0, -1]
        assert pair.client.errno == errno.EPIPE
        assert pair.client.get_error(-1) is ErrorCode.SYSCALL


@pytest.mark.parametrize("profile", ZERO_IF_CLOSED)
def test_after_the_peers_close_notify_a_write_may_answer_0_with_zero_return(profile):
    with connected_pair(profile) as pair:
        pair.server.shutdown()
        assert pair.client.read(100)[0] == 0
        waiting = pair.ends[1].pending()
        assert pair.client.write(b"data") == 0
        assert pair.client.get_error(0) is ErrorCode.ZERO_RETURN
        assert pair.ends[1].pending() == waiting, "nothing was written"
        (promise,) = pair.client.promises
        assert (promise.clause, promise.ret, promise.error) == (CLEAN_CLOSE, 0, ErrorCode.ZERO_RETURN)
        assert pair.client.write(b"data") == 4, "eager: once"


@pytest.mark.parametrize("profile", ONE_CASE)
def test_where_the_page_says_nothing_of_0_a_write_after_close_notify_is_the_librarys(profile):
    with connected_pair(profile, policy=lambda choice: pytest.fail(str(choice))) as pair:
        pair.server.shutdown()
        pair.client.read(100)
        pair.client.read(100)
        assert pair.client.write(b"data") == 4
        assert pair.client.promises == []


# -- SSL_write_ex() ---------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["1.1.1w", "3.0.16", "3.2.0"])
def test_write_ex_performs_a_renegotiation_as_write_does(profile):
    with connected_pair(profile, protocol="TLSv1.2") as pair:
        assert pair.server.renegotiate() == 1
        assert pair.server.do_handshake() == 1
        answers = []
        while not answers or answers[-1] == (0, 7):
            answers.append(pair.client.write_ex(b"data", written=7))
            pair.server.read(100)
        assert answers[-1] == (1, 4)
        assert len(answers) > 1
        assert {promise.call for promise in pair.client.promises} == {"write_ex"}
        assert {promise.clause for promise in pair.client.promises} == {"renegotiation.transparent"}
        assert pair.client.promises[-1].ret is None
