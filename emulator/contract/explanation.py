"""An explanation: of the last call of a connection, of a finding, or of an error's text."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

# Not for types alone: by such imports mypy orders modules that name each other's types.
from emulator.contract.findings import Finding  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Iterator


_WIDTH = 110
_LABEL = 12


class DecidingBehaviour(NamedTuple):
    """A behaviour of the profile that bears on an answer."""

    key: str
    """Its name: "write.after_bad_retry"."""
    answer: str
    """The profile's answer: "fatal"; empty where no profile is spoken of."""
    words: str
    """What the answer means; of a behaviour without such words, its subject."""

    def __str__(self) -> str:
        name = f"{self.key} = {self.answer}" if self.answer else self.key
        return f"{name}: {self.words}" if self.words else name


class DecidingClause(NamedTuple):
    """A clause of the release's manual pages that speaks of an answer."""

    id: str
    """Topic and word: "num-zero.undefined"."""
    page: str
    """The page with its release, "SSL_write(3) of OpenSSL 1.0.1u"; without one the page alone."""
    says: str

    def __str__(self) -> str:
        return f"{self.id}: {self.says} ({self.page})"


class Elsewhere(NamedTuple):
    """Other releases, and what they do."""

    releases: str
    """The releases: "0.9.6-base to 1.1.0l"."""
    says: str

    def __str__(self) -> str:
        return f"{self.releases}: {self.says}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a call, a finding or an error; ``str()`` is a few lines of text.

    ``subject`` is the thing that is explained, ``answer`` the answer of a call, such as "-1 WANT_WRITE", and
    ``errors`` are the texts of the error queue, oldest first.  ``means`` says in a sentence or two what it
    is.  ``findings`` are those of the call.  ``behaviours`` and ``clauses`` bear on the answer, ``advice`` is
    what to do now, and ``elsewhere`` names releases that answer otherwise.
    """

    subject: str
    answer: str = ""
    errors: tuple[str, ...] = ()
    means: str = ""
    findings: tuple[Finding, ...] = ()
    behaviours: tuple[DecidingBehaviour, ...] = ()
    clauses: tuple[DecidingClause, ...] = ()
    advice: tuple[str, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    def __str__(self) -> str:
        head = f"{self.subject}: {self.answer}" if self.answer else self.subject
        return "\n".join([head, *self._lines()])

    def _lines(self) -> Iterator[str]:
        rows = (
            ("queue", self.errors),
            ("means", (self.means,) if self.means else ()),
            ("finding", tuple(f"{found.code}: {found.says}" for found in self.findings)),
            ("behaviour", self.behaviours),
            ("page", self.clauses),
            ("do", self.advice),
            ("elsewhere", self.elsewhere),
        )
        for label, texts in rows:
            for text in texts:
                yield _row(label, str(text))


def ask(thing: object) -> Explanation:
    """Return ``emulator.explain(thing)``.

    A connection has a method for it, but explanations stand above connections: they know all releases.  So
    the method asks the package, which hands all public names on.
    """
    explanation: Explanation = sys.modules["emulator"].explain(thing)
    return explanation


def _row(label: str, text: str) -> str:
    """Return a text behind its label, wrapped below its beginning."""
    first, rest = f"  {label:<{_LABEL}}", " " * (_LABEL + 2)
    lines = textwrap.wrap(text, _WIDTH - len(rest), break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"{rest if number else first}{line}" for number, line in enumerate(lines or [""]))
