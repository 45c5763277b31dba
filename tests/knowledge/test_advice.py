from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import emulator.knowledge
from emulator.profile import load_profile
from emulator.profiles.describe import answers, facts
from emulator.profiles.published import distributions
from emulator.profiles.vary import known_profiles

ADVICE = Path(emulator.knowledge.__file__).parent / "advice"
LONGEST = 600


@cache
def by_releases() -> dict[str, list[str]]:
    """Every behaviour and the answers that releases give, in the order of the model and of the releases."""
    found: dict[str, list[str]] = {}
    for profile in known_profiles().values():
        for key, answer in answers(profile).items():
            given = found.setdefault(key, [])
            if answer not in given:
                given.append(answer)
    return found


@cache
def by_builds() -> dict[str, list[str]]:
    """The same of distributors' builds."""
    found: dict[str, list[str]] = {}
    for name in distributions():
        for key, answer in answers(load_profile(name)).items():
            found.setdefault(key, []).append(answer)
    return found


SECTIONS = sorted({key.partition(".")[0] for key in by_releases()})


@cache
def advice(section: str) -> dict[str, dict]:
    return tomllib.loads((ADVICE / f"{section}.toml").read_text(encoding="utf-8"))


def keys_of(section: str) -> list[str]:
    latest = answers(list(known_profiles().values())[-1])
    return [key for key in latest if key.startswith(f"{section}.")]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_behaviour_has_advice_in_the_order_of_the_model_and_nothing_else_has(section):
    assert [f"{section}.{name}" for name in advice(section)] == keys_of(section)


@pytest.mark.parametrize("section", SECTIONS)
def test_an_entry_has_a_title_a_reason_a_caller_and_perhaps_a_weight(section):
    for name, entry in advice(section).items():
        assert set(entry) - {"weight"} == {"title", "reason", "caller"}, name
        assert entry.get("weight", 0) in range(101), name


@pytest.mark.parametrize("section", SECTIONS)
def test_every_answer_of_a_release_or_a_build_has_a_text_and_no_other_answer_has(section):
    for name, entry in advice(section).items():
        key = f"{section}.{name}"
        given, caller = {*by_releases()[key], *by_builds().get(key, [])}, entry["caller"]
        assert "any" in caller or given <= set(caller), key
        assert set(caller) <= {*given, "any"}, key


@pytest.mark.parametrize("section", SECTIONS)
def test_no_text_is_empty_too_long_or_a_title_a_sentence(section):
    for name, entry in advice(section).items():
        for text in (entry["title"], entry["reason"], *entry["caller"].values()):
            assert text == " ".join(text.split()), name
            assert 0 < len(text) <= LONGEST, name
        assert not entry["title"].endswith("."), name
        assert entry["reason"].endswith("."), name
        assert all(text.endswith(".") for text in entry["caller"].values()), name


@pytest.mark.parametrize("section", [*SECTIONS, "functions"])
def test_a_text_refers_to_behaviours_that_there_are(section):
    mentions = re.compile(rf"(?<![\w[-])(?:{'|'.join(SECTIONS)})\.[a-z_-]+\b")
    found = mentions.findall((ADVICE / f"{section}.toml").read_text(encoding="utf-8"))
    assert set(found) <= set(by_releases())


# -- functions, modes and options ---------------------------------------------------------------


@cache
def lacking() -> dict[str, bool]:
    """Every function, mode and option by its name in C, and whether some release lacks it."""
    known = [facts(profile) for profile in known_profiles().values()]
    names = {name: None for each in known for name in each if name.startswith("SSL_")}
    return {
        name: any(each.get(name, "absent") in {"absent", "answers 0"} for each in known) for name in names
    }


def test_advice_about_names_in_c_is_about_names_that_some_release_knows():
    assert set(advice("functions")) <= set(lacking())


def test_every_function_and_mode_that_came_or_went_has_advice():
    came = {name for name, lacks in lacking().items() if lacks and not name.startswith("SSL_OP_")}
    assert came <= set(advice("functions"))


@pytest.mark.parametrize("name", advice("functions"))
def test_advice_about_a_name_in_c_says_what_to_do_without_it_if_it_may_be_lacking(name):
    entry = advice("functions")[name]
    assert set(entry) - {"weight"} == {"caller_present"} | ({"caller_absent"} if lacking()[name] else set())
    assert entry.get("weight", 0) in range(101)
    for text in (entry["caller_present"], entry.get("caller_absent", "Nothing.")):
        assert text == " ".join(text.split())
        assert 0 < len(text) <= LONGEST
        assert text.endswith(".")
