"""What the steps of ssl3_read_bytes() have in common: what they decide, and how a record is done with."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from emulator.constants import Want

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

READ_BYTES = "SSL3_READ_BYTES"
"""The function that their errors name."""


class Flow(IntEnum):
    """What a step of ssl3_read_bytes() decides, where it is not what the call answers."""

    NEXT = 100
    """The record is not this step's business."""
    AGAIN = 101
    """``goto start``: look at the next record."""


def discard(s: SSL) -> None:
    """``rr->length = 0``: the rest of this record is of no interest."""
    s.rlength = 0
    s.rread = True
    s.rdata = b""


def ask_to_read_again(s: SSL) -> int:
    """-1 with the retry flag set by hand: something was read, but not what was asked for."""
    s.rwstate = Want.READING
    if s.rbio is not None:
        s.rbio.clear_retry_flags()
        s.rbio.set_retry_read()
    return -1


def tell_message(s: SSL, content_type: int, message: bytes) -> None:
    """The message callback's part of an alert or a message that has come in."""
    if s.msg_callback is not None:
        s.msg_callback(False, s.version, content_type, message)
