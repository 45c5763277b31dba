"""The page of outcomes: what callers of some releases see in the situations of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.demo.play import play_all
from emulator.profile import load_profile

if TYPE_CHECKING:
    from emulator.demo.play import Answer

RELEASES = ("0.9.6-base", "0.9.6m", "0.9.8zh", "1.0.1g", "1.0.1u", "1.0.2k", "1.0.2u", "1.1.0l", "1.1.1w")
"""The columns: recorded releases."""


def page() -> dict[str, Any]:
    """Return what the template of the page is filled with."""
    played = play_all([load_profile(name) for name in RELEASES], "TLSv1", "library")
    return {"names": RELEASES, "situations": played}


def in_words(answer: Answer | None) -> str:
    """Return what a caller sees of one answer, without the records."""
    if answer is None:
        return "(dead)"
    if answer.ret is None:
        return answer.error
    head = f"{answer.ret} {answer.error}" + (f", errno {answer.errno}" if answer.errno else "")
    return "<br>".join([head, *(text.rpartition(":")[2] for text in answer.errors)])
