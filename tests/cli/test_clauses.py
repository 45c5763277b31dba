"""``emulator explain`` of clauses, losses and numbers of SSL_get_error()."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import emulator
from emulator.audit import shipped
from emulator.cli import main
from emulator.contract import flow
from emulator.contract.codes import codes
from emulator.contract.loss_codes import MEANINGS
from emulator.knowledge import catalogue, index
from emulator.pages.page import page_of
from emulator.profile import load_profile
from emulator.profiles.clauses import topics

CLAUSES = [clause for topic in topics().values() for clause in topic.clauses.values()]


def told(capsys, *words):
    assert main(["explain", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.id)
def test_every_clause_is_explained(clause, capsys):
    text = " ".join(told(capsys, clause.id).split())
    assert text.startswith(f"{clause.id} {clause.page}, {clause.kind}")
    assert clause.says in text
    assert emulator.explain(clause.id).means == clause.says


@pytest.mark.parametrize("name", ["repeated-call.same-arguments", "closed-connection.zero"])
def test_the_releases_of_a_clause_are_those_whose_pages_have_it(name, capsys):
    found = json.loads(told(capsys, name, "--json"))
    having = [release for release in index.releases() if page_of(load_profile(release)).has(name)]
    assert found["releases"] == having
    assert found["findings"] == [code for code, known in codes().items() if name in known.clauses]
    assert list(found["audit"]) == [each for each in shipped.releases() if each in having]


def test_a_clause_is_explained_in_python():
    told_of = emulator.explain("num-zero.undefined")
    assert told_of.subject == "num-zero.undefined (undefined)"
    assert [str(each) for each in told_of.elsewhere] == ["0.9.6e to 1.1.0l: the pages have this clause"]
    assert any("write-zero" in advice for advice in told_of.advice)


def test_a_misspelt_clause_gets_the_nearest(capsys):
    assert main(["explain", "num-zero.undefind"]) == 2
    assert "num-zero.undefined" in capsys.readouterr().err


def codes_in_flow():
    """Every text in the ledger's code that stands where a code of a loss does."""
    tree = ast.parse(Path(flow.__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"_fail", "_loss"} and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            first = node.value.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                yield first.value


def test_every_code_of_a_loss_has_a_meaning_and_the_other_way_round():
    assert {*codes_in_flow()} == {*MEANINGS}


def test_no_code_of_a_loss_has_another_meaning():
    assert not [name for name in MEANINGS if name in codes() or name in topics() or catalogue.called(name)]


@pytest.mark.parametrize("name", MEANINGS)
def test_every_code_of_a_loss_is_explained(name, capsys):
    assert MEANINGS[name] in " ".join(told(capsys, name).split())
    assert json.loads(told(capsys, name, "--json"))["means"] == MEANINGS[name]
    assert emulator.explain(name).means == MEANINGS[name]


@pytest.mark.parametrize("code", emulator.ErrorCode)
def test_a_number_of_get_error_is_explained_as_its_name(code, capsys):
    assert told(capsys, str(int(code))) == told(capsys, f"SSL_ERROR_{code.name}")
    assert emulator.explain(str(int(code))).subject == f"SSL_ERROR_{code.name}"
