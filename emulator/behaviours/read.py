"""How records are read: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("In which protocol versions is a record of an unknown content type skipped silently?")
class UnknownRecordType(Behaviour):
    SKIPPED_BY_TLS1 = "skipped-by-tls1"
    SKIPPED_UP_TO_TLS1_1 = "skipped-up-to-tls1.1"
    REFUSED = "refused"


@question("In which records may an alert come?")
class AlertParsing(Behaviour):
    FRAGMENTS = "fragments", "two bytes from any number of records; the rest of a record is further alerts"
    WHOLE_RECORD = "whole-record", "a record must hold exactly one: SSL_R_INVALID_ALERT"


@question("What does the peer's warning no_renegotiation (100) do?")
class NoRenegotiationAlert(Behaviour):
    IGNORED = "ignored"
    FATAL = "fatal", "SSL_R_NO_RENEGOTIATION and a fatal handshake_failure"


@question("What happens to records that arrive after SSL_shutdown() sent close_notify?")
class ReadAfterSentShutdown(Behaviour):
    END_OF_FILE = "end-of-file", "ssl3_read_bytes() returns 0"
    HANDSHAKE_DROPPED = "handshake-dropped", "handshake records are dropped, application data is an error"


@question("What happens to a record that a handshake reads after the peer's close_notify or fatal alert?")
class ReadAfterReceivedShutdown(Behaviour):
    DROPPED = "dropped"
    KEPT = (
        "kept",
        "The record's length is set to 0 but it stays current: every later read returns "
        "at it and never reads the transport.",
    )


@question("When is a ChangeCipherSpec accepted?")
class EarlyChangeCipherSpec(Behaviour):
    ANY_TIME = "any-time", "as soon as a cipher is chosen (CVE-2014-0224)"
    WHEN_EXPECTED = "when-expected", "SSL3_FLAGS_CCS_OK"
    STATE_MACHINE = "state-machine", "it is a message like any other"


@question("Which ClientHello does a server answer with a warning no_renegotiation instead of renegotiating?")
class UnpatchedClientHello(Behaviour):
    NEVER = "never"
    CONTEXT_OPTIONS = "context-options", "if the peer lacks RFC 5746, by the SSL_CTX's options"
    CONNECTION_OPTIONS = "connection-options", "the same, by the SSL's options"
    NO_RENEGOTIATION = "no-renegotiation", "the same, or SSL_OP_NO_RENEGOTIATION"
    STATE_MACHINE = "state-machine", "decided after the ClientHello was read"


@question("What happens to the first four bytes of a ClientHello that is answered with no_renegotiation?")
class RefusedHelloFragment(Behaviour):
    KEPT = "kept", "they stay, and the alert is sent again for the next record"
    DROPPED = "dropped"


@question("Is a bad or early ChangeCipherSpec, or data before Finished, answered with an alert?")
class CcsFailure(Behaviour):
    SILENT = "silent"
    ALERT = "alert"


@question("What does a read of 0 bytes do if the current record is empty?")
class ZeroLengthRead(Behaviour):
    UNAFFECTED = "unaffected"
    CONSUMES_EMPTY_RECORD = "consumes-empty-record"


@question("Which version does the MAC of a record cover?")
class MacVersion(Behaviour):
    PROTOCOL = "protocol", "a constant of the protocol"
    CONNECTION = "connection", "s->version, which a record of a wrong version may have changed"


@question("How does ssl3_read() know that application data came in the middle of a handshake?")
class ReadAgain(Behaviour):
    WHEN_RESET = "when-reset", "in_read_app_data is 0; a handshake that begins sets it to 0 too"
    WHEN_MARKED = "when-marked", "in_read_app_data is 2"


@question("What happens to a record that could not be opened, if the program reads again?")
class RefusedRecord(Behaviour):
    READABLE = "readable", "the next read returns the bytes of its buffer"
    GONE = "gone"


@question("Which alert answers an SSLv2-format ClientHello of fewer than nine bytes?")
class ShortSslv2Hello(Behaviour):
    HANDSHAKE_FAILURE = "handshake-failure"
    DECODE_ERROR = "decode-error"


@question("How is the end of the transport before close_notify reported?")
class UnexpectedEof(Behaviour):
    SILENT = "silent", "as BIO_read()'s 0, with an empty queue"
    ERROR = "error", "SSL_R_UNEXPECTED_EOF_WHILE_READING and a fatal decode_error"
    ERROR_UNLESS_IGNORED = (
        "error-unless-ignored",
        "The same; with SSL_OP_IGNORE_UNEXPECTED_EOF as a close_notify.",
    )


@question("What does a call return when BIO_read() gives no bytes?")
class FailedRead(Behaviour):
    AS_TOLD = "as-told", "BIO_read()'s result, 0 or -1; SSL_want() is READING"
    JUDGED = "judged", "0 at the end of the transport, otherwise -1; SSL_want() is READING only for a retry"


@question("Which entries does a record that the record layer refuses put into the error queue?")
class RefusedRecordEntries(Behaviour):
    REASON = "reason", "one entry, of a fatal error"
    REASON_AND_FAILURE = (
        "reason-and-failure",
        "The reason, and SSL_R_RECORD_LAYER_FAILURE, which is the fatal error. Without an alert "
        "there is neither the second entry nor the error state.",
    )


@question("Where is a negative number of bytes checked?")
class NegativeRead(Behaviour):
    READ_BYTES = "read-bytes", "nowhere: ssl3_read_bytes() returns it as soon as there is data"
    SSL_READ = "ssl-read", "SSL_read() itself, SSL_R_BAD_LENGTH, before anything else"


@question("What does SSL_peek() do before a method for all versions has chosen one?")
class GenericPeek(Behaviour):
    UNDEFINED = "undefined", "it returns 0, with the error of ssl_undefined_function()"
    HANDSHAKES = "handshakes", "ssl23_peek(), as ssl23_read()"


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
        "How many warning alerts in a row are fatal (SSL_R_TOO_MANY_WARN_ALERTS); 0: any number is accepted."
    )
    heartbeat_records: bool = doc(
        "Whether records of type 24 are heartbeats (not emulated) and not records of an unknown type."
    )
    heartbeat_auto_retry: bool = doc("Whether SSL_MODE_AUTO_RETRY makes a read continue after a heartbeat.")
    entry_function: str = doc("The function that SSL_read's SSL_R_UNINITIALIZED names, without ``SSL_F_``.")
    undefined_pending: str = doc(
        "The function that an error of SSL_pending() names before a method for all versions has chosen one."
    )
    peek_function: str = doc("The function that SSL_peek's SSL_R_UNINITIALIZED names, without ``SSL_F_``.")
