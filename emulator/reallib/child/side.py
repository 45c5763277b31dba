"""One side of a scenario on the real library: its SSL object, its transport, and the thread of its calls."""

from __future__ import annotations

import ctypes
import mmap
from typing import TYPE_CHECKING, TypeAlias

from emulator.api.protocols import MODES, bits
from emulator.reallib.child.numbers import (
    ERR_LIB_SYS,
    ERR_SYSTEM_FLAG,
    SSL_CTRL_CLEAR_MODE,
    SSL_CTRL_MODE,
    SSL_CTRL_SET_MAX_SEND_FRAGMENT,
    SSL_CTRL_SET_SPLIT_SEND_FRAGMENT,
)
from emulator.scenario.kinds import BUFFER_SIZE
from emulator.scenario.side import Answer, Buffers
from emulator.scenario.threads import SideThread
from emulator.scenario.wire import WireMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio.scripted import ScriptedBIO
    from emulator.reallib.child.library import Library
    from emulator.scenario.kinds import Kind
    from emulator.scenario.step import Json, Step


class Pages:
    """A buffer of whole pages: what the library reads behind it is the next mapping, or ends the process."""

    __slots__ = ("address", "memory")

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, BUFFER_SIZE)
        self.address: int = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))


class LibrarySide:
    """An SSL object and its transport; every call is made on the side's own thread.

    errno and, from 1.0.0 on, the error queue belong to the thread.
    """

    def __init__(self, who: str, library: Library, ssl: int, bio: ScriptedBIO) -> None:
        self.who = who
        self.library = library
        self.ssl = ssl
        self.bio = bio
        self.meter = WireMeter()
        bio.on_accept = self.meter.accept
        self.thread = SideThread()
        self._buffers = Buffers(Pages)

    @property
    def errno(self) -> int:
        """C's errno, of this thread."""
        return ctypes.get_errno()

    @errno.setter
    def errno(self, value: int) -> None:
        ctypes.set_errno(value)

    def run(self, job: Callable[[], None]) -> None:
        """Run a job on this side's thread, until it has returned or blocks."""
        self.thread.start(job)

    def lacks(self, kind: Kind) -> bool:
        """Whether the library does not export the function of this call."""
        return not self.library.has(kind.function)

    def perform(self, step: Step) -> Answer:
        """Make the call of a step."""
        return CALLS[step.do](self, step)

    def written_from(self, step: Step) -> int:
        """The address at the step's offset in the buffer that it names."""
        return self._buffers.filled(step).address + step.offset

    def clear_errors(self) -> None:
        """ERR_clear_error()."""
        self.library.ERR_clear_error()

    def drain_errors(self) -> list[Json]:
        """Take all errors off this thread's queue, oldest first."""
        library = self.library
        return [
            {**_parts(library, code), "text": library.error_text(code)} for code in library.drain_errors()
        ]

    def get_error(self, ret: int) -> int:
        """SSL_get_error()."""
        return int(self.library.SSL_get_error(self.ssl, ret))

    def want(self) -> int:
        """SSL_want()."""
        return int(self.library.SSL_want(self.ssl))

    def get_shutdown(self) -> int:
        """SSL_get_shutdown()."""
        return int(self.library.SSL_get_shutdown(self.ssl))

    def in_init(self) -> bool:
        """SSL_in_init()."""
        return self.library.in_init(self.ssl)


def _parts(library: Library, code: int) -> Json:
    """ERR_GET_LIB(), ERR_GET_FUNC() and ERR_GET_REASON(), of which 3.0 has no function any more."""
    if not library.has("ERR_new"):
        return {"lib": code >> 24 & 0xFF, "func": code >> 12 & 0xFFF, "reason": code & 0xFFF}
    if code & ERR_SYSTEM_FLAG:
        return {"lib": ERR_LIB_SYS, "func": 0, "reason": code & ~ERR_SYSTEM_FLAG}
    return {"lib": code >> 23 & 0xFF, "func": 0, "reason": code & 0x7FFFFF}


Call: TypeAlias = "Callable[[LibrarySide, Step], Answer]"


def _write(side: LibrarySide, step: Step) -> Answer:
    return Answer(side.library.SSL_write(side.ssl, side.written_from(step), step.size))


def _write_ex(side: LibrarySide, step: Step) -> Answer:
    written = ctypes.c_size_t(step.written_before)
    ret = side.library.SSL_write_ex(side.ssl, side.written_from(step), step.size, ctypes.byref(written))
    return Answer(ret, out={"written": written.value})


def _reading(function: str) -> Call:
    def read(side: LibrarySide, step: Step) -> Answer:
        buffer = ctypes.create_string_buffer(max(step.size, 1))
        ret = getattr(side.library, function)(side.ssl, buffer, step.size)
        return Answer(ret, buffer.raw[: max(ret, 0)])

    return read


def _read_ex(side: LibrarySide, step: Step) -> Answer:
    buffer, count = ctypes.create_string_buffer(max(step.size, 1)), ctypes.c_size_t(0)
    ret = side.library.SSL_read_ex(side.ssl, buffer, step.size, ctypes.byref(count))
    return Answer(ret, buffer.raw[: count.value], {"readbytes": count.value})


def _plain(function: str) -> Call:
    """A call that takes the SSL object alone."""
    return lambda side, _step: Answer(getattr(side.library, function)(side.ssl))


def _control(command: int, argument: Callable[[Step], int]) -> Call:
    """A macro over SSL_ctrl()."""
    return lambda side, step: Answer(side.library.SSL_ctrl(side.ssl, command, argument(step), None))


def _modes(step: Step) -> int:
    return bits(step.modes, MODES)


def _size(step: Step) -> int:
    return step.size


def _connect(side: LibrarySide, _step: Step) -> Answer:
    library = side.library
    return Answer((library.SSL_connect if side.who == "client" else library.SSL_accept)(side.ssl))


def _key_update(side: LibrarySide, step: Step) -> Answer:
    return Answer(side.library.SSL_key_update(side.ssl, step.request))


def _set_shutdown(side: LibrarySide, step: Step) -> Answer:
    side.library.SSL_set_shutdown(side.ssl, step.flags)
    return Answer(0)


def _set_quiet_shutdown(side: LibrarySide, _step: Step) -> Answer:
    side.library.SSL_set_quiet_shutdown(side.ssl, 1)
    return Answer(0)


def _unset_bio(side: LibrarySide, _step: Step) -> Answer:
    side.library.SSL_set_bio(side.ssl, None, None)
    return Answer(0)


def _put_error(side: LibrarySide, step: Step) -> Answer:
    side.library.put_error(step.lib, step.reason)
    return Answer(0)


CALLS: dict[str, Call] = {
    "write": _write,
    "write_ex": _write_ex,
    "read": _reading("SSL_read"),
    "read_ex": _read_ex,
    "peek": _reading("SSL_peek"),
    "handshake": _plain("SSL_do_handshake"),
    "connect": _connect,
    "renegotiate": _plain("SSL_renegotiate"),
    "renegotiate_abbreviated": _plain("SSL_renegotiate_abbreviated"),
    "key_update": _key_update,
    "clear": _plain("SSL_clear"),
    "shutdown": _plain("SSL_shutdown"),
    "pending": _plain("SSL_pending"),
    "set_max_send_fragment": _control(SSL_CTRL_SET_MAX_SEND_FRAGMENT, _size),
    "set_split_send_fragment": _control(SSL_CTRL_SET_SPLIT_SEND_FRAGMENT, _size),
    "set_mode": _control(SSL_CTRL_MODE, _modes),
    "clear_mode": _control(SSL_CTRL_CLEAR_MODE, _modes),
    "get_mode": _control(SSL_CTRL_MODE, _modes),
    "set_shutdown": _set_shutdown,
    "set_quiet_shutdown": _set_quiet_shutdown,
    "unset_bio": _unset_bio,
    "put_error": _put_error,
}
"""A line for every call and setting of :data:`~emulator.scenario.kinds.KINDS`."""
