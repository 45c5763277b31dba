"""How ``python -m emulator demo`` shows what was played: a column for each profile."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from emulator.demo.play import Stage, play_all
from emulator.terminal.console import make_console

if TYPE_CHECKING:
    from typing import TextIO

    from emulator.context import Authority
    from emulator.demo.play import Answer, Played
    from emulator.profile import Profile

CALL_WIDTH = 25
NARROWEST = 12

_FOLLOWED = {"manual": "page", "library": "code"}
_GOOD = {"NONE": "green", "WANT_READ": "yellow", "WANT_WRITE": "yellow"}


def show(names: list[str], profiles: list[Profile], protocol: str, follow: Authority, file: TextIO) -> None:
    """Play the demo on the profiles and print it; ``names`` are the columns' heads."""
    console = make_console(file)
    head = _grid(len(profiles), console.width)
    head.add_row(Text("the program"), *_heads(names, profiles, protocol, follow))
    console.print(head)
    for played in play_all(profiles, protocol, follow):
        console.print(Text(f"\n{played.title}", style="bold"))
        table = _grid(len(profiles), console.width)
        for call, shown in enumerate(played.calls):
            table.add_row(*_row(played, call, shown))
        console.print(table)
    console.print(_legend(follow))


def _grid(columns: int, width: int) -> Table:
    """A table without lines whose columns are as wide in every situation."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=CALL_WIDTH, overflow="fold")
    for _ in range(columns):
        table.add_column(width=max((width - CALL_WIDTH) // columns - 2, NARROWEST), overflow="fold")
    return table


def _heads(names: list[str], profiles: list[Profile], protocol: str, follow: Authority) -> list[Text]:
    return [
        Text.assemble(
            (name, "bold"), f"\nOpenSSL {profile.release}\n{Stage(profile, protocol, follow).suite}"
        )
        for name, profile in zip(names, profiles, strict=True)
    ]


def _row(played: Played, call: int, shown: str) -> list[Text]:
    answers = played.row(call)
    differs = len({answer.outline if answer else None for answer in answers}) > 1
    mark = ("* ", "bold red") if differs else ("  ", "")
    return [Text.assemble(mark, shown), *(_cell(answer) for answer in answers)]


def _cell(answer: Answer | None) -> Text:
    if answer is None:
        return Text("(the program is dead)", style="dim")
    head = answer.error if answer.ret is None else f"{answer.ret} {answer.error}"
    if answer.errno:
        head += f", errno {answer.errno}"
    cell = Text(head, style=_GOOD.get(answer.error, "red"))
    for text in answer.errors:
        cell.append(f"\n{_short(text)}", style="not bold default")
    if answer.records:
        cell.append(f"\nsends {_counted(answer.records)}", style="dim default")
    if answer.page:
        cell.append(f"\n({answer.page})", style="italic default")
    return cell


def _short(text: str) -> str:
    """The reason, the function and the code of an error's text, which is too long for a column."""
    parts = text.split(":", 4)
    if len(parts) < 5:
        return text
    _error, code, _library, function, reason = parts
    return f"{reason}\n{function} {code}"


def _counted(records: tuple[str, ...]) -> str:
    runs = [(record, len(list(run))) for record, run in groupby(records)]
    return ", ".join(f"{count} x {record}" if count > 1 else record for record, count in runs)


def _legend(follow: Authority) -> Text:
    return Text(
        "\nEvery cell is what the emulated release answered just now: the return value, SSL_get_error, the\n"
        "error queue, and the records that left for the peer with their lengths.\n"
        "* marks where the columns differ in more than the lengths.\n"
        f"Where a release's page and its code disagree, the {_FOLLOWED[follow]} is followed (--follow)."
    )
