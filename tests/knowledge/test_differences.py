"""Two profiles side by side, and all profiles by name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import UsageError
from emulator.knowledge import advice, differences, evidence, inventory
from emulator.knowledge.known import known
from emulator.profile import list_profiles, load_profile
from emulator.profiles.describe import facts
from emulator.profiles.published import known_releases, last_release_of, series_names

RELEASES = [release.name for release in known_releases()]


def keys(found):
    return [each.behaviour.key for each in found]


def between(one, other, only=()):
    return differences.between(known(one), known(other), only)


def test_two_releases_that_differ_in_one_behaviour_have_one_difference():
    (found,) = between("1.0.2k", "1.0.2l")
    assert found.behaviour.key == "write.retry_length_check"
    assert (found.left.value, found.right.value) == ("sent", "sent-and-pending")
    assert [change.release for change in found.changes] == ["1.0.2l"]
    assert found.left.recorded[0].recording == "1.0.2k"
    assert found.caller == advice.of("write.retry_length_check").caller["sent-and-pending"]
    assert found.asks


def test_a_release_does_not_differ_from_itself():
    assert between("1.0.1g", "1.0.1g") == []


def test_what_came_with_a_release_is_a_difference_and_stands_last():
    found = between("1.1.0", "1.1.1")
    by_key = {each.behaviour.key: each for each in found}
    assert by_key["SSL_write_ex"].left.value == "absent"
    assert by_key["SSL_MODE_DTLS_SCTP_LABEL_LENGTH_BUG"].right.value == "0x400"
    sections = list(dict.fromkeys(each.behaviour.section for each in found))
    assert sections[-3:] == sorted(sections[-3:], key=["functions", "modes", "options"].index)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(RELEASES), st.sampled_from(RELEASES))
def test_differences_are_what_two_profiles_answer_differently_and_the_way_back_has_the_same(one, other):
    ours, theirs = facts(load_profile(one)), facts(load_profile(other))
    expected = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
    found = between(one, other)
    assert set(keys(found)) == expected
    assert set(keys(between(other, one))) == expected
    for each in found:
        assert each.changes, each.behaviour.key


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(RELEASES), st.sampled_from(RELEASES))
def test_a_cited_recording_tells_the_two_answers_apart(one, other):
    for found in between(one, other):
        for side, against in ((found.left, found.right), (found.right, found.left)):
            for cited in side.recorded:
                shown = evidence.recorded()[cited.recording][found.behaviour.key]
                assert shown.answer == side.value
                assert shown.others[against.value] == cited.scenario


def test_within_a_section_what_asks_most_of_callers_comes_first():
    found = [each for each in between("0.9.8", "3.0") if each.behaviour.section == "write"]
    order = [(not each.asks, -each.weight) for each in found]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["write.after_bad_retry"], ["write.after_bad_retry"]),
        (["after_bad_retry", "SSL_write_ex"], ["write.after_bad_retry", "SSL_write_ex"]),
        (["modes"], ["SSL_MODE_ASYNC", "SSL_MODE_DTLS_SCTP_LABEL_LENGTH_BUG"]),
    ],
)
def test_sections_and_behaviours_can_be_chosen(only, expected):
    assert keys(between("1.0.1", "1.1.1", only)) == expected


@pytest.mark.parametrize(
    ("name", "meant"), [("writ", "write"), ("function", "functions"), ("write.bio_zer", "write.bio_zero")]
)
def test_a_misspelt_choice_gets_the_nearest(name, meant):
    with pytest.raises(UsageError, match=rf"did you mean {meant}\?"):
        differences.select([name])


def test_a_distributor_s_difference_changed_in_no_release():
    (found,) = between("1.0.1e", "1.0.1e-fips", ["read.max_warning_alerts"])
    assert found.changes == ()
    assert found.right.sources.file.startswith("distributions/")


def test_every_release_is_in_one_range_and_every_build_stands_alone():
    ranges = inventory.ranges()
    assert [name for each in ranges if not each.patched for name in each.names] == RELEASES
    builds = [each for each in ranges if each.patched]
    assert builds
    assert all(len(each.names) == 1 for each in builds)
    assert all(each.news for each in ranges)


def test_every_name_is_listed_with_what_it_stands_for():
    found = {each["name"]: each for each in inventory.as_json()}
    assert set(found) == set(list_profiles())
    for series in series_names():
        assert found[series] == {"name": series, "kind": "series", "release": last_release_of(series).name}
    assert found["1.0.1e-fips"]["release"] == "1.0.1e"
    assert (found["1.0.2m"]["first"], found["1.0.2m"]["kind"]) == ("1.0.2m", "release")


def test_a_profile_answers_every_question_that_it_has_an_answer_to():
    profile = known("1.0.2l")
    found = {each.behaviour.key: each.value for each in inventory.answered(profile)}
    assert found == facts(load_profile("1.0.2l"))
    details = inventory.details(profile, ["write"])
    assert list(details["sections"]) == ["write"]
    entry = details["sections"]["write"]["write.retry_length_check"]
    assert entry["answer"] == "sent-and-pending"
    assert (entry["sources"]["file"], entry["sources"]["place"]) == ("1.0.2.toml", "in 1.0.2l")
