"""``emulator timeline``: the answers of all releases to one question, and the changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, BEHAVIOUR
from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from emulator.knowledge.catalogue import CatalogueEntry
    from emulator.knowledge.timeline import Span


@command("timeline")
def timeline(behaviour: BEHAVIOUR, *, as_json: AS_JSON = False) -> int:
    """Show the answers of all releases to one behaviour, and the releases that changed it."""
    from emulator.knowledge import catalogue

    found = catalogue.find(behaviour)
    if as_json:
        print_json(_timeline_as_json(found))
        return 0
    out = console()
    print_question(out, found)
    _print_series(out, found)
    _print_builds(out, found)
    return 0


def print_question(out: Console, found: CatalogueEntry) -> None:
    """Print the subject of a behaviour, its question and its answers."""
    from rich.text import Text

    from emulator.knowledge import advice
    from emulator.knowledge.kinds import Kind
    from emulator.terminal.tables import labelled, plain

    title = advice.title(found.key) if found.kind is Kind.BEHAVIOUR else str(found.kind)
    out.print(Text.assemble((title, "bold"), (f"  {found.key}", "dim")))
    out.print(Text(plain(found.question)))
    answers = [(value, plain(words)) for value, words in found.answers.items() if words]
    if answers:
        out.print()
        out.print(labelled(answers, width=max(len(value) for value, _ in answers)))


def _print_series(out: Console, found: CatalogueEntry) -> None:
    from rich.text import Text

    from emulator.knowledge import timeline as timelines
    from emulator.terminal.tables import table

    rows: list[tuple[str | Text, ...]] = []
    before = None
    for line in timelines.by_series(found.key):
        for index, span in enumerate(line.spans):
            changed = before is not None and before != span.value
            style = "bold" if changed else ""
            mark = "*" if changed else " "
            rows.append(
                (
                    line.series if index == 0 else "",
                    Text(f"{mark} {span}", style=style),
                    Text(span.value, style=style),
                    recorded_in(found, span),
                )
            )
            before = span.value
    out.print()
    out.print(table(("series", "  releases", "answer", "recorded"), rows, widths=(6, 24, 28)))
    out.print(Text("\n* the first release by number that answers otherwise than the one before", style="dim"))


def recorded_in(found: CatalogueEntry, span: Span) -> str:
    """Return a scenario and the recordings within a span that rule other answers out."""
    from emulator.knowledge import evidence

    telling = [
        one for one in evidence.shown(found.key, span.value) if one.profile in span.releases and one.tells
    ]
    if not telling:
        return ""
    return f"{telling[0].scenario} of {', '.join(one.recording for one in telling)}"


def _print_builds(out: Console, found: CatalogueEntry) -> None:
    from rich.text import Text

    from emulator.knowledge import timeline as timelines
    from emulator.terminal.tables import labelled

    builds = timelines.builds(found.key)
    if builds:
        out.print(Text("\nDistributors' builds that answer otherwise than their release:"))
        rows = [(each.name, f"{each.value} (the release: {each.of_release})") for each in builds]
        out.print(labelled(rows, width=max(len(each.name) for each in builds)))


def _timeline_as_json(found: CatalogueEntry) -> dict[str, object]:
    from emulator.knowledge import evidence
    from emulator.knowledge import timeline as timelines

    spans = [
        {
            "series": line.series,
            "first": span.first,
            "last": span.last,
            "answer": span.value,
            "recorded": {
                one.recording: one.scenario
                for one in evidence.shown(found.key, span.value)
                if one.profile in span.releases and one.tells
            },
        }
        for line in timelines.by_series(found.key)
        for span in line.spans
    ]
    return {
        "key": found.key,
        "kind": str(found.kind),
        "question": found.question,
        "answers": dict(found.answers),
        "spans": spans,
        "changes": [
            {"release": each.release, "from": each.before, "to": each.after}
            for each in timelines.changes(found.key)
        ],
        "builds": [
            {"name": each.name, "release": each.release, "answer": each.value, "of_release": each.of_release}
            for each in timelines.builds(found.key)
        ],
    }
