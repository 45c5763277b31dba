"""The scenarios that come with the package show what they say, and all that can be shown."""

from __future__ import annotations

import json

import pytest

from emulator import Script, UsageError, library, load_profile
from emulator.cli import main
from emulator.profiles.describe import answers
from emulator.profiles.vary import known_profiles, value_of, with_answer
from emulator.scenario.compare import difference
from emulator.scenario.runner import Runner

NAMES = library.names()


@pytest.fixture(scope="module")
def ran():
    """Runs a script on a profile; what a profile was run on before is remembered."""
    known = {}

    def run(script, profile):
        key = script.name, profile.name
        if key not in known:
            runner = Runner(profile)
            try:
                known[key] = runner.run(script.scenario())
            finally:
                runner.close()
        return known[key]

    return run


def profiles_of(script):
    return [load_profile(name) for name in script.profiles]


def shows(script, key, ran):
    """Whether one of the script's profiles, given another one's answer, would do something else."""
    for profile in profiles_of(script):
        for value in {value_of(other, key) for other in profiles_of(script)} - {None, value_of(profile, key)}:
            if value_of(profile, key) is None:
                continue
            expected = ran(script, profile)
            try:
                changed = ran(script, with_answer(profile, key, value))
            except Exception:  # noqa: BLE001 - an answer for which the release has no words is another one
                return True
            if difference(expected, changed, strict=True) is not None:
                return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_shows_what_it_says(name, ran):
    script = library.load(name)
    wrong = [key for key in script.shows if not shows(script, key, ran)]
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_says_what_it_is(name):
    script = library.load(name)
    assert script.title
    assert script.title[0].isupper()
    assert script.title[-1] not in ".:"
    assert script.about.endswith((".", "?"))
    assert 2 <= len(script.profiles) <= 4
    assert len(set(script.shows)) == len(script.shows)
    assert Script.parse(script.toml()) == script


@pytest.mark.parametrize("name", NAMES)
def test_its_releases_differ_and_can_all_run_it(name, ran):
    script = library.load(name)
    lines = [ran(script, profile) for profile in profiles_of(script)]
    assert not [line["unsupported"] for line in lines if "unsupported" in line]
    if script.shows:
        assert any(difference(lines[0], line, strict=True) for line in lines[1:])


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_the_same_every_time(name, ran):
    """Or what it seems to show would be chance: what a damaged record decrypts to depends on its keys."""
    script = library.load(name)
    for profile in profiles_of(script):
        runner = Runner(profile)
        again = runner.run(script.scenario())
        runner.close()
        assert difference(ran(script, profile), again, strict=True) is None


def test_titles_are_told_apart():
    titles = [library.load(name).title for name in NAMES]
    assert len({*titles}) == len(titles)


def test_every_behaviour_on_which_releases_differ_is_shown_or_said_not_to_be():
    found = {}
    for profile in known_profiles().values():
        for key, answer in answers(profile).items():
            found.setdefault(key, set()).add(answer)
    differing = {key for key, values in found.items() if len(values) > 1}
    shown, excused = set(library.showing()), set(library.not_shown())
    assert differing - shown - excused == set()
    assert excused & shown == set()
    assert excused - differing == set()


def test_why_a_behaviour_is_not_shown_is_a_sentence():
    assert all(reason.endswith(".") for reason in library.not_shown().values())


def test_a_scenario_is_loaded_by_its_name():
    script = library.load("@retry-moved")
    assert script == library.load("retry-moved")
    assert script.name == "retry-moved"
    assert library.read_any("@retry-moved") == [script]


def test_a_misspelt_name_suggests_the_nearest():
    with pytest.raises(
        UsageError, match="no scenario of the library is called 'retry-move'; did you mean 'retry-moved'"
    ):
        library.load("@retry-move")
    with pytest.raises(UsageError, match="'emulator run --list' names all"):
        library.load("@xyzzy")


def test_what_is_no_name_is_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(library.load("retry-moved").toml())
    assert library.read_any(path) == [library.load("retry-moved")]


def test_commands_take_a_name_for_a_file(capsys):
    assert main(["replay", "--profile", "1.1.1", "@retry-moved"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["id"], line["trace"][-1]["error"]) == ("retry-moved", "SYSCALL")
    assert main(["replay", "--profile", "1.1.1", "@retry-move"]) == 2
    assert "did you mean 'retry-moved'" in capsys.readouterr().err
