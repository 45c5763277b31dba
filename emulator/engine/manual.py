"""SSL_write() on a blocking BIO during renegotiation, as the manual page has it and the code has not.

SSL_write(3) of 0.9.6a to 1.1.0: with a blocking BIO the call returns when the write is finished or has
failed, or with WANT_READ when a renegotiation takes place, which SSL_MODE_AUTO_RETRY prevents;
SSL_CTX_set_mode(3) of these releases says so of every blocking read and write.
The code has no such path: a write never looks at what the peer has sent unless a handshake is under way
(ssl3_write_bytes(), s3_pkt.c).  1.1.1 took the sentence out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.constants import ContentType, ErrorCode, Mode
from emulator.engine.drive import drive_handshake, ssl3_renegotiate_check
from emulator.engine.receiving.read import read_handshake_record
from emulator.engine.receiving.state import BODY
from emulator.engine.receiving.steps import ask_to_read_again
from emulator.pages.page import page_of

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

EARLY_RETURN = (
    "the BIO is blocking and a renegotiation took place: without SSL_MODE_AUTO_RETRY the write may return "
    "WANT_READ; nothing was sent, repeat the call"
)
STRAIGHT_ON = (
    "the BIO is blocking and a renegotiation took place: with SSL_MODE_AUTO_RETRY the write returns only "
    "once it is finished or has failed"
)


class Promise(NamedTuple):
    """An answer that the manual page gives and the library does not.

    ``page`` is the manual page, ``meaning`` its sentence in short.  ``ret`` is the answer of the call and
    ``error`` its SSL_get_error(); both are None if the answer is the library's, and only its meaning is the
    page's.
    """

    page: str
    meaning: str
    ret: int | None = None
    error: ErrorCode | None = None


class Renegotiated(NamedTuple):
    """The result of the look before a write: ``ret`` is the call's answer, None: go on and write."""

    ret: int | None
    promise: Promise | None


NOTHING_HAPPENED = Renegotiated(None, None)


def renegotiate_before_write(s: SSL) -> Renegotiated:
    """Run a renegotiation that either side has requested, as the page says of a blocking write."""
    if not _looks(s):
        return NOTHING_HAPPENED
    before = _last_handshake(s)
    requested = s.renegotiate_requested
    ret = _run_own(s) if requested else 1
    already_answered = s.promised_after == before
    while ret > 0 and _last_handshake(s) == before and _handshake_waits(s):
        ret = read_handshake_record(s)
    happened = _last_handshake(s) != before and s.running().is_init_finished()
    if not happened and (ret <= 0 or not requested):
        return Renegotiated(ret if ret <= 0 else None, None)
    return _answer(s, before, already_answered=already_answered)


def _looks(s: SSL) -> bool:
    """Whether the page lets this write come back early: blocking, established, nothing pending."""
    out = s.out
    inp = s.inp
    return (
        page_of(s.profile).has("blocking-early-return.want-read-while-renegotiating")
        and s.crash is None
        and s.machine is not None
        and not s.generic
        and s.machine.is_init_finished()
        and not s.shutdown
        and not out.wpend_tot
        and not out.wnum
        and inp.rbio is not None
        and inp.rbio.blocks()
    )


def _last_handshake(s: SSL) -> tuple[bytes, bytes]:
    """The verify_data of both sides: they differ from one handshake to the next."""
    return s.hs.client_verify_data, s.hs.server_verify_data


def _run_own(s: SSL) -> int:
    """SSL_renegotiate() was called here: a client's handshake, or a server's HelloRequest."""
    if not ssl3_renegotiate_check(s):
        return 1
    return drive_handshake(s, "SSL3_WRITE_BYTES")


def _handshake_waits(s: SSL) -> bool:
    """Whether the next record is one of the handshake; does not wait, and takes nothing."""
    inp = s.inp
    if not inp.rread:
        return False  # application data that nobody has read yet
    if inp.rstate == BODY and inp.packet:
        return inp.rtype == ContentType.HANDSHAKE
    assert inp.rbio is not None
    first = inp.rleft[:1] or inp.rbio.look(1)
    return first == bytes([ContentType.HANDSHAKE])


def _answer(s: SSL, before: tuple[bytes, bytes], *, already_answered: bool) -> Renegotiated:
    """-1 with WANT_READ, once for each renegotiation; or on to the write."""
    page = f"SSL_write(3) of OpenSSL {s.profile.release}"
    if s.mode & Mode.AUTO_RETRY or already_answered:
        s.promised_after = None
        return Renegotiated(None, Promise(page, STRAIGHT_ON) if s.mode & Mode.AUTO_RETRY else None)
    # A server has only sent its HelloRequest: when the client's hello comes, the caller has had its answer.
    s.promised_after = before if _last_handshake(s) == before else None
    ret = ask_to_read_again(s)
    return Renegotiated(ret, Promise(page, EARLY_RETURN, ret, ErrorCode.WANT_READ))
