"""The handshake state machine and what errors leave behind: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which state machine runs handshakes?")
class Design(Behaviour):
    STATES = "states", "ssl3_connect(), ssl3_accept(), and ssl23_* before a version is chosen"
    MESSAGE_FLOW = "message-flow", "statem.c: reading and writing sub-machines"


@question("How do the library's own functions report a fatal error?")
class ErrorStyle(Behaviour):
    ALERT = "alert", "an error in the queue and a fatal alert"
    STATE = "state", "SSLfatal(): the same, and the error state; later calls push nothing"


@question("In what state does a handshake message that could not be processed leave the connection?")
class FailedHandshake(Behaviour):
    UNCHANGED = "unchanged", "the next call repeats the step, its error and its alert"
    ERROR = "error"


@question("Is SSL_in_init() true in the error state?")
class ErrorState(Behaviour):
    NOT_IN_INIT = "not-in-init", "no: SSL_write() sends plain text (CVE-2017-3737)"
    IN_INIT = "in-init"


@question("Does a fatal alert, sent or received, put the connection into the error state?")
class FatalAlert(Behaviour):
    UNNOTICED = "unnoticed"
    ERROR_STATE = "error-state"


@question("Which session can no longer be resumed after a fatal alert, sent or received?")
class FatalAlertSession(Behaviour):
    CACHED = "cached", "One in the cache of this SSL_CTX, as a server's is: a client still offers its own."

    EVERY = "every"


@question("After which alerts is the transport flushed?")
class AlertFlush(Behaviour):
    FATAL = "fatal"
    EVERY = "every"


@question("Is an alert other than close_notify sent after close_notify?")
class AlertAfterClose(Behaviour):
    SENT = "sent"
    SUPPRESSED = "suppressed"


@question("When does the flush at the end of a flight reach the transport?")
class FlushCondition(Behaviour):
    IF_PENDING = "if-pending", "if BIO_CTRL_INFO returns more than 0"
    ALWAYS = "always"


@question("Is a server's HelloRequest buffered?")
class ServerBuffering(Behaviour):
    YES = "yes"
    NO = "no"


@question("Which field marks a handshake as a renegotiation?")
class RenegotiationMark(Behaviour):
    NEW_SESSION = "new-session", "s->new_session; SSL_clear() refuses while it is set"
    RENEGOTIATE = "renegotiate", "s->renegotiate"


@question("What does a server do after it has sent its HelloRequest?")
class AfterHelloRequest(Behaviour):
    RETURNS = (
        "returns",
        "it returns at once: the buffering BIO stays in place and keeps the data that is written afterwards",
    )
    CLEANS_UP = "cleans-up"


@question("May a client start again with a second ClientHello instead of its key exchange (MS SGC)?")
class SecondClientHello(Behaviour):
    RESTARTS = "restarts"
    RESTARTS_ONCE = "restarts-once"
    REFUSED = "refused"


@question("What happens to a handshake message when the transport takes no bytes and does not fail (0)?")
class UnsentMessage(Behaviour):
    WAITS = "waits"
    REFUSED_UNHASHED = (
        "refused-unhashed",
        "ssl3_finish_mac() gets its 0 bytes, and refuses them as long as messages are stored and "
        "not yet hashed.",
    )


@question("Which code handles a HelloRequest and an unexpected ClientHello?")
class HelloRequestPlace(Behaviour):
    READ_BYTES = "read-bytes", "ssl3_read_bytes() decides whether there will be a handshake"
    STATE_MACHINE = "state-machine", "they are messages like any other"


@question("Does a server check its versions and ciphers before the first message?")
class ServerSetup(Behaviour):
    UNCHECKED = "unchecked"
    CHECKED = "checked", "tls_setup_handshake() fails without a version or a suite for the highest one"
    CHECKED_BY_BOTH = "checked-by-both", "the same, and a client fails there without a version: from 3.0 on"


@question("Does a client with a method for all versions send an alert for an unsupported version?")
class GenericRefusal(Behaviour):
    SILENT = "silent"
    ALERT = "alert"


@question("Does the message callback get the headers of records too (SSL3_RT_HEADER)?")
class HeaderNotices(Behaviour):
    NONE = "none"
    VERSION_0 = "version-0", "yes, with 0 for their version"
    RECORD_VERSION = "record-version", "yes, with the version in the header"
    BY_LAYER = (
        "by-layer",
        "The same, but only for records under keys that were made after the callback was set.",
    )


@about("``[machine]``: s3_clnt.c, s3_srvr.c, s3_both.c, s23_*.c; statem.c from 1.1.0.")
class MachineBehaviours(Section):
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
    internal_error: str = doc("The reason of an internal error, without ``SSL_R_``.")
    handshake_buffer_size: int = doc("Bytes that the buffering BIO of a handshake holds (BIO_f_buffer()).")
    handshake_buffer_misplaces: bool = doc(
        "Whether BIO_f_buffer() puts appended bytes in the wrong place (0.9.6, 0.9.6a)."
    )
    header_notices: HeaderNotices
