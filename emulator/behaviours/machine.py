"""The handshake state machine and what errors leave behind: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which state machine runs handshakes?")
class Design(Behaviour):
    # up to 1.0.2
    STATES = (
        "states",
        "a loop over states in ssl3_connect() and ssl3_accept(), with ssl23_* before a version is chosen",
    )
    # from 1.1.0
    MESSAGE_FLOW = "message-flow", "statem.c: one machine with a reading and a writing half"


@question("How do the library's own functions report a fatal error?")
class ErrorStyle(Behaviour):
    ALERT = "alert", "by an entry in the error queue and a fatal alert"  # up to 1.1.0
    STATE = "state", "by SSLfatal(): an entry, a fatal alert and the error state, once"  # from 1.1.1


@question("In which state is a connection after a handshake message that could not be processed?")
class FailedHandshake(Behaviour):
    # up to 1.0.1m and 1.0.2a
    UNCHANGED = "unchanged", "in the same one: the next call repeats the step, its error and its alert"
    # from 1.0.1n and 1.0.2b
    ERROR = "error", "in the error state (SSL_ST_ERR, later MSG_FLOW_ERROR)"


@question("Is SSL_in_init() true in the error state?")
class ErrorState(Behaviour):
    # up to 1.0.2m and 1.1.0j
    NOT_IN_INIT = "not-in-init", "no: SSL_write() then sends plain text (CVE-2017-3737)"
    # from 1.0.2n and 1.1.0k
    IN_INIT = "in-init", "yes: SSL_write() runs the handshake, which fails"


@question("Does a fatal alert, sent or received, put the connection into the error state?")
class FatalAlert(Behaviour):
    UNNOTICED = "unnoticed", "no: writes still work"  # up to 1.0.2q and 1.1.0j, and from 1.1.1
    ERROR_STATE = "error-state", "yes"  # 1.0.2r to 1.0.2, and 1.1.0k to 1.1.0


@question("Which session can no longer be resumed after a fatal alert, sent or received?")
class FatalAlertSession(Behaviour):
    # up to 1.0.2
    CACHED = "cached", "one in the cache of this SSL_CTX, as a server's: a client still offers its own"

    # from 1.1.0
    EVERY = "every", "the session of the connection (not_resumable), whether or not the cache holds it"


@question("After which alerts is BIO_flush() called?")
class AlertFlush(Behaviour):
    FATAL = "fatal", "fatal ones"  # up to 1.1.0
    EVERY = "every", "all"  # from 1.1.1


@question("Can another alert be sent after close_notify?")
class AlertAfterClose(Behaviour):
    SENT = "sent", "yes"  # up to 1.1.1k
    SUPPRESSED = "suppressed", "no: ssl3_send_alert() returns if SSL_SENT_SHUTDOWN is set"  # from 1.1.1l


@question("When does the end of a flight call BIO_flush()?")
class FlushCondition(Behaviour):
    # up to 0.9.8l
    IF_PENDING = (
        "if-pending",
        "if BIO_CTRL_INFO is positive, by which a buffering BIO says that it holds bytes",
    )
    # from 0.9.8m
    ALWAYS = "always"


@question("Does a server push the buffering BIO before it sends a HelloRequest?")
class ServerBuffering(Behaviour):
    YES = "yes"  # up to 0.9.6b
    NO = "no"  # from 0.9.6c


@question("Which field says that a handshake is a renegotiation?")
class RenegotiationMark(Behaviour):
    NEW_SESSION = "new-session", "s->new_session; SSL_clear() fails while it is set"  # up to 1.0.0
    RENEGOTIATE = "renegotiate", "s->renegotiate"  # from 1.0.1


@question("What does a server do once its HelloRequest is sent?")
class AfterHelloRequest(Behaviour):
    # up to 0.9.6b
    RETURNS = (
        "returns",
        "it returns at once: the buffering BIO stays in place and keeps what is written afterwards",
    )
    # from 0.9.6c
    CLEANS_UP = "cleans-up", "it removes the buffering BIO, as after a whole handshake"


@question("May a client send a second ClientHello in place of its key exchange (server gated cryptography)?")
class SecondClientHello(Behaviour):
    RESTARTS = "restarts", "yes, any number of times (CVE-2011-4619)"  # up to 0.9.8r and 1.0.0e
    RESTARTS_ONCE = "restarts-once", "yes, once: SSL3_FLAGS_SGC_RESTART_DONE"  # from 0.9.8s and 1.0.0f
    REFUSED = "refused", "no"  # from 1.0.2


@question("What happens to a handshake message if BIO_write() returns 0 for it?")
class UnsentMessage(Behaviour):
    # up to 1.1.0, and from 3.0.10 and 3.1.2
    WAITS = "waits", "it stays pending"
    # from 1.1.1
    REFUSED_UNHASHED = (
        "refused-unhashed",
        "ssl3_finish_mac() gets its 0 bytes, and fails while handshake_dgst is NULL (messages are kept, and "
        "not hashed yet)",
    )


@question("Which code sees a HelloRequest, or a ClientHello after the handshake, first?")
class HelloRequestPlace(Behaviour):
    READ_BYTES = "read-bytes", "ssl3_read_bytes(), which decides whether a handshake starts"  # up to 1.1.0
    STATE_MACHINE = "state-machine", "the state machine: they are messages like all others"  # from 1.1.1


@question("When does a server notice that it has no version or no suite to offer?")
class ServerSetup(Behaviour):
    # up to 1.1.0
    UNCHECKED = "unchecked", "at the ClientHello"
    # from 1.1.1
    CHECKED = (
        "checked",
        "before the first message: tls_setup_handshake() tests for a version, and for a suite of the "
        "highest one",
    )
    # from 3.0
    CHECKED_BY_BOTH = "checked-by-both", "the same, and a client without a version fails there too"


@question("Does a client of a generic method answer a version that it does not support with an alert?")
class GenericRefusal(Behaviour):
    SILENT = "silent", "no"  # up to 1.0.2l
    ALERT = "alert", "yes: protocol_version"  # from 1.0.2m


@question("Does the message callback see the headers of records (SSL3_RT_HEADER)?")
class HeaderNotices(Behaviour):
    # up to 1.0.1
    NONE = "none", "no"
    # from 1.0.2
    VERSION_0 = "version-0", "yes, with version 0"
    # from 3.0
    RECORD_VERSION = "record-version", "yes, with the version in the header"
    # from 3.2
    BY_LAYER = (
        "by-layer",
        "yes, with the version in the header, if the callback was set when the keys of the record were made",
    )


@question("What does SSL_clear() do with the session of a connection that was not shut down?")
class ClearedSession(Behaviour):
    # up to 0.9.6c
    KEPT = "kept", "ssl_clear_bad_session() looks at the state when that is back at the beginning"
    # from 0.9.6d
    FORGOTTEN = "forgotten", "it leaves the cache; the next handshake is a full one"


@question("Whose method has a connection after SSL_clear(): the context's, or that of the version chosen?")
class ClearedMethod(Behaviour):
    # up to 1.1.0l
    WITH_SESSION = "with-session", "the version's where the session is kept: the next hello offers no other"
    # from 1.1.1
    CONTEXTS = "contexts", "the context's: the next handshake chooses anew"


@question(
    "What becomes of a connection to which SSL_clear() gives a generic method back, if nobody calls "
    "SSL_set_connect_state() or SSL_set_accept_state()? Its handshake function is still the version's own."
)
class ClearedGeneric(Behaviour):
    # up to 1.0.0o and 1.0.1j
    UNREADABLE = (
        "unreadable",
        "ssl3_undef_enc_method: an error for each record; a hello still leaves, with suites of three bytes, "
        "and no record can be read",
    )
    # 1.0.0p to 1.0.0t, and 1.0.1k to 1.0.1u
    UNUSABLE = "unusable", "the same, and no record leaves either"
    # only 1.0.2
    CRASHES = (
        "crashes",
        "records pass; ssl23_put_cipher_by_char() looks into a null cipher for the peer's hello",
    )
    # from 1.1.0
    STARTS_ANEW = "starts-anew", "one handshake function serves all versions"


@question("When does ssl23_connect() make the session of a connection that offers none?")
class GenericSession(Behaviour):
    # up to 1.0.1p and 1.0.2d
    SERVER_HELLO = "server-hello", "once the version is chosen"
    # from 1.0.1q and 1.0.2e
    CLIENT_HELLO = "client-hello", "at once: after SSL_clear() it refuses to begin again with that session"


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
    handshake_buffer_size: int = doc(
        "The bytes that the buffering BIO of a handshake holds (BIO_f_buffer())."
    )
    handshake_buffer_misplaces: bool = doc(
        "Whether BIO_f_buffer() puts appended bytes into the wrong place (up to 0.9.8r and 1.0.0e)."
    )
    header_notices: HeaderNotices
    cleared_session: ClearedSession
    cleared_method: ClearedMethod
    cleared_generic: ClearedGeneric
    generic_session: GenericSession
