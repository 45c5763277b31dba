"""``emulator report``: a matrix on the terminal, as JSON, and a page."""

from __future__ import annotations

import json
import webbrowser

import pytest

from emulator import library
from emulator.cli import main

MOVED = """
title = "A retry from a buffer that has moved"
protocol = "TLSv1"
steps = '''
establish
client capacity 3000
client write 40000
client write 40000 buffer=b
client capacity none
client write 40000
'''
"""
EMPTY = """
title = "Nothing to write"
protocol = "TLSv1"
steps = '''
establish
client write 1
'''
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two scenarios in the folder in which the command runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moved.toml").write_text(MOVED, encoding="utf-8")
    (tmp_path / "same.toml").write_text(EMPTY, encoding="utf-8")
    return tmp_path


RUN = ("report", "moved.toml", "same.toml", "--profile", "1.0.1,1.0.1u", "--profile", "1.1.1")


def test_the_matrix_says_which_releases_agree_and_what_they_did(files, capsys):
    assert main(RUN) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["1.0.1", "1.0.1u", "1.1.1"]
    assert lines[1] == ["moved.toml", "A", "ok", "A", "ok", "B", "err"]
    assert lines[2] == ["same.toml", "ok", "ok", "ok"]


def test_the_matrix_as_json_has_groups_and_answers(files, capsys):
    assert main([*RUN, "--json"]) == 0
    moved, same = json.loads(capsys.readouterr().out)
    assert (moved["differs"], same["differs"]) == (True, False)
    assert moved["releases"]["1.1.1"] == {"group": "B", "status": "error", "answer": "-1 SYSCALL"}
    assert moved["releases"]["1.0.1"]["answer"] == "40000"


def test_the_page_has_every_scenario_and_what_decided(files, capsys):
    assert main([*RUN, "--html", "page.html"]) == 0
    assert "page.html is written" in capsys.readouterr().out
    page = (files / "page.html").read_text(encoding="utf-8")
    assert "A retry from a buffer that has moved" in page
    assert "write.after_bad_retry" in page
    main([*RUN, "-o", "page.html", "--no-why"])
    assert "write.after_bad_retry" not in (files / "page.html").read_text(encoding="utf-8")


def test_all_are_the_scenarios_that_come_with_the_package(monkeypatch, capsys):
    names = library.names()
    assert len(names) > 50
    monkeypatch.setattr(library, "names", lambda: names[:2])
    assert main(["report", "--all", "--json", "--profile", "1.1.1"]) == 0
    assert [line["source"] for line in json.loads(capsys.readouterr().out)] == [
        f"@{name}" for name in names[:2]
    ]


def test_a_matrix_of_every_series_is_no_wider_than_a_page(capsys):
    assert main(["report", "@auto-retry-default", "@client-hello"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 110
    named = [line.split()[0] for line in lines if line.startswith("@")]
    assert named == ["@auto-retry-default", "@client-hello"]


def test_releases_whose_page_decides_an_answer_are_named_below_the_matrix(capsys):
    assert main(["report", "@hello-request-under-blocking-write", "--profile", "1.0.1,1.1.1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["1.0.1", "1.1.1"]
    below = next(number for number, line in enumerate(lines) if line.startswith("By the manual"))
    assert lines[below + 1].strip().startswith("@hello-request-under-blocking-write: 1.0.1")


def test_both_authorities_are_two_columns(files, capsys):
    main(["report", "same.toml", "--profile", "1.0.1", "--follow", "both", "--json"])
    (same,) = json.loads(capsys.readouterr().out)
    assert list(same["releases"]) == ["1.0.1", "1.0.1 (manual)"]


def test_the_page_opens_in_a_browser_only_if_asked(files, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert main([*RUN, "--no-why", "-o", "page.html"]) == 0
    assert opened == []
    assert main([*RUN, "--no-why", "-o", "page.html", "--open"]) == 0
    assert opened == [(files / "page.html").as_uri()]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no scenario is given"),
        (["moved.toml", "--open"], "--html FILE"),
        (["none.toml"], "none.toml"),
        (["moved.toml", "--profile", "1.0.l"], "1.0.1"),
        (["same.toml", "--html", "no/folder/page.html"], "no/folder/page.html"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(files, capsys, arguments, words):
    assert main(["report", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
