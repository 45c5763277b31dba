"""A client of a chosen generation on a real socket."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from emulator.connection import Connection
from emulator.exceptions import UsageError
from emulator.peers.application import Ask
from emulator.peers.context import make_context
from emulator.peers.events import events_of
from emulator.peers.exchange import CHUNK, Exchange
from emulator.peers.log import Log
from emulator.peers.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.peers.context import ProfileName, Settings
    from emulator.peers.events import Event
    from emulator.peers.log import Note

DIAL = 30.0
"""Seconds that a connection of the transport may take where no timeout is given."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a client fared.

    ``ok``: the exchange ended cleanly, and what was expected came.  ``how`` says how it ended: "closed",
    "peer closed", "end of file without close_notify", "handshake failed", "failed", "timed out", "crashed",
    "not connected", or "reset" and "hung up" for its own events.  ``data`` is what was received, ``sent`` how
    many bytes were sent, ``never_fired`` the events that did not happen; ``log`` has all that happened.
    """

    ok: bool
    how: str
    data: bytes
    sent: int
    never_fired: tuple[Event, ...]
    log: Log


def connect(
    host: str,
    port: int,
    *,
    profile: ProfileName,
    data: bytes = b"",
    chunk: int = CHUNK,
    expect: bytes = b"",
    read_until_close: bool = False,
    events: Iterable[str | Event] = (),
    servername: str | None = None,
    blocking: bool = True,
    timeout: float | None = DIAL,
    messages: bool = False,
    listener: Callable[[Note], None] | None = None,
    output: Callable[[bytes], None] | None = None,
    **settings: Unpack[Settings],
) -> Outcome:
    """Be an ``s_client`` of ``profile``'s release: shake hands, write ``data``, read what comes, close.

    It closes once all is written and ``expect`` has come, with ``read_until_close`` once the peer has closed.
    Every SSL_write() gets ``chunk`` bytes.  ``timeout`` bounds the seconds in which nothing passes, None: no
    bound.  ``output`` is called with the bytes of each read.  The settings are those of
    :class:`emulator.peers.context.Settings`.

    Raises UsageError for what the release does not have.  A peer that is not there is an Outcome.
    """
    context = make_context(profile, "client", settings)
    wanted = events_of(events, context.profile)
    if chunk < 1:
        raise UsageError(f"chunk: got {chunk}, expected at least 1")
    if messages:
        Exchange.check_messages(context.profile)
    connection = Connection(context=context, bio=(None, None))
    connection.set_connect_state()
    if servername is not None:
        _name_server(connection, servername)
    log = Log(listener)
    try:
        sock = socket.create_connection((host, port), timeout)
    except OSError as error:
        log.add("failed", errno=error.errno or 0, reason=_reason(error))
        return Outcome(ok=False, how="not connected", data=b"", sent=0, never_fired=wanted, log=log)
    peer = sock.getpeername()
    log.add("connected", peer=f"{peer[0]}:{peer[1]}")
    transport = Transport(sock, blocking=blocking, timeout=timeout, wake=None)
    connection.set_bio(transport, transport)
    ask = Ask(data, expect=expect, until_close=read_until_close, output=output)
    ended = Exchange(
        connection, transport, ask, wanted, log, server=False, chunk=chunk, messages=messages
    ).run()
    log.add("ended", **ended.facts())
    if not ask.satisfied:
        log.add("expected", text=expect.decode("utf-8", "backslashreplace"))
    return Outcome(
        ok=ended.ok and ask.satisfied,
        how=ended.how,
        data=ended.data,
        sent=ended.sent,
        never_fired=ended.not_fired,
        log=log,
    )


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


def _name_server(connection: Connection, name: str) -> None:
    if not connection.set_tlsext_host_name(name):
        release = connection.profile.release
        raise UsageError(
            f"servername: OpenSSL {release} does not take {name!r}: SSL_set_tlsext_host_name() = 0"
        )
