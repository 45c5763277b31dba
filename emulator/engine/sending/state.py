"""The state of the half that sends: its keys, the record that waits, the alert that is queued."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from emulator.behaviours.write import FreedBuffer, SplitSendFragment
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH
from emulator.record import NullWriter
from emulator.record.tls13 import Tls13Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.write import WriteBehaviours
    from emulator.bio import BIO, BufferBIO
    from emulator.buffer import Buffer
    from emulator.engine.sending.padding import RecordPadding
    from emulator.record import RecordWriter

    RecordMade = Callable[[int, bytes | memoryview, bytes], None]


class AlertDispatch(IntEnum):
    """``s->s3.alert_dispatch``: whether an alert is queued (up to 3.1 only that)."""

    NONE = 0
    PENDING = 1
    RETRY = 2
    """From 3.2: the alert's record is made, and is the write that is unfinished."""


class Sending:
    """The half of a connection that sends; field names are OpenSSL's (``s3->wbuf``, ``rlayer.wnum``, ...).

    An unfinished write is known by ``wpend_tot``: the bytes of data in the records that wait, 0 for none.
    ``wnum`` is how many bytes of the same call are in records that have left.
    """

    __slots__ = (
        "_rules",
        "alert_buffer",
        "alert_dispatch",
        "bbio",
        "empty_fragment_done",
        "fragment",
        "hello_version",
        "max_send_fragment",
        "multiblock",
        "need_empty_fragments",
        "on_record",
        "over_read",
        "record_padding",
        "resume_at",
        "send_alert",
        "split_send_fragment",
        "tells_headers",
        "waiting",
        "wbio",
        "wbuf",
        "wbuf_blocks",
        "wbuf_freed",
        "wnum",
        "wpend_address",
        "wpend_owner",
        "wpend_ret",
        "wpend_tot",
        "wpend_type",
        "writer",
    )

    def __init__(self, rules: WriteBehaviours) -> None:
        self._rules = rules
        self.wbio: BIO | None = None
        self.bbio: BufferBIO | None = None
        """The buffering BIO of a handshake; it is ``wbio``, too, while messages go through it."""
        self.set_fragments(SSL3_RT_MAX_PLAIN_LENGTH, SSL3_RT_MAX_PLAIN_LENGTH)
        self.record_padding: RecordPadding | None = None
        """SSL_set_block_padding() or the callback of SSL_set_record_padding_callback()."""
        self.on_record: RecordMade | None = None
        """Called with the type and the content of what was made into records, and those records."""
        self.over_read = 0
        """Bytes beyond the caller's buffer that were sent."""
        self.reset(tells_headers=False)

    def reset(self, *, tells_headers: bool) -> None:
        """RECORD_LAYER_clear() and ssl3_clear(): no keys, nothing waits, no alert is queued."""
        self.install(NullWriter(), tells_headers=tells_headers)
        self.hello_version = 0
        """The version in the records of a first ClientHello; 0: that of the connection."""
        self.empty_fragment_done = False
        """Whether this call has sent its empty fragment (or needs none)."""
        self.alert_dispatch = AlertDispatch.NONE
        self.send_alert = (0, 0)
        self.alert_buffer: Buffer | None = None
        self.wbuf: bytes | memoryview = b""
        """Up to 3.1: what is left of the record that waits, ciphertext and header."""
        self.wbuf_blocks = 0
        """How many bytes of data a buffer for several records at once holds; 0: there is no such buffer."""
        self.wbuf_freed = False
        """A multiblock write has freed its buffer and left the length of the record behind."""
        self.wnum = 0
        self.resume_at = 0
        """Of a write that manual mode has stopped between two records: its bytes that have left."""
        self.wpend_tot = 0
        self.wpend_type = 0
        self.wpend_ret = 0
        self.wpend_address = 0
        self.wpend_owner: object = None

    def install(self, writer: RecordWriter, *, tells_headers: bool) -> None:
        """New keys: nothing else assigns the writer.

        ``tells_headers``: the message callback is set now.
        """
        if isinstance(writer, Tls13Writer):
            writer.padding = self.record_padding
        self.writer = writer
        self.waiting: list[bytes | memoryview] = []
        """From 3.2: the buffers that tls_retry_write_records() has yet to pass on, lost when keys change."""
        self.tells_headers = tells_headers
        """Whether the message callback was set when the keys were made, which counts from 3.2."""
        self.need_empty_fragments = False
        """Whether an empty record is sent before application data (``s->s3->need_empty_fragments``)."""
        self.multiblock = False
        """Whether long writes are made four or eight records at a time."""

    def set_fragments(self, longest: int, split: int) -> None:
        """SSL_CTRL_SET_MAX_SEND_FRAGMENT and SSL_CTRL_SET_SPLIT_SEND_FRAGMENT, in bytes."""
        self.max_send_fragment, self.split_send_fragment = longest, split
        # ``if (n / numpipes >= split_send_fragment)`` from 3.0.9, ``>= max_send_fragment`` before.
        every = self._rules.split_send_fragment is SplitSendFragment.EVERY_RECORD
        self.fragment = split if every else longest
        """Bytes of the longest record that ssl3_write_bytes() makes."""

    def record_pending(self) -> bool:
        """RECORD_LAYER_write_pending(): whether a record waits, for alerts, renegotiation and KeyUpdates."""
        # From 1.1.0 RL_WRITE_PENDING also asks for ``numwpipes > 0``, which a freed buffer has not.
        forgotten = self.wbuf_freed and self._rules.freed_buffer is FreedBuffer.FORGOTTEN
        return self.wpend_tot != 0 and not forgotten
