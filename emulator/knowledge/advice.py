"""Why releases differ, and what callers must do about it: the texts in ``advice/*.toml``, by hand.

There is a file for each section of the profiles, with a table for each behaviour; ``reasons.toml`` has one
for each reason of errors, ``error_codes.toml`` one for each answer of SSL_get_error(), ``functions.toml`` one
for each function, mode or option that came or went.  A behaviour without a text has no advice: None.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from emulator.knowledge.index import part
from emulator.knowledge.texts import Advice, NameAdvice, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "Nothing"
"""How a text begins that asks nothing of a caller."""


def asks_nothing(text: str) -> bool:
    """Whether a text says that callers need do nothing."""
    return text.startswith(NOTHING)


@functools.cache
def _on_behaviours() -> dict[str, Advice]:
    return {key: Advice(**data) for key, data in part("advice")["behaviours"].items()}


@functools.cache
def _on_names() -> dict[str, NameAdvice]:
    return {name: NameAdvice(**data) for name, data in part("advice")["names"].items()}


@functools.cache
def reasons() -> Mapping[str, Reason]:
    """Return the texts on reasons, by the reasons' names without prefix (SSL_R_, ERR_R_, BIO_R_)."""
    return _reasons("reasons")


@functools.cache
def error_codes() -> Mapping[str, Reason]:
    """Return the texts on the answers of SSL_get_error(), by their names ("SSL_ERROR_WANT_READ")."""
    return _reasons("error_codes")


def _reasons(kind: str) -> dict[str, Reason]:
    found = part("advice")[kind].items()
    return {name: Reason(**{**data, "shows": tuple(data["shows"])}) for name, data in found}


def of(key: str) -> Advice | NameAdvice | None:
    """Return the advice about a behaviour ("write.after_bad_retry") or a name in C ("SSL_write_ex")."""
    return _on_behaviours().get(key) if "." in key else _on_names().get(key)


def title(key: str) -> str:
    """Return the subject of a behaviour in a few words: its own name where it has no title."""
    if "." not in key:
        return key
    advice = of(key)
    return advice.title if advice is not None and advice.title else key.rpartition(".")[2].replace("_", " ")
