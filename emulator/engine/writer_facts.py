"""What the write path has to know of the keys in use: looked up when they change, not per record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.write import EmptyFragments, Multiblock, RecordLayer
from emulator.constants import TLS1_VERSION, Option
from emulator.record.suite import Cipher

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_STREAM = frozenset({Cipher.RC4_128})


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
