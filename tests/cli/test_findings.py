"""``emulator explain`` of the codes of findings."""

from __future__ import annotations

import json

import pytest

from emulator import connected_pair
from emulator.cli import main
from emulator.contract.codes import answers_of, codes
from emulator.knowledge import catalogue


@pytest.mark.parametrize("name", codes())
def test_every_code_is_explained(name, capsys):
    assert main(["explain", name]) == 0
    out = " ".join(capsys.readouterr().out.split())
    known = codes()[name]
    assert out.startswith(f"{name} {known.title} ({known.kind})")
    assert known.advice in out
    assert not known.scenario or f"emulator run @{known.scenario}" in out


def test_series_that_answer_alike_are_one_line(capsys):
    main(["explain", "retry-moved"])
    lines = [line for line in capsys.readouterr().out.splitlines() if " to " in line]
    assert [line.split("  ")[0] for line in lines if line[0].isdigit()] == ["0.9.6 to 1.1.0", "1.1.1 to 3.5"]


def test_a_code_is_explained_as_json(capsys):
    assert main(["explain", "io-between-tries", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["code"] == "io-between-tries"
    assert list(told["clauses"]) == ["while-outstanding.no-other-io"]
    assert not told["everywhere"]
    assert [tuple(answer) for answer in told["generations"]] == list(answers_of("io-between-tries"))


def test_a_misspelt_code_is_an_error_that_names_the_nearest(capsys):
    assert main(["explain", "retry-movd"]) != 0
    assert "retry-moved" in capsys.readouterr().err


def test_no_code_has_the_name_of_a_behaviour_or_a_topic():
    assert not [name for name in codes() if catalogue.called(name)]


def test_a_finding_names_the_releases_of_its_clauses_and_shows_both_callers(capsys):
    main(["explain", "retry-moved"])
    out = capsys.readouterr().out
    text = " ".join(out.split())
    assert "(repeated-call.same-arguments: 0.9.6-base to 1.1.0l)" in text
    assert "where every release" in text
    for caller in (codes()["retry-moved"].wrong, codes()["retry-moved"].right):
        assert all(line in out for line in caller.strip().splitlines())


def test_a_finding_of_some_releases_names_them(capsys):
    main(["explain", "write-zero"])
    assert "releases whose pages have a clause about it: 0.9.6e to 3.5.4" in capsys.readouterr().out


def test_answers_of_neighbours_are_printed_as_one():
    pair = connected_pair("1.0.1u", undefined="ignore")
    pair.client.write(b"")
    (found,) = pair.findings
    assert str(found.generations) == "0.9.6 to 3.5: client write 0: 0 SYSCALL; client write 5: 5"
    assert found.generations == answers_of("write-zero")
