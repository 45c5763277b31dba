"""The wrong code of a story has the findings and losses that its page names, and the right code has none."""

from __future__ import annotations

import re

import pytest

from emulator import LedgerError
from tests.stories.telling import ALL, COOKBOOK, on_all, since, story

NAMED = re.compile(r"^`(client|server)\.findings` has \[`([\w-]+)`\]", re.MULTILINE)
STORIES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(COOKBOOK.glob("*.md"))}
del STORIES["index"]
LOST = re.compile(
    r"^`pair\.ledger\.check\(delivered=True\)` raises a LedgerError with the code (.*)$", re.MULTILINE
)
FINDINGS = {page: NAMED.search(text).groups() for page, text in STORIES.items() if NAMED.search(text)}
"""The side and the code of the finding that a page names."""
LOSSES = {
    page: set(re.findall(r"\[`([\w-]+)`\]", LOST.search(text)[1]))
    for page, text in STORIES.items()
    if LOST.search(text)
}
"""The codes of LedgerErrors that a page names."""
LOST_ON = {"false-success": since("3.2"), "tickets-reset": since("1.1.1")}
FOUND_ON = {"key-update": since("1.1.1"), "write-after-error": since("1.0.2")}
"""The releases on which the finding of a page is made, where those are not all."""
ARGUMENTS = {"want-read": {"protocol": "TLSv1"}, "broken-pipe": {"said_goodbye": True}}
SERVES = {"stale-error", "write-after-error", "tickets-deadlock", "end-of-file"}
"""The stories whose program is the server."""
EXISTS = {"key-update": since("1.1.1")}


@pytest.fixture
def pairs(monkeypatch):
    """Run one of a story's two programs; return the pairs that it was run on."""

    def pairs_of(page, name, release):
        told = story(page)
        made = []

        def connected_pair(*args, **keywords):
            made.append(told.connected_pair(*args, **keywords))
            return made[-1]

        monkeypatch.setitem(told.run.__globals__, "connected_pair", connected_pair)
        told.run(getattr(told, name), release, **ARGUMENTS.get(page, {}))
        return made

    return pairs_of


@pytest.fixture
def findings(pairs):
    """Run one of a story's two programs; return the codes of its findings, its connections closed."""

    def told_by(page, name, release):
        side = "server" if page in SERVES else "client"
        sides = [getattr(pair, side) for pair in pairs(page, name, release)]
        for connection in sides:
            connection.close()
        return [code for connection in sides for code in connection.findings.codes]

    return told_by


@pytest.mark.parametrize(
    ("page", "release"), [(page, each) for page in FINDINGS for each in FOUND_ON.get(page, ALL)]
)
def test_the_wrong_code_has_the_finding_that_its_page_names(page, release, findings):
    side, code = FINDINGS[page]
    assert side == ("server" if page in SERVES else "client")
    assert code in findings(page, "wrong", release)


@pytest.mark.parametrize(
    ("page", "release"), [(page, each) for page in STORIES for each in EXISTS.get(page, ALL)]
)
def test_the_right_code_has_no_finding(page, release, findings):
    assert findings(page, "right", release) == []


@on_all
def test_the_pages_without_a_finding_are_about_the_library_or_the_transport(release, findings):
    for page in ("end-of-file", "tickets-deadlock", "tickets-reset"):
        assert page not in FINDINGS
        assert findings(page, "wrong", release) == []


@pytest.mark.parametrize(
    ("page", "release"), [(page, each) for page in LOSSES for each in LOST_ON.get(page, ALL)]
)
def test_the_ledger_finds_what_the_wrong_code_loses_and_the_right_code_loses_nothing(page, release, pairs):
    (pair,) = pairs(page, "wrong", release)
    with pytest.raises(LedgerError) as lost:
        pair.ledger.check(delivered=True)
    assert lost.value.code in LOSSES[page]
    (pair,) = pairs(page, "right", release)
    pair.ledger.check(delivered=True)


@on_all
def test_a_spin_is_a_standstill_and_the_right_code_has_none(release, pairs):
    (pair,) = pairs("spin", "wrong", release)
    assert pair.progress.stuck().kind == "spin"
    (pair,) = pairs("spin", "right", release)
    assert pair.progress.stuck() is None
