"""The output of ``emulator explain`` for an error: its releases, its meaning, a scenario that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.text import Text

    from emulator.knowledge.errors import Explained, Printed
    from emulator.knowledge.texts import Reason

WIDTH = 10
NAMELESS = "a reason without a name: from 1000 on the number is that of an alert of the peer and 1000"


def tell_error(found: Explained, *, as_json: bool) -> None:
    """Print the explanation of an error."""
    if as_json:
        print_json(_as_json(found))
        return
    out = console()
    _print_texts(out, found)
    _print_reason(out, found.reason or NAMELESS, found.known, ", ".join(found.raisers))
    _print_scenario(out, found)


def tell_error_code(name: str, known: Reason, *, as_json: bool) -> None:
    """Print the explanation of an answer of SSL_get_error()."""
    if as_json:
        print_json({"name": name, **known.as_json(), "scenarios": _scenarios(known)})
    else:
        _print_reason(console(), name, known, "")


# -- the texts -----------------------------------------------------------------------------------


def _print_texts(out: Console, found: Explained) -> None:
    from rich.text import Text

    if not found.exact and "error:" in found.asked:
        out.print(Text("No release prints exactly this line.", style="bold"))
    for each in found.exact:
        _print_text(out, each)
    if found.alike:
        out.print(Text("\nthe same reason, in other words" if found.exact else "as it is printed"))
        for each in found.alike:
            _print_text(out, each)


def _print_text(out: Console, each: Printed) -> None:
    from rich.text import Text

    from emulator.terminal.tables import labelled

    out.print(Text(each.text, style="bold"))
    rows: list[tuple[str, str | Text]] = [
        ("code", _numbers(each)),
        ("recorded", _recorded(each)),
        ("emulated", _spans(each.seen.releases)),
        ("tables", _unseen(each)),
    ]
    out.print(labelled(rows, width=WIDTH))


def _recorded(each: Printed) -> str:
    names = list(each.seen.recorded)
    if not names:
        return "" if each.unseen and not each.seen.releases else "in no recording of a real library"
    return f"printed by the real {', '.join(names)}"


def _unseen(each: Printed) -> Text:
    from rich.text import Text

    if not each.unseen:
        return Text("")
    words = f"{_spans(each.unseen)} would print it, but nothing known raises it there"
    return Text(words, style="dim")


def _numbers(each: Printed) -> Text:
    """Return the names of the code's parts."""
    from rich.text import Text

    meaning = each.meaning
    if not meaning.reason:
        return Text("")
    reason = meaning.reason if meaning.reason.startswith("ERR_R_") else f"{meaning.lib}_R_{meaning.reason}"
    parts = [
        f"ERR_LIB_{meaning.lib}",
        f"{meaning.lib}_F_{meaning.function}" if meaning.function else "",
        reason,
    ]
    return Text(", ".join(filter(None, parts)), style="dim")


def _spans(names: Iterable[str]) -> str:
    """Return releases as ranges, builds by their names."""
    from emulator.knowledge.errors_seen import ranges

    return ", ".join(first if first == last else f"{first} to {last}" for first, last in ranges(names))


# -- the reason ----------------------------------------------------------------------------------


def _print_reason(out: Console, name: str, known: Reason | None, raisers: str) -> None:
    from rich.text import Text

    from emulator.knowledge import advice
    from emulator.terminal.tables import labelled

    out.print(Text(f"\n{name}", style="bold"))
    rows: list[tuple[str, str | Text]] = [("raised by", raisers)]
    if known is not None:
        behaviours = (f"{key}: {advice.title(key)}" for key in known.shows)
        rows += [
            ("means", known.meaning),
            ("why", known.causes),
            ("do", known.remedy),
            ("differs", "\n".join(behaviours)),
            ("see", "\n".join(f"emulator run @{name}" for name in _scenarios(known)[:2])),
        ]
    out.print(labelled(rows, width=WIDTH))


def _scenarios(known: Reason | None) -> list[str]:
    """List the scenarios of the package that show the behaviours behind a reason."""
    from emulator.cli.scenarios import showing

    keys = known.shows if known is not None else ()
    return list(dict.fromkeys(name for key in keys for name in showing(key)))


# -- the scenario --------------------------------------------------------------------------------


def _print_scenario(out: Console, found: Explained) -> None:
    from rich.text import Text

    from emulator.knowledge.errors_seen import seen
    from emulator.terminal.tables import labelled

    if found.way is None:
        out.print(Text("\nNo scenario is known in which a release prints it."))
        return
    printed, way = found.way
    data = seen().scenarios[way.scenario]
    out.print(Text(f"\nA scenario that shows it, in {_spans(way.releases)}:"))
    steps = Text()
    for index, step in enumerate(data["steps"][: way.step + 1]):
        steps.append(f"{step}\n", style="bold" if index == way.step else "")
    steps.append(f"leaves {printed.text}", style="dim")
    world = " ".join(str(data[key]) for key in ("protocol", "cipher") if data.get(key))
    rows: list[tuple[str, str | Text]] = [
        ("id", way.scenario + (f" (built with {way.build})" if way.build else "")),
        ("world", world + (", blocking" if data.get("blocking") else "")),
        ("steps", steps),
    ]
    out.print(labelled(rows, width=WIDTH))


def _as_json(found: Explained) -> dict[str, Any]:
    from emulator.knowledge.errors_seen import seen

    scenario = None
    if found.way is not None:
        printed, way = found.way
        script = seen().script(way.scenario).as_json()
        scenario = {"id": way.scenario, "step": way.step, "text": printed.text, "build": way.build, **script}
    return {
        "asked": found.asked,
        "exact": [_text_as_json(each) for each in found.exact],
        "alike": [_text_as_json(each) for each in found.alike],
        "reason": found.reason,
        "raised_by": list(found.raisers),
        "known": found.known.as_json() if found.known is not None else None,
        "scenario": scenario,
        "scenarios": _scenarios(found.known),
    }


def _text_as_json(each: Printed) -> dict[str, Any]:
    from emulator.knowledge.errors_seen import ranges

    return {
        "text": each.text,
        "lib": each.meaning.lib,
        "function": each.meaning.function,
        "reason": each.meaning.reason,
        "recorded": {
            name: {"scenario": id_, "step": step} for name, (id_, step) in each.seen.recorded.items()
        },
        "emulated": ranges(each.seen.releases),
        "only_in_tables": ranges(each.unseen),
    }
