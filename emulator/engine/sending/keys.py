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
    """``s->s3->need_empty_fragments``, as tls1_setup_key_block() sets it."""
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
    """Whether writes of four fragments and more are made in blocks."""
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
    """Pad from the next record or the next keys on; a ``block`` of 0 or 1 and no callback: no more."""
    out = s.out
    out.record_padding = RecordPadding(out, callback, block) if callback is not None or block > 1 else None
    writer, rules = out.writer, s.profile.tls13
    if rules is None or not isinstance(writer, Tls13Writer):
        return
    if rules.padding_taken is PaddingTaken.AT_ONCE:
        writer.padding = out.record_padding
    elif isinstance(writer.padding, RecordPadding) and writer.padding.callback is not None:
        # The record layer knows that there is a callback, and looks for it with each record.
        writer.padding = RecordPadding(out, callback or _gone(s), writer.padding.block)


def _gone(s: SSL) -> PaddingCallback:
    """What rlayer_padding_wrapper() finds where a callback was: a null pointer."""

    def call(_content_type: int, _length: int) -> int:
        raise crash(s, "SIGSEGV", "a padding callback was taken away from a record layer that calls it")

    return call
