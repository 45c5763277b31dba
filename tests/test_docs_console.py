"""What the documentation shows of the command line is what the commands print.

A ``console`` block holds commands, each behind a ``$``, and below each its output; a line ``...`` stands for
lines that are left out.  All blocks of a page run in order in one folder, which holds the page's files: each
block whose fence names one, as in ``toml title="moved.toml"``.  A ``shell`` block holds commands that need
what a test doesn't have (a port, a library, a download): they are only parsed.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.cli.app import all_commands

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
WRITTEN_BY_HAND = [page for page in PAGES if page.parent != DOCS / "reference"]

FENCE = re.compile(r"^```([\w-]+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r'title="([\w.-]+)"')
STYLE = re.compile(r"\x1b\[[0-9;]*m")
LEFT_OUT = "..."
OF_THE_SHELL = {"|", ">", "&"}


@dataclass(frozen=True)
class Command:
    """A command as a page shows it, the output that stands below it, and the files that stand above it."""

    words: list[str]
    output: list[str]
    files: dict[str, str]


def name_of(page):
    return str(page.relative_to(ROOT))


def lines_of(block):
    """The lines of a block; one that ends with a backslash goes on in the next."""
    return block.replace("\\\n", "").splitlines()


def commands_of(page):
    """The commands of a page's console blocks."""
    files = {}
    for kind, info, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if title := TITLE.search(info):
            files[title[1]] = block
        if kind == "console":
            shown = lines_of(block)
            starts = [at for at, line in enumerate(shown) if line.startswith("$ ")]
            assert starts, f"{name_of(page)}: a console block has no command"
            assert starts[0] == 0, f"{name_of(page)}: a console block begins with {shown[0]!r}"
            for start, end in zip(starts, [*starts[1:], len(shown)], strict=True):
                words = shlex.split(shown[start].removeprefix("$ "), comments=True)
                yield Command(words, shown[start + 1 : end], dict(files))


def shell_commands_of(page):
    """The emulator's commands of a page's shell blocks."""
    for kind, _, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "shell":
            for line in lines_of(block):
                command = line.removeprefix("$ ")
                if command.startswith("emulator "):
                    words = shlex.split(command, comments=True)
                    yield [*takewhile(lambda word: word not in OF_THE_SHELL, words)]


def printed_by(words):
    """What a terminal shows of a command, without colours."""
    assert words[0] == "emulator", words
    terminal = io.StringIO()
    ends = contextlib.suppress(SystemExit)  # of help, and of a wrong command line
    with contextlib.redirect_stdout(terminal), contextlib.redirect_stderr(terminal), ends:
        main(words[1:])
    return [line.rstrip() for line in STYLE.sub("", terminal.getvalue()).splitlines()]


def fits(shown, printed):
    """Whether what is shown is what was printed, with any number of lines for each ``...``."""
    pattern = "".join(r"(?:.*\n)+?" if line == LEFT_OUT else re.escape(line) + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


WITH_COMMANDS = [page for page in PAGES if any(True for _ in commands_of(page))]
WITH_SHELL = [page for page in PAGES if any(True for _ in shell_commands_of(page))]


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """An empty folder, and a terminal without colours as wide as the documentation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_the_commands_of_a_page_print_what_stands_below_them(page, terminal):
    for command in commands_of(page):
        for name, text in command.files.items():
            (terminal / name).write_text(text, encoding="utf-8")
        printed = printed_by(command.words)
        assert fits(command.output, printed), "\n".join([shlex.join(command.words), *printed])


@pytest.mark.parametrize("page", WITH_SHELL, ids=name_of)
def test_commands_that_are_only_shown_have_a_right_command_line(page):
    for words in shell_commands_of(page):
        known = all_commands()
        name = next((given for given in (tuple(words[1:2]), tuple(words[1:3])) if given in known), ())
        assert name, shlex.join(words)
        known[name].make_context("emulator", words[1 + len(name) :])


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=name_of)
def test_no_command_hides_from_these_tests_in_an_indented_block(page):
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert re.findall(r"^ {4,}(?:\$ |emulator |python -m emulator).*", prose, re.MULTILINE) == []


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "..."], ["a", "b", "c"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
        (["a"], ["a", "b"], False),
        (["..."], [], False),
        (["a."], ["ab"], False),
    ],
)
def test_dots_stand_for_lines_and_all_else_for_itself(shown, printed, expected):
    assert fits(shown, printed) is expected
