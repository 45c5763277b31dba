"""The page of errors: every reason that some release prints, and its lines."""

from __future__ import annotations

from typing import Any

from emulator.knowledge import errors, errors_seen
from tools.pages.spans import in_words


def reasons() -> list[dict[str, Any]]:
    """List every reason that some release prints, by its name: what it means, and the lines."""
    return [
        {"name": name, "known": errors.of_reason(name), "lines": [_line(each) for each in printed]}
        for name, printed in sorted(errors.seen_by_reason().items(), key=lambda item: (not item[0], item))
    ]


def _line(printed: errors.Printed) -> dict[str, str]:
    """Return one error line: who printed it."""
    spans = (in_words(list(dict.fromkeys(pair))) for pair in errors_seen.ranges(printed.seen.releases))
    return {
        "text": printed.text,
        "recorded": ", ".join(printed.seen.recorded),
        "emulated": ", ".join(spans),
    }
