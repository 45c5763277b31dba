"""The command line as one tool: its help, its colours, what it says of a wrong one, and how it ends."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys

import pytest

from emulator.cli import main
from emulator.cli.listing import PANELS, listed

STYLE = re.compile(r"\x1b\[")
HEEDING_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Runs Python with the arguments; whoever started the tests may ignore SIGINT, which a child inherits."""
OF_ALL_KINDS = [
    ["--help"],
    ["oracles", "--help"],
    ["diff", "--help"],
    ["profiles"],
    ["oracles", "list"],
    ["timeline", "write.bio_zero"],
    ["demo", "--profile", "1.0.1"],
]


@pytest.fixture
def terminal(monkeypatch):
    """Pretend that the output is a terminal that knows colours."""
    importlib.import_module("typer.rich_utils")  # it reads FORCE_COLOR once, for all later tests
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


# -- help ----------------------------------------------------------------------------------------


def test_every_command_stands_in_one_panel_of_the_help(commands):
    placed = [name for names in PANELS.values() for name in names]
    assert list(dict.fromkeys(words[0] for words in commands)) == placed


def test_the_help_names_every_command_below_its_panel(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    titles = [text.index(f" {title} ") for title in PANELS]
    assert titles == sorted(titles)
    for title, names in PANELS.items():
        panel = text[text.index(f" {title} ") :].split("╰")[0]
        assert [line.split()[1] for line in panel.splitlines()[1:] if line[2:3].strip()] == list(names)


def test_the_help_of_all_commands_says_of_each_what_its_own_help_begins_with(each_command):
    words, command = each_command
    first = " ".join(command.help.split("\n\n")[0].split())
    assert len(words) == 2 or listed()[words[0]].summary == first


def test_every_argument_and_option_says_what_it_is(each_command):
    _, command = each_command
    silent = [each.name for each in command.params if not each.help and not getattr(each, "hidden", False)]
    assert silent == []


def test_the_help_of_every_command_begins_with_a_sentence_that_fits_in_two_lines(each_command):
    _, command = each_command
    first = command.help.split("\n\n")[0]
    assert len(" ".join(first.split())) <= 120
    assert first.rstrip().endswith(".")


# -- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", OF_ALL_KINDS, ids=" ".join)
def test_nothing_is_coloured_with_no_color_before_or_behind_the_command(words, terminal, capsys):
    assert main(words) == 0
    coloured = capsys.readouterr().out
    assert STYLE.search(coloured)
    for plain in (["--no-color", *words], [*words, "--no-color"]):
        assert main(plain) == 0
        assert not STYLE.search(capsys.readouterr().out)


@pytest.mark.parametrize("words", OF_ALL_KINDS, ids=" ".join)
def test_nothing_is_coloured_where_no_color_is_in_the_environment(words, terminal, capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(words) == 0
    assert not STYLE.search(capsys.readouterr().out)


def test_color_behind_the_command_colours_what_is_no_terminal(capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["timeline", "write.bio_zero", "--color"]) == 0
    assert STYLE.search(capsys.readouterr().out)


def test_every_command_takes_the_option_of_colours_and_hides_it_in_its_help(each_command):
    _, command = each_command
    (option,) = (each for each in command.params if "--no-color" in each.secondary_opts)
    assert option.hidden


# -- wrong command lines -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dif"], "emulator: No such command 'dif'. Did you mean 'diff'?"),
        (["oracles", "fetsch"], "oracles: No such command 'fetsch'. Did you mean 'fetch'?"),
        (["diff"], "diff: Missing argument 'RELEASE'."),
        (["diff", "1.0.1", "1.0.2", "--brif"], "diff: No such option: --brif (Possible options: --brief)"),
        (["diff", "1.0.1", "1.0.2", "1.1.0"], "diff: Got unexpected extra argument"),
        (["demo", "--follow", "librari"], "demo: Invalid value for '--follow'"),
        (["demo", "--protocol"], "Option '--protocol' requires an argument"),
    ],
)
def test_a_wrong_command_line_is_one_plain_line_on_standard_error(words, said, terminal, capsys):
    assert main(words) == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.count("\n") == 1
    assert said in out.err


def test_without_a_command_the_help_is_printed(capsys):
    assert main([]) == 2
    out = capsys.readouterr()
    assert "Usage: emulator" in out.out
    assert out.err == ""


# -- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [60, 80, 110])
@pytest.mark.parametrize("words", OF_ALL_KINDS[3:], ids=" ".join)
def test_no_line_is_longer_than_the_terminal_or_ends_with_blanks(words, columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if len(line) > columns] == []


# -- how it ends ---------------------------------------------------------------------------------


def test_both_ways_to_start_it_are_the_same(started):
    installed = subprocess.run(
        [sys.executable, "-c", "import sys; from emulator.cli import main; sys.exit(main())", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert started("--version").stdout == installed.stdout


@pytest.mark.parametrize("words", ["profiles", "oracles list --json", "--help"])
def test_a_reader_that_stops_early_is_no_failure(words):
    command = f"set -o pipefail; {sys.executable} -m emulator {words} | (exec <&-; sleep 0.1)"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_interrupted_command_ends_with_130_and_without_a_traceback(tmp_path):
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)  # nothing is ever written to it: the command waits
    command = ["-m", "emulator", "replay", "--profile", "1.0.1", str(pipe)]
    running = subprocess.Popen(
        [sys.executable, "-c", HEEDING_SIGINT, *command], stderr=subprocess.PIPE, text=True
    )
    with pipe.open("w"):  # the command has opened it, and reads
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "")
