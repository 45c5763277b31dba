"""``emulator explain``: a behaviour, an error as it was printed, a clause, the code of a finding or loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.cli.app import command
from emulator.cli.options import AS_JSON, BEHAVIOUR_OR_ERROR
from emulator.cli.output import console, print_json, print_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from emulator.knowledge.catalogue import CatalogueEntry


@command("explain")
def explain(what: BEHAVIOUR_OR_ERROR = None, *, as_json: AS_JSON = False) -> int:
    """Explain a behaviour, an error or a finding: releases, reason, what to do; without one list all."""
    if what is None:
        _list(as_json=as_json)
        return 0
    from emulator.cli.clauses import tell_clause, tell_loss
    from emulator.cli.findings import tell_finding

    tells = (tell_finding, tell_clause, tell_loss, _tell_error)
    if not any(tell(what, as_json=as_json) for tell in tells):
        found = _behaviour(what)
        if as_json:
            print_json(_behaviour_as_json(found))
        else:
            _print_behaviour(console(), found)
    return 0


def _tell_error(what: str, *, as_json: bool) -> bool:
    """Print the explanation of an error; return False for other texts (behaviours have no capitals)."""
    from emulator.cli.errors import tell_error, tell_error_code
    from emulator.knowledge import catalogue, errors

    if any(each.key == what for each in catalogue.called(what)):
        return False
    code = errors.of_error_code(what)
    if code is not None:
        tell_error_code(*code, as_json=as_json)
        return True
    if catalogue.called(what) and what != what.upper():
        return False
    found = errors.explain(what)
    if found is not None:
        tell_error(found, as_json=as_json)
    return found is not None


def _behaviour(what: str) -> CatalogueEntry:
    """Return the behaviour of that name; UsageError names the nearest behaviours and reasons."""
    from emulator.contract.codes import codes
    from emulator.contract.loss_codes import MEANINGS
    from emulator.exceptions import UsageError
    from emulator.knowledge import advice, catalogue, errors
    from emulator.knowledge.near import hint, shown
    from emulator.profiles.clauses import topics

    if catalogue.called(what):
        return catalogue.find(what)
    keys = [each.key for each in (*catalogue.behaviours(), *catalogue.exists())]
    clauses = [clause.id for topic in topics().values() for clause in topic.clauses.values()]
    known = [*keys, *codes(), *clauses, *MEANINGS, *sorted(errors.reason_names()), *advice.error_codes()]
    says = "is no behaviour, no finding, and no error that any release prints"
    raise UsageError(f"{shown(what)} {says}{hint(what, known)}")


def _list(*, as_json: bool) -> None:
    from emulator.knowledge import advice, catalogue

    titles = {each.key: advice.title(each.key) for each in catalogue.behaviours()}
    if as_json:
        print_json(titles)
    else:
        print_lines(f"{key:<36}  {title}" for key, title in titles.items())


# -- behaviours ----------------------------------------------------------------------------------


def _print_behaviour(out: Console, found: CatalogueEntry) -> None:
    from emulator.cli.scenarios import command_for
    from emulator.cli.timeline import print_question
    from emulator.knowledge import advice, timeline
    from emulator.terminal.tables import labelled

    print_question(out, found)
    known = advice.of(found.key)
    for value, spans in timeline.given(found.key).items():
        _print_answer(out, found, value, ", ".join(str(span) for span in spans))
    out.print()
    rows = [
        ("why", known.reason if known is not None else ""),
        ("builds", "; ".join(f"{each.name}: {each.value}" for each in timeline.builds(found.key))),
        ("see", command_for(found.key)),
        ("when", f"emulator timeline {found.key}"),
    ]
    out.print(labelled(rows, width=8, indent=0))


def _print_answer(out: Console, found: CatalogueEntry, value: str, releases: str) -> None:
    from rich.text import Text

    from emulator.terminal.tables import labelled

    out.print(Text.assemble("\n", (value, "bold"), f"  {releases}"))
    out.print(labelled([("do", _caller(found, value)), ("says who", _backing(found, value))], width=8))


def _caller(found: CatalogueEntry, value: str) -> Text:
    from rich.text import Text

    from emulator.knowledge import advice

    known = advice.of(found.key)
    words = known.for_answer(value) if known is not None else ""
    return Text(words, style="dim" if advice.asks_nothing(words) else "")


def _backing(found: CatalogueEntry, value: str) -> str:
    """Return the evidence for an answer in words."""
    from emulator.knowledge import evidence, timeline
    from emulator.knowledge.kinds import Kind
    from emulator.terminal.tables import more

    if found.kind is not Kind.BEHAVIOUR:
        return "the headers and export lists of the releases"
    first = timeline.given(found.key)[value][0].first
    backing = evidence.of(found.key, value, [first])
    words = ""
    if backing.telling:
        words = f"{backing.scenario} of {backing.recordings[0]}{more(len(backing.telling) - 1, 'recording')}"
        if backing.not_told_apart:
            words += f", which does not tell it from {', '.join(backing.not_told_apart)}"
    if backing.sources is not None and (not words or backing.not_told_apart):
        cited = "; ".join(backing.sources.cited) or "no source"
        words += f"{'; ' if words else ''}{cited} ({backing.sources.file})"
    return words


def _behaviour_as_json(found: CatalogueEntry) -> dict[str, object]:
    from emulator.cli.scenarios import showing
    from emulator.knowledge import advice, evidence, timeline

    known = advice.of(found.key)
    answers = []
    for value, spans in timeline.given(found.key).items():
        backing = evidence.of(found.key, value, [spans[0].first])
        answers.append(
            {
                "answer": value,
                "words": found.words_of(value),
                "releases": [[span.first, span.last] for span in spans],
                "caller": known.for_answer(value) if known is not None else "",
                "backing": str(backing.backing),
                "recorded": {one.recording: one.scenario for one in backing.telling},
                "not_told_apart": list(backing.not_told_apart),
                "sources": backing.sources and backing.sources.as_json(),
            }
        )
    return {
        "key": found.key,
        "kind": str(found.kind),
        "title": advice.title(found.key),
        "question": found.question,
        "reason": known.reason if known is not None else "",
        "answers": answers,
        "builds": {each.name: each.value for each in timeline.builds(found.key)},
        "scenarios": list(showing(found.key)),
    }
