"""``emulator explain`` of the code of a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from emulator.contract.codes import Code


def tell_finding(what: str, *, as_json: bool) -> bool:
    """Print the explanation of a code; return False if there is none of that name."""
    from emulator.contract.codes import codes

    known = codes().get(what)
    if known is None:
        return False
    if as_json:
        print_json(_as_json(known))
    else:
        _print(known)
    return True


def _as_json(known: Code) -> dict[str, object]:
    from emulator.contract.codes import answers_of

    return {
        "code": known.name,
        "kind": str(known.kind),
        "title": known.title,
        "about": _in_one_line(known.about),
        "clauses": dict(_clauses(known)),
        "everywhere": known.everywhere,
        "advice": known.advice,
        "wrong": known.wrong.strip(),
        "right": known.right.strip(),
        "scenario": known.scenario,
        "generations": [list(answer) for answer in answers_of(known.name)],
        "note": known.note,
    }


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _clauses(known: Code) -> list[tuple[str, str]]:
    from emulator.profiles.clauses import topics

    found = []
    for identifier in known.clauses:
        topic, _, word = identifier.partition(".")
        clause = topics()[topic].clauses[word]
        found.append((identifier, f"{clause.page}: {clause.says}"))
    return found


def _print(known: Code) -> None:
    from rich.text import Text

    from emulator.contract.codes import answers_alike
    from emulator.explaining.named import releases_with
    from emulator.terminal.tables import labelled

    out = console()
    out.print(Text.assemble((known.name, "bold"), f"  {known.title} ({known.kind})\n"))
    out.print(_in_one_line(known.about), highlight=False)
    out.print()
    rows = [
        ("do", known.advice),
        ("where", _where(known)),
        *(("page", f"{says} ({name}: {releases_with(name)})") for name, says in _clauses(known)),
        ("see", f"emulator run @{known.scenario} --follow library" if known.scenario else known.note),
    ]
    out.print(labelled(rows, width=8, indent=0))
    out.print()
    out.print(labelled([("wrong", known.wrong.strip()), ("right", known.right.strip())], width=8, indent=0))
    out.print()
    out.print(labelled(list(answers_alike(known.name)), width=16, indent=0))


def _where(known: Code) -> str:
    """Say for which releases it is a finding."""
    from emulator.explaining.named import releases_with
    from emulator.knowledge import index, timeline

    having = timeline.releases_with(known.clauses)
    if known.everywhere or not known.clauses or len(having) == len(index.releases()):
        return "every release"
    return f"releases whose pages have a clause about it: {releases_with(*known.clauses)}"
