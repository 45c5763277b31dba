"""Renders comparisons as HTML: a page that loads no other files, or a fragment for a notebook."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from emulator.exceptions import UsageError
from emulator.lanes.read_json import from_json
from emulator.lanes.result import Compared
from emulator.report.details import details_of, embedded
from emulator.report.matrix import matrix_of
from emulator.report.pages import pages_table
from emulator.report.view import scenario_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.lanes.result import Row

TEMPLATES = "templates"

Comparable: TypeAlias = "Compared | Mapping[str, Any]"
"""A comparison, or the JSON of one."""


def render(
    comparisons: Iterable[Comparable] | Comparable,
    *,
    title: str | None = None,
    docs: str | None = None,
    pages: bool = False,
) -> str:
    """Render one comparison or several as one HTML file that loads no other files.

    ``comparisons`` is a comparison, the result of ``Comparison.as_json()``, or a list of these.  A page of
    several begins with a matrix of scenarios by releases.  It names the behaviours that cause a difference if
    ``Comparison.decide()`` has found them.  With ``docs``, the address of the documentation, behaviours are
    links.  With ``pages`` the page ends with what recorded calls say of every clause of the manual pages.
    Raises UsageError for an empty list, and for JSON of another form.
    """
    found = _listed(comparisons)
    scenarios = [scenario_view(compared, index) for index, compared in enumerate(found)]
    style = _style(sorted({len(scenario.lanes) for scenario in scenarios}))
    script = _own("report.js")
    page = _environment().get_template("report.html.j2")
    return page.render(
        title=title or (scenarios[0].title if len(scenarios) == 1 else "Scenarios by releases"),
        scenarios=scenarios,
        matrix=matrix_of(scenarios) if len(scenarios) > 1 else None,
        pages=pages_table() if pages else None,
        data=embedded({**details_of(found, scenarios), "docs": docs and docs.rstrip("/")}),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def render_fragment(comparison: Comparable) -> str:
    """Render one comparison as a fragment for a notebook: a table, with no script and no global style."""
    (compared,) = _listed(comparison)
    fragment = _environment().get_template("fragment.html.j2")
    return fragment.render(
        scenario=scenario_view(compared, 0), decided=[_decided(row) for row in compared.rows]
    )


def _listed(comparisons: Iterable[Comparable] | Comparable) -> list[Compared]:
    if isinstance(comparisons, Compared):
        return [comparisons]
    if isinstance(comparisons, Mapping):
        return [from_json(comparisons)]
    found = [each if isinstance(each, Compared) else from_json(each) for each in comparisons]
    if not found:
        raise UsageError("there is no comparison to render: expected at least one")
    return found


def _decided(row: Row) -> list[str]:
    """List the behaviours that cause the differences of a row, each once."""
    return list(dict.fromkeys(each.key for decision in row.known for each in decision.behaviours))


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
"""Longer words, as the names in C, may break after an underscore."""


def breakable(text: str) -> Markup:
    """Return a text, escaped, whose long names may break after an underscore."""
    parts = re.split(r"(\s+)", text)
    return Markup().join(_parted(part) if len(part) > LONGEST_WORD else part for part in parts)


def _parted(word: str) -> Markup:
    return escape(word).replace("_", Markup("_<wbr>"))


def _style(lanes: list[int]) -> Markup:
    """Return the style sheet; each number of lanes is a class, since the policy forbids style attributes."""
    return Markup(_environment().get_template("report.css.j2").render(lanes=lanes))  # noqa: S704 - our own


def _own(name: str) -> Markup:
    text = files(__package__).joinpath(TEMPLATES, name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: the page's own style and script, by their hashes."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(str(text).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
