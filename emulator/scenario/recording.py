"""What is recorded of a call: its answer, errno, SSL_get_error(), the queue and the state it left.

Source: "What is recorded of a call".
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from emulator.connection import Connection
from emulator.constants import ErrorCode, Want
from emulator.scenario.model import Json, Step

if TYPE_CHECKING:
    from emulator.error_queue import ErrorQueue
    from emulator.scenario.world import Peer

ERROR_NAMES = {int(code): code.name for code in ErrorCode}
WANT_NAMES = {int(want): want.name for want in Want}

Call: TypeAlias = Callable[[Connection, Step, memoryview | None], tuple[int, Json]]


def _write(conn: Connection, step: Step, data: memoryview | None) -> tuple[int, Json]:
    assert data is not None
    return conn.write(data, step.size), {}


def _write_ex(conn: Connection, step: Step, data: memoryview | None) -> tuple[int, Json]:
    assert data is not None
    ret, written = conn.write_ex(data, step.size, written=step.written_before)
    return ret, {"written": written}


def _read(conn: Connection, step: Step, _: memoryview | None) -> tuple[int, Json]:
    ret, data = conn.read(step.size)
    return ret, _digest(data)


def _peek(conn: Connection, step: Step, _: memoryview | None) -> tuple[int, Json]:
    ret, data = conn.peek(step.size)
    return ret, _digest(data)


def _read_ex(conn: Connection, step: Step, _: memoryview | None) -> tuple[int, Json]:
    ret, data = conn.read_ex(step.size)
    return ret, {"readbytes": len(data), **_digest(data)}


def _digest(data: bytes) -> Json:
    return {"data": {"len": len(data), "crc32": zlib.crc32(data)}} if data else {}


CALLS: dict[str, Call] = {
    "write": _write,
    "write_ex": _write_ex,
    "read": _read,
    "read_ex": _read_ex,
    "peek": _peek,
    "handshake": lambda conn, _step, _data: (conn.do_handshake(), {}),
    "renegotiate": lambda conn, _step, _data: (conn.renegotiate(), {}),
    "renegotiate_abbreviated": lambda conn, _step, _data: (conn.renegotiate_abbreviated(), {}),
    "shutdown": lambda conn, _step, _data: (conn.shutdown(), {}),
    "pending": lambda conn, _step, _data: (conn.pending(), {}),
    "key_update": lambda conn, step, _data: (conn.key_update(step.request), {}),
}
"""Calls that are recorded in full, and what they have beside their return value."""


def drained(errors: ErrorQueue) -> list[Json]:
    """Drain the queue, oldest first."""
    entries = [
        {"lib": entry.lib, "func": entry.func, "reason": entry.reason, "text": entry.text} for entry in errors
    ]
    errors.clear()
    return entries


def perform(peer: Peer, step: Step, data: memoryview | None) -> Json:
    """Make one call of :data:`CALLS` on the thread whose queue is the peer's, and record what it answers."""
    conn, errors = peer.conn, peer.errors
    if not step.keep_queue:
        errors.clear()
    conn.errno = 0
    ret, extra = CALLS[step.do](conn, step, data)
    errno = conn.errno
    record = {"ret": ret, "error": ERROR_NAMES[conn.get_error(ret)], **extra}
    if errno:
        record["errno"] = errno
    if errors:
        record["queue"] = drained(errors)
    record["want"] = WANT_NAMES[conn.want()]
    shutdown = conn.get_shutdown()
    if shutdown:
        record["shutdown"] = int(shutdown)
    record["in_init"] = conn.in_init()
    return record
