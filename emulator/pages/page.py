"""The manual pages of one release: which clauses stand on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.profile import Profile
    from emulator.profiles.clauses import Clause, Topic


def topics() -> Mapping[str, Topic]:
    """Return the topics of the table; it is read when a clause of it is needed first."""
    from emulator.profiles import clauses  # noqa: PLC0415 - JSON and files, which a connection does without

    return clauses.topics()


class Page:
    """What the manual pages of one release say about writing, as far as this profile has it."""

    __slots__ = ("_words", "release")

    def __init__(self, release: str, words: Mapping[str, str]) -> None:
        self.release = release
        """The release whose pages they are."""
        self._words = words

    def __repr__(self) -> str:
        return f"<Page of OpenSSL {self.release}: {len(self._words)} clauses>"

    def has(self, name: str) -> bool:
        """Whether a clause stands on the pages, by its id: "num-zero.undefined"."""
        topic, _, word = name.partition(".")
        return self._words.get(topic) == word

    def clause(self, topic: str) -> Clause | None:
        """Return the clause about a topic ("num-zero"); None where the pages are silent."""
        word = self._words.get(topic)
        return None if word is None else topics()[topic].clauses[word]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses, in the order of the pages."""
        found = (self.clause(topic) for topic in topics())
        return tuple(clause for clause in found if clause is not None)

    def cited(self, clause: Clause) -> str:
        """Return the manual page of a clause as messages cite it: "SSL_write(3) of OpenSSL 1.0.1u"."""
        return f"{clause.page} of OpenSSL {self.release}"


def page_of(profile: Profile) -> Page:
    """Return what the manual pages of a profile's release say."""
    return Page(profile.release, profile.manual)
