"""ssl3_write_bytes() up to 3.1: a caller's bytes cut into records, over several calls if a write blocks.

There are two generations of the loop.  Up to 1.0.1 a retry enters it again, and the record that waits takes
the place of the next one; from 1.0.2 that record is finished first, and the loop starts behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from emulator.behaviours.write import (
    LengthCheckOrder,
    Multiblock,
    NegativeLength,
    PendingFlush,
    RetryLengthCheck,
)
from emulator.constants import TLS1_VERSION, ContentType, Mode, Want
from emulator.engine.drive import drive_handshake
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import crash, refuse_write
from emulator.engine.sending.over_read import count_over_read, fragment_of
from emulator.engine.sending.record import (
    do_ssl3_write,
    flush_record,
    remember,
    ssl3_dispatch_alert,
    ssl3_write_pending,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL
    from emulator.profile import Profile

BeforeLoop: TypeAlias = "Callable[[SSL, int, object, bytes | memoryview, int], tuple[bool, int]]"

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)
_NOTHING = Want.NOTHING
_UNSIGNED = 1 << 32
"""The range of ``unsigned int``, in which a length below zero wraps around."""


def _before_loop_of(profile: Profile) -> BeforeLoop:
    """What comes before the loop: (finished, the answer or the bytes of the call that are sent)."""
    # From 1.0.2: ``if (wb->left != 0) { i = ssl3_write_pending(s, type, &buf[tot], s->s3->wpend_tot); ...``.
    in_loop = profile.write.pending_flush is PendingFlush.RECORD_LOOP
    return _retry_in_loop if in_loop else _pending_first


def ssl3_write_bytes(s: SSL, kind: int, data: object, view: bytes | memoryview, length: int) -> int:
    """ssl3_write_bytes(): send ``length`` bytes of ``data`` as records of type ``kind``; C's answer.

    The loop calls do_ssl3_write() even when there is nothing to send, as the C's ``for (;;)`` does.
    """
    out = s.out
    if (
        out.wnum
        or out.wpend_tot
        or s.in_init
        or length <= 0
        or (out.multiblock and length >= 4 * out.max_send_fragment)
    ):
        done, tot = _before_loop_of(s.profile)(s, kind, data, view, length)
        if done:
            return tot
    else:
        s.rwstate = _NOTHING
        tot = 0
    n = length - tot  # ``n = (len - tot);``, unsigned
    wrapped = n < 0
    if wrapped:
        n += _UNSIGNED
    fragment = out.fragment
    manual = s.manual
    while True:
        if manual is not None and tot and kind == _APPLICATION_DATA and not out.wpend_tot:
            ret = manual.between_records(tot)
            if ret <= 0:
                return ret
        written = do_ssl3_write(s, kind, data, view, tot, n if n < fragment else fragment)  # noqa: FURB136
        if written <= 0:
            out.wnum = tot
            return written
        if written == n or (kind == ContentType.APPLICATION_DATA and s.mode & Mode.ENABLE_PARTIAL_WRITE):
            # ``s->s3->empty_fragment_done = 0;``: the next call sends an empty fragment of its own.
            out.empty_fragment_done = False
            return tot + written
        n -= written
        tot += written
        if wrapped:
            count_over_read(s, tot - max(length, 0))


def _retry_in_loop(
    s: SSL,
    kind: int,  # noqa: ARG001 - the arguments are those of _pending_first()
    data: object,  # noqa: ARG001
    view: bytes | memoryview,  # noqa: ARG001
    length: int,
) -> tuple[bool, int]:
    """Up to 1.0.1: the loop itself writes the record that waits."""
    out = s.out
    s.rwstate = _NOTHING
    tot = out.wnum
    out.wnum = 0
    if s.in_init and not s.in_handshake:
        ret = drive_handshake(s, "SSL3_WRITE_BYTES")
        if ret <= 0:
            return True, ret
    # ``if (len < tot)`` came with 0.9.8za, 1.0.0m and 1.0.1h.
    if length < tot and s.profile.write.retry_length_check is not RetryLengthCheck.NONE:
        return True, refuse_write(s, "SSL3_WRITE_BYTES", "BAD_LENGTH")
    return False, tot


def _pending_first(
    s: SSL, kind: int, data: object, view: bytes | memoryview, length: int
) -> tuple[bool, int]:
    """From 1.0.2: finish the record that waits, then start the loop behind it."""
    out, w = s.out, s.profile.write
    # 1.1.0 alone: ``if (len < 0) { SSLerr(SSL_F_SSL3_WRITE_BYTES, SSL_R_SSL_NEGATIVE_LENGTH); return -1; }``.
    if length < 0 and w.negative_length is NegativeLength.WRITE_BYTES:
        return True, refuse_write(s, "SSL3_WRITE_BYTES", "SSL_NEGATIVE_LENGTH")
    s.rwstate = _NOTHING
    tot = out.wnum
    # From 1.1.0 the check comes before ``s->rlayer.wnum = 0;``, so a refused retry forgets nothing.
    checks_first = w.length_check_order is LengthCheckOrder.BEFORE_HANDSHAKE
    if checks_first and _too_short(s, length, tot):
        return True, refuse_write(s, "SSL3_WRITE_BYTES", "BAD_LENGTH")
    out.wnum = 0
    if s.in_init and not s.in_handshake and s.early_data_state is not EarlyDataState.UNAUTH_WRITING:
        ret = drive_handshake(s, "SSL3_WRITE_BYTES")
        if ret <= 0:
            return True, ret
    if not checks_first and _too_short(s, length, tot):
        return True, refuse_write(s, "SSL3_WRITE_BYTES", "BAD_LENGTH")
    if out.wpend_tot:
        ret = ssl3_write_pending(s, kind, data, tot, out.wpend_tot)
        if ret <= 0:
            out.wnum = tot
            return True, ret
        tot += ret
    if out.writer.is_null:
        # 1.1.1 to 3.1: EVP_CIPHER_CTX_cipher(s->enc_write_ctx) of a null context.
        if w.multiblock is Multiblock.WITHOUT_CIPHER_FATAL and _asks_null_cipher(s, kind, length):
            raise crash(s, "SIGSEGV", "a long write asks the cipher that is not there")
    elif out.multiblock and _worth_multiblock(s, kind, length):
        return _write_blocks(s, kind, data, view, length, tot)
    return tot == length, tot


def _too_short(s: SSL, length: int, wnum: int) -> bool:
    """Whether a retry is shorter than the bytes that its call has sent, or has in the record that waits."""
    # ``if ((len < wnum) || ((wb->left != 0) && (len < (wnum + wpend_tot))))``; the second half is new
    # in 1.0.2l and 1.1.0f.
    if length < wnum:
        return True
    with_pending = s.profile.write.retry_length_check is RetryLengthCheck.SENT_AND_PENDING
    return with_pending and length < wnum + s.out.wpend_tot


# -- multiblock ---------------------------------------------------------------------------------


def _worth_multiblock(s: SSL, kind: int, length: int) -> bool:
    return (
        length >= 4 * s.out.max_send_fragment
        and kind == ContentType.APPLICATION_DATA
        and s.msg_callback is None
    )


def _asks_null_cipher(s: SSL, kind: int, length: int) -> bool:
    """Data can be written without keys after a handshake that failed before there were any."""
    return s.version > TLS1_VERSION and _worth_multiblock(s, kind, length)


def _write_blocks(
    s: SSL, kind: int, data: object, view: bytes | memoryview, length: int, tot: int
) -> tuple[bool, int]:
    """Blocks of eight or four records, one BIO_write() each; (finished, answer or bytes sent)."""
    out = s.out
    fragment = out.max_send_fragment
    if fragment & 0xFFF == 0:
        fragment -= 512  # ``if ((max_send_fragment & 0xfff) == 0)``: against address aliasing
    if tot == 0:
        out.wbuf_blocks = fragment * (8 if length >= 8 * fragment else 4)
    elif tot == length:
        out.wbuf_blocks = 0
        return True, tot
    manual = s.manual
    while length - tot >= 4 * fragment:
        if manual is not None and tot:
            ret = manual.between_records(tot)
            if ret <= 0:
                return True, ret
        if out.alert_dispatch:
            ret = ssl3_dispatch_alert(s)
            if ret <= 0:
                out.wnum = tot
                return True, ret
        count = 8 if length - tot >= 8 * fragment else 4
        if count * fragment > out.wbuf_blocks:
            break  # the buffer is still that of the single record that was pending
        ret = _write_block(s, kind, data, view, tot, fragment, count)
        if ret <= 0:
            out.wnum = tot
            return True, ret
        tot += ret
        if tot == length:
            break
    out.wbuf_blocks = 0
    return tot == length, tot


def _write_block(
    s: SSL, kind: int, data: object, view: bytes | memoryview, start: int, fragment: int, count: int
) -> int:
    """``count`` records at once."""
    out = s.out
    ends = range(start, start + count * fragment, fragment)
    seal = out.writer.with_keys().seal
    out.wbuf = b"".join(seal(kind, s.version, fragment_of(view, at, fragment)) for at in ends)
    if out.on_record is not None:
        out.on_record(kind, fragment_of(view, start, count * fragment), out.wbuf)
    out.wpend_tot = out.wpend_ret = count * fragment
    out.wpend_type = kind
    remember(out, data, start)
    ret = flush_record(s)
    if ret < 0:
        # ``if (i < 0 && (!s->wbio || !BIO_should_retry(s->wbio)))`` frees the buffer and leaves ``wb->left``;
        # 1.0.2 frees it whenever ``i < 0`` (CVE-2015-0290).
        retries = out.wbio is not None and out.wbio.should_retry
        out.wbuf_freed = not retries or s.profile.write.multiblock is Multiblock.FREES_ON_RETRY
    return ret
