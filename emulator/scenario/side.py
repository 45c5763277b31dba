"""One side of a scenario, as the stage sees it: an emulated connection, or one of a real library.

This module is imported by the process that has loaded a real library: nothing here may import ``hashlib``,
``ssl`` or ``cryptography``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from emulator.exceptions import EmulatorError
from emulator.scenario.kinds import BUFFER_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.scripted import ScriptedBIO
    from emulator.scenario.kinds import Kind
    from emulator.scenario.step import Json, Step
    from emulator.scenario.threads import SideThread
    from emulator.scenario.wire import WireMeter

PATTERN = bytes(range(256)) * (BUFFER_SIZE // 256)
"""The content of a buffer that no ``fill`` was given for."""


class Unsupported(EmulatorError):  # noqa: N818 - an answer, not a mistake
    """The release lacks the protocol or the cipher suite of the scenario; ``what`` is its name."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} is not supported")


class Answer(NamedTuple):
    """What a call returned: ``ret``, the ``data`` that was read, and out-parameters by their names."""

    ret: int
    data: bytes = b""
    out: Json | None = None


class Side(Protocol):
    """The calls of one side, and what stands around them.

    All methods but ``run`` and ``lacks`` are called by a job that ``run`` runs.
    """

    who: str
    """ "client" or "server"."""
    bio: ScriptedBIO
    """The transport, which is the side's BIO for reading and for writing."""
    meter: WireMeter
    """Counts the bytes that the transport accepts."""
    errno: int
    """C's errno."""

    @property
    def thread(self) -> SideThread:
        """The thread of the calls that may block."""

    def run(self, job: Callable[[], None]) -> None:
        """Run a job where this side's error queue and errno are, until it has returned or blocks."""

    def lacks(self, kind: Kind) -> bool:
        """Whether the release does not have the function of this call."""

    def perform(self, step: Step) -> Answer:
        """Make the call of a step, of any kind that is a call or a setting."""

    def clear_errors(self) -> None:
        """ERR_clear_error()."""

    def drain_errors(self) -> list[Json]:
        """Take all errors off the queue, oldest first: lib, func, reason, and ERR_error_string_n()'s text."""

    def get_error(self, ret: int) -> int:
        """SSL_get_error()."""

    def want(self) -> int:
        """SSL_want()."""

    def get_shutdown(self) -> int:
        """SSL_get_shutdown()."""

    def in_init(self) -> bool:
        """SSL_in_init()."""


class Memory(Protocol):
    """The bytes of a buffer; ``memory`` takes slices."""

    @property
    def memory(self) -> Any:
        """The bytes, writable."""


M = TypeVar("M", bound=Memory)


class Buffers(Generic[M]):
    """The named buffers of one side: each keeps its address, is 512 KiB long and zero at first."""

    def __init__(self, make: Callable[[], M]) -> None:
        self._make = make
        self._buffers: dict[str, M] = {}

    def filled(self, step: Step) -> M:
        """The buffer that a step names, its first ``size`` bytes filled, whatever the offset is."""
        buffer = self._buffers.get(step.buffer)
        if buffer is None:
            buffer = self._buffers[step.buffer] = self._make()
        size = step.size
        if size > 0:
            buffer.memory[:size] = PATTERN[:size] if step.fill is None else step.fill.encode() * size
        if step.data:
            data = bytes.fromhex(step.data)
            buffer.memory[: len(data)] = data
        return buffer
