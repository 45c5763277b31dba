"""``emulator run``: scenarios on several generations, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from emulator.cli import completion
from emulator.cli.app import command
from emulator.cli.options import AS_JSON, FOLLOW_BOTH
from emulator.cli.output import FELL_SHORT, console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.comparison import Comparison
    from emulator.library.store import Listed


@command("run")
def run(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SCENARIO",
            autocompletion=completion.scenarios,
            help="A .toml, .json or .jsonl file, - for one on standard input, or @name for one that comes "
            "with the package.",
            show_default=False,
        ),
    ] = None,
    *,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RELEASE,...",
            autocompletion=completion.releases,
            help="The releases to run (default: those of the scenario, or each series).",
            show_default=False,
        ),
    ] = None,
    follow: FOLLOW_BOTH = None,
    build: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD,...",
            help="How the libraries were configured: no-asm, ssl3, weak-ciphers.",
            show_default=False,
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Name the behaviours that cause the difference below each call that differs."
        ),
    ] = False,
    only_differences: Annotated[
        bool, typer.Option("--only-differences", help="Leave out calls without a difference.")
    ] = False,
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Also write a page of HTML.", show_default=False),
    ] = None,
    expect: Annotated[
        Literal["same", "different"] | None,
        typer.Option(help="Exit with status 1 if the result is another.", show_default=False),
    ] = None,
    list_: Annotated[
        bool,
        typer.Option(
            "--list",
            help="List the scenarios that come with the package: all, or those with these words.",
        ),
    ] = False,
    as_json: AS_JSON = False,
) -> int:
    """Run scenarios on several generations, show the calls side by side and mark the differences."""
    if list_:
        _list_library(scenarios or (), as_json=as_json)
        return 0
    from emulator.comparison.compare import compare
    from emulator.comparison.sources import load
    from emulator.exceptions import UsageError

    if not scenarios:
        raise UsageError("no scenario is given; emulator run --list lists those that come with the package")
    columns = _words(profile)
    sources = [source for name in scenarios for source in load(name)]
    comparisons = [compare(source, columns, follow=follow, build=_words(build)) for source in sources]
    if as_json:
        data = [comparison.as_json(why=why) for comparison in comparisons]
        print_json(data[0] if len(data) == 1 else data)
    else:
        _show(comparisons, only_differences=only_differences, why=why)
    if html is not None:
        _write_html(comparisons, html)
    wrong = expect is not None and any(each.differs != (expect == "different") for each in comparisons)
    return FELL_SHORT if wrong else 0


def _words(given: Iterable[str] | None) -> list[str] | None:
    """Return the words of an option that may be repeated and may have commas."""
    words = [word.strip() for text in given or () for word in text.split(",")]
    return [word for word in words if word] or None


def _show(comparisons: Iterable[Comparison], *, only_differences: bool, why: bool) -> None:
    from emulator.comparison.table import show

    terminal = console()
    for number, comparison in enumerate(comparisons):
        if number:
            terminal.print()
        show(comparison, terminal, only_differences=only_differences, why=why)


def _write_html(comparisons: list[Comparison], path: str) -> None:
    from emulator.report import render

    for comparison in comparisons:
        comparison.decide()
    Path(path).write_text(render(comparisons), encoding="utf-8")


def _library(words: Iterable[str]) -> dict[str, Listed]:
    """Return the scenarios whose name, title or behaviours contain all words; UsageError for none."""
    from emulator import library
    from emulator.exceptions import UsageError

    wanted = [word.lower() for word in words]
    every = {f"@{name}": listed for name, listed in library.listing().items()}
    said = {name: f"{name} {listed.title} {' '.join(listed.shows)}".lower() for name, listed in every.items()}
    found = {name: every[name] for name in every if all(word in said[name] for word in wanted)}
    if not found:
        raise UsageError(f"no scenario is about {' and '.join(wanted)!r}; emulator run --list names all")
    return found


def _list_library(words: Iterable[str], *, as_json: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    found = _library(words)
    if as_json:
        print_json(
            [
                {"name": name, "title": listed.title, "shows": list(listed.shows)}
                for name, listed in found.items()
            ]
        )
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, listed in found.items():
        shows = Text(f"\n{', '.join(listed.shows)}" if listed.shows else "", style="dim")
        table.add_row(Text(name, style="bold", no_wrap=True), Text(listed.title).append_text(shows))
    console().print(table)
