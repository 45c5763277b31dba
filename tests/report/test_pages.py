"""The table of clauses by releases in a report."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from emulator.audit import shipped
from emulator.pages.page import page_of
from emulator.profile import load_profile
from emulator.report import render
from emulator.report.pages import pages_table


class Clauses(HTMLParser):
    """The rows of the table of clauses, as lists of texts."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.titles, self._within, self._cell = [], [], False, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self._within |= tag == "table" and named.get("class") == "clauses"
        if self._within and tag == "tr":
            self.rows.append([])
        if self._within and tag in {"td", "th"}:
            self.rows[-1].append("")
            self.titles.append(named.get("title"))
            self._cell = True

    def handle_endtag(self, tag):
        self._within &= tag != "table"
        self._cell &= tag not in {"td", "th"}

    def handle_data(self, data):
        if self._within and self._cell:
            self.rows[-1][-1] += data


@pytest.fixture
def table(made):
    return Clauses(render([made[name] for name in made], pages=True))


def test_a_release_is_a_column_and_a_clause_is_a_row(table):
    head, *rows = table.rows
    assert head == ["clause", "kind", *shipped.releases()]
    assert len(rows) == len(pages_table().rows)
    assert all(len(row) == len(head) for row in rows)


def test_a_cell_says_how_many_calls_kept_or_broke_the_clause(table):
    head, *rows = table.rows
    column = head.index("1.0.1u")
    found = {row[0].split()[-1].replace("\u200b", ""): row[column] for row in rows}
    count = shipped.releases()["1.0.1u"].clauses["renegotiation.transparent"]
    assert found["renegotiation.transparent"] == f"{count.broken} of {count.total}"
    assert found["whole-write.all"] == str(shipped.releases()["1.0.1u"].clauses["whole-write.all"].kept)
    assert found["buffer.const"] == "-"
    assert found["write-ex.exists"] == ""
    assert any(
        title and "broken in 59 of 60 recorded calls, for instance in renegotiate/" in title
        for title in table.titles
    )


def test_a_cell_is_empty_where_the_clause_does_not_stand_on_the_page():
    found = pages_table()
    for row in found.rows:
        for release, cell in zip(found.releases, row.cells, strict=True):
            assert (cell is not None) == page_of(load_profile(release)).has(row.clause.id)


def test_the_promises_that_are_broken_are_counted():
    assert pages_table().broken == len({each.clause.id for each in shipped.divergences()})


def test_a_page_has_the_table_only_if_it_is_asked_for(made):
    assert Clauses(render([made[name] for name in made])).rows == []
