"""SSL_set_record_padding_callback() and SSL_set_block_padding(): from when on records are padded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import PaddingTaken
from emulator.engine.over_read import crash
from emulator.engine.padding import RecordPadding
from emulator.record.tls13 import Tls13Writer

if TYPE_CHECKING:
    from emulator.engine.padding import PaddingCallback
    from emulator.engine.ssl import SSL


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
