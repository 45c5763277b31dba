"""How much a record of TLS 1.3 is padded: SSL_set_record_padding_callback() and SSL_set_block_padding()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import PaddingTaken
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH
from emulator.engine.over_read import crash
from emulator.record.tls13 import Tls13Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.engine.ssl import SSL

    PaddingCallback = Callable[[int, int], int]


class RecordPadding:
    """The callback decides if there is one, else the block size; no record becomes longer than a fragment.

    ``callback`` gets a record's content type and length (its type counted) and says how many bytes to add.
    """

    __slots__ = ("_s", "block", "callback")

    def __init__(self, s: SSL, callback: PaddingCallback | None, block: int) -> None:
        self._s = s
        self.callback = callback
        self.block = block

    def __call__(self, content_type: int, length: int) -> int:
        """Bytes of padding for this record (do_ssl3_write())."""
        room = self._s.max_send_fragment - length
        if room <= 0:
            return 0
        if self.callback is None:
            return min(-length % self.block, room)
        wanted = self.callback(content_type, length)
        return room if wanted < 0 else min(wanted, room)  # a size_t below zero is a very large one


def is_block_size(size: int) -> bool:
    """Whether SSL_set_block_padding() takes it, in bytes; 0 and 1 both turn it off."""
    return 0 <= size <= SSL3_RT_MAX_PLAIN_LENGTH


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
