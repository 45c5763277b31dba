"""Make the pages of docs/reference/ that say what the profiles say.

The words come from the behaviours and from the profiles: nothing is said here.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, get_args

import typer
import typer.main
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from emulator.cli.app import all_commands, app
from emulator.constants import TLS1_3_VERSION
from emulator.demo.play import play_all
from emulator.handshake.common.suites import collected
from emulator.knowledge import catalogue, errors, errors_seen, inventory
from emulator.knowledge.kinds import one_line
from emulator.profile import load_profile
from emulator.profiles import published
from emulator.profiles.describe import answers, facts, in_words
from emulator.profiles.published import known_releases, last_release_of, series_names
from emulator.scenario.kinds import KINDS, Part
from tools import fidelity_page, planted_page
from tools.places import REFERENCE, TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from emulator.demo.play import Answer
    from emulator.knowledge.catalogue import Behaviour
    from emulator.profiles.model import Profile

OUTCOMES_OF = ("0.9.6-base", "0.9.6m", "0.9.8zh", "1.0.1g", "1.0.1u", "1.0.2k", "1.0.2u", "1.1.0l", "1.1.1w")
"""The columns of the page of outcomes: recorded releases."""


@dataclass(frozen=True)
class Runs:
    """A value, and the releases that have it."""

    value: str
    releases: str


@dataclass(frozen=True)
class Answered:
    """One named behaviour, and who answers what."""

    behaviour: Behaviour
    given: tuple[Runs, ...]


@dataclass(frozen=True)
class SectionPage:
    """One section of a profile."""

    key: str
    words: str
    behaviours: tuple[Answered, ...]


@functools.cache
def profiles() -> dict[str, Profile]:
    """The profile of every public release, oldest first within its series, and of every build."""
    return {name: load_profile(name) for name in (*(release.name for release in known_releases()), *builds())}


def builds() -> Iterable[str]:
    """The names of the distributors' builds."""
    return published.distributions()


# -- who answers what ----------------------------------------------------------------------------


def runs(value_of: Callable[[str], str]) -> tuple[Runs, ...]:
    """Values and who has them, in the order of their first release.

    A distributor's build is named only where it answers otherwise than its release.
    """
    found: dict[str, list[str]] = {}
    for value, names in groupby((name for name in profiles() if name not in builds()), key=value_of):
        alike = list(names)
        found.setdefault(value, []).append(span(alike))
    for name in builds():
        if value_of(name) != value_of(profiles()[name].release):
            found.setdefault(value_of(name), []).append(name)
    return tuple(Runs(value, ", ".join(spans)) for value, spans in found.items() if value)


def span(names: list[str]) -> str:
    """A run of releases in words."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def sections() -> list[SectionPage]:
    """All sections that hold behaviours, as the model orders them."""
    every = {name: answers(profile) for name, profile in profiles().items()}

    def answered(behaviour: Behaviour) -> Answered:
        return Answered(behaviour, runs(lambda name: every[name].get(behaviour.key, "")))

    return [
        SectionPage(section.key, section.words, tuple(map(answered, section.behaviours)))
        for section in catalogue.sections()
    ]


# -- what exists ---------------------------------------------------------------------------------


def histories() -> list[dict[str, Any]]:
    """Every series: its file, and each range of releases that behave alike with what the first changed."""
    found = []
    for name, ranges in groupby(inventory.ranges(), key=lambda each: each.series):
        rows = [
            {"releases": span(list(each.names)), "changes": each.changes}
            for each in ranges
            if not each.patched
        ]
        found.append({"name": name, "last": last_release_of(name).name, "ranges": rows})
    return found


def distributions() -> list[dict[str, Any]]:
    """Every distributor's build: what is new in it, its sources, and where it differs from its release."""
    found = []
    for each in inventory.ranges():
        if not each.patched:
            continue
        name = each.names[0]
        profile = profiles()[name]
        plain, own = facts(profiles()[profile.release]), facts(profile)
        changed = [
            {"key": key, "release": plain.get(key, "absent"), "build": own.get(key, "absent")}
            for key in dict.fromkeys([*plain, *own])
            if plain.get(key) != own.get(key)
        ]
        found.append(
            {
                "name": name,
                "news": each.news,
                "sources": profile.sources,
                "release": profile.release,
                "changed": changed,
            }
        )
    return found


def table_of(names: Iterable[str]) -> list[dict[str, Any]]:
    """For each name of functions, modes and options: its values and who has them."""
    every = {name: facts(profile) for name, profile in profiles().items()}

    def given(name: str) -> tuple[Runs, ...]:
        return runs(lambda release: every[release].get(name, "unknown"))

    return [{"name": name, "given": given(name)} for name in names]


def union(names_of: Callable[[Profile], Iterable[str]]) -> list[str]:
    """Every name that some release has, in the order of appearance."""
    return list(dict.fromkeys(name for profile in profiles().values() for name in names_of(profile)))


def backed_sections() -> list[dict[str, Any]]:
    """Every section that scenarios can ask about, its behaviours, and what backs each answer."""
    every = {name: answers(profile) for name, profile in profiles().items()}
    return [
        {"key": section.key, "behaviours": [backed(behaviour, every) for behaviour in section.behaviours]}
        for section in sections()
        if section.key not in fidelity_page.ELSEWHERE and section.behaviours
    ]


def backed(answered: Answered, every: dict[str, dict[str, str]]) -> dict[str, Any]:
    """A behaviour's answers, and what each rests on."""
    key, found = answered.behaviour.key, []
    for run in answered.given:
        names = [name for name, own in every.items() if own.get(key) == run.value]
        found.append(fidelity_page.answer_of(key, run.value, run.releases, names))
    return {"key": key, "name": answered.behaviour.name, "answers": found}


def suites() -> list[dict[str, str]]:
    """Every cipher suite, whether it is emulated, and in which series' last releases it is."""
    rows: dict[int, dict[str, Any]] = {}
    for series in series_names():
        ciphers = profiles()[last_release_of(series).name].ciphers
        for suite in (listed.suite for listed in collected(ciphers, ssl2=False, weak=True)):
            row = rows.setdefault(suite.id, {"suite": suite, "series": []})
            row["series"].append(series)
    return [
        {
            "id": f"0x{number:04X}",
            "name": row["suite"].name,
            "algorithms": " ".join(
                str(part)
                for part in (row["suite"].kx, row["suite"].auth, row["suite"].cipher, row["suite"].mac)
            ),
            "emulated": in_words(row["suite"].emulated and row["suite"].min_version != TLS1_3_VERSION),
            "series": ", ".join(row["series"]),
        }
        for number, row in sorted(rows.items())
    ]


def outcome(answer: Answer | None) -> str:
    """What a caller sees of one answer, without the records."""
    if answer is None:
        return "(dead)"
    if answer.ret is None:
        return answer.error
    head = f"{answer.ret} {answer.error}" + (f", errno {answer.errno}" if answer.errno else "")
    return "<br>".join([head, *(text.rpartition(":")[2] for text in answer.errors)])


def error_reasons() -> list[dict[str, Any]]:
    """Every reason that some release prints, by its name: what it means, and the lines."""
    return [
        {"name": name, "known": errors.of_reason(name), "lines": [error_line(each) for each in printed]}
        for name, printed in sorted(errors.seen_by_reason().items(), key=lambda item: (not item[0], item))
    ]


def error_line(printed: errors.Printed) -> dict[str, str]:
    """One error line: who printed it."""
    spans = (span(list(dict.fromkeys(pair))) for pair in errors_seen.ranges(printed.seen.releases))
    return {
        "text": printed.text,
        "recorded": ", ".join(printed.seen.recorded),
        "emulated": ", ".join(spans),
    }


# -- the command line ----------------------------------------------------------------------------


def parameter_row(parameter: Any) -> dict[str, str]:
    """An argument or option of a command: how it is written, and what it means."""
    if parameter.param_type_name == "argument":
        return {"name": parameter.metavar or parameter.name.upper(), "help": parameter.help or ""}
    name = " / ".join([*parameter.opts, *parameter.secondary_opts])
    value = "" if parameter.is_flag else f" {parameter.metavar or value_words(parameter)}"
    words = one_line(parameter.help)
    if parameter.multiple and "repeated" not in words:
        words += " May be repeated."
    if parameter.default not in (None, False, ()) and parameter.show_default:
        words += f" Default: `{parameter.default}`."
    return {"name": f"{name}{value}", "help": words}


def value_words(parameter: Any) -> str:
    """What a value may be: one of some words, or of which kind."""
    annotation = parameter.type_descriptor.annotation
    choices = [str(choice) for choice in get_args(annotation) if isinstance(choice, str)]
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    return "|".join(choices) if choices else "N" if int in kinds else "TEXT"


def command_pages() -> list[dict[str, Any]]:
    """Every command, in the order of the help; those of a group by both words."""
    return [command_page(" ".join(words), command) for words, command in all_commands().items()]


def command_page(name: str, command: Any) -> dict[str, Any]:
    """One command: its usage, its help, its arguments and options."""
    parameters = [each for each in command.params if each.name != "help" and not getattr(each, "hidden", 0)]
    rows = [parameter_row(each) for each in parameters]
    required = [
        row["name"]
        for row, each in zip(rows, parameters, strict=True)
        if each.required and each.param_type_name == "option"
    ]
    arguments = [
        (row["name"] if each.required else f"[{row['name']}]") + ("" if each.nargs == 1 else "...")
        for row, each in zip(rows, parameters, strict=True)
        if each.param_type_name == "argument"
    ]
    usage = " ".join([name, *required, "[OPTIONS]", *arguments])
    return {"name": name, "usage": usage, "help": inspect.cleandoc(command.help or ""), "parameters": rows}


def global_options() -> list[dict[str, str]]:
    """What may stand before every command."""
    return [parameter_row(each) for each in typer.main.get_command(app).params if each.name != "help"]


# -- pages ---------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """The generated pages by their file names."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown out of our own words
    )
    environment.filters["cell"] = lambda text: text.replace("|", r"\|")
    environment.filters["outcome"] = outcome
    environment.filters["backed"] = fidelity_page.in_words
    environment.filters["shortened"] = fidelity_page.shortened
    environment.filters["code"] = lambda text: text.replace("`", "'")
    data: dict[str, dict[str, Any]] = {
        "releases.md": {
            "histories": histories(),
            "builds": distributions(),
        },
        "behaviours.md": {"sections": sections()},
        "outcomes.md": {
            "names": OUTCOMES_OF,
            "situations": play_all([profiles()[name] for name in OUTCOMES_OF], "TLSv1", "library"),
        },
        "exists.md": {
            "functions": table_of(union(lambda p: (each.c_name for each in p.functions.values()))),
            "modes": table_of(union(lambda p: (f"SSL_MODE_{name}" for name in p.modes))),
            "options": table_of(union(lambda p: (f"SSL_OP_{name}" for name in p.options))),
        },
        "errors.md": {"reasons": error_reasons(), "count": len(errors_seen.seen().texts)},
        "cipher-suites.md": {"suites": suites()},
        "command-line.md": {"options": global_options(), "commands": command_pages()},
        "planted.md": planted_page.page(),
        "scenario-syntax.md": {
            "calls": [kind for kind in KINDS.values() if kind.part is not Part.TRANSPORT],
            "transport": [kind for kind in KINDS.values() if kind.part is Part.TRANSPORT],
        },
        "fidelity.md": {**fidelity_page.page(), "sections": backed_sections()},
    }
    return {name: environment.get_template(f"{name}.j2").render(**values) for name, values in data.items()}


def stale(folder: Path = REFERENCE) -> list[str]:
    """List the pages that say something else than the profiles."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def refresh(_only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Write the pages."""
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
