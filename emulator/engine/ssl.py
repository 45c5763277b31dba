"""The state of one connection: what OpenSSL keeps in an ``SSL``, its ``s3`` and its record layer."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from emulator.behaviours.machine import RenegotiationMark
from emulator.behaviours.read import MacVersion, ReadAgain
from emulator.behaviours.record import FirstPacketFlag, LengthLimit, PlainLengthCheck
from emulator.behaviours.write import FreedBuffer, SplitSendFragment
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH, Want
from emulator.engine.early_data.state import BEFORE_A_VERSION, EarlyDataState
from emulator.error_queue import current
from emulator.handshake.common.state import HelloRetry
from emulator.record import NullReader, NullWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.record import RecordBehaviours
    from emulator.bio import BIO, BufferBIO
    from emulator.buffer import Buffer
    from emulator.constants import AlertDescription
    from emulator.engine.sending.padding import RecordPadding
    from emulator.error_queue import ErrorStrings
    from emulator.exceptions import SimulatedCrash
    from emulator.handshake.client import ClientHandshake
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.server import ServerHandshake
    from emulator.profile import Profile
    from emulator.record import RecordReader, RecordWriter

    InfoCallback = Callable[[int, int], None]
    MessageCallback = Callable[[bool, int, int, bytes], None]
    WriteBytes = Callable[["SSL", int, object, bytes | memoryview, int], int]
    DispatchAlert = Callable[["SSL"], int]


class Machine(Protocol):
    """A handshake state machine: what the record layer and the calls ask of it."""

    def handshake(self) -> int:
        """``s->handshake_func``: go on until done (1), blocked or failed (0 or -1)."""

    def in_before(self) -> bool:
        """SSL_in_before(): nothing has happened yet."""

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished(): a handshake is complete and none is under way."""

    def application_data_allowed(self) -> bool:
        """Whether application data may arrive at this point of a renegotiation."""

    def start_renegotiation(self) -> None:
        """What ssl3_renegotiate_check() does to the state."""

    def clear(self) -> None:
        """Back to the beginning, as SSL_clear() and SSL_set_connect_state() do."""

    def unexpected_message(self) -> None:
        """A handshake message has arrived outside a handshake: get ready to take it."""

    def received_fatal_alert(self) -> None:
        """What the peer's fatal alert does to the state."""

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec(): the peer's ChangeCipherSpec is here."""

    def check_finish_init(self, *, sending: bool | None) -> None:
        """ossl_statem_check_finish_init(): leave a state of early data where the call asks for more.

        ``sending``: SSL_write() or SSL_read(); None: SSL_do_handshake() and its like.
        """

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data(): what cannot be opened may be early data that was rejected."""

    def set_error(self) -> None:
        """Into the error state, for ever."""

    def in_error(self) -> bool:
        """Whether the error state was reached."""


class AlertDispatch(IntEnum):
    """``s->s3.alert_dispatch``: whether an alert is queued (to 3.1 just that)."""

    NONE = 0
    PENDING = 1
    RETRY = 2
    """Its record is made: it is the write that is unfinished."""


HEADER = 0
BODY = 1
"""``s->rstate``: what ssl3_get_record() reads next."""


def usual_length(rules: RecordBehaviours, *, plain: bool) -> int:
    """A length of fragments up to which no option has anything to object to; ``plain``: unprotected ones."""
    if plain and rules.plain_length_check is PlainLengthCheck.BEFORE_BODY:
        return SSL3_RT_MAX_PLAIN_LENGTH
    at_first = rules.encrypted_limit if rules.length_limit is LengthLimit.ENCRYPTED else rules.buffer_limit
    return min(at_first, rules.encrypted_limit - rules.compression_overhead)


class SSL:
    """One connection.  Field names are OpenSSL's; ``errno`` is the C variable after the last call.

    Of TLS 1.3: ``is_tls13`` is SSL_IS_TLS13(), true once that version is chosen; ``first_handshake``
    SSL_IS_FIRST_HANDSHAKE(), true until both Finished messages were made or taken; ``plain_alerts``
    says that the peer's alerts may still be unprotected (ENC_READ_STATE_ALLOW_PLAIN_ALERTS).
    """

    __slots__ = (
        "alert_buffer",
        "alert_count",
        "alert_dispatch",
        "alert_fragment",
        "any_version_first",
        "bbio",
        "body",
        "ccs_ok",
        "change_cipher_spec",
        "config",
        "context_options",
        "crash",
        "dispatch_alert",
        "early_data_count",
        "early_data_state",
        "empty_fragment_done",
        "empty_record_count",
        "errno",
        "errors",
        "extra_tickets",
        "fetched",
        "first_handshake",
        "first_packet",
        "first_record",
        "fixed_version",
        "fragment",
        "generic",
        "handshake_fragment",
        "hello_version",
        "hs",
        "in_handshake",
        "in_init",
        "in_read_app_data",
        "info_callback",
        "init_msg",
        "init_num",
        "initial_version",
        "is_tls13",
        "key_update",
        "key_update_count",
        "mac_by_protocol",
        "machine",
        "max_send_fragment",
        "message_type",
        "mode",
        "msg_callback",
        "multiblock",
        "need_empty_fragments",
        "new_session",
        "options",
        "over_read",
        "packet",
        "peer",
        "plain_alerts",
        "profile",
        "promised_after",
        "quiet_shutdown",
        "rbio",
        "rdata",
        "read_again_mark",
        "read_alert",
        "reader",
        "received",
        "record_padding",
        "recv_max_early_data",
        "renegotiate",
        "renegotiate_requested",
        "rleft",
        "rlength",
        "roff",
        "rread",
        "rstate",
        "rtype",
        "rversion",
        "rwstate",
        "send_alert",
        "server",
        "shutdown",
        "split_send_fragment",
        "tells_read",
        "tells_written",
        "total_renegotiations",
        "usual_length",
        "version",
        "waiting",
        "warn_alert",
        "wbio",
        "wbuf",
        "wbuf_blocks",
        "wbuf_freed",
        "wbuf_left",
        "wnum",
        "wpend_address",
        "wpend_owner",
        "wpend_ret",
        "wpend_tot",
        "wpend_type",
        "write_bytes",
        "writer",
    )

    def __init__(
        self,
        profile: Profile,
        config: HandshakeConfig,
        errors: ErrorStrings,
        writing: tuple[WriteBytes, DispatchAlert],
    ) -> None:
        self.profile = profile
        self.write_bytes, self.dispatch_alert = writing
        """ssl3_write_bytes() and ssl3_dispatch_alert() of this release."""
        self.any_version_first = profile.record.first_packet_flag is FirstPacketFlag.VERSION_OF_THE_LAYER
        self.mac_by_protocol = profile.read.mac_version is MacVersion.PROTOCOL
        self.read_again_mark = 0 if profile.read.read_again is ReadAgain.WHEN_RESET else 2
        self.config = config
        self.errors = errors
        self.mode: int = profile.defaults.mode
        self.options: int = config.options
        self.context_options: int = config.options
        self.max_send_fragment = 16384
        self.split_send_fragment = 16384
        self.fragment = 16384
        """Bytes of the longest record that ssl3_write_bytes() makes."""
        self.quiet_shutdown = False
        self.fixed_version = 0
        self.initial_version = 0
        self.generic = False
        self.server = False
        self.machine: Machine | None = None
        self.hs: ClientHandshake | ServerHandshake | None = None
        self.rbio: BIO | None = None
        self.wbio: BIO | None = None
        self.bbio: BufferBIO | None = None
        self.info_callback: InfoCallback | None = None
        self.msg_callback: MessageCallback | None = None
        self.crash: SimulatedCrash | None = None
        self.peer: SSL | None = None
        """The other end where it is in the same simulated process, which dies as a whole."""
        self.errno = 0
        self.in_handshake = 0
        self.in_init = True
        self.renegotiate = 0
        self.new_session = 0
        self.shutdown = 0
        self.record_padding: RecordPadding | None = None
        """SSL_set_block_padding() or the callback of SSL_set_record_padding_callback()."""
        self.recv_max_early_data = SSL3_RT_MAX_PLAIN_LENGTH
        self.early_data_state = EarlyDataState.NONE
        self.key_update_count = 0
        """KeyUpdates received, which SSL_clear() does not forget either."""
        self.early_data_count = 0
        """Bytes of early data sent or received, of which SSL_clear() forgets nothing."""
        self.promised_after: tuple[bytes, bytes] | None = None
        self.over_read = 0
        self.reset()

    def reset(self) -> None:
        """What SSL_clear() and ssl3_clear() set back; called at birth, too."""
        self.rwstate = Want.NOTHING
        self.version = self.fixed_version or self.initial_version
        self.hello_version = 0
        self.first_packet = self.any_version_first
        """Whether the next record may be of any version."""
        self.first_record = True
        self.reset_record_layer()
        self.renegotiate_requested = False
        self.total_renegotiations = 0
        self.in_read_app_data = 0
        self.alert_dispatch = AlertDispatch.NONE
        self.send_alert = (0, 0)
        self.alert_buffer: Buffer | None = None
        self.warn_alert = 0
        self.change_cipher_spec = False
        self.ccs_ok = False
        self.empty_fragment_done = False
        self.need_empty_fragments = False
        self.multiblock = False
        self.is_tls13 = False
        self.key_update: int | None = None
        self.extra_tickets = 0
        """NewSessionTickets that SSL_new_session_ticket() asked for and are not sent."""
        self.first_handshake = True

    def reset_record_layer(self) -> None:
        """RECORD_LAYER_clear() and the buffers of ssl3_clear()."""
        self.tells_read = self.tells_written = self.msg_callback is not None
        """Whether the message callback was set when the keys of this direction were made."""
        self.reader: RecordReader = NullReader()
        self.usual_length = usual_length(self.profile.record, plain=True)
        self.writer: RecordWriter = NullWriter()
        self.plain_alerts = False
        self.rstate = HEADER
        self.packet = b""
        self.fetched = b""
        self.body = b""
        self.rleft = b""
        self.rtype = 0
        self.rversion = 0
        self.rlength = 0
        self.rdata = b""
        self.roff = 0
        self.rread = True
        self.handshake_fragment = b""
        self.alert_fragment = b""
        self.received = b""
        self.alert_count = 0
        self.empty_record_count = 0
        self.wbuf: bytes | memoryview = b""
        self.wbuf_left = 0
        """Not 0 while a write is unfinished (RECORD_LAYER_write_pending()): what is left of the record in
        ``wbuf``, from 3.2 ``wpend_tot``."""
        self.waiting: list[bytes | memoryview] = []
        """From 3.2: the buffers that tls_retry_write_records() has yet to pass on."""
        self.read_alert: AlertDescription | None = None
        """From 3.2: the alert code of the record layer that reads."""
        self.wbuf_blocks = 0
        """How many bytes of data a buffer for several records at once holds; 0: there is none such."""
        self.wbuf_freed = False
        self.wnum = 0
        self.wpend_tot = 0
        self.wpend_type = 0
        self.wpend_ret = 0
        self.wpend_address = 0
        self.wpend_owner: object = None
        self.init_msg = b""
        self.init_num = 0
        self.message_type = -1

    def set_fragments(self, longest: int, split: int) -> None:
        """SSL_CTRL_SET_MAX_SEND_FRAGMENT and SSL_CTRL_SET_SPLIT_SEND_FRAGMENT."""
        self.max_send_fragment, self.split_send_fragment = longest, split
        every = self.profile.write.split_send_fragment is SplitSendFragment.EVERY_RECORD
        self.fragment = split if every else longest

    # -- errors -------------------------------------------------------------------------------

    def put_error(self, function: str, reason: str | int) -> None:
        """SSLerr(): one entry onto this thread's queue, numbers and text as the release has them."""
        current().put(self.errors.entry(function, reason))

    def put_bio_error(self, function: str, reason: str) -> None:
        """BIOerr(): what a transport of this connection has to say."""
        current().put(self.errors.entry(function, reason, lib="BIO"))

    def renegotiating(self) -> bool:
        """The field that SSL_clear() and SSL_renegotiate_pending() look at."""
        if self.profile.machine.renegotiation_mark is RenegotiationMark.NEW_SESSION:
            return self.new_session != 0
        return self.renegotiate != 0

    def record_pending(self) -> bool:
        """RECORD_LAYER_write_pending(): whether a record waits, for alerts, renegotiation and KeyUpdates."""
        forgotten = self.wbuf_freed and self.profile.write.freed_buffer is FreedBuffer.FORGOTTEN
        return self.wbuf_left != 0 and not forgotten

    def awaits_second_hello(self) -> bool:
        """A HelloRetryRequest is on its way: ``s->hello_retry_request == SSL_HRR_PENDING``."""
        return self.hs is not None and self.hs.hello_retry is HelloRetry.PENDING

    def treats_as_tls13(self) -> bool:
        """SSL_TREAT_AS_TLS13(): whether it acts by the rules of TLS 1.3, that version chosen or not."""
        return self.is_tls13 or self.early_data_state in BEFORE_A_VERSION or self.awaits_second_hello()

    # -- the machine --------------------------------------------------------------------------

    def running(self) -> Machine:
        """The machine of a connection whose role is set (``handshake_func != NULL``)."""
        if self.machine is None:
            msg = "no connect or accept state was set"
            raise AssertionError(msg)
        return self.machine

    def notify(self, where: int, value: int) -> None:
        """The info callback, if there is one."""
        if self.info_callback is not None:
            self.info_callback(where, value)
