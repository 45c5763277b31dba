"""``emulator report``: many scenarios by many releases, as a matrix and as a page of HTML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from emulator.cli import completion
from emulator.cli.app import command
from emulator.cli.options import AS_JSON, FOLLOW_BOTH
from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text

    from emulator.comparison import Comparison
    from emulator.report.matrix import Mark, Matrix, MatrixLine

LIBRARY = "the library"
"""What a lane that follows the library is said to follow."""

NAMES = 25
"""Columns of text for the scenarios' names."""

WORDS = {
    "ok": ("ok", "green"),
    "note": ("ok", "green"),
    "closed": ("end", ""),
    "retry": ("wait", "yellow"),
    "blocked": ("hang", "yellow"),
    "skipped": ("-", "dim"),
    "error": ("err", "red"),
    "crash": ("dies", "bold red"),
    "missing": ("-", "dim"),
    "none": ("-", "dim"),
    "over": ("-", "dim"),
}
"""The word for each kind of answer in a cell, and its colour."""

LEGEND = (
    "In each row, releases with the same letter give the same answers to all calls. The word is the answer "
    "to the call on which they differ most: success (ok), repeat the call (wait), an error (err), the end of "
    "the connection (end), a call that blocks (hang), a crash (dies), or no such function, protocol or "
    "cipher (-)."
)


@command("report")
def report(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SCENARIO",
            autocompletion=completion.scenarios,
            help="A .toml, .json or .jsonl file, @name for one that comes with the package, or - for "
            "lines of JSON on standard input.",
            show_default=False,
        ),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All scenarios that come with the package.")] = False,
    html: Annotated[
        str | None,
        typer.Option("--html", "-o", metavar="FILE", help="Write a page of HTML.", show_default=False),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RELEASE,...",
            autocompletion=completion.releases,
            help="The releases to run (default: every series).",
            show_default=False,
        ),
    ] = None,
    follow: FOLLOW_BOTH = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why/--no-why",
            help="Whether the page names the behaviours that cause each difference; this takes time.",
        ),
    ] = True,
    docs: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The address of the documentation, for links from behaviours.",
            show_default=False,
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
    as_json: AS_JSON = False,
) -> int:
    """Run scenarios on every series and show which releases agree: a matrix, and a page with all details."""
    from emulator.exceptions import UsageError

    if show and html is None:
        raise UsageError("--open opens the page that --html FILE writes; no file is given")
    comparisons = _comparisons(_names(scenarios or (), every=every), profile, follow)
    if html is not None:
        _write(comparisons, Path(html), why=why, docs=docs)
    matrix = _matrix(comparisons)
    if as_json:
        print_json([_line_json(line, matrix) for line in matrix.lines])
    else:
        _print(matrix, apart=follow is None)
        if html is not None:
            console().print(f"\n{html} is written.", soft_wrap=True)
    if show:
        import webbrowser

        webbrowser.open(Path(str(html)).resolve().as_uri())
    return 0


def _names(given: Iterable[str], *, every: bool) -> list[str]:
    from emulator import library
    from emulator.exceptions import UsageError

    names = [*given, *(f"@{name.removeprefix('@')}" for name in (library.names() if every else ()))]
    if not names:
        raise UsageError("no scenario is given: expected a file, @name, or --all for those of the package")
    return names


def _comparisons(
    names: Iterable[str], profile: Sequence[str] | None, follow: Literal["library", "manual", "both"] | None
) -> list[Comparison]:
    from emulator.comparison.compare import compare
    from emulator.comparison.sources import load
    from emulator.profile import list_series

    columns = [word.strip() for text in profile or () for word in text.split(",") if word.strip()]
    sources = [source for name in names for source in load(name)]
    return [compare(source, columns or list_series(), follow=follow) for source in sources]


def _write(comparisons: list[Comparison], path: Path, *, why: bool, docs: str | None) -> None:
    from emulator.report import render

    # Opened first: it takes a while to find what decided, in vain where the file cannot be written.
    with path.open("w", encoding="utf-8") as file:
        for comparison in comparisons if why else ():
            comparison.decide()
        file.write(render(comparisons, docs=docs, pages=True))


def _matrix(comparisons: Iterable[Comparison]) -> Matrix:
    from emulator.report.matrix import matrix_of
    from emulator.report.view import scenario_view

    return matrix_of([scenario_view(compared, index) for index, compared in enumerate(comparisons)])


def _line_json(line: MatrixLine, matrix: Matrix) -> dict[str, Any]:
    marks = zip(matrix.columns, line.marks, strict=True)
    return {
        "title": line.scenario.title,
        "source": line.scenario.source,
        "differs": line.scenario.differs,
        "releases": {_head(column): _mark_json(mark) for column, mark in marks if mark is not None},
    }


def _mark_json(mark: Mark) -> dict[str, str]:
    return {"group": mark.group.letter, "status": mark.status, "answer": mark.words}


def _head(column: tuple[str, str]) -> str:
    name, followed = column
    return name if followed == LIBRARY else f"{name} ({followed.removeprefix('the ')})"


def _print(matrix: Matrix, *, apart: bool) -> None:
    """Print the matrix; with ``apart`` the manual's lanes below it, since not each release has one."""
    from rich.table import Table

    shown = [
        place for place, (_, followed) in enumerate(matrix.columns) if not (apart and followed != LIBRARY)
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", min_width=NAMES, max_width=NAMES, overflow="fold")
    for place in shown:
        table.add_column(_head(matrix.columns[place]), overflow="fold")
    for line in matrix.lines:
        marks = ("" if (mark := line.marks[place]) is None else _cell(mark, line) for place in shown)
        table.add_row(line.scenario.source or line.scenario.title, *marks)
    out = console()
    out.print(table)
    if apart:
        _print_manual(matrix, out)
    out.print(f"\n{matrix.differing} of {len(matrix.lines)} scenarios differ. {LEGEND}", style="dim")


def _print_manual(matrix: Matrix, out: Console) -> None:
    """Print which releases' manual pages decide an answer, a line for each scenario."""
    found = []
    for line in matrix.lines:
        marks = zip(matrix.columns, line.marks, strict=True)
        names = [name for (name, followed), mark in marks if mark is not None and followed != LIBRARY]
        if names:
            found.append(f"  {line.scenario.source or line.scenario.title}: {', '.join(names)}")
    if found:
        out.print("\nBy the manual, these releases answer otherwise (--follow both shows how):", style="dim")
        for text in found:
            out.print(text, style="dim", soft_wrap=True)


def _cell(mark: Mark, line: MatrixLine) -> Text:
    from rich.text import Text

    letter = f"{mark.group.letter} " if line.scenario.differs else ""
    word, style = WORDS[mark.status]
    return Text.assemble((letter, "bold"), (word, style))
