"""Stories of retries: another content, buffer or length, another write or new keys between two tries."""

from __future__ import annotations

import pytest

from tests.stories.telling import before, on, on_all, since, story

MOVING = {"modes": ["ACCEPT_MOVING_WRITE_BUFFER"]}


@on_all
def test_a_retry_with_other_data_delivers_the_old_data_twice_and_the_new_never(release):
    told = story("another-content")
    assert told.run(told.wrong, release) == [("n", 60_000)]
    assert told.run(told.right, release) == [("n", 30_000), ("U", 30_000)]


@pytest.mark.parametrize("size", [20_000, 25_000, 40_000])
def test_a_retry_with_other_data_mixes_the_messages_at_any_size(size):
    told = story("another-content")
    received = dict(told.run(told.wrong, "1.1.1", size))
    assert received["n"] > size or received.get("U", 0) < size
    assert told.run(told.right, "1.1.1", size) == [("n", size), ("U", size)]


@on_all
def test_a_new_buffer_for_a_retry_is_refused_every_time(release):
    told = story("new-buffer")
    for _ in range(3):
        assert told.run(told.wrong, release).endswith("bad write retry")
    assert told.run(told.right, release) == 40_000
    assert told.run(told.wrong, release, client=MOVING) == 40_000


OVER_READS = {
    20_000: ("1.0.2-base", "1.0.2k", "1.1.0-base", "1.1.0e"),
    10_000: ("0.9.6m", "0.9.7m", "0.9.8y", "1.0.0l", "1.0.1g"),
}
"""The lengths of a retry of 40,000 bytes after 16,384, and the releases that read past the buffer."""
FIXED = ("0.9.8za", "1.0.0m", "1.0.1h", "1.0.2l", "1.1.0f")


@pytest.mark.parametrize(
    ("second", "release"), [(second, each) for second, releases in OVER_READS.items() for each in releases]
)
def test_a_shorter_retry_crashes_where_its_length_is_not_checked(second, release):
    told = story("shorter-retry")
    assert told.run(told.wrong, release, second) == "SIGSEGV"
    assert told.run(told.right, release, second) == 40_000


@pytest.mark.parametrize("second", [20_000, 10_000])
@on(*FIXED, *since("1.0.2"))
def test_a_shorter_retry_is_refused_where_its_length_is_checked(release, second):
    told = story("shorter-retry")
    assert told.run(told.wrong, release, second).endswith(("bad length", "bad write retry"))
    assert told.run(told.right, release, second) == 40_000


@on_all
def test_a_ping_between_two_tries_fails_as_a_retry_of_the_message(release):
    told = story("two-writers")
    assert told.run(told.wrong, release).endswith(("bad length", "bad write retry", "SIGSEGV"))
    assert told.run(told.right, release) == (40_000, 1, True)


@on("1.1.1-base", "1.1.1d", "1.1.1k")
def test_a_key_update_within_a_write_leaves_the_write_unfinished(release):
    told = story("key-update")
    assert told.run(told.wrong, release).endswith("bad length")
    assert told.run(told.right, release) == 60_000


@on("1.1.1l", *since("1.1.1"))
def test_a_key_update_within_a_write_is_refused_and_its_error_ends_the_write(release):
    told = story("key-update")
    assert told.run(told.wrong, release).endswith("bad write retry")
    assert told.run(told.right, release) == 60_000


@on(*before("1.1.1"))
def test_a_release_without_key_updates_has_no_such_story(release):
    told = story("key-update")
    with pytest.raises(AttributeError):
        told.run(told.wrong, release)
