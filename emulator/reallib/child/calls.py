"""The calls that are recorded, made on the real library.

Source: "What is recorded of a call".
"""

from __future__ import annotations

import ctypes
import mmap
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.constants import ErrorCode, Want
from emulator.reallib.child.numbers import (
    ERR_LIB_SYS,
    ERR_SYSTEM_FLAG,
    SSL_CTRL_CLEAR_MODE,
    SSL_CTRL_MODE,
    SSL_CTRL_SET_MAX_SEND_FRAGMENT,
    SSL_CTRL_SET_SPLIT_SEND_FRAGMENT,
)
from emulator.reallib.child.world import MODES, Json, Side, bits

if TYPE_CHECKING:
    from emulator.reallib.child.library import Library

BUFFER_SIZE = 524_288
PATTERN = bytes(range(256)) * (BUFFER_SIZE // 256)
ERROR_NAMES = {int(code): code.name for code in ErrorCode}
WANT_NAMES = {int(want): want.name for want in Want}


class Buffers:
    """The named buffers of one scenario: each keeps its address, and is zero at first."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[str, str], tuple[mmap.mmap, int]] = {}

    def filled(self, step: Json) -> int:
        """Fill the first bytes of the buffer that a step names; the address at the step's offset."""
        name = step["who"], step.get("buffer", "a")
        if name not in self._buffers:
            memory = mmap.mmap(-1, BUFFER_SIZE)
            self._buffers[name] = memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))
        memory, address = self._buffers[name]
        size, fill = step["size"], step.get("fill")
        if size > 0:
            memory[:size] = PATTERN[:size] if fill is None else fill.encode() * size
        return address + int(step.get("offset", 0))


Call = Callable[["Library", int, Json, Buffers], tuple[int, Json]]


def _write(library: Library, ssl: int, step: Json, buffers: Buffers) -> tuple[int, Json]:
    return library.SSL_write(ssl, buffers.filled(step), step["size"]), {}


def _write_ex(library: Library, ssl: int, step: Json, buffers: Buffers) -> tuple[int, Json]:
    written = ctypes.c_size_t(step.get("written_before", 0))
    ret = library.SSL_write_ex(ssl, buffers.filled(step), step["size"], ctypes.byref(written))
    return ret, {"written": written.value}


def _reading(name: str) -> Call:
    def read(library: Library, ssl: int, step: Json, _buffers: Buffers) -> tuple[int, Json]:
        buffer = ctypes.create_string_buffer(max(step["size"], 1))
        ret = getattr(library, name)(ssl, buffer, step["size"])
        return ret, _digest(buffer.raw[: max(ret, 0)])

    return read


def _read_ex(library: Library, ssl: int, step: Json, _buffers: Buffers) -> tuple[int, Json]:
    buffer, count = ctypes.create_string_buffer(max(step["size"], 1)), ctypes.c_size_t(0)
    ret = library.SSL_read_ex(ssl, buffer, step["size"], ctypes.byref(count))
    return ret, {"readbytes": count.value, **_digest(buffer.raw[: count.value])}


def _digest(data: bytes) -> Json:
    return {"data": {"len": len(data), "crc32": zlib.crc32(data)}} if data else {}


def _plain(name: str) -> Call:
    return lambda library, ssl, _step, _buffers: (getattr(library, name)(ssl), {})


CALLS: dict[str, tuple[str, Call]] = {
    "write": ("SSL_write", _write),
    "write_ex": ("SSL_write_ex", _write_ex),
    "read": ("SSL_read", _reading("SSL_read")),
    "read_ex": ("SSL_read_ex", _read_ex),
    "peek": ("SSL_peek", _reading("SSL_peek")),
    "handshake": ("SSL_do_handshake", _plain("SSL_do_handshake")),
    "renegotiate": ("SSL_renegotiate", _plain("SSL_renegotiate")),
    "renegotiate_abbreviated": ("SSL_renegotiate_abbreviated", _plain("SSL_renegotiate_abbreviated")),
    "shutdown": ("SSL_shutdown", _plain("SSL_shutdown")),
    "pending": ("SSL_pending", _plain("SSL_pending")),
    "key_update": (
        "SSL_key_update",
        lambda library, ssl, step, _buffers: (library.SSL_key_update(ssl, step["request"]), {}),
    ),
}
"""Calls that are recorded in full: the function, which a release may lack, and how it is called."""


def perform(library: Library, side: Side, step: Json, buffers: Buffers) -> Json:
    """Make one call of :data:`CALLS` on the side's own thread, and record what it answers."""
    if not step.get("keep_queue"):
        library.ERR_clear_error()
    call = CALLS[step["do"]][1]
    ctypes.set_errno(0)
    ret, extra = call(library, side.ssl, step, buffers)
    errno = ctypes.get_errno()
    error = library.SSL_get_error(side.ssl, ret)
    record: Json = {"ret": ret, "error": ERROR_NAMES.get(error, error), **extra}
    if errno:
        record["errno"] = errno
    if queue := drained(library):
        record["queue"] = queue
    want = library.SSL_want(side.ssl)
    record["want"] = WANT_NAMES.get(want, want)
    if shutdown := library.SSL_get_shutdown(side.ssl):
        record["shutdown"] = shutdown
    record["in_init"] = library.in_init(side.ssl)
    return record


def drained(library: Library) -> list[Json]:
    """Drain this thread's queue, oldest first."""
    return [{**_parts(library, code), "text": library.error_text(code)} for code in library.drain_errors()]


def _parts(library: Library, code: int) -> Json:
    """ERR_GET_LIB(), ERR_GET_FUNC() and ERR_GET_REASON(), of which 3.0 has no function any more."""
    if not library.has("ERR_new"):
        return {"lib": code >> 24 & 0xFF, "func": code >> 12 & 0xFFF, "reason": code & 0xFFF}
    if code & ERR_SYSTEM_FLAG:
        return {"lib": ERR_LIB_SYS, "func": 0, "reason": code & ~ERR_SYSTEM_FLAG}
    return {"lib": code >> 23 & 0xFF, "func": 0, "reason": code & 0x7FFFFF}


def _mode(library: Library, side: Side, command: int, step: Json) -> Json:
    return {"mode": library.SSL_ctrl(side.ssl, command, bits(step.get("modes", ()), MODES), None)}


def _fragment(library: Library, side: Side, command: int, step: Json) -> Json:
    if not step.get("keep_queue"):
        library.ERR_clear_error()
    ret = library.SSL_ctrl(side.ssl, command, step["size"], None)
    return {"ret": ret, "queue": drained(library)}


def _nothing(_answer: object) -> Json:
    return {}


SETTINGS: dict[str, Callable[[Library, Side, Json], Json]] = {
    "set_mode": lambda library, side, step: _mode(library, side, SSL_CTRL_MODE, step),
    "get_mode": lambda library, side, step: _mode(library, side, SSL_CTRL_MODE, step),
    "clear_mode": lambda library, side, step: _mode(library, side, SSL_CTRL_CLEAR_MODE, step),
    "set_max_send_fragment": lambda library, side, step: _fragment(
        library, side, SSL_CTRL_SET_MAX_SEND_FRAGMENT, step
    ),
    "set_split_send_fragment": lambda library, side, step: _fragment(
        library, side, SSL_CTRL_SET_SPLIT_SEND_FRAGMENT, step
    ),
    "set_shutdown": lambda library, side, step: _nothing(library.SSL_set_shutdown(side.ssl, step["flags"])),
    "set_quiet_shutdown": lambda library, side, _step: _nothing(library.SSL_set_quiet_shutdown(side.ssl, 1)),
    "unset_bio": lambda library, side, _step: _nothing(library.SSL_set_bio(side.ssl, None, None)),
    "put_error": lambda library, _side, step: library.put_error(step["lib"], step["reason"]),
}
"""Steps on a side that record next to nothing."""
