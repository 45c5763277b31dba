"""What the page of planted differences says is true: its scenarios give the planted answers away."""

from __future__ import annotations

import json

import pytest

from emulator.profile import load_profile
from emulator.profiles.describe import answers, in_words
from emulator.profiles.vary import every_other_answer, with_answer
from emulator.reallib.live import recorded
from emulator.reallib.oracles import chosen
from emulator.scenario.compare import difference
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runner
from tools.pages import planted as page

LIBRARIES = page.libraries()
EVERY = [(library, one) for library in LIBRARIES for one in library["planted"]]
SEEN = [(library, one) for library, one in EVERY if one["recorded"] is not None]
UNSEEN = [one for _, one in EVERY if one["recorded"] is None]


def name_of(value):
    return value["library"] if "library" in value else f"{value['key']}-{value['planted']}"


def replayed(profile, library, line):
    runner = Runner(profile.with_build(library["build"]) if library["build"] else profile)
    try:
        return json.loads(json.dumps(runner.run(parse_line(line))))
    finally:
        runner.close()


def test_every_library_that_profiles_are_verified_by_was_asked():
    assert {library["library"] for library in LIBRARIES} == {one.version for one in recorded(chosen(None))}


@pytest.mark.parametrize("library", LIBRARIES, ids=name_of)
def test_every_other_answer_to_every_question_of_the_write_section_was_planted(library):
    profile = load_profile(library["profile"])
    expected = {
        (key, in_words(value))
        for key in answers(profile)
        if key.startswith("write.")
        for value in every_other_answer(profile, key)
    }
    assert {(one["key"], one["planted"]) for one in library["planted"]} == expected


@pytest.mark.parametrize(("library", "one"), SEEN, ids=name_of)
def test_the_scenario_gives_the_planted_answer_away_and_not_the_right_one(library, one):
    profile = load_profile(library["profile"])
    values = {in_words(value): value for value in every_other_answer(profile, one["key"])}
    planted = with_answer(profile, one["key"], values[one["planted"]])
    recorded_line = one["recorded"]
    assert difference(recorded_line, replayed(profile, library, recorded_line), strict=True) is None
    try:
        found = difference(recorded_line, replayed(planted, library, recorded_line), strict=True)
    except Exception as error:  # noqa: BLE001 - a release that answers nothing answers otherwise
        found = f"{type(error).__name__}: {error}"
    assert found == one["difference"]


def test_every_answer_that_is_not_seen_has_its_reason_and_every_reason_its_answer():
    assert all(page.why(one["key"], one["planted"]) for one in UNSEEN)
    stated = {
        (key, planted)
        for key, reasons in page.unseen().items()
        for each in reasons
        for planted in each.planted
    }
    assert stated == {(one["key"], one["planted"]) for one in UNSEEN}


def test_every_behaviour_of_the_write_section_is_seen_in_some_library():
    keys = {one["key"] for _, one in EVERY}
    assert keys - {one["key"] for _, one in SEEN} == set()
