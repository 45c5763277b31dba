"""The table of the clauses, and which release's pages have which of them."""

from __future__ import annotations

import pytest

from emulator.exceptions import ProfileError
from emulator.pages.page import page_of
from emulator.profile import load_profile
from emulator.profiles.clauses import ClauseKind, clause_called, table, topics, topics_of_file
from emulator.profiles.vary import known_profiles

GOOD = '[x]\npage = "SSL_write(3)"\nasks = "What?"\n[x.a]\nkind = "promise"\nsays = "A."\npredicate = "p"\n'


def page(release):
    return page_of(load_profile(release))


def releases_with(name):
    return [release for release, profile in known_profiles().items() if page_of(profile).has(name)]


def every_clause():
    return [clause for topic in topics().values() for clause in topic.clauses.values()]


@pytest.mark.parametrize("clause", every_clause(), ids=lambda clause: clause.id)
def test_a_clause_is_a_sentence_that_some_page_has(clause):
    assert releases_with(clause.id)
    assert clause.says.endswith(".")
    assert bool(clause.predicate) != bool(clause.why_not)
    assert clause.to in {"", "caller"}
    assert not clause.to or clause.kind is ClauseKind.PERMISSION


def test_topics_ask_questions():
    assert all(topic.asks.endswith("?") for topic in topics().values())
    assert (
        len({topic.asks for topic in topics().values()}) == len(topics()) - 2
    )  # a result of 0; after a want


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("return-negative.minus-one", "0.9.6-base", "0.9.6-base"),
        ("blocking-early-return.want-read-while-renegotiating", "0.9.6a", "1.1.0l"),
        ("mode-early-return.want-read", "0.9.6a", "1.1.0l"),
        ("want-progress.part-of-a-record", "0.9.6a", "1.1.0l"),
        ("whole-write.all", "0.9.6b", "3.5.4"),
        ("num-zero.undefined", "0.9.6e", "1.1.0l"),
        ("num-zero.error", "1.1.1-base", "3.5.4"),
        ("write-failure.not-all-or-none", "1.1.1-base", "3.5.4"),
        ("read-meanwhile.allowed", "1.1.1-base", "3.5.4"),
        ("while-outstanding.no-other-io", "3.0.0", "3.5.4"),
        ("mode-late.not-in-a-write", "3.2.0", "3.5.4"),
        ("renegotiation.transparent", "0.9.6-base", "3.5.4"),
    ],
)
def test_a_clause_stands_from_one_release_to_another(name, first, last):
    releases = list(known_profiles())
    assert releases_with(name) == releases[releases.index(first) : releases.index(last) + 1]


@pytest.mark.parametrize(
    ("name", "with_it", "without"),
    [
        ("after-fatal.no-io", ["1.0.2r", "1.1.0k", "1.1.1b", "3.0.0"], ["1.0.2q", "1.1.0j", "1.1.1a"]),
        ("return-nonpositive.one-case", ["1.0.2k", "1.1.0d", "1.1.1"], ["1.0.2j", "1.1.0c", "1.0.1u"]),
        ("return-zero.probably-closed", ["0.9.6c", "1.0.2j", "1.1.0c"], ["0.9.6b", "1.0.2k", "1.1.0d"]),
        ("sslv2-close.cannot-tell", ["0.9.6c", "1.0.2u"], ["0.9.6b", "1.1.0-base"]),
        ("eof-without-close.syscall", ["1.1.1f", "1.1.1w"], ["1.1.1e", "3.0.0"]),
        ("shutdown-zero.no-error", ["1.1.1h", "3.0.0"], ["1.1.1g", "1.1.0l"]),
        ("state-required.generic-method", ["0.9.6a", "0.9.6b"], ["0.9.6-base", "0.9.6c"]),
    ],
)
def test_a_clause_that_came_with_letters_stands_in_each_series_from_its_own(name, with_it, without):
    assert all(page(release).has(name) for release in with_it)
    assert not any(page(release).has(name) for release in without)


@pytest.mark.parametrize(
    ("release", "of_write", "of_all"),
    [("0.9.6-base", 15, 30), ("1.0.1u", 25, 48), ("1.1.1i", 29, 55), ("3.5.4", 31, 59)],
)
def test_the_pages_grew(release, of_write, of_all):
    found = page(release).clauses
    assert len(found) == of_all
    assert sum(clause.page == "SSL_write(3)" for clause in found) == of_write


def test_a_page_says_what_it_has():
    found = page("1.0.1u")
    assert found.has("num-zero.undefined")
    assert not found.has("num-zero.error")
    assert found.clause("num-zero") == clause_called("num-zero.undefined")
    assert (found.clause("num-zero").topic, found.clause("num-zero").word) == ("num-zero", "undefined")
    assert found.clause("write-ex") is None
    assert found.cited(found.clause("num-zero")) == "SSL_write(3) of OpenSSL 1.0.1u"
    assert "1.0.1u" in repr(found)


def test_a_clause_is_found_by_its_id_alone():
    assert clause_called("num-zero.undefined").kind is ClauseKind.UNDEFINED
    assert clause_called("num-zero.x") is None
    assert clause_called("x.y") is None


def test_what_is_compiled_is_what_the_file_says():
    assert topics() == topics_of_file()


def read(tmp_path, text):
    path = tmp_path / "clauses.toml"
    path.write_text(text, encoding="utf-8")
    return table(path)


def test_a_file_of_clauses_is_read(tmp_path):
    clauses = read(tmp_path, GOOD)["topics"]["x"]["clauses"]
    assert clauses == {"a": {"kind": "promise", "says": "A.", "predicate": "p"}}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (GOOD, "x = 3\n", "clauses.toml: x: got 3, expected a table"),
        ('asks = "What?"\n', "", "clauses.toml: x.asks: missing"),
        ('asks = "What?"\n', "asks = 3\n", "clauses.toml: x.asks: got 3, expected a text"),
        ("[x.a]", "[x.silent]", "clauses.toml: x: expected clauses"),
        ('"promise"', '"promiss"', "clauses.toml: x.a.kind: got 'promiss', expected one of promise,"),
        ('says = "A."\n', "", "clauses.toml: x.a.says: missing"),
        ('predicate = "p"', 'predicat = "p"', "clauses.toml: x.a.predicat: got 'p', expected some of kind"),
        ('predicate = "p"', "", "clauses.toml: x.a: expected either predicate or why_not"),
        ('predicate = "p"', 'predicate = "p"\nwhy_not = "W."', "x.a: expected either predicate or why_not"),
        ('predicate = "p"', "predicate = 3", "clauses.toml: x.a.predicate: got 3"),
        (GOOD, GOOD + "b = 3\n[y]", "clauses.toml: x.a.b: got 3"),
        (GOOD, GOOD + "implies = ['b']\n", "clauses.toml: x.a.implies: got 'b', expected some of a"),
        (GOOD, GOOD + "implies = 'a'\n", "clauses.toml: x.a.implies: got 'a'"),
    ],
)
def test_a_wrong_file_of_clauses_is_named_with_the_key(tmp_path, old, new, said):
    with pytest.raises(ProfileError, match=r".*") as raised:
        read(tmp_path, GOOD.replace(old, new))
    assert said in str(raised.value)
