"""ssl3_read_bytes(): application data or handshake bytes out of records.

A record of another kind than the caller wants goes through a fixed series of steps, as in the C function.  Up
to 1.1.0 alerts and handshake headers are first put together out of fragments; from 1.1.1 an alert must be a
record of its own, and is the first step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.read import AlertParsing, ReadAfterReceivedShutdown, ZeroLengthRead
from emulator.behaviours.tls13 import InterruptedMessage
from emulator.constants import AlertDescription, ContentType, Shutdown, Want
from emulator.engine.drive import drive_handshake
from emulator.engine.failure import fail
from emulator.engine.receiving.alerts import alert_of_fragments, alert_of_record
from emulator.engine.receiving.record import ssl3_get_record
from emulator.engine.receiving.state import HEADER
from emulator.engine.receiving.steps import (
    READ_BYTES,
    Step,
    after_sent_shutdown,
    before_any_version,
    change_cipher_spec,
    collect_fragments,
    default,
    discard,
    handshake_message,
    heartbeat,
    hello_request,
    refuse_ccs,
    refused_client_hello,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL

_NOTHING, _AGAIN = Want.NOTHING, Step.AGAIN
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)


def ssl3_read_bytes(s: SSL, kind: int, n: int, *, peek: bool = False, ccs: bool = False) -> int:
    """ssl3_read_bytes(): up to ``n`` bytes of records of type ``kind`` in ``s.inp.received``; C's answer.

    ``kind`` 0: no data, as SSL_shutdown() waits for the peer's close_notify.  ``ccs``: a ChangeCipherSpec
    counts as a message; it is then in ``s.inp.received``, and ``s.inp.rtype`` says so.
    """
    inp = s.inp
    if inp.handshake_fragment and kind == ContentType.HANDSHAKE:
        inp.received = inp.handshake_fragment[:n]
        inp.handshake_fragment = inp.handshake_fragment[n:]
        return len(inp.received)
    if s.in_init and not s.in_handshake:
        ret = drive_handshake(s, READ_BYTES)
        if ret <= 0:
            return ret
    while True:
        s.rwstate = _NOTHING
        if inp.rread:
            ret = ssl3_get_record(s)
            if ret <= 0:
                return ret
        if (
            kind != inp.rtype
            or s.change_cipher_spec
            or inp.handshake_fragment
            or (s.shutdown and s.shutdown & Shutdown.RECEIVED)
        ):
            answer = _interrupted(s, kind, n, ccs=ccs)
        else:
            answer = _deliver(s, kind, n, peek=peek)
        if isinstance(answer, int):
            return answer


def read_handshake_record(s: SSL) -> int:
    """Take the record at hand, a handshake record, as a read for application data takes it.

    1 if the read would go on to the next record, else its answer.
    """
    s.rwstate = Want.NOTHING
    if s.inp.rread:
        ret = ssl3_get_record(s)
        if ret <= 0:
            return ret
    answer = _interrupted(s, ContentType.APPLICATION_DATA, 0, ccs=False)
    return answer if isinstance(answer, int) else 1


def _interrupted(s: SSL, kind: int, n: int, *, ccs: bool) -> Step | int:
    """A record of another kind, or one of the right kind at an unusual moment."""
    inp = s.inp
    if (
        s.is_tls13
        and inp.handshake_fragment
        and inp.rtype != ContentType.HANDSHAKE
        and _refuses_interruption(s)
    ):
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA")
        return -1
    if inp.rtype != ContentType.ALERT and inp.rlength:
        inp.alert_count = 0
    if s.change_cipher_spec and inp.rtype != ContentType.HANDSHAKE:
        return refuse_ccs(s, "DATA_BETWEEN_CCS_AND_FINISHED")
    if s.shutdown & Shutdown.RECEIVED:
        discard(s)
        # Up to 1.0.2 ``rr->length == 0`` lets the next call get a record; from 1.1.0 it takes
        # SSL3_RECORD_set_read(), which is missing here up to 3.1.
        inp.rread = s.profile.read.after_received_shutdown is ReadAfterReceivedShutdown.DROPPED
        s.rwstate = Want.NOTHING
        return 0
    if kind == inp.rtype or (ccs and inp.rtype == ContentType.CHANGE_CIPHER_SPEC):
        return _deliver(s, kind, n, peek=False)
    return _unexpected(s)


def _refuses_interruption(s: SSL) -> bool:
    """SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA, from 1.1.1b."""
    rules = s.profile.tls13
    return rules is not None and rules.interrupted_message is InterruptedMessage.REFUSED


def _deliver(s: SSL, kind: int, n: int, *, peek: bool) -> Step | int:
    inp = s.inp
    inp.alert_count = 0
    if kind == _APPLICATION_DATA:
        if s.in_init and inp.reader.is_null:
            fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "APP_DATA_IN_HANDSHAKE")
            return -1
    elif inp.rtype == ContentType.CHANGE_CIPHER_SPEC and inp.handshake_fragment:
        fail(s, AlertDescription.UNEXPECTED_MESSAGE, READ_BYTES, "CCS_RECEIVED_EARLY")
        return -1
    length = inp.rlength
    if n <= 0:
        # From 1.1.0h: ``if (len <= 0) { if (SSL3_RECORD_get_length(rr) == 0) SSL3_RECORD_set_read(rr); ...``.
        if not length and s.profile.read.zero_length_read is ZeroLengthRead.CONSUMES_EMPTY_RECORD:
            inp.rread = True
        return n
    if not length:
        inp.rread = True
        return Step.AGAIN
    if n >= length:
        inp.received = inp.rdata[inp.roff :] if inp.roff else inp.rdata
        if not peek:
            discard(s)
            inp.rstate = HEADER
        return length
    inp.received = inp.rdata[inp.roff : inp.roff + n]
    if not peek:
        inp.rlength -= n
        inp.roff += n
    return n


def _unexpected(s: SSL) -> Step | int:
    # Up to 1.1.0 ``dest = s->rlayer.alert_fragment; dest_maxlen = 2;``; from 1.1.1 PACKET_get_1() twice and
    # ``PACKET_remaining(&alert) != 0`` is SSL_R_INVALID_ALERT.
    steps = _FRAGMENT_STEPS if s.profile.read.alert_parsing is AlertParsing.FRAGMENTS else _RECORD_STEPS
    for step in steps:
        answer = step(s)
        if answer is not Step.NEXT:
            return answer
    return default(s)


_FRAGMENT_STEPS: tuple[Callable[[SSL], Step | int], ...] = (
    before_any_version,
    collect_fragments,
    heartbeat,
    hello_request,
    refused_client_hello,
    alert_of_fragments,
    after_sent_shutdown,
    change_cipher_spec,
    handshake_message,
)


_RECORD_STEPS: tuple[Callable[[SSL], Step | int], ...] = (
    before_any_version,
    alert_of_record,
    after_sent_shutdown,
    collect_fragments,
    change_cipher_spec,
    handshake_message,
)
