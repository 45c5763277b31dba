"""The state of one connection: the fields of OpenSSL's ``SSL``, its ``s3`` and its record layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design, RenegotiationMark
from emulator.constants import SSL3_RT_MAX_PLAIN_LENGTH, Want
from emulator.engine.early_data.state import BEFORE_A_VERSION, EarlyDataState
from emulator.engine.receiving.state import Receiving
from emulator.engine.sending.state import Sending
from emulator.error_queue import current
from emulator.exceptions import NotEmulated
from emulator.handshake.common.state import Handshake, HelloRetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.bio import BIO
    from emulator.constants import ErrorCode
    from emulator.error_queue import ErrorStrings
    from emulator.exceptions import SimulatedCrash
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.handshake.common.session import Session
    from emulator.profile import Profile

    InfoCallback = Callable[[int, int], None]
    MessageCallback = Callable[[bool, int, int, bytes], None]
    WriteBytes = Callable[["SSL", int, object, bytes | memoryview, int], int]
    DispatchAlert = Callable[["SSL"], int]


class Machine:
    """A handshake state machine, as calls and the record layer see it.

    The methods with an answer here are those that not every machine has a part in.
    """

    __slots__ = ()

    def handshake(self) -> int:
        """``s->handshake_func``: go on until done (1), blocked or failed (0 or -1)."""
        raise NotImplementedError

    def clear(self) -> None:
        """Back to the beginning, as SSL_clear() and SSL_set_connect_state() do."""
        raise NotImplementedError

    def connect_or_accept(self) -> int:
        """SSL_connect() or SSL_accept() up to 1.0.2: the method's function, whatever SSL_in_init() says."""
        return self.handshake()

    def follows_generic(self) -> bool:
        """Whether a generic method chose the version whose handshake this is."""
        return False

    def in_before(self) -> bool:
        """SSL_in_before(): nothing has happened yet."""
        raise NotImplementedError

    def is_init_finished(self) -> bool:
        """SSL_is_init_finished(): a handshake is complete and none is under way."""
        raise NotImplementedError

    def set_error(self) -> None:
        """Into the error state, for ever."""
        raise NotImplementedError

    def in_error(self) -> bool:
        """Whether the error state was reached."""
        raise NotImplementedError

    def start_renegotiation(self) -> None:
        """The state that ssl3_renegotiate_check() sets."""

    def unexpected_message(self) -> None:
        """A handshake message has arrived outside a handshake: get ready to take it."""

    def application_data_allowed(self) -> bool:
        """Whether application data may arrive at this point of a renegotiation."""
        return False

    def change_read_cipher(self) -> bool:
        """ssl3_do_change_cipher_spec(): the peer's ChangeCipherSpec is here."""
        return False

    def check_finish_init(self, *, sending: bool | None) -> None:
        """ossl_statem_check_finish_init(): leave a state of early data if the call needs more of a handshake.

        ``sending``: SSL_write() or SSL_read(); None: SSL_do_handshake() and its like.
        """

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data(): a record that cannot be opened may be rejected early data."""
        return False


class Manual:
    """Manual mode (``follow="manual"``), as calls and the record layer see it: see engine/manual/mode.py."""

    __slots__ = ()

    def write(self, data: object, view: bytes | memoryview, num: int) -> int:
        """SSL_write() up to TLS 1.2: the number of bytes written, or 0 or less."""
        raise NotImplementedError

    def write_ex(self, data: object, view: bytes | memoryview, num: int) -> int:
        """ssl_write_internal() for SSL_write_ex(): the same."""
        raise NotImplementedError

    def reset(self) -> None:
        """SSL_clear(): nothing of the former connection counts any more."""
        raise NotImplementedError

    def transport(self, rbio: BIO | None) -> None:
        """SSL_set_bio(): the engine reads from ``rbio``."""
        raise NotImplementedError

    def peer_asks(self) -> None:
        """A message of the peer's begins a renegotiation."""
        raise NotImplementedError

    def keeps_data(self) -> bool:
        """Keep the application data at hand for SSL_read(), if a write renegotiates and the data may come."""
        raise NotImplementedError

    def between_records(self, sent: int) -> int:
        """1: the write goes on with its next record; else its answer.  ``sent``: its bytes that have left."""
        raise NotImplementedError

    def read(self, n: int, *, peek: bool) -> int:
        """SSL_read() and SSL_peek() of data that a write has read: C's answer."""
        raise NotImplementedError

    def answered(self, ret: int) -> ErrorCode | None:
        """SSL_get_error() of an answer that the page permits and no library gives; None: the library's."""
        raise NotImplementedError


class SSL:
    """One connection; field names are OpenSSL's.  ``out`` is the half that sends, ``inp`` the other.

    ``errno`` is the C variable after the last call.  Of TLS 1.3: ``is_tls13`` is SSL_IS_TLS13(), true once
    that version is chosen; ``first_handshake`` is SSL_IS_FIRST_HANDSHAKE(), true until both Finished messages
    were made or taken.
    """

    __slots__ = (
        "ccs_ok",
        "change_cipher_spec",
        "config",
        "context_options",
        "crash",
        "dispatch_alert",
        "early_data_count",
        "early_data_state",
        "errno",
        "errors",
        "extra_tickets",
        "first_handshake",
        "fixed_version",
        "generic",
        "hs",
        "in_handshake",
        "in_init",
        "info_callback",
        "initial_version",
        "inp",
        "is_tls13",
        "key_update",
        "key_update_count",
        "machine",
        "manual",
        "mode",
        "msg_callback",
        "new_session",
        "options",
        "out",
        "peer",
        "profile",
        "quiet_shutdown",
        "raised",
        "recv_max_early_data",
        "renegotiate",
        "renegotiate_requested",
        "rwstate",
        "server",
        "session_lost",
        "shutdown",
        "total_renegotiations",
        "version",
        "write_bytes",
    )

    def __init__(
        self,
        profile: Profile,
        config: HandshakeConfig,
        errors: ErrorStrings,
        writing: tuple[WriteBytes, DispatchAlert],
    ) -> None:
        self.profile = profile
        self.out = Sending(profile.write)
        self.inp = Receiving(profile)
        self.write_bytes, self.dispatch_alert = writing
        """ssl3_write_bytes() and ssl3_dispatch_alert() of this release."""
        self.config = config
        self.errors = errors
        self.mode: int = profile.defaults.mode
        self.options: int = config.options
        self.context_options: int = config.options
        self.quiet_shutdown = 0
        self.raised: Exception | None = None
        """What a callback has raised in this call."""
        self.fixed_version = 0
        """The version of the method, or of the session that chose it; 0: the method is flexible."""
        self.initial_version = 0
        self.generic = False
        """``s->method`` is a generic one, such as SSLv23_method() up to 1.0.2."""
        self.server = False
        self.machine: Machine | None = None
        self.hs = Handshake(config)
        """The handshake's messages and what they settled: a client's or a server's once the role is set."""
        self.info_callback: InfoCallback | None = None
        self.msg_callback: MessageCallback | None = None
        self.crash: SimulatedCrash | None = None
        self.peer: SSL | None = None
        """The other end if it is in the same simulated process, which dies as a whole."""
        self.errno = 0
        self.in_handshake = 0
        """How many calls of the handshake function are under way."""
        self.in_init = True
        self.renegotiate = 0
        """``s->renegotiate``, from 1.0.1: 1 in a renegotiation, 2 once a server has accepted its hello."""
        self.new_session = 0
        """``s->new_session``: do not resume a session; up to 1.0.0 also the mark of a renegotiation."""
        self.shutdown = 0
        self.recv_max_early_data = SSL3_RT_MAX_PLAIN_LENGTH
        self.early_data_state = EarlyDataState.NONE
        self.key_update_count = 0
        """KeyUpdates received; SSL_clear() leaves the count alone."""
        self.early_data_count = 0
        """Bytes of early data sent or received; SSL_clear() leaves the count alone."""
        self.manual: Manual | None = None
        """Manual mode; None: the connection follows the library."""
        self.reset()

    def reset(self) -> None:
        """The fields that SSL_clear() and ssl3_clear() set back; SSL_new() sets them so, too."""
        self.rwstate = Want.NOTHING
        self.version = self.fixed_version or self.initial_version
        self.reset_record_layer()
        self.renegotiate_requested = False
        self.total_renegotiations = 0
        self.change_cipher_spec = False
        self.ccs_ok = False
        self.is_tls13 = False
        self.key_update: int | None = None
        """``s->key_update``: the type of the KeyUpdate that is to be sent; None: none is."""
        self.extra_tickets = 0
        """``s->ext.extra_tickets_expected``: tickets of SSL_new_session_ticket() that are to be sent."""
        self.first_handshake = True
        self.session_lost = False
        """SSL_set_session(NULL) has taken the session of a handshake under way."""
        if self.manual is not None:
            self.manual.reset()

    def reset_record_layer(self) -> None:
        """RECORD_LAYER_clear() and the buffers of ssl3_clear()."""
        tells_headers = self.msg_callback is not None
        self.out.reset(tells_headers=tells_headers)
        self.inp.reset(tells_headers=tells_headers)

    # -- errors -------------------------------------------------------------------------------

    def put_error(self, function: str, reason: str | int) -> None:
        """SSLerr(): put an entry into this thread's queue, with the numbers and the text of the release."""
        current().put(self.errors.entry(function, reason))

    def put_bio_error(self, function: str, reason: str) -> None:
        """BIOerr(): put an error of this connection's transport into the queue."""
        current().put(self.errors.entry(function, reason, lib="BIO"))

    def renegotiating(self) -> bool:
        """The field that SSL_clear() and SSL_renegotiate_pending() read."""
        # ``if (s->new_session)`` up to 1.0.0, ``if (s->renegotiate)`` from 1.0.1.
        if self.profile.machine.renegotiation_mark is RenegotiationMark.NEW_SESSION:
            return self.new_session != 0
        return self.renegotiate != 0

    def awaits_second_hello(self) -> bool:
        """A HelloRetryRequest is on its way: ``s->hello_retry_request == SSL_HRR_PENDING``."""
        return self.hs.hello_retry is HelloRetry.PENDING

    def treats_as_tls13(self) -> bool:
        """SSL_TREAT_AS_TLS13(): TLS 1.3 is chosen, or its rules hold before a version is."""
        return self.is_tls13 or self.early_data_state in BEFORE_A_VERSION or self.awaits_second_hello()

    # -- the machine --------------------------------------------------------------------------

    def running(self) -> Machine:
        """The machine of a connection whose role is set (``handshake_func != NULL``)."""
        if self.machine is None:
            msg = "no connect or accept state was set"
            raise AssertionError(msg)
        return self.machine

    def set_session(self, session: Session | None) -> None:
        """SSL_set_session(), of a connection whose role is set; NotEmulated where it resets the connection.

        Without a session the peer's next message is processed with ``s->session`` (SIGSEGV): up to 1.0.2 in
        every state of a handshake, from 1.1.0 by a client that waits for ServerHello.  In other states
        SSL_set_ssl_method(s, s->ctx->method) makes a new ``s->s3``, without keys and of another version.
        """
        begun = not self.running().in_before() and not (self.server and self.hs.session is None)
        # Before the version is chosen, and up to 1.0.2 with a session of the same version, the method stays.
        states = self.profile.machine.design is Design.STATES
        keeps_method = states or (not self.server and not self.hs.version)
        if not begun or (session is not None and keeps_method and not self.session_lost):
            self.hs.session = session
            return
        in_first = self.in_init and not self.hs.finished_once and not self.running().in_error()
        if session is not None or self.config.fixed_method or not in_first or not keeps_method:
            raise NotEmulated("SSL_set_session() on a connection that has negotiated a version")
        self.session_lost = True

    def take_messages(self, hs: Handshake) -> None:
        """Take the message logic of a machine that begins anew; the session of the former logic stays."""
        hs.session = self.hs.session
        self.hs = hs

    def notify(self, where: int, value: int) -> None:
        """The info callback, if there is one."""
        if self.info_callback is not None:
            self.info_callback(where, value)
