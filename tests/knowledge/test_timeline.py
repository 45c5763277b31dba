"""Who answers what over all releases, and where it changed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.exceptions import UnknownProfile, UsageError
from emulator.knowledge import catalogue, timeline
from emulator.knowledge.kinds import MISSING
from emulator.profile import load_profile
from emulator.profiles.describe import facts
from emulator.profiles.published import known_releases, series_names

KEYS = [each.key for each in (*catalogue.behaviours(), *catalogue.exists())]
RELEASES = [release.name for release in known_releases()]


@settings(deadline=None)
@given(st.sampled_from(KEYS))
def test_the_spans_hold_every_release_once_and_neighbours_differ(key):
    spans = timeline.of(key)
    assert [name for span in spans for name in span.releases] == RELEASES
    assert all(one.value != after.value for one, after in pairwise(spans))


@settings(deadline=None)
@given(st.sampled_from(KEYS), st.sampled_from(RELEASES))
def test_a_release_stands_in_the_span_of_its_answer(key, release):
    answer = facts(load_profile(release)).get(key, MISSING)
    assert next(span.value for span in timeline.of(key) if release in span.releases) == answer


@settings(deadline=None)
@given(st.sampled_from(KEYS))
def test_a_line_for_every_series_holds_its_releases(key):
    lines = timeline.by_series(key)
    assert [line.series for line in lines] == list(series_names())
    assert [name for line in lines for span in line.spans for name in span.releases] == RELEASES
    assert all(span.series == (line.series,) for line in lines for span in line.spans)


@settings(deadline=None)
@given(st.sampled_from(KEYS), st.sampled_from(RELEASES), st.sampled_from(RELEASES))
def test_the_changes_between_two_releases_lead_from_the_older_s_answer_to_the_newer_s(key, one, other):
    older, newer = sorted((one, other), key=RELEASES.index)
    changes = timeline.changes(key, one, other)
    assert changes == timeline.changes(key, other, one)
    value = timeline.value_in(older, key)
    for change in changes:
        assert change.before == value != change.after
        assert RELEASES.index(older) < RELEASES.index(change.release) <= RELEASES.index(newer)
        value = change.after
    assert value == timeline.value_in(newer, key)


def test_the_letter_of_every_change_is_told():
    changes = timeline.changes("retry_length_check")
    assert [change.release for change in changes] == [
        "0.9.8za", "1.0.0-base", "1.0.0m", "1.0.1-base", "1.0.1h", "1.0.2l", "1.1.0-base", "1.1.0f",
    ]  # fmt: skip
    assert str(timeline.of("retry_length_check")[-1]) == "1.1.0f to 3.5.4"


def test_functions_have_a_timeline_too():
    assert [(change.release, change.after) for change in timeline.changes("SSL_write_ex")] == [
        ("1.1.1-base", "present")
    ]


def test_a_distributor_s_build_is_named_where_it_left_its_release():
    found = {build.name: build for build in timeline.builds("renegotiation.policy")}
    for name, build in found.items():
        assert build.value == facts(load_profile(name))["renegotiation.policy"] != build.of_release
    assert timeline.builds("SSL_write") == ()
    assert any(timeline.builds(key) for key in KEYS)


def test_every_answer_is_listed_with_its_spans():
    given_ = timeline.given("retry_length_check")
    assert list(given_) == ["none", "sent", "sent-and-pending"]
    assert [str(span) for span in given_["sent-and-pending"]] == ["1.0.2l to 1.0.2u", "1.1.0f to 3.5.4"]


def test_names_that_are_unknown_are_refused():
    with pytest.raises(UsageError):
        timeline.of("writ.bio_zero")
    with pytest.raises(UnknownProfile):
        timeline.changes("write.bio_zero", "9.9.9", "1.0.1")
