"""The table of divergences between pages and recorded libraries in docs/explanation/manual-or-library.md.

The rows are those of the audit; ``tools/data/divergences.toml`` has what the code does instead.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from emulator.audit import shipped
from emulator.audit.count import Count
from tools.places import DATA, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = ROOT / "docs" / "explanation" / "manual-or-library.md"
WORDS = DATA / "divergences.toml"
BEGIN = "<!-- the rows below are written by ./dev refresh -->\n"
END = "<!-- the rows above are written by ./dev refresh -->\n"

HEAD = """\
| the page says | what the code does | recorded calls that show it | a small scenario |
| --- | --- | --- | --- |
"""


def words() -> dict[str, str]:
    """Return what the code does in the place of each broken promise, by the clause's id."""
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {f"{topic}.{word}": each["does"] for topic, own in table.items() for word, each in own.items()}


def rows() -> Iterator[str]:
    """Make a row for each promise that recorded calls break, in the order of the pages."""
    does = words()
    found: dict[str, list[shipped.Divergence]] = {}
    for each in shipped.divergences():
        found.setdefault(each.clause.id, []).append(each)
    for name in shipped.in_order(found):
        clause, counts = found[name][0].clause, found[name]
        calls = ", ".join(f"{each.release} {each.counted.broken}" for each in counts)
        said = f"{clause.says} ({clause.page}, `{name}`)"
        yield f"| {said} | {does[name]} | {calls} | {_smallest(counts)} |\n"


def _smallest(found: list[shipped.Divergence]) -> str:
    """Return the smallest scenario of some releases, and the command that runs it."""
    small = Count()
    for each in found:
        if each.counted.smallest is not None:
            small.remember(each.counted.smallest)
    assert small.smallest is not None
    first = next(each for each in found if each.counted.smallest == small.smallest)
    asked = f"emulator audit {first.release} --scenario {first.clause.id}"
    run = f"emulator run - --profile {first.release}"
    return f"`{small.smallest.scenario}`, step {small.smallest.step}: `{asked} \\| {run}`"


def text(path: Path = PAGE) -> str:
    """Return the page with the rows as they are now."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    return f"{before}{begin}\n{HEAD}{''.join(rows())}\n{end}{after}"


def stale() -> list[str]:
    """Name the page if its rows are others now."""
    return [] if PAGE.read_text(encoding="utf-8") == text() else [PAGE.name]


def refresh() -> None:
    """Write the rows."""
    PAGE.write_text(text(), encoding="utf-8")
