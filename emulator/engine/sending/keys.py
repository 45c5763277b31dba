"""The keys for sending, and the facts about them that are looked up when they change, not for each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import PaddingTaken
from emulator.behaviours.write import EmptyFragments, Multiblock, RecordLayer
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
    """From now on records are sealed with this, padded as the connection is set to."""
    if isinstance(writer, Tls13Writer):
        writer.padding = s.record_padding
    s.writer = writer
    s.waiting = []  # from 3.2 a record layer takes its buffers with it
    s.tells_written = s.msg_callback is not None


def install_writer_facts(s: SSL) -> None:
    """What the write path wants to know of new keys, looked up once."""
    s.need_empty_fragments = need_empty_fragments(s)
    s.multiblock = multiblock(s)


def need_empty_fragments(s: SSL) -> bool:
    """``s->s3->need_empty_fragments``, as tls1_setup_key_block() sets it."""
    rule = s.profile.write.empty_fragments
    suite = s.hs.suite if s.hs is not None else None
    if rule is EmptyFragments.NONE or suite is None or suite.cipher in _STREAM:
        return False
    if rule is EmptyFragments.ALL_BUT_RC4:
        return True
    if s.options & Option.DONT_INSERT_EMPTY_FRAGMENTS or suite.cipher is Cipher.NULL:
        return False
    return s.version <= TLS1_VERSION or rule is EmptyFragments.CBC


def multiblock(s: SSL) -> bool:
    """Whether writes of four fragments and more are made in blocks."""
    return (
        s.profile.write.multiblock is not Multiblock.NONE
        and s.profile.build.assembler
        and s.version > TLS1_VERSION
        and s.writer.stitchable
        and not s.writer.encrypt_then_mac
        and (s.profile.write.record_layer is RecordLayer.DO_SSL3_WRITE or s.msg_callback is None)
    )


# -- padding --------------------------------------------------------------------------------------


def set_padding(s: SSL, callback: PaddingCallback | None, block: int) -> None:
    """Pad from the next record or the next keys on; a ``block`` of 0 or 1 and no callback: no more."""
    s.record_padding = RecordPadding(s, callback, block) if callback is not None or block > 1 else None
    writer, rules = s.writer, s.profile.tls13
    if rules is None or not isinstance(writer, Tls13Writer):
        return
    if rules.padding_taken is PaddingTaken.AT_ONCE:
        writer.padding = s.record_padding
    elif isinstance(writer.padding, RecordPadding) and writer.padding.callback is not None:
        # The record layer knows that there is a callback, and looks for it with each record.
        writer.padding = RecordPadding(s, callback or _gone(s), writer.padding.block)


def _gone(s: SSL) -> PaddingCallback:
    """What rlayer_padding_wrapper() finds where a callback was: a null pointer."""

    def call(_content_type: int, _length: int) -> int:
        raise crash(s, "SIGSEGV", "a padding callback was taken away from a record layer that calls it")

    return call
