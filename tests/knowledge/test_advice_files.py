"""Reading advice: what is there, what is missing, and what a file may not look like."""

from __future__ import annotations

import pytest

from emulator.exceptions import ProfileError
from emulator.knowledge import advice, catalogue
from emulator.knowledge.making import advice as reading
from emulator.knowledge.texts import Advice, Reason

GOOD = '[x]\ntitle = "T"\nreason = "R."\n[x.caller]\nyes = "Do."\nany = "Nothing."\n'


def read(tmp_path, text, entry=Advice):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return reading.read(path, entry)


def test_an_entry_is_read_and_says_what_to_do_for_each_answer(tmp_path):
    found = read(tmp_path, GOOD)["x"]
    assert (found.title, found.weight) == ("T", 0)
    assert (found.for_answer("yes"), found.for_answer("no")) == ("Do.", "Nothing.")
    assert advice.asks_nothing(found.for_answer("no"))
    assert not advice.asks_nothing(found.for_answer("yes"))


def test_line_breaks_of_a_text_are_no_part_of_it(tmp_path):
    assert read(tmp_path, GOOD.replace('"R."', '"""\n  R\n  s."""'))["x"].reason == "R s."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x\n", "x.toml: cannot be read"),
        (GOOD.replace('title = "T"\n', ""), "x.toml: x.title: Field required"),
        (GOOD.replace('"T"', '" "'), "x.toml: x.title:"),
        (GOOD.replace("reason", "because"), "x.toml: x.reason: Field required"),
        (GOOD.replace('"Do."', "3"), "x.toml: x.caller.yes:"),
        ("x = 3\n", "x.toml: x: "),
        (GOOD.replace('title = "T"', 'title = "T"\nweight = 101'), "x.toml: x.weight:"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_key(tmp_path, text, message):
    with pytest.raises(ProfileError, match=r".*") as raised:
        read(tmp_path, text)
    assert message in str(raised.value)


def test_reasons_are_read_from_a_file_of_their_own(tmp_path):
    found = read(tmp_path, '[BAD]\nmeaning = "M."\ncauses = "C."\nremedy = "R."\n', Reason)
    assert found["BAD"].causes == "C."


def test_what_nobody_has_written_about_has_no_advice():
    assert advice.of("write.no_such_behaviour") is None
    assert advice.of("no_such_section.x") is None
    assert advice.title("write.no_such_behaviour") == "no such behaviour"


def test_every_file_that_ships_can_be_read():
    assert advice.of("write.after_bad_retry").title
    assert advice.reasons()
    assert advice.error_codes()


def test_reasons_and_error_codes_name_behaviours_that_exist():
    keys = {behaviour.key for behaviour in catalogue.behaviours()}
    for name, reason in {**advice.reasons(), **advice.error_codes()}.items():
        assert set(reason.shows) <= keys, name
