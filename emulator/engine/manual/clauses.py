"""The clauses of a release's pages that manual mode follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emulator.pages.page import Page

RENEGOTIATION = "renegotiation.transparent"
EARLY_RETURN = "blocking-early-return.want-read-while-renegotiating"
MODE_EARLY_RETURN = "mode-early-return.want-read"
NUM_ZERO = "num-zero.undefined"
CLOSED_CONNECTION = "closed-connection.zero"
CLEAN_CLOSE = "clean-close.zero-return"


class Clauses(NamedTuple):
    """Which of these clauses stand on a release's pages."""

    renegotiation: bool
    early_return: bool
    mode_early_return: bool
    num_zero: bool
    closed: bool
    clean_close: bool


def clauses_of(page: Page) -> Clauses:
    """Return which clauses stand on a release's pages."""
    return Clauses(
        renegotiation=page.has(RENEGOTIATION),
        early_return=page.has(EARLY_RETURN),
        mode_early_return=page.has(MODE_EARLY_RETURN),
        num_zero=page.has(NUM_ZERO),
        closed=page.has(CLOSED_CONNECTION),
        clean_close=page.has(CLEAN_CLOSE),
    )
