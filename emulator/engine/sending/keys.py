"""The keys for sending, and the facts about them that are looked up when they change, not for each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import PaddingTaken
from emulator.behaviours.write import EmptyFragments, Multiblock, PlainRecords, RecordLayer
from emulator.constants import TLS1_VERSION, Option
from emulator.engine.failure import crash
from emulator.engine.sending.padding import RecordPadding
from emulator.record.suite import Cipher
from emulator.record.tls13 import Tls13Writer

if TYPE_CHECKING:
    from emulator.engine.sending.padding import PaddingCallback
    from emulator.engine.ssl import SSL
    from emulator.record import RecordWriter

_STREAM = frozenset({Cipher.RC4_128})


def change_writer(s: SSL, writer: RecordWriter) -> None:
    """change_cipher_state(): from now on records are sealed with ``writer``."""
    out = s.out
    out.install(writer, tells_headers=s.msg_callback is not None)
    out.need_empty_fragments = _needs_empty_fragments(s)
    out.multiblock = _makes_blocks(s)


def _needs_empty_fragments(s: SSL) -> bool:
    """``s->s3->need_empty_fragments``, as tls1_setup_key_block() sets it: for CBC, against a known IV."""
    # 0.9.6d sets it for all ciphers but RC4.  0.9.6e adds ``if (!(s->options &
    # SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS))`` and leaves eNULL out; 1.0.1 adds ``version <= TLS1_VERSION``.
    rule = s.profile.write.empty_fragments
    suite = s.hs.suite
    if rule is EmptyFragments.NONE or suite is None or suite.cipher in _STREAM:
        return False
    if rule is EmptyFragments.ALL_BUT_RC4:
        return True
    if s.options & Option.DONT_INSERT_EMPTY_FRAGMENTS or suite.cipher is Cipher.NULL:
        return False
    if s.profile.write.plain_records is PlainRecords.NO_MAC and _is_stitched(s):
        return False
    return s.version <= TLS1_VERSION or rule is EmptyFragments.CBC


def _is_stitched(s: SSL) -> bool:
    """Whether an AES-CBC-HMAC of assembler makes the records: ``s->write_hash`` has no digest then."""
    return s.out.writer.stitchable and s.profile.build.assembler and s.profile.record.stitched_ciphers


def _makes_blocks(s: SSL) -> bool:
    """Whether long writes are made in blocks of four or eight records: EVP_CIPH_FLAG_TLS1_1_MULTIBLOCK."""
    # 1.0.2: ``len >= 4 * max_send_fragment && s->msg_callback == NULL && SSL_USE_EXPLICIT_IV(s) && ...``;
    # from 3.2 tls1_multiblock.c looks for a callback of the record layer, which has it with its keys.
    out = s.out
    return (
        s.profile.write.multiblock is not Multiblock.NONE
        and s.profile.build.assembler
        and s.version > TLS1_VERSION
        and out.writer.stitchable
        and not out.writer.encrypt_then_mac
        and (s.profile.write.record_layer is RecordLayer.DO_SSL3_WRITE or s.msg_callback is None)
    )


# -- padding --------------------------------------------------------------------------------------


def set_padding(s: SSL, callback: PaddingCallback | None, block: int) -> None:
    """Set the padding of records; a ``block`` of 0 or 1 and no callback: none."""
    out = s.out
    out.record_padding = RecordPadding(out, callback, block) if callback is not None or block > 1 else None
    writer, rules = out.writer, s.profile.tls13
    if rules is None or not isinstance(writer, Tls13Writer):
        return
    # Up to 3.1 do_ssl3_write() reads ``s->record_padding_cb`` and ``s->block_padding`` for each record; from
    # 3.2 a record layer gets them with its keys.
    if rules.padding_taken is PaddingTaken.AT_ONCE:
        writer.padding = out.record_padding
    elif isinstance(writer.padding, RecordPadding) and writer.padding.callback is not None:
        # rlayer_padding_wrapper() still looks up ``s->rlayer.record_padding_cb`` for each record.
        writer.padding = RecordPadding(out, callback or _gone(s), writer.padding.block)


def _gone(s: SSL) -> PaddingCallback:
    """The null pointer that rlayer_padding_wrapper() calls once the callback is taken away."""

    def call(_content_type: int, _length: int) -> int:
        raise crash(s, "SIGSEGV", "a padding callback was taken away from a record layer that calls it")

    return call
