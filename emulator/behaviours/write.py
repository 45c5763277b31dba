"""How SSL_write() behaves: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which code makes records and passes them to the transport?")
class RecordLayer(Behaviour):
    DO_SSL3_WRITE = (
        "do-ssl3-write",
        "do_ssl3_write() and ssl3_write_pending(): one buffer; a retry is compared with the "
        "pending record, and so is an alert.",
    )
    RECORD_METHODS = (
        "record-methods",
        "tls_write_records() and tls_retry_write_records(): a buffer and a BIO_write() for each record, an "
        "empty prefix too; a retry is compared with the whole call; an alert during an unfinished "
        "write is dropped; a write that fails is not fatal, and leaves SSL_want() at NOTHING.",
    )


@question("Where is a negative ``num`` refused?")
class NegativeLength(Behaviour):
    LENGTH_CHECK = (
        "length-check",
        "only by retry_length_check; without that check the memory behind the caller's buffer is read",
    )
    WRITE_BYTES = "write-bytes", "ssl3_write_bytes(), SSL_R_SSL_NEGATIVE_LENGTH, before anything else"
    SSL_WRITE = "ssl-write", "SSL_write() itself, SSL_R_BAD_LENGTH, before anything else"


@question("Which shorter retry of SSL_write does ssl3_write_bytes() refuse with SSL_R_BAD_LENGTH?")
class RetryLengthCheck(Behaviour):
    NONE = "none", "len - tot wraps, and the memory behind the caller's buffer is read"
    SENT = "sent", "len < wnum"
    SENT_AND_PENDING = "sent-and-pending", "len < wnum + wpend_tot"


@question(
    "Is a length checked before or after wnum is cleared and a handshake is run? If wnum is "
    "cleared first, even a correct retry is refused after SSL_R_BAD_LENGTH."
)
class LengthCheckOrder(Behaviour):
    AFTER_HANDSHAKE = "after-handshake"
    BEFORE_HANDSHAKE = "before-handshake"


@question("Where does a retry send the pending record?")
class PendingFlush(Behaviour):
    RECORD_LOOP = "record-loop", "in do_ssl3_write(), instead of the record that the loop is about to make"
    FIRST = "first", "before the loop; partial mode then writes one more record"


@question("What does a refused retry (SSL_R_BAD_WRITE_RETRY, _BAD_LENGTH, _BIO_NOT_SET) leave behind?")
class AfterBadRetry(Behaviour):
    RECOVERABLE = "recoverable", "an error in the queue; the right retry still works"
    FATAL = "fatal", "SSLfatal(): the connection is in the error state for ever"


@question("For which ciphers is an empty record sent before application data (CBC known-IV countermeasure)?")
class EmptyFragments(Behaviour):
    NONE = "none"
    ALL_BUT_RC4 = (
        "all-but-rc4",
        "all ciphers except RC4; SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS does not exist yet",
    )
    CBC = "cbc", "CBC ciphers, without SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS"
    IMPLICIT_IV_CBC = "implicit-iv-cbc", "the same, but not for TLS 1.1 and later"
    IMPLICIT_IV_CBC_EVERY_RECORD = "implicit-iv-cbc-every-record", "the same, before each record of a call"


@question("What does SSL_set_split_send_fragment() limit?")
class SplitSendFragment(Behaviour):
    PIPELINES = "pipelines", "only the shares of ciphers that take several records at once; none is emulated"
    EVERY_RECORD = "every-record", "every record: from 3.0.9 and 3.1.0 on"


@question("Does a long write make four or eight records at once (AES-CBC with HMAC-SHA, explicit IV)?")
class Multiblock(Behaviour):
    NONE = "none"
    FREES_ON_RETRY = "frees-on-retry", "yes, and a full transport loses the buffer (CVE-2015-0290)"
    BEFORE_ENCRYPT_THEN_MAC = "mac-then-encrypt", "yes, without encrypt-then-MAC"
    WITHOUT_CIPHER_FATAL = (
        "mac-then-encrypt-or-crash",
        "the same, and a long write without keys reads a null pointer",
    )


@question(
    "Does a record still block alerts and renegotiations after a multiblock write has freed its buffer?"
)
class FreedBuffer(Behaviour):
    IN_THE_WAY = "in-the-way", "yes: its length, which is not cleared, is tested"
    FORGOTTEN = (
        "forgotten",
        "no: RECORD_LAYER_write_pending() tests the number of buffers too, and the next record "
        "gets a new one",
    )


@question("What does SSL_write() return when BIO_write() returned 0?")
class BioZero(Behaviour):
    ZERO = "zero"
    MINUS_ONE = "minus-one"
    SUCCESS = (
        "success",
        "The record counts as sent, although it is still pending: the next one is refused with "
        "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, and a retry of that one sends the first record instead.",
    )


@question("Which entry does a BIO_write() that fails without asking for a retry leave in the error queue?")
class FailedWrite(Behaviour):
    SILENT = "silent", "none: only errno is set"
    SYSTEM_ERROR = "system-error", "errno, as an error of library SYS, even if it is 0"


@question("What does SSL_MODE_RELEASE_BUFFERS do to the write buffer?")
class ReleaseBuffers(Behaviour):
    UNKNOWN = "unknown", "the mode does not exist"
    AFTER_EACH_RECORD = (
        "after-each-record",
        "an alert sent ahead of data frees it too early: NULL dereference",
    )
    AFTER_EACH_RECORD_SAFELY = "after-each-record-safely"
    AFTER_THE_CALL = "after-the-call"


@question("Which error does a read or write push when the handshake that it runs returns 0?")
class HandshakeZero(Behaviour):
    HANDSHAKE_FAILURE = "handshake-failure", "SSL_R_SSL_HANDSHAKE_FAILURE, and -1"
    SILENT = "silent", "none; the call returns -1"


@about("``[write]``: ssl_lib.c SSL_write(), s3_pkt.c / rec_layer_s3.c ssl3_write_bytes() and below.")
class WriteBehaviours(Section):
    record_layer: RecordLayer
    negative_length: NegativeLength
    retry_length_check: RetryLengthCheck
    length_check_order: LengthCheckOrder
    pending_flush: PendingFlush
    after_bad_retry: AfterBadRetry
    empty_fragments: EmptyFragments
    split_send_fragment: SplitSendFragment
    multiblock: Multiblock
    freed_buffer: FreedBuffer
    bio_zero: BioZero
    failed_write: FailedWrite
    release_buffers: ReleaseBuffers
    handshake_zero: HandshakeZero
    entry_function: str = doc(
        "The function that SSL_R_UNINITIALIZED and SSL_R_PROTOCOL_IS_SHUTDOWN name, without ``SSL_F_``."
    )
