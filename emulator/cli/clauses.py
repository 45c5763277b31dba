"""``emulator explain`` of a clause of the manual pages, and of the code of a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from emulator.profiles.clauses import Clause

WIDTH = 10


def tell_clause(what: str, *, as_json: bool) -> bool:
    """Print the explanation of a clause; return False if none has that id."""
    from emulator.profiles.clauses import clause_called

    found = clause_called(what)
    if found is None:
        return False
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    return True


def _as_json(clause: Clause) -> dict[str, object]:
    from emulator.explaining.named import findings_about
    from emulator.knowledge import timeline

    return {
        **clause.as_json(),
        "releases": list(timeline.releases_with([clause.id])),
        "findings": findings_about(clause.id),
        "audit": {release: words for release, words in _audited(clause) if words},
    }


def _audited(clause: Clause) -> list[tuple[str, str]]:
    """Return what the recorded calls of each release whose pages have a clause say of it."""
    from emulator.audit import shipped
    from emulator.cli.audit import in_words

    return [
        (release, in_words(clause, found.clauses[clause.id]))
        for release, found in shipped.releases().items()
        if clause.id in found.clauses
    ]


def _print(clause: Clause) -> None:
    from rich.text import Text

    from emulator.explaining.named import findings_about, releases_with
    from emulator.terminal.tables import labelled

    out = console()
    out.print(Text.assemble((clause.id, "bold"), f"  {clause.page}, {clause.kind}\n"))
    rows = [
        ("says", clause.says),
        ("releases", releases_with(clause.id) or "none"),
        ("findings", ", ".join(findings_about(clause.id))),
        ("see", f"emulator explain {clause.topic}"),
        ("no audit", clause.why_not),
    ]
    out.print(labelled(rows, width=WIDTH, indent=0))
    counts = [] if clause.why_not else _audited(clause)
    if counts:
        out.print(Text("\nrecorded calls (emulator audit RELEASE)"))
        out.print(labelled(counts, width=WIDTH, indent=0))


def tell_loss(what: str, *, as_json: bool) -> bool:
    """Print what the code of a loss means; return False if none has that name."""
    from emulator.contract.loss_codes import MEANINGS

    if what not in MEANINGS:
        return False
    if as_json:
        print_json({"code": what, "kind": "loss", "means": MEANINGS[what]})
    else:
        from rich.text import Text

        out = console()
        out.print(Text.assemble((what, "bold"), "  a loss that pair.ledger finds\n"))
        out.print(Text(MEANINGS[what]))
    return True
