"""How records are read: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.section import Section


class UnknownRecordType(StrEnum):
    """Which protocol versions skip a record of an unknown content type without a word?"""

    SKIPPED_BY_TLS1 = "skipped-by-tls1"
    SKIPPED_UP_TO_TLS1_1 = "skipped-up-to-tls1.1"
    REFUSED = "refused"


class AlertParsing(StrEnum):
    """How are alerts put together?"""

    FRAGMENTS = "fragments"  # two bytes out of any number of records; the rest of a record is more alerts
    WHOLE_RECORD = "whole-record"  # a record must hold exactly one: SSL_R_INVALID_ALERT


class NoRenegotiationAlert(StrEnum):
    """What does the peer's warning no_renegotiation (100) do?"""

    IGNORED = "ignored"
    FATAL = "fatal"  # SSL_R_NO_RENEGOTIATION and a fatal handshake_failure


class ReadAfterSentShutdown(StrEnum):
    """What becomes of records that arrive after SSL_shutdown() sent close_notify?"""

    END_OF_FILE = "end-of-file"  # ssl3_read_bytes() answers 0
    HANDSHAKE_DROPPED = "handshake-dropped"  # handshake records are dropped, application data is an error


class ReadAfterReceivedShutdown(StrEnum):
    """What becomes of a record that a handshake reads after the peer's close_notify or fatal alert?"""

    DROPPED = "dropped"
    KEPT = "kept"  # emptied, but not done with: every later read meets it again, and none asks the transport


class EarlyChangeCipherSpec(StrEnum):
    """When is a ChangeCipherSpec accepted?"""

    ANY_TIME = "any-time"  # as soon as a cipher is chosen (CVE-2014-0224)
    WHEN_EXPECTED = "when-expected"  # SSL3_FLAGS_CCS_OK
    STATE_MACHINE = "state-machine"  # it is a message like any other


class UnpatchedClientHello(StrEnum):
    """Which ClientHello does a server answer with a warning no_renegotiation instead of renegotiating?"""

    NEVER = "never"
    CONTEXT_OPTIONS = "context-options"  # the peer lacks RFC 5746; SSL_CTX's options are asked
    CONNECTION_OPTIONS = "connection-options"  # the same; the SSL's options are asked
    NO_RENEGOTIATION = "no-renegotiation"  # the same, or SSL_OP_NO_RENEGOTIATION
    STATE_MACHINE = "state-machine"  # decided after the ClientHello was read


class RefusedHelloFragment(StrEnum):
    """What becomes of the ClientHello's first four bytes when it is answered with no_renegotiation?"""

    KEPT = "kept"  # the alert is sent again for whatever arrives next
    DROPPED = "dropped"


class CcsFailure(StrEnum):
    """Is a bad or early ChangeCipherSpec, or data before Finished, answered with an alert?"""

    SILENT = "silent"
    ALERT = "alert"


class ZeroLengthRead(StrEnum):
    """What does a read of 0 bytes do with an empty record at hand?"""

    UNAFFECTED = "unaffected"
    CONSUMES_EMPTY_RECORD = "consumes-empty-record"


class MacVersion(StrEnum):
    """Which version does the MAC of a record cover?"""

    PROTOCOL = "protocol"  # a constant of the protocol
    CONNECTION = "connection"  # s->version, which a record of a wrong version may have changed


class ReadAgain(StrEnum):
    """How does ssl3_read() know that it shall read application data in the middle of a handshake?"""

    WHEN_RESET = "when-reset"  # in_read_app_data is 0, which a handshake that begins makes it, too
    WHEN_MARKED = "when-marked"  # in_read_app_data is 2


class RefusedRecord(StrEnum):
    """What becomes of a record that could not be opened, if the connection goes on?"""

    READABLE = "readable"  # the next read hands out whatever its buffer holds
    GONE = "gone"


class ShortSslv2Hello(StrEnum):
    """Which alert answers an SSLv2-format ClientHello of fewer than nine bytes?"""

    HANDSHAKE_FAILURE = "handshake-failure"
    DECODE_ERROR = "decode-error"


class UnexpectedEof(StrEnum):
    """What is the end of the transport before close_notify?"""

    SILENT = "silent"  # BIO_read()'s 0, nothing in the queue
    ERROR = "error"  # SSL_R_UNEXPECTED_EOF_WHILE_READING and a fatal decode_error
    ERROR_UNLESS_IGNORED = "error-unless-ignored"
    """The same; with SSL_OP_IGNORE_UNEXPECTED_EOF it counts as a close_notify."""


class FailedRead(StrEnum):
    """What does a BIO_read() that gives nothing make of the call?"""

    AS_TOLD = "as-told"  # its own answer, 0 or -1, and SSL_want() is READING
    JUDGED = "judged"  # -1 unless it is the end; SSL_want() is READING only for a retry


class RefusedRecordEntries(StrEnum):
    """What does a record that the record layer refuses put into the error queue?"""

    REASON = "reason"  # one entry, of a fatal error
    REASON_AND_FAILURE = "reason-and-failure"
    """The reason, and SSL_R_RECORD_LAYER_FAILURE, which is the fatal error: without an alert there is neither
    the second entry nor the error state."""


class NegativeRead(StrEnum):
    """Where is a negative number of bytes noticed?"""

    READ_BYTES = "read-bytes"  # ssl3_read_bytes() answers it, once there is data to be read
    SSL_READ = "ssl-read"  # SSL_read() itself, SSL_R_BAD_LENGTH, before anything else


class GenericPeek(StrEnum):
    """What does SSL_peek() do before a generic method has chosen its version?"""

    UNDEFINED = "undefined"  # there is none: 0, and ssl_undefined_function()'s error
    HANDSHAKES = "handshakes"  # ssl23_peek(), as ssl23_read()


class ReadBehaviours(Section):
    """``[read]``: s3_pkt.c / rec_layer_s3.c ssl3_read_n(), ssl3_get_record(), ssl3_read_bytes()."""

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
    max_warning_alerts: int
    """How many warning alerts in a row are fatal (SSL_R_TOO_MANY_WARN_ALERTS); 0: any number is taken."""
    heartbeat_records: bool
    """Whether records of type 24 are taken as heartbeats (not emulated) instead of unknown records."""
    heartbeat_auto_retry: bool
    """Whether SSL_MODE_AUTO_RETRY makes a read go on after a heartbeat."""
    entry_function: str
    """The function that SSL_read's SSL_R_UNINITIALIZED names, without ``SSL_F_``."""
    undefined_pending: str
    """The function that SSL_pending() names before a generic method has chosen its version."""
    peek_function: str
    """The function that SSL_peek's SSL_R_UNINITIALIZED names, without ``SSL_F_``."""
