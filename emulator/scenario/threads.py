"""A thread for each side of a blocking scenario, of which never more than one runs at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class _Abandoned(BaseException):
    """Unwinds a call that was still blocked when its scenario ended."""


class SideThread:
    """Runs calls that may block.  Who starts or wakes one waits until it has returned or blocks again."""

    def __init__(self) -> None:
        self.is_blocked = False
        self._job: Callable[[], None] | None = None
        self._failure: BaseException | None = None
        self._turn = threading.Semaphore(0)
        self._returned = threading.Semaphore(0)
        self._abandoned = False
        self._thread = threading.Thread(target=self._loop, name="scenario side", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], None]) -> None:
        """Run ``job`` until it has returned or blocks; what it raises is raised here."""
        self._job = job
        self._give_turn()

    def wake(self) -> None:
        """Let a blocked job go on until it has returned or blocks again."""
        self._give_turn()

    def _give_turn(self) -> None:
        self._turn.release()
        self._returned.acquire()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def block(self, *_: Any) -> None:
        """Give the turn back until :meth:`wake`; called by a job where its transport blocks."""
        self.is_blocked = True
        self._returned.release()
        self._turn.acquire()
        self.is_blocked = False
        if self._abandoned:
            raise _Abandoned

    def abandon(self) -> None:
        """Unwind the job if it is blocked, so that the thread can serve another scenario."""
        if self.is_blocked:
            self._abandoned = True
            self._give_turn()
            self._abandoned = False

    def close(self) -> None:
        """End the thread."""
        self.abandon()
        self._job = None
        self._turn.release()
        self._thread.join()

    def _loop(self) -> None:
        while True:
            self._turn.acquire()
            if self._job is None:
                return
            self._run(self._job)
            self._returned.release()

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by whoever gave the turn
            self._failure = error
