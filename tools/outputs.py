"""The output that the pages show below commands and Python: ``./dev refresh outputs`` writes it again.

A ``console`` block has commands, each behind a ``$``, and below each its output; a line ``...`` stands for
lines that are left out.  A ``python`` block may have its output in a ``text`` block right behind it.  All
blocks of a page run in order in one folder, which has the page's files: each block whose fence names one, as
in ``toml title="moved.toml"``.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from emulator.cli import main
from tools.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))

FENCE = re.compile(r"^```(?P<kind>[\w-]+)(?P<info>[^\n]*)\n(?P<block>.*?)^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r'title="([\w.-]+)"')
STYLE = re.compile(r"\x1b\[[0-9;]*m")
PROMPT = "$ "
LEFT_OUT = "..."
TERMINAL = {"COLUMNS": "110", "NO_COLOR": "1"}
"""A terminal without colours, as wide as the pages."""


@dataclass(frozen=True)
class Command:
    """A command of a page: its line, and the output that the page shows below it."""

    line: str
    output: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words of the command line, without its comment."""
        return shlex.split(self.line, comments=True)


# -- commands -------------------------------------------------------------------------------------


def lines_of(block: str) -> list[str]:
    """Return the lines of a block; one that ends with a backslash goes on in the next."""
    return block.replace("\\\n", "").splitlines()


def commands_of(block: str) -> Iterator[Command]:
    """Read the commands of a console block; ValueError if it does not begin with one."""
    lines = lines_of(block)
    starts = [at for at, line in enumerate(lines) if line.startswith(PROMPT)]
    if not starts or starts[0]:
        raise ValueError(f"a console block begins with a command behind {PROMPT!r}, not with {lines[:1]}")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield Command(lines[start].removeprefix(PROMPT), tuple(lines[start + 1 : end]))


@contextlib.contextmanager
def terminal() -> Iterator[Path]:
    """Give the commands of a page an empty folder, and a terminal as wide as the page."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, TERMINAL):
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def printed_by(words: Sequence[str]) -> list[str]:
    """Run a command of the emulator; return the lines that a terminal shows of it."""
    if words[0] != "emulator":
        raise ValueError(f"{shlex.join(words)}: expected a command of the emulator")
    shown = io.StringIO()
    ends = contextlib.suppress(SystemExit)  # of help, and of a wrong command line
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown), ends:
        main(words[1:])
    return [line.rstrip() for line in STYLE.sub("", shown.getvalue()).splitlines()]


def fits(shown: Iterable[str], printed: Iterable[str]) -> bool:
    """Whether the shown lines are the printed ones, with any number of lines for each ``...``."""
    pattern = "".join(r"(?:.*\n)+?" if line == LEFT_OUT else re.escape(line) + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def renewed(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """Return the new output, with the lines left out that the old one left out, as far as they are found.

    Each piece between two ``...`` begins and ends with the printed lines that are nearest to its old ones.
    """
    result: list[str] = []
    at = 0
    for number, piece in enumerate(_pieces(shown)):
        if number:
            result.append(LEFT_OUT)
        if piece:
            first = _nearest(piece[0], printed, at)
            last = _nearest(piece[-1], printed, first) if len(piece) > 1 else first
            result += printed[first : last + 1]
            at = last + 1
    return result if LEFT_OUT in shown else [*printed]


def _pieces(lines: Iterable[str]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if line == LEFT_OUT:
            pieces.append([])
        else:
            pieces[-1].append(line)
    return pieces


def _nearest(line: str, printed: Sequence[str], start: int) -> int:
    """Find the first line from ``start`` on that is most like another one; the last one if there is none."""
    likeness = [SequenceMatcher(None, line, other).ratio() for other in printed[start:]]
    return start + likeness.index(max(likeness)) if likeness else len(printed) - 1


# -- Python ---------------------------------------------------------------------------------------


def python_blocks(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Return the Python blocks of a page in order, each with the block of its output, if there is one."""
    fences = list(FENCE.finditer(text))
    for fence, after in zip_longest(fences, fences[1:]):
        if fence["kind"] == "python":
            is_output = after is not None and after["kind"] == "text"
            is_output = is_output and text[fence.end() : after.start()].isspace()
            yield fence["block"], after if is_output else None


def printed_in(namespace: dict[str, object], code: str) -> str:
    """Run Python code in a namespace; return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "a page", "exec"), namespace)  # noqa: S102 - the documentation's own code
    return printed.getvalue()


def _with_python_output(text: str) -> str:
    namespace: dict[str, object] = {"__name__": "__main__"}
    pieces, at = [], 0
    for code, output in python_blocks(text):
        printed = printed_in(namespace, code)
        if output is not None:
            pieces += [text[at : output.start("block")], printed]
            at = output.end("block")
    return "".join([*pieces, text[at:]])


# -- pages ----------------------------------------------------------------------------------------


def refreshed(text: str) -> str:
    """Return the text of a page with the output that its commands and its Python have now."""
    with terminal() as folder:
        return FENCE.sub(lambda fence: _with_output(fence, folder), _with_python_output(text))


def _with_output(fence: re.Match[str], folder: Path) -> str:
    if title := TITLE.search(fence["info"]):
        (folder / title[1]).write_text(fence["block"], encoding="utf-8")
    if fence["kind"] != "console":
        return fence[0]
    lines: list[str] = []
    changed = False
    for command in commands_of(fence["block"]):
        printed = printed_by(command.words)
        is_right = fits(command.output, printed)
        changed |= not is_right
        lines += [PROMPT + command.line, *(command.output if is_right else renewed(command.output, printed))]
    return (
        f"```console{fence['info']}\n" + "".join(f"{line}\n" for line in lines) + "```"
        if changed
        else fence[0]
    )


def stale() -> list[str]:
    """Return nothing: to know what is out of date everything has to run, as the tests do."""
    return []


def refresh(_only_stale: bool = False) -> None:  # noqa: FBT001, FBT002 - all parts are made alike
    """Run the commands and the Python of all pages, and write the output where it is another one."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if (new := refreshed(text)) != text:
            page.write_text(new, encoding="utf-8")
