"""``emulator.explain()``: of a connection's last call, a finding, an error, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.api.arguments import shown
from emulator.contract.findings import Finding, FindingError
from emulator.error_queue import ErrorEntry
from emulator.exceptions import UsageError
from emulator.explaining import calls, findings, texts

if TYPE_CHECKING:
    from emulator.connection import Connection
    from emulator.contract.explanation import Explanation


def explain(thing: Connection | Finding | FindingError | ErrorEntry | str) -> Explanation:
    """Explain a connection's last call, a finding, an entry of the error queue, or a name.

    ``thing`` is a :class:`Connection`, whose last call is explained; a :class:`Finding`, or the FindingError
    that has one; an :class:`ErrorEntry`; or a string as ``emulator explain`` takes it: an error line or code
    ("1409F07F"), a reason ("BAD_WRITE_RETRY"), an answer of SSL_get_error() ("WANT_READ", "2"), the code of a
    finding ("retry-moved"), a behaviour ("write.bio_zero"), a topic of the manual pages ("num-zero"), one of
    their clauses ("num-zero.undefined"), or the code of a loss ("abandoned").

    ``print()`` of the result is a few lines of text.  Raises UsageError for anything else, and for a string
    that is none of these.
    """
    from emulator.connection import Connection  # noqa: PLC0415 - names and errors need no engine

    if isinstance(thing, Connection):
        return calls.explained(thing)
    if isinstance(thing, FindingError):
        thing = thing.finding
    if isinstance(thing, Finding):
        return findings.explained(thing)
    if isinstance(thing, ErrorEntry):
        return texts.explained(thing.text)
    if isinstance(thing, str):
        return texts.explained(thing)
    raise UsageError(
        f"thing: got {shown(thing)}, expected a connection, a finding, an entry of the error queue or a name"
    )
