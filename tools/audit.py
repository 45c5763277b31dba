"""Every recorded call against the clauses of its release's pages: ``emulator/data/audit.json``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from emulator.audit import shipped
from emulator.audit.count import audit_files
from emulator.scenario.fidelity import SUFFIX, recordings
from tools.places import TRACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.audit.count import Audited


def stale() -> list[str]:
    """List the recordings that came or went, and those whose release's pages have other clauses now.

    Whether the counts are still right, the audit itself tells.
    """
    there = {path.name.removesuffix(SUFFIX) for path in recordings(str(TRACES))}
    known = shipped.recordings() if shipped.DATA.exists() else {}
    changed = [f"the recording {name}" for name in sorted(there ^ set(known))]
    pages = [f"the pages of {each.release}" for each in known.values() if not shipped.is_current(each)]
    return [*changed, *dict.fromkeys(pages)]


def as_text(found: Mapping[str, Audited]) -> str:
    """The result as JSON, a line for each clause of a recording."""
    blocks = []
    for name, each in found.items():
        data = each.as_json()
        clauses = ",\n".join(
            f"   {json.dumps(key)}: {json.dumps(count)}" for key, count in data.pop("clauses").items()
        )
        head = json.dumps(data)[:-1]
        blocks.append(f' {json.dumps(name)}: {head}, "clauses": {{\n{clauses}\n }}}}')
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def refresh(_only_stale: bool = False) -> None:  # noqa: FBT001, FBT002 - all parts are made alike
    """Audit every recording, and write the result."""
    paths = recordings(str(TRACES))
    found = dict(zip((path.name.removesuffix(SUFFIX) for path in paths), audit_files(paths), strict=True))
    shipped.DATA.write_text(as_text(found), encoding="utf-8")
    shipped.recordings.cache_clear()
    shipped.releases.cache_clear()
    sys.stdout.write(f"{sum(each.calls for each in found.values())} recorded calls\n")
