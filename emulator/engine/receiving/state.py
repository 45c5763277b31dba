"""What a connection keeps for receiving: the keys, the record at hand, pieces of alerts and messages."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from emulator.behaviours.read import MacVersion, ReadAgain
from emulator.behaviours.record import FirstPacketFlag, LengthLimit, PlainLengthCheck
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH
from emulator.record import NullReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.record import RecordBehaviours
    from emulator.bio import BIO
    from emulator.constants import AlertDescription
    from emulator.profile import Profile
    from emulator.record import RecordReader

    RecordOpened = Callable[[int, bytes | None], None]

HEADER = 0
BODY = 1
"""``s->rstate``: what ssl3_get_record() reads next."""


def usual_length(rules: RecordBehaviours, *, plain: bool) -> int:
    """The longest record that every length check accepts whatever the options; ``plain``: an unprotected one.

    Longer ones take the slow path.
    """
    if plain and rules.plain_length_check is PlainLengthCheck.BEFORE_BODY:
        return SSL3_RT_MAX_PLAIN_LENGTH
    at_first = rules.encrypted_limit if rules.length_limit is LengthLimit.ENCRYPTED else rules.buffer_limit
    return min(at_first, rules.encrypted_limit - rules.compression_overhead)


class Receiving:
    """The half of a connection that receives; field names are OpenSSL's (``s->packet``, ``rlayer.rstate``).

    The record at hand (``rr``) is ``rtype``, ``rversion``, ``rdata`` from ``roff`` on, ``rlength`` bytes of
    it; ``rread`` says that it is done with.
    """

    __slots__ = (
        "_rules",
        "alert_count",
        "alert_fragment",
        "any_version_first",
        "empty_record_count",
        "first_packet",
        "first_record",
        "handshake_fragment",
        "in_read_app_data",
        "kept",
        "mac_by_protocol",
        "on_record",
        "packet",
        "plain_alerts",
        "rbio",
        "rdata",
        "read_again_mark",
        "read_alert",
        "read_ret",
        "reader",
        "received",
        "rleft",
        "rlength",
        "roff",
        "rread",
        "rstate",
        "rtype",
        "rversion",
        "tells_headers",
        "usual_length",
        "warn_alert",
    )

    def __init__(self, profile: Profile) -> None:
        self._rules = profile.record
        self.rbio: BIO | None = None
        self.on_record: RecordOpened | None = None
        """Called with the type and the content of a record that was opened; None for one that was refused."""
        self.any_version_first = profile.record.first_packet_flag is FirstPacketFlag.VERSION_OF_THE_LAYER
        """From 3.2 a record layer takes any version while its own is TLS_ANY_VERSION (tlsany_meth.c)."""
        self.mac_by_protocol = profile.read.mac_version is MacVersion.PROTOCOL
        """tls1_mac() hashes TLS1_VERSION_MAJOR, a constant, up to 0.9.8x, and ``ssl->version`` from 1.0.0."""
        self.read_again_mark = 0 if profile.read.read_again is ReadAgain.WHEN_RESET else 2
        """ssl3_read() tries again if ``(ret == -1) && (in_read_app_data == 0)``; from 0.9.6d on ``== 2``."""
        self.reset(tells_headers=False)

    def reset(self, *, tells_headers: bool) -> None:
        """RECORD_LAYER_clear() and ssl3_clear(): no keys, and nothing at hand."""
        self.install(NullReader(), tells_headers=tells_headers)
        self.first_packet = self.any_version_first
        """Whether the next record may be of any version."""
        self.first_record = True
        self.plain_alerts = False
        """TLS 1.3: the peer's alerts may still be unprotected (ENC_READ_STATE_ALLOW_PLAIN_ALERTS)."""
        self.rstate = HEADER
        self.packet = b""
        self.rleft = b""
        """Bytes that the transport gave beyond the record at hand."""
        self.read_ret = 0
        """The answer of a read that ssl3_read_n() could not satisfy."""
        self.rtype = 0
        self.rversion = 0
        self.rlength = 0
        self.rdata = b""
        self.roff = 0
        self.rread = True
        self.handshake_fragment = b""
        self.alert_fragment = b""
        self.kept: deque[bytes] = deque()
        """Application data that a write of manual mode has read for SSL_read(), one piece a record."""
        self.received = b""
        """The bytes that ssl3_read_bytes() hands to its caller."""
        self.alert_count = 0
        self.empty_record_count = 0
        self.read_alert: AlertDescription | None = None
        """From 3.2: the alert code of this record layer, which also decides over a write that fails."""
        self.warn_alert = 0
        self.in_read_app_data = 0

    def install(self, reader: RecordReader, *, tells_headers: bool) -> None:
        """New keys: nothing else assigns the reader.

        ``tells_headers``: the message callback is set now.
        """
        self.reader = reader
        self.tells_headers = tells_headers
        """Whether the message callback was set when the keys were made, which counts from 3.2."""
        self.usual_length = usual_length(self._rules, plain=reader.is_null)
