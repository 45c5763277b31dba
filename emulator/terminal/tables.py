"""Tables that commands print: labels beside texts that wrap, and rows of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

INDENT = 2
GAP = 2


def labelled(rows: Iterable[tuple[str, str | Text]], *, width: int = 10, indent: int = INDENT) -> Labelled:
    """Put labels in a column, and beside each a text; rows without a text are left out."""
    texts = [(label, Text(text) if isinstance(text, str) else text) for label, text in rows]
    return Labelled([(label, text) for label, text in texts if text.plain], width, indent)


@dataclass(frozen=True)
class Labelled:
    """Labels in a column, and beside each a text that wraps.

    rich's own tables measure and pad each cell several times, which takes longer than all else that a command
    does when it prints some hundred of these.
    """

    rows: Sequence[tuple[str, Text]]
    width: int
    indent: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, for rich."""
        beside = max(options.max_width - self.indent - self.width - GAP, 1)
        for label, text in self.rows:
            head = Text(label)
            head.truncate(self.width, overflow="ellipsis", pad=True)
            for line in _breakable(text, beside).wrap(console, beside, overflow="fold"):
                margin = Text(" " * self.indent).append(head.plain, style="dim").append(" " * GAP)
                yield from margin.append_text(line).render(console, end="\n")
                head = Text(" " * self.width)


_AFTER = "/.-"
"""Behind the first of these that it has, a word that is longer than a line is broken."""


def _breakable(text: Text, width: int) -> Text:
    """Return a text whose words that are longer than a line are broken behind a slash, dot or dash."""
    plain, places = text.plain, list[int]()
    for word in re.finditer(rf"\S{{{width + 1},}}", plain):
        start, end = word.span()
        while end - start > width:
            found = (plain.rfind(mark, start, start + width) for mark in _AFTER)
            start = next((place + 1 for place in found if place >= start), start + width)
            places.append(start)
    return Text("\n").join(text.divide(places)) if places else text


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str | Text]], *, widths: Sequence[int | None] = ()
) -> Table:
    """Make a table without lines; ``widths`` are those of the columns, so that tables line up."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, head in enumerate(heads):
        made.add_column(head, overflow="fold", width=widths[index] if index < len(widths) else None)
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def heading(console: Console, text: str, more: str = "") -> None:
    """Print a heading, and an explanation after it in weaker type."""
    console.print(Text.assemble("\n", (text, "bold underline"), (f"  {more}" if more else "", "dim")))


def plain(text: str) -> str:
    """Return a docstring's text without the marks around code."""
    return text.replace("``", "")


def section_words(section: str, words: str) -> str:
    """Return the words of a section's docstring, without the section's name at the beginning."""
    return plain(words).removeprefix(f"[{section}]: ").removeprefix(f"The [{section}] section: ")


def more(count: int, what: str) -> str:
    """Return ``" and 2 more recordings"``; empty for none."""
    return f" and {count} more {what}{'s' if count > 1 else ''}" if count else ""


def shortened(text: str, longest: int) -> str:
    """Return a text; a long one is cut after a word."""
    return (
        text
        if len(text) <= longest
        else f"{text[: longest - 4].rpartition(' ')[0] or text[: longest - 4]} ..."
    )
