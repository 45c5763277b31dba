"""emulator.explain(): of findings, errors and names."""

from __future__ import annotations

import pytest

import emulator
from emulator import Buffer, ErrorEntry, FindingError, UsageError, connected_pair, error_queue
from emulator.contract.codes import codes
from emulator.knowledge import advice, catalogue, errors
from emulator.profiles.clauses import topics


def finding():
    pair = connected_pair("1.0.1", capacity=20_000)
    data = Buffer(40_000)
    pair.client.get_error(pair.client.write(data))
    pair.client.write(data.moved())
    return pair.client.findings[0]


def test_a_finding_is_explained_by_its_call_its_clause_its_advice_and_the_generations():
    found = finding()
    told = emulator.explain(found)
    assert told.subject == f"retry-moved (duty): client, {found.call}"
    assert told.means.startswith(found.says)
    assert [each.id for each in told.clauses] == ["repeated-call.same-arguments"]
    assert told.clauses[0].page == "SSL_write(3) of OpenSSL 1.0.1u"
    assert told.advice == (found.advice,)
    assert [each.releases for each in told.elsewhere] == ["0.9.6 to 1.1.0", "1.1.1 to 3.5"]


def test_a_finding_error_is_explained_as_its_finding():
    found = finding()
    assert emulator.explain(FindingError(found)) == emulator.explain(found)


@pytest.mark.parametrize("code", list(codes()))
def test_every_code_of_a_finding_is_explained(code):
    told = emulator.explain(code)
    assert told.subject.startswith(code)
    assert told.advice == (codes()[code].advice,)
    assert told.means


@pytest.mark.parametrize(
    "asked",
    [
        "1409F07F",
        "0x1409F07F",
        "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry",
        "BAD_WRITE_RETRY",
        "SSL_R_BAD_WRITE_RETRY",
    ],
)
def test_an_error_is_explained_by_line_code_or_reason(asked):
    told = emulator.explain(asked)
    assert told.means.startswith("There is a pending write, and this write is not its retry")
    assert told.advice[0].startswith("Repeat the call with the same buffer and length")
    assert "write.after_bad_retry" in [each.key for each in told.behaviours]
    printed = [each.says for each in told.elsewhere]
    assert "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry" in printed
    assert "error:0A00007F:SSL routines::bad write retry" in printed


def test_an_entry_of_the_queue_is_explained_as_its_text():
    pair = connected_pair("1.1.1", capacity=20_000)
    data = Buffer(40_000)
    pair.client.write(data)
    pair.client.write(data.moved())
    (entry,) = error_queue.current()
    assert isinstance(entry, ErrorEntry)
    assert emulator.explain(entry) == emulator.explain(entry.text)


@pytest.mark.parametrize("name", list(advice.error_codes()))
def test_every_answer_of_ssl_get_error_is_explained(name):
    told = emulator.explain(name)
    assert told == emulator.explain(name.removeprefix("SSL_ERROR_"))
    assert told.subject == name
    assert told.advice


@pytest.mark.parametrize("name", list(topics()))
def test_every_topic_of_the_pages_is_explained(name):
    told = emulator.explain(name)
    assert told.means == topics()[name].asks
    assert {each.id for each in told.clauses} == {each.id for each in topics()[name].clauses.values()}
    assert told.elsewhere


def test_every_behaviour_and_every_reason_is_explained():
    for behaviour in catalogue.behaviours():
        assert str(emulator.explain(behaviour.key))
    for reason in errors.reason_names():
        assert str(emulator.explain(reason))


@pytest.mark.parametrize("wrong", ["retry-move", "write.bio_zer", "nothing of the kind", ""])
def test_a_name_that_is_none_is_refused_with_the_nearest(wrong):
    with pytest.raises(UsageError, match="is no error, finding, behaviour, topic, clause or loss"):
        emulator.explain(wrong)


@pytest.mark.parametrize("wrong", [None, 1, b"1409F07F", connected_pair])
def test_other_things_are_refused(wrong):
    with pytest.raises(UsageError, match="expected a connection, a finding"):
        emulator.explain(wrong)
