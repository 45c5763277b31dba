"""Renders comparisons as HTML: a page that needs nothing else, or a fragment for a notebook."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from emulator.exceptions import UsageError
from emulator.report.details import details_of, embedded
from emulator.report.matrix import matrix_of
from emulator.report.view import scenario_view

Json = dict[str, Any]

TEMPLATES = "templates"


def render(comparisons: list[Json] | Json, *, title: str | None = None, docs: str | None = None) -> str:
    """Render one comparison or several as one HTML file that loads nothing.

    ``comparisons`` is what ``Comparison.as_json()`` gives, or a list of such; several of them begin with a
    matrix of scenarios by releases.  ``docs`` is the address of the documentation, if behaviours are to link
    to their reference.  Raises UsageError where there is nothing to show.
    """
    found = _listed(comparisons)
    scenarios = [scenario_view(data, index) for index, data in enumerate(found)]
    style = _style(sorted({len(scenario.lanes) for scenario in scenarios}))
    script = _own("report.js")
    page = _environment().get_template("report.html.j2")
    return page.render(
        title=title or (scenarios[0].title if len(scenarios) == 1 else "Scenarios by releases"),
        scenarios=scenarios,
        matrix=matrix_of(scenarios) if len(scenarios) > 1 else None,
        data=embedded({**details_of(found, scenarios), "docs": docs and docs.rstrip("/")}),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def render_fragment(data: Json) -> str:
    """Render one comparison as a fragment for a notebook: a table, with no script and no global style."""
    (scenario,) = (scenario_view(each, 0) for each in _listed(data))
    fragment = _environment().get_template("fragment.html.j2")
    return fragment.render(scenario=scenario, decided=[_decided(row) for row in data["rows"]])


def _listed(comparisons: list[Json] | Json) -> list[Json]:
    found = [comparisons] if isinstance(comparisons, dict) else list(comparisons)
    if not found:
        raise UsageError("there is no comparison to render: expected at least one")
    return found


def _decided(row: Json) -> list[str]:
    """The behaviours that decided a row, each once."""
    return list(
        dict.fromkeys(each["key"] for pair in row.get("decided") or () for each in pair["behaviours"])
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    return environment


LONGEST_WORD = 14
"""Longer words, names in C, may break after an underscore."""


def breakable(text: str) -> Markup:
    """A text, escaped, whose long names may break after an underscore."""
    parts = re.split(r"(\s+)", text)
    return Markup().join(_parted(part) if len(part) > LONGEST_WORD else part for part in parts)


def _parted(word: str) -> Markup:
    return escape(word).replace("_", Markup("_<wbr>"))


def _style(lanes: list[int]) -> Markup:
    """The page's style sheet; a number of lanes is a class, as the policy forbids style attributes."""
    return Markup(_environment().get_template("report.css.j2").render(lanes=lanes))  # noqa: S704 - our own


def _own(name: str) -> Markup:
    text = files(__package__).joinpath(TEMPLATES, name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own


def _policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: its own style and script, by their hashes, and nothing else."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(str(text).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
