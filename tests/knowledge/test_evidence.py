"""What backs an answer: recorded scenarios that rule the others out, or sources."""

from __future__ import annotations

import json

import pytest

from emulator.exceptions import ProfileError
from emulator.knowledge import evidence
from emulator.knowledge.evidence import Backing, Shown
from emulator.knowledge.known import known, of_profile
from emulator.profile import load_profile
from emulator.profiles.describe import answers


@pytest.mark.parametrize(
    ("others", "backing"),
    [
        ({"a": "x/1", "b": "x/2"}, "traces"),
        ({"a": "x/1", "b": ""}, "traces, in part"),
        ({"a": ""}, "sources"),
        ({}, "sources"),
    ],
)
def test_a_behaviour_is_backed_by_traces_that_rule_every_other_answer_out(others, backing):
    assert Shown("1.0.2k", "c", others).backing == backing


def test_an_answer_that_the_profile_no_longer_gives_is_left_out(tmp_path):
    answer = answers(load_profile("1.0.2k"))["write.multiblock"]
    found = {"write.bio_zero": ["nothing-of-the-kind", {}], "write.multiblock": [answer, {}]}
    data = tmp_path / "evidence.json"
    data.write_text(json.dumps({"1.0.2k": {"profile": "1.0.2k", "answers": found}}), encoding="utf-8")
    assert evidence.recorded(data)["1.0.2k"].keys() == {"write.multiblock"}


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ProfileError, match=r"evidence\.json: cannot be read"):
        evidence.read(tmp_path / "evidence.json")


def test_the_manual_stands_on_the_manual():
    assert evidence.backing_of("1.0.2k", "manual.num-zero") is Backing.MANUAL
    assert evidence.of("manual.num-zero", "undefined", ["1.0.2k"]).backing is Backing.MANUAL
    assert evidence.backing_of("no recording", "write.bio_zero") is Backing.SOURCES


def test_several_recordings_together_may_rule_out_what_none_does_alone():
    found = evidence.of("write.retry_length_check", "sent", ["1.0.2k"])
    assert found.backing is Backing.TRACES
    assert not found.not_told_apart
    assert {one.backing for one in found.telling} == {Backing.PART}
    assert all(one.scenario in one.others.values() for one in found.telling)


def test_an_answer_that_no_recorded_library_gives_stands_on_sources():
    found = evidence.of("write.retry_length_check", "no-such-answer", ["1.0.2k"])
    assert (found.backing, found.telling, found.scenario) == (Backing.SOURCES, (), "")


@pytest.mark.parametrize(
    ("key", "profile", "file", "place", "first"),
    [
        (
            "write.retry_length_check",
            "1.0.1k",
            "1.0.1.toml",
            "in 1.0.1h",
            "1.0.1h ssl/s3_pkt.c ssl3_write_bytes",
        ),
        ("write.bio_zero", "1.0.2k", "1.0.2.toml", "[base]", "the source of 1.0.2"),
        (
            "record.version_adoption",
            "1.0.1g",
            "1.0.1.toml",
            "in 1.0.1f",
            "1.0.1f ssl/s3_pkt.c ssl3_get_record",
        ),
        (
            "write.bio_zero",
            "3.5.4",
            "3.2.toml",
            "in 3.2.0",
            "3.2.0 ssl/record/rec_layer_s3.c ssl3_write_bytes",
        ),
        (
            "hello.groups",
            "1.0.2k-fips",
            "distributions/1.0.2k-fips.toml",
            "",
            "hello recorded from 1.0.2k-fips",
        ),
        ("ciphers.no_match", "0.9.7i", "ciphers/0.9.7.toml", "in 0.9.7h", "0.9.7h ssl/s3_lib.c ssl3_ciphers"),
    ],
)
def test_sources_are_those_of_the_place_that_gives_the_answer(key, profile, file, place, first):
    found = known(profile).sources_of(key)
    assert (found.file, found.place) == (file, place)
    assert found.cited[0].startswith(first)


def test_the_answers_of_a_file_of_ones_own_are_found_in_it(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "1.0.1g"\nsources = ["mine"]\n[write]\nbio_zero = "success"\n')
    own = known(path).sources_of("write.bio_zero")
    assert (own.file, own.place, own.cited) == (str(path), "", ("mine",))
    assert known(path).sources_of("hello.padding").place == "in 1.0.1g"


def test_what_no_file_says_has_no_sources():
    assert known("1.0.2k").sources_of("write.nothing") is None
    mine = load_profile("1.0.2k").replace(name="mine")
    assert of_profile(mine).sources_of("write.bio_zero") is None
