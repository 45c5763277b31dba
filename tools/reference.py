"""Make the pages of docs/reference/ that say what the profiles, the program and the recordings say.

The words come from there: nothing is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from emulator.knowledge import errors_seen
from emulator.knowledge.kinds import Kind
from emulator.scenario.kinds import KINDS, Part
from tools import divergences
from tools.pages import command_line, errors, fidelity, findings, outcomes, planted, releases, spans, suites
from tools.places import REFERENCE, TEMPLATES

if TYPE_CHECKING:
    from pathlib import Path


def pages() -> dict[str, str]:
    """Make the pages by their file names."""
    environment = _environment()
    data: dict[str, dict[str, Any]] = {
        "releases.md": {"histories": releases.histories(), "builds": releases.builds()},
        "behaviours.md": {"sections": spans.sections()},
        "outcomes.md": outcomes.page(),
        "exists.md": {f"{kind}s": spans.existing(kind) for kind in (Kind.FUNCTION, Kind.MODE, Kind.OPTION)},
        "errors.md": {"reasons": errors.reasons(), "count": len(errors_seen.seen().texts)},
        "cipher-suites.md": {"suites": suites.suites()},
        "command-line.md": {"options": command_line.global_options(), "commands": command_line.commands()},
        "findings.md": findings.page(),
        "planted.md": planted.page(),
        "scenario-syntax.md": {
            "calls": [kind for kind in KINDS.values() if kind.part is not Part.TRANSPORT],
            "transport": [kind for kind in KINDS.values() if kind.part is Part.TRANSPORT],
        },
        "fidelity.md": {**fidelity.page(), "sections": fidelity.backed_sections()},
    }
    return {name: environment.get_template(f"{name}.j2").render(**values) for name, values in data.items()}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown out of our own words
    )
    environment.filters["cell"] = lambda text: text.replace("|", r"\|")
    environment.filters["outcome"] = outcomes.in_words
    environment.filters["backed"] = fidelity.in_words
    environment.filters["shortened"] = fidelity.shortened
    environment.filters["code"] = lambda text: text.replace("`", "'")
    return environment


def stale(folder: Path = REFERENCE) -> list[str]:
    """List the pages that say something else than the profiles."""
    found = [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
    return [*found, *divergences.stale()]


def refresh(_only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Write the pages."""
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    divergences.refresh()
