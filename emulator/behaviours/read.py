"""How records are read: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which protocol versions skip a record of an unknown content type?")
class UnknownRecordType(Behaviour):
    # up to 1.0.0
    SKIPPED_BY_TLS1 = "skipped-by-tls1", "TLS 1.0: if (s->version == TLS1_VERSION)"
    # from 1.0.1
    SKIPPED_UP_TO_TLS1_1 = (
        "skipped-up-to-tls1.1",
        "TLS 1.0 and 1.1: s->version >= TLS1_VERSION && s->version <= TLS1_1_VERSION",
    )
    # from 1.0.2k and 1.1.0c
    REFUSED = "refused", "none: SSL_R_UNEXPECTED_RECORD"


@question("How are the two bytes of an alert put together?")
class AlertParsing(Behaviour):
    # up to 1.1.0
    FRAGMENTS = (
        "fragments",
        "from any number of records (alert_fragment[2]); the rest of a record is more alerts",
    )
    # from 1.1.1
    WHOLE_RECORD = "whole-record", "a record must hold exactly one alert, or SSL_R_INVALID_ALERT"


@question("What does the peer's warning no_renegotiation (100) do?")
class NoRenegotiationAlert(Behaviour):
    IGNORED = "ignored", "nothing"  # up to 0.9.8l
    FATAL = "fatal", "SSL_R_NO_RENEGOTIATION and a fatal handshake_failure"  # from 0.9.8m


@question("What happens to records that SSL_shutdown() reads after its own close_notify?")
class ReadAfterSentShutdown(Behaviour):
    # up to 1.1.0
    END_OF_FILE = "end-of-file", "ssl3_read_bytes() returns 0, as at the end of the transport"
    # from 1.1.1
    HANDSHAKE_DROPPED = (
        "handshake-dropped",
        "handshake records are dropped, and application data is a fatal error",
    )


@question("What happens to a record that a handshake reads after the peer's close_notify or fatal alert?")
class ReadAfterReceivedShutdown(Behaviour):
    # up to 1.0.2, and from 3.2
    DROPPED = "dropped", "it is dropped (rr->length = 0), and the next read takes a new record"
    # 1.1.0 to 3.1
    KEPT = (
        "kept",
        "its length is set to 0, but it is not marked as read and stays current: every later read returns "
        "at it and never reads the transport",
    )


@question("When is a ChangeCipherSpec accepted?")
class EarlyChangeCipherSpec(Behaviour):
    # up to 0.9.8y, 1.0.0l and 1.0.1g
    ANY_TIME = "any-time", "as soon as a cipher is chosen: s->s3->tmp.new_cipher != NULL (CVE-2014-0224)"
    # from 0.9.8za, 1.0.0m and 1.0.1h
    WHEN_EXPECTED = "when-expected", "where the handshake expects it: s->s3->flags & SSL3_FLAGS_CCS_OK"
    # from 1.1.0
    STATE_MACHINE = "state-machine", "where the state machine allows it: it is a message there"


@question("Which ClientHello of a renegotiation does a server answer with a warning no_renegotiation?")
class UnpatchedClientHello(Behaviour):
    # up to 0.9.8l
    NEVER = "never", "none"
    # from 0.9.8m
    CONTEXT_OPTIONS = (
        "context-options",
        "that of a peer without RFC 5746, unless the SSL_CTX has SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION",
    )
    # from 1.0.2m and 1.1.0g
    CONNECTION_OPTIONS = (
        "connection-options",
        "that of a peer without RFC 5746, unless the SSL has SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION",
    )
    # from 1.1.0h
    NO_RENEGOTIATION = "no-renegotiation", "the same, and every one if SSL_OP_NO_RENEGOTIATION is set"
    # from 1.1.1
    STATE_MACHINE = "state-machine", "the same, but the whole ClientHello is read first"


@question("What happens to the first four bytes of a ClientHello that no_renegotiation answers?")
class RefusedHelloFragment(Behaviour):
    # up to 1.0.2n, and from 1.1.0
    KEPT = "kept", "handshake_fragment_len stays 4: the alert is sent again for whatever arrives next"
    # 1.0.2o to 1.0.2
    DROPPED = "dropped", "handshake_fragment_len is set to 0"


@question("Does an alert answer a bad or early ChangeCipherSpec, or data before Finished?")
class CcsFailure(Behaviour):
    SILENT = "silent", "no"  # up to 0.9.7d
    ALERT = "alert", "yes"  # from 0.9.7e


@question("What does a read of 0 bytes do with an empty record?")
class ZeroLengthRead(Behaviour):
    UNAFFECTED = "unaffected", "nothing: the record stays current"  # up to 1.1.0g
    CONSUMES_EMPTY_RECORD = "consumes-empty-record", "it marks the record as read"  # from 1.1.0h


@question("Which version does the MAC of a record cover?")
class MacVersion(Behaviour):
    PROTOCOL = "protocol", "that of the method (TLS1_VERSION_MAJOR, TLS1_VERSION_MINOR)"  # up to 0.9.8x
    CONNECTION = "connection", "s->version, which a record of another version may have changed"  # from 0.9.8y


@question("How does ssl3_read() notice that it has to read application data in the middle of a handshake?")
class ReadAgain(Behaviour):
    # up to 0.9.6c
    WHEN_RESET = "when-reset", "in_read_app_data is 0, which the start of a handshake sets too"
    # from 0.9.6d
    WHEN_MARKED = (
        "when-marked",
        "in_read_app_data is 2, which only ssl3_read_bytes() sets, for application data",
    )


@question("What happens to a record that could not be opened, if the connection continues?")
class RefusedRecord(Behaviour):
    # up to 1.0.2
    READABLE = "readable", "rr->length is still set: the next read returns the bytes in its buffer"
    # from 1.1.0
    GONE = "gone", "it does not count as a record"


@question("Which alert answers an SSLv2-format ClientHello of fewer than nine bytes?")
class ShortSslv2Hello(Behaviour):
    HANDSHAKE_FAILURE = "handshake-failure", "handshake_failure"  # up to 1.1.0
    DECODE_ERROR = "decode-error", "decode_error"  # from 1.1.1


@question("What does the end of the transport before close_notify do?")
class UnexpectedEof(Behaviour):
    # up to 1.1.1, but not 1.1.1e
    SILENT = "silent", "the read returns what BIO_read() did, 0, and the error queue stays empty"
    # only 1.1.1e
    ERROR = "error", "SSL_R_UNEXPECTED_EOF_WHILE_READING and a fatal decode_error"
    # from 3.0
    ERROR_UNLESS_IGNORED = (
        "error-unless-ignored",
        "the same, but with SSL_OP_IGNORE_UNEXPECTED_EOF it counts as close_notify",
    )


@question("What does a read return if BIO_read() gives no bytes?")
class FailedRead(Behaviour):
    # up to 3.1
    AS_TOLD = "as-told", "what BIO_read() did, 0 or -1; SSL_want() is SSL_READING"
    # from 3.2
    JUDGED = (
        "judged",
        "0 at the end of the transport, else -1; SSL_want() is SSL_READING only if the BIO has a retry flag",
    )


@question("What does a record that the record layer refuses put into the error queue?")
class RefusedRecordEntries(Behaviour):
    # up to 3.1
    REASON = "reason", "one entry, that of a fatal error"
    # from 3.2
    REASON_AND_FAILURE = (
        "reason-and-failure",
        "the reason, then SSL_R_RECORD_LAYER_FAILURE, which is the fatal error; without an alert there is "
        "neither the second entry nor the error state",
    )


@question("Where is a negative number of bytes refused?")
class NegativeRead(Behaviour):
    # up to 1.1.0
    READ_BYTES = "read-bytes", "nowhere: ssl3_read_bytes() returns the number once there is data"
    # from 1.1.1
    SSL_READ = "ssl-read", "at the start of SSL_read(), with SSL_R_BAD_LENGTH"


@question("What does SSL_peek() do before a generic method has chosen its version?")
class GenericPeek(Behaviour):
    # only 0.9.6-base
    UNDEFINED = (
        "undefined",
        "it returns 0 with the error of ssl_undefined_function(): the method has no function for it",
    )
    # from 0.9.6a
    HANDSHAKES = "handshakes", "ssl23_peek() runs the handshake, as ssl23_read() does"


@about("``[read]``: s3_pkt.c / rec_layer_s3.c ssl3_read_n(), ssl3_get_record(), ssl3_read_bytes().")
class ReadBehaviours(Section):
    unknown_record_type: UnknownRecordType
    alert_parsing: AlertParsing
    no_renegotiation_alert: NoRenegotiationAlert
    after_sent_shutdown: ReadAfterSentShutdown
    after_received_shutdown: ReadAfterReceivedShutdown
    early_change_cipher_spec: EarlyChangeCipherSpec
    unpatched_client_hello: UnpatchedClientHello
    refused_hello_fragment: RefusedHelloFragment
    zero_length_read: ZeroLengthRead
    ccs_failure: CcsFailure
    unexpected_eof: UnexpectedEof
    short_sslv2_hello: ShortSslv2Hello
    refused_record: RefusedRecord
    refused_record_entries: RefusedRecordEntries
    failed_read: FailedRead
    mac_version: MacVersion
    read_again: ReadAgain
    negative_length: NegativeRead
    generic_peek: GenericPeek
    max_warning_alerts: int = doc(
        "How many warning alerts in a row end in SSL_R_TOO_MANY_WARN_ALERTS (MAX_WARN_ALERT_COUNT); 0: no "
        "number does."
    )
    heartbeat_records: bool = doc(
        "Whether a record of type 24 is a heartbeat (heartbeats are not emulated), and no unknown record."
    )
    heartbeat_auto_retry: bool = doc("Whether SSL_MODE_AUTO_RETRY makes a read continue after a heartbeat.")
    entry_function: str = doc(
        "The function that SSL_R_UNINITIALIZED names in SSL_read(), without ``SSL_F_``."
    )
    undefined_pending: str = doc(
        "The function that SSL_pending() names before a generic method has chosen its version."
    )
    peek_function: str = doc("The function that SSL_R_UNINITIALIZED names in SSL_peek(), without ``SSL_F_``.")
