from __future__ import annotations

import io

import pytest
from rich.console import Console

from emulator.cli import main
from emulator.demo.play import DEFAULT_PROFILES, SITUATIONS, play, play_all
from emulator.profile import load_profile
from emulator.terminal.console import WIDTH, make_console

BY_TITLE = {situation.title: situation for situation in SITUATIONS}


def answers(title, profile):
    stage = play(BY_TITLE[title], load_profile(profile), "TLSv1", "library")
    return [(answer.ret, answer.error) for answer in stage.answers]


def test_the_demo_shows_every_situation_on_the_three_generations(capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    for title in BY_TITLE:
        assert title in out
    for name in DEFAULT_PROFILES:
        assert load_profile(name).release in out
    assert max(len(line) for line in out.splitlines()) <= WIDTH


def test_the_columns_are_the_profiles_asked_for(capsys):
    assert main(["demo", "--profile", "1.0.2k", "--protocol", "TLSv1.2"]) == 0
    out = capsys.readouterr().out
    assert "OpenSSL 1.0.2k" in out
    assert "TLSv1.2 AES256-GCM-SHA384" in out
    assert "1.1.1" not in out.replace("added in 1.1.1", "")
    assert "SIGSEGV" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "9.9.9"], "demo: no profile is named '9.9.9'"),
        (["--protocol", "TLSv9"], "demo: protocol: got 'TLSv9'"),
        (["--profile", "0.9.8", "--protocol", "TLSv1.2"], "does not speak TLSv1.2"),
    ],
)
def test_what_cannot_be_shown_is_status_2_and_one_line(arguments, message, capsys):
    assert main(["demo", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_a_moved_retry_is_recoverable_until_1_1_0_and_fatal_in_1_1_1():
    title = "The pipe is full; the retry comes from a buffer that has moved"
    for profile in ("0.9.x", "1.0.1", "1.1.0"):
        assert answers(title, profile) == [(-1, "WANT_WRITE"), (-1, "SSL"), (40000, "NONE")]
    assert answers(title, "1.1.1") == [(-1, "WANT_WRITE"), (-1, "SSL"), (-1, "SYSCALL")]


def test_calls_after_a_crash_are_left_out():
    title = "The pipe is full; the retry is shorter"
    assert answers(title, "1.0.2k") == [(-1, "WANT_WRITE"), (None, "SIGSEGV")]
    assert answers(title, "1.0.2l")[1] == (-1, "SSL")


def test_a_function_that_a_release_lacks_is_said_to_be_missing():
    title = "Nothing to write, and less than nothing"
    assert answers(title, "1.1.0")[1] == (None, "no such function")
    assert answers(title, "1.1.1")[1] == (1, "NONE")


def test_a_blocking_write_follows_the_page_or_the_code():
    situation = BY_TITLE["A blocking write, and the peer asks for a renegotiation"]
    by_the_page = play(situation, load_profile("1.0.1"), "TLSv1", "manual").answers
    assert [(each.ret, each.error, bool(each.page)) for each in by_the_page] == [
        (-1, "WANT_READ", True),
        (5, "NONE", True),
    ]
    by_the_code = play(situation, load_profile("1.0.1"), "TLSv1", "library").answers
    assert [(each.ret, each.page) for each in by_the_code] == [(5, ""), (5, "")]


def test_the_page_that_calls_a_write_undefined_is_quoted_when_the_manual_is_followed():
    situation = BY_TITLE["Nothing to write, and less than nothing"]
    first = play(situation, load_profile("1.0.1"), "TLSv1", "manual").answers[0]
    assert first.page == "undefined by the manual page"
    assert not play(situation, load_profile("1.0.1"), "TLSv1", "library").answers[0].page


@pytest.mark.parametrize("protocol", ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"])
def test_every_situation_plays_on_every_series_that_speaks_the_protocol(protocol):
    profiles = [
        load_profile(name) for name in ("0.9.6", "0.9.7", "0.9.8", "1.0.0", "1.0.1", "1.0.2", "1.1.0")
    ]
    able = [profile for profile in profiles if profile.speaks(protocol)]
    for played in play_all(able, protocol, "manual"):
        assert all(own[0].ret is not None for own in played.answers), played.title


def test_the_same_program_gives_the_same_answers_twice():
    profiles = [load_profile(name) for name in DEFAULT_PROFILES]
    assert play_all(profiles, "TLSv1", "manual") == play_all(profiles, "TLSv1", "manual")


def test_a_terminal_keeps_its_own_width():
    assert make_console(io.StringIO()).width == WIDTH
    assert isinstance(make_console(io.StringIO()), Console)
