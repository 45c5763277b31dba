from __future__ import annotations

import pytest

from emulator.profile import load_profile
from emulator.profiles.describe import answers, facts, in_words, lacks
from emulator.profiles.published import series_names


def test_a_control_that_a_release_does_not_know_answers_0():
    assert facts(load_profile("1.0.1"))["SSL_set_split_send_fragment"] == "answers 0"


def test_what_a_release_lacks_is_named_by_what_a_call_would_meet():
    absent, zero = lacks(load_profile("1.0.2l"))
    assert "SSL_write_ex" in absent
    assert "SSL_set_split_send_fragment" in zero
    assert lacks(load_profile("3.5.4")) == ([], [])


def test_every_behaviour_of_every_series_has_an_answer_in_words():
    keys = [
        {key for key in answers(load_profile(series)) if not key.startswith("tls13.")}
        for series in series_names()
    ]
    assert all(each == keys[0] for each in keys)
    assert all(answers(load_profile("1.1.1")).values())


@pytest.mark.parametrize(
    ("value", "words"), [(True, "yes"), (False, "no"), ((), "none"), ((1, 2), "1 2"), (5, "5"), ("x", "x")]
)
def test_values_are_put_in_words(value, words):
    assert in_words(value) == words
