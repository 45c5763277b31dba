from __future__ import annotations

import pytest

from emulator.cli import main
from emulator.profile import load_profile
from emulator.profiles.describe import answers, details, differences, facts, in_words, listing
from emulator.release import SERIES, known_releases, last_release_of


def test_every_release_is_listed_once():
    lines = [line for line in listing() if line.startswith("    ") and "(" not in line]
    words = [word for line in lines for word in line.split()]
    assert words == [release.name for release in known_releases()]


def test_every_series_says_what_it_stands_for():
    lines = listing()
    for series in SERIES:
        assert f"{series}  (its last release: {last_release_of(series)})" in lines
    assert "0.9.x  (stands for 0.9.6-base)" in lines


def test_two_releases_that_differ_in_one_behaviour_differ_in_one_line():
    lines = differences(load_profile("1.0.2k"), load_profile("1.0.2l"))
    assert [line.split() for line in lines] == [
        ["1.0.2k", "1.0.2l"],
        ["write.retry_length_check", "sent", "sent-and-pending"],
    ]


def test_a_release_does_not_differ_from_itself():
    assert len(differences(load_profile("1.0.1g"), load_profile("1.0.1g"))) == 1


def test_what_came_with_a_release_is_a_difference():
    lines = [line.split() for line in differences(load_profile("1.1.0"), load_profile("1.1.1"))]
    assert ["SSL_write_ex", "absent", "present"] in lines
    assert ["SSL_MODE_DTLS_SCTP_LABEL_LENGTH_BUG", "absent", "0x400"] in lines


def test_a_control_that_a_release_does_not_know_answers_0():
    assert facts(load_profile("1.0.1"))["SSL_set_split_send_fragment"] == "answers 0"


def test_the_details_of_a_release_name_what_it_lacks_and_its_sources():
    lines = details(load_profile("1.0.2l"))
    assert lines[0] == "OpenSSL 1.0.2l"
    assert any(line.startswith("not exported:") and "SSL_write_ex" in line for line in lines)
    assert any(line.split() == ["write.retry_length_check", "sent-and-pending"] for line in lines)
    assert "    1.0.2l ssl/s3_pkt.c ssl3_write_bytes" in lines


def test_every_behaviour_of_every_series_has_an_answer_in_words():
    keys = [
        {key for key in answers(load_profile(series)) if not key.startswith("tls13.")} for series in SERIES
    ]
    assert all(each == keys[0] for each in keys)
    assert all(answers(load_profile("1.1.1")).values())


@pytest.mark.parametrize(
    ("value", "words"), [(True, "yes"), (False, "no"), ((), "none"), ((1, 2), "1 2"), (5, "5"), ("x", "x")]
)
def test_values_are_put_in_words(value, words):
    assert in_words(value) == words


def test_the_command_lists_describes_and_compares(capsys):
    for names in ([], ["1.0.1g"], ["1.0.1g", "1.0.1h"]):
        assert main(["profiles", *names]) == 0
        assert capsys.readouterr().out.count("\n") > 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["9.9.9"], "no profile is named '9.9.9'"),
        (["1.0.1", "1.0.2", "1.1.0"], "got 3 profiles, expected two at most"),
    ],
)
def test_names_that_cannot_be_described_are_status_2(names, message, capsys):
    assert main(["profiles", *names]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
