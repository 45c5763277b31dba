"""The decisions of one connection: the clauses that its release's pages have, the policy, the promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.engine.manual.choice import LIBRARY, Choice, Outcome
from emulator.engine.manual.clauses import clauses_of
from emulator.engine.manual.promise import Promise, Promises
from emulator.pages.page import page_of

if TYPE_CHECKING:
    from emulator.constants import ErrorCode
    from emulator.engine.manual.choice import Chooses, Moment
    from emulator.engine.ssl import SSL


class Decisions:
    """Asks the policy, and records every answer that comes from a page."""

    __slots__ = ("_page", "call", "clauses", "policy", "promises")

    def __init__(self, s: SSL, policy: Chooses) -> None:
        self._page = page_of(s.profile)
        self.clauses = clauses_of(self._page)
        self.policy = policy
        self.promises = Promises()
        self.call = "write"
        """The name of the call that is made."""

    def permits(self, clause: str, moment: Moment, outcome: Outcome, occasion: int = 0) -> bool:
        """Whether the policy takes an outcome that a clause permits beside the library's."""
        return self.policy.choose(self.choice(clause, moment, outcome, occasion)) is outcome

    def choice(self, clause: str, moment: Moment, outcome: Outcome, occasion: int) -> Choice:
        """Return the choice between the library's outcome and another one."""
        return Choice(clause, "permission", self.call, moment, (LIBRARY, outcome), occasion)

    def page_of(self, clause: str) -> str:
        """Return the page that has a clause, with the release."""
        stands = self._page.clause(clause.partition(".")[0])
        assert stands is not None, f"the pages do not say {clause}"
        return self._page.cited(stands)

    def promise(
        self, clause: str, meaning: str, ret: int | None = None, error: ErrorCode | None = None
    ) -> None:
        """Record that a clause has decided."""
        self.promises.add(Promise(clause, self.page_of(clause), meaning, ret, error, self.call))
