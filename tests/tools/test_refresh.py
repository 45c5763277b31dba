"""``./dev refresh``: what it makes, and what it says is out of date."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from tools import errors_seen, evidence, fidelity, planted, reference, refresh
from tools.places import REFERENCE


@pytest.fixture
def stale():
    """The names of the parts that are out of date; a test may add some."""
    return {"evidence"}


@pytest.fixture
def made(monkeypatch, stale):
    """The parts that are made, each with whether only what is out of date of it; only evidence is stale."""
    found = []

    def part(name):
        return replace(
            refresh.PARTS[name],
            stale=lambda: ["write.bio_zero"] if name in stale else [],
            refresh=lambda only_stale: found.append((name, only_stale)),
        )

    monkeypatch.setattr(refresh, "PARTS", {name: part(name) for name in refresh.PARTS})
    return found


def test_without_arguments_the_pages_are_made_and_what_else_is_stale_is_said(made, capsys):
    assert refresh.main([]) == 0
    assert made == [("pages", False)]
    err = capsys.readouterr().err
    assert "evidence: out of date: write.bio_zero; run ./dev refresh --stale (takes " in err


def test_a_part_that_is_named_is_made_whole_and_the_pages_behind_it(made):
    assert refresh.main(["planted"]) == 0
    assert made == [("planted", False), ("pages", False)]


def test_stale_parts_are_made_as_far_as_they_are_stale(made):
    assert refresh.main(["--stale"]) == 0
    assert made == [("evidence", True), ("pages", True)]


def test_all_makes_every_part(made):
    assert refresh.main(["all"]) == 0
    assert [name for name, _ in made] == list(refresh.PARTS)


def test_check_names_a_campaign_that_is_due_and_does_not_fail(made, capsys):
    assert refresh.main(["--check"]) == 0
    assert made == []
    assert "evidence: out of date: write.bio_zero" in capsys.readouterr().err


def test_check_makes_nothing_and_fails_when_a_page_is_out_of_date(made, stale, capsys):
    stale.add("pages")
    stale.discard("evidence")
    assert refresh.main(["--check"]) == 1
    assert made == []
    assert capsys.readouterr().err.count("\n") == 1


def test_a_part_that_does_not_exist_is_status_2(made, capsys):
    with pytest.raises(SystemExit) as ended:
        refresh.main(["page"])
    assert ended.value.code == 2
    assert "no part is called 'page'; expected some of answers," in capsys.readouterr().err


# -- what is out of date -------------------------------------------------------------------------


def test_a_page_with_other_words_and_one_that_is_missing_are_out_of_date(tmp_path):
    shutil.copytree(REFERENCE, tmp_path / "reference")
    page = tmp_path / "reference" / "exists.md"
    page.write_text(page.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    (tmp_path / "reference" / "errors.md").unlink()
    assert reference.stale(tmp_path / "reference") == ["exists.md", "errors.md"]


def test_a_recording_that_was_not_judged_is_out_of_date(tmp_path, monkeypatch):
    verdicts = json.loads(fidelity.FOUND.read_text(encoding="utf-8"))
    (tmp_path / "fidelity.json").write_text(json.dumps(verdicts[1:]), encoding="utf-8")
    monkeypatch.setattr(fidelity, "FOUND", tmp_path / "fidelity.json")
    assert fidelity.stale() == [f"the recording {verdicts[0]['recording']}"]


def test_a_behaviour_that_a_recording_was_not_asked_for_or_answers_otherwise_is_due():
    found = evidence.read()
    name = next(iter(found))
    answers = found[name]["answers"]
    before = evidence.due(found).get(name, [])
    del answers["write.bio_zero"]
    answers["write.after_bad_retry"][0] = "something else"
    assert {*evidence.due(found)[name]} == {*before, "write.bio_zero", "write.after_bad_retry"}


def test_a_scenario_of_the_library_that_has_changed_is_out_of_date(monkeypatch):
    lines = errors_seen.from_library()
    lines["@bio-zero"]["trace"].pop()
    monkeypatch.setattr(errors_seen, "from_library", lambda: lines)
    assert "@bio-zero has changed" in errors_seen.stale()


def test_an_answer_that_was_not_planted_is_due(tmp_path, monkeypatch):
    found = planted.known()
    behaviours = found[-1]["planted"]
    missing = behaviours.pop()
    (tmp_path / "planted.json").write_text(json.dumps(found), encoding="utf-8")
    monkeypatch.setattr(planted, "FOUND", tmp_path / "planted.json")
    assert [keys for keys in planted.due().values() if missing["key"] in keys]
