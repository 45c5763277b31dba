"""The handshake state machine and what errors leave behind: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.section import Section


class Design(StrEnum):
    """Which state machine drives handshakes?"""

    STATES = "states"  # ssl3_connect(), ssl3_accept(), and ssl23_* before a version is chosen
    MESSAGE_FLOW = "message-flow"  # statem.c: reading and writing sub-machines


class ErrorStyle(StrEnum):
    """How do the library's own functions report a fatal error?"""

    ALERT = "alert"  # an error in the queue and a fatal alert
    STATE = "state"  # SSLfatal(): the same, and the error state; said once


class FailedHandshake(StrEnum):
    """In what state does a handshake message that could not be processed leave the connection?"""

    UNCHANGED = "unchanged"  # the same step again: the error and its alert repeat
    ERROR = "error"


class ErrorState(StrEnum):
    """Is SSL_in_init() true in the error state?"""

    NOT_IN_INIT = "not-in-init"  # so that SSL_write() sends plaintext (CVE-2017-3737)
    IN_INIT = "in-init"


class FatalAlert(StrEnum):
    """Does a fatal alert, sent or received, put the connection into the error state?"""

    UNNOTICED = "unnoticed"
    ERROR_STATE = "error-state"


class FatalAlertSession(StrEnum):
    """Which session does a fatal alert, sent or received, make unfit to be resumed?"""

    CACHED = "cached"
    """One in the cache of this SSL_CTX, as a server's: a client goes on to offer its own."""

    EVERY = "every"


class AlertFlush(StrEnum):
    """After which alerts is the transport flushed?"""

    FATAL = "fatal"
    EVERY = "every"


class AlertAfterClose(StrEnum):
    """Is an alert other than close_notify sent after close_notify?"""

    SENT = "sent"
    SUPPRESSED = "suppressed"


class FlushCondition(StrEnum):
    """When does the flush at the end of a flight reach the transport?"""

    IF_PENDING = "if-pending"  # BIO_CTRL_INFO > 0
    ALWAYS = "always"


class ServerBuffering(StrEnum):
    """Is a server's HelloRequest buffered?"""

    YES = "yes"
    NO = "no"


class RenegotiationMark(StrEnum):
    """Which field remembers that a handshake is a renegotiation?"""

    NEW_SESSION = "new-session"  # s->new_session; SSL_clear() refuses while it is set
    RENEGOTIATE = "renegotiate"  # s->renegotiate


class AfterHelloRequest(StrEnum):
    """What does a server do once its HelloRequest went out?"""

    RETURNS = "returns"  # at once: the buffering BIO stays in place and keeps what is written afterwards
    CLEANS_UP = "cleans-up"


class SecondClientHello(StrEnum):
    """May a client start over with a second ClientHello in place of its key exchange (MS SGC)?"""

    RESTARTS = "restarts"
    RESTARTS_ONCE = "restarts-once"
    REFUSED = "refused"


class UnsentMessage(StrEnum):
    """What becomes of a handshake message of which the transport took nothing, without a failure (0)?"""

    WAITS = "waits"
    REFUSED_UNHASHED = "refused-unhashed"
    """ssl3_finish_mac() is given its 0 bytes, and refuses them while messages are kept and not yet hashed."""


class HelloRequestPlace(StrEnum):
    """Where are a HelloRequest and an unexpected ClientHello dealt with?"""

    READ_BYTES = "read-bytes"  # ssl3_read_bytes() decides whether there will be a handshake
    STATE_MACHINE = "state-machine"  # they are messages like any other


class ServerSetup(StrEnum):
    """Does a server look at its versions and ciphers before the first message?"""

    UNCHECKED = "unchecked"
    CHECKED = "checked"  # tls_setup_handshake() fails without a version or a suite for the highest one
    CHECKED_BY_BOTH = "checked-by-both"  # and a client fails there without a version: from 3.0


class GenericRefusal(StrEnum):
    """Does a generic method's client answer an unsupported version with an alert?"""

    SILENT = "silent"
    ALERT = "alert"


class HeaderNotices(StrEnum):
    """Is the message callback shown the headers of records, too (SSL3_RT_HEADER)?"""

    NONE = "none"
    VERSION_0 = "version-0"  # and told 0 for their version
    RECORD_VERSION = "record-version"  # and told the version that they name
    BY_LAYER = "by-layer"
    """The same, but only of records under keys that were made when the callback was set already."""


class MachineBehaviours(Section):
    """``[machine]``: s3_clnt.c, s3_srvr.c, s3_both.c, s23_*.c; statem.c from 1.1.0."""

    design: Design
    error_style: ErrorStyle
    failed_handshake: FailedHandshake
    error_state: ErrorState
    fatal_alert: FatalAlert
    fatal_alert_session: FatalAlertSession
    alert_flush: AlertFlush
    alert_after_close: AlertAfterClose
    flush_condition: FlushCondition
    hello_request_buffering: ServerBuffering
    renegotiation_mark: RenegotiationMark
    after_hello_request: AfterHelloRequest
    second_client_hello: SecondClientHello
    generic_refusal: GenericRefusal
    unsent_message: UnsentMessage
    hello_request_place: HelloRequestPlace
    server_setup: ServerSetup
    internal_error: str
    """The reason that stands for an internal error, without ``SSL_R_``."""
    handshake_buffer_size: int
    """Bytes that the buffering BIO of a handshake holds (BIO_f_buffer())."""
    handshake_buffer_misplaces: bool
    """Whether BIO_f_buffer() puts appended bytes in the wrong place (0.9.6, 0.9.6a)."""
    header_notices: HeaderNotices
