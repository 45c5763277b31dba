"""``emulator audit``: the manual pages of a release, clause by clause, against its recorded calls."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, RELEASE
from emulator.cli.output import console, print_json
from emulator.exceptions import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from emulator.audit.count import Audited, Count
    from emulator.profiles.clauses import Clause


@command("audit")
def audit(
    release: RELEASE,
    *,
    traces: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Recordings of your own, or a folder of them (default: the result that comes with the "
            "package); may be repeated.",
            show_default=False,
        ),
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(
            metavar="CLAUSE",
            help="Print the smallest scenario that broke this clause or used this permission, for `emulator "
            "run -`.",
        ),
    ] = "",
    as_json: AS_JSON = False,
) -> int:
    """Hold the recorded calls of a release against its manual pages: each clause, kept or broken how often.

    A step is counted from 0.  A call that is undefined, or breaks a duty of its own, breaks no promise.
    """
    from emulator.audit import shipped

    found = _audited(release, traces) if traces else shipped.of_release(release)
    if scenario:
        _print_scenario(found, scenario)
    elif as_json:
        print_json(found.as_json())
    else:
        _print_audit(console(), found)
    return 0


def _audited(release: str, traces: list[Path]) -> Audited:
    from emulator.audit.count import Audited, audit_file
    from emulator.profile import load_profile
    from emulator.scenario.fidelity import recordings

    found = Audited(load_profile(release).release)
    for path in traces:
        for file in recordings(str(path)) if path.is_dir() else [path]:
            found.add(audit_file(file, release))
    return found


def _print_scenario(found: Audited, name: str) -> None:
    count = found.clauses.get(name) or next(
        (each for key, each in found.clauses.items() if key.startswith(f"{name}.")), None
    )
    if count is None or count.smallest is None:
        raise UsageError(f"{name}: no recorded call of {found.release} broke or used such a clause")
    sys.stdout.write(json.dumps(count.smallest.line) + "\n")


def _print_audit(out: Console, found: Audited) -> None:
    from itertools import groupby

    from rich.text import Text

    from emulator.profiles.clauses import clause_called
    from emulator.terminal.tables import heading, labelled

    _print_legend(out)
    named = [(clause_called(name), count) for name, count in found.clauses.items()]
    known = [(clause, count) for clause, count in named if clause is not None]
    for page, rows in groupby(known, key=lambda row: row[0].page):
        heading(out, page, f"of OpenSSL {found.release}")
        for clause, count in rows:
            name, words = _said(clause, count)
            out.print(labelled([(str(clause.kind), name), ("", words), ("", _shown(count))]))
    out.print(Text(f"\n{found.calls} recorded calls in {found.scenarios} scenarios", style="dim"))
    if found.unlike:
        unlike = (
            f"{len(found.unlike)} scenarios are not answered as recorded, and do not count: {found.unlike[0]}"
        )
        out.print(Text(unlike, style="bold"))


LEGEND = (
    ("promise", 'What the library has to do: "broken" is a divergence of OpenSSL from its page.'),
    ("permission", 'What the library may do: "used" where it did, "not used" where it could have.'),
    ("undefined", 'Every answer is possible: "used" counts such calls.'),
    ("duty", 'What the caller has to do: "broken" is the recorded test program\'s doing, on purpose.'),
    ("advice", "The same of what the page only advises."),
    ("", '"no call shows it": calls and answers cannot show whether the clause is kept.'),
    ("", '"never exercised": no recorded call came to it.'),
)


def _print_legend(out: Console) -> None:
    from emulator.terminal.tables import heading, labelled

    heading(out, "How to read this")
    out.print(labelled(LEGEND))


def _said(clause: Clause, count: Count) -> tuple[Text, Text]:
    """Return the id of a clause, and what recorded calls say of it."""
    from rich.text import Text

    style = "bold" if count.broken and clause.kind == "promise" else ""
    return Text(clause.id, style), Text(in_words(clause, count), style)


def in_words(clause: Clause, count: Count) -> str:
    """Say what recorded calls say of a clause."""
    if clause.why_not:
        return "no call shows it"
    if not count.total:
        return "never exercised"
    numbers = (
        ("kept", count.kept),
        ("broken", count.broken),
        ("used", count.used),
        ("not used", count.unused),
    )
    return ", ".join(f"{name} in {number}" for name, number in numbers if number)


def _shown(count: Count) -> Text:
    """Return the smallest scenario that broke the clause, or used the permission."""
    from rich.text import Text

    small = count.smallest
    return Text("" if small is None else f"in {small.scenario}, step {small.step}", style="dim")
