"""The padding of a record of TLS 1.3: SSL_set_record_padding_callback() and SSL_set_block_padding()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

    PaddingCallback = Callable[[int, int], int]


class Fragmented(Protocol):
    """A sender of records of up to a length in bytes."""

    max_send_fragment: int


class RecordPadding:
    """The callback decides if there is one, else the block size; no record becomes longer than a fragment.

    ``callback`` gets a record's content type and length (its type counted) and says how many bytes to add.
    """

    __slots__ = ("_of", "block", "callback")

    def __init__(self, of: Fragmented, callback: PaddingCallback | None, block: int) -> None:
        self._of = of
        self.callback = callback
        self.block = block

    def __call__(self, content_type: int, length: int) -> int:
        """Bytes of padding for this record (do_ssl3_write())."""
        room = self._of.max_send_fragment - length
        if room <= 0:
            return 0
        if self.callback is None:
            return min(-length % self.block, room)
        wanted = self.callback(content_type, length)
        return room if wanted < 0 else min(wanted, room)  # a size_t below zero is a very large one


def is_block_size(size: int) -> bool:
    """Whether SSL_set_block_padding() takes it, in bytes; 0 and 1 both turn it off."""
    return 0 <= size <= SSL3_RT_MAX_PLAIN_LENGTH
