"""How SSL_write() behaves: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which code makes records and hands them to the transport?")
class RecordLayer(Behaviour):
    DO_SSL3_WRITE = (
        "do-ssl3-write",
        "do_ssl3_write() and ssl3_write_pending(): one buffer; a retry is compared with the record that "
        "waits, and so is an alert.",
    )
    RECORD_METHODS = (
        "record-methods",
        "tls_write_records() and tls_retry_write_records(): a buffer and a BIO_write() for each record, an "
        "empty prefix too; a retry is compared with the whole call; an alert that meets an unfinished write "
        "is forgotten; a write that fails is no fatal error, and leaves SSL_want() at nothing.",
    )


@question("Where is a negative ``num`` refused?")
class NegativeLength(Behaviour):
    LENGTH_CHECK = "length-check", "only by retry_length_check: without one the caller's buffer is over-read"
    WRITE_BYTES = "write-bytes", "ssl3_write_bytes(), SSL_R_SSL_NEGATIVE_LENGTH, before anything else"
    SSL_WRITE = "ssl-write", "SSL_write() itself, SSL_R_BAD_LENGTH, before anything else"


@question("Which shorter retry of SSL_write does ssl3_write_bytes() refuse with SSL_R_BAD_LENGTH?")
class RetryLengthCheck(Behaviour):
    NONE = "none", "len - tot wraps: the caller's buffer is over-read"
    SENT = "sent", "len < wnum"
    SENT_AND_PENDING = "sent-and-pending", "len < wnum + wpend_tot"


@question(
    "Is a length refused before or after wnum is forgotten and a handshake is driven? Where wnum is "
    "forgotten first, even a correct retry is refused after SSL_R_BAD_LENGTH."
)
class LengthCheckOrder(Behaviour):
    AFTER_HANDSHAKE = "after-handshake"
    BEFORE_HANDSHAKE = "before-handshake"


@question("Where does a retry finish the record that the transport did not take?")
class PendingFlush(Behaviour):
    RECORD_LOOP = "record-loop", "in do_ssl3_write(), in place of the record that the loop asks for"
    FIRST = "first", "before the loop; partial mode then writes one more record"


@question("What does a refused retry (SSL_R_BAD_WRITE_RETRY, _BAD_LENGTH, _BIO_NOT_SET) leave behind?")
class AfterBadRetry(Behaviour):
    RECOVERABLE = "recoverable", "an error in the queue; the right retry still works"
    FATAL = "fatal", "SSLfatal(): the connection is in the error state for ever"


@question("For which ciphers is an empty record sent before application data (CBC known-IV countermeasure)?")
class EmptyFragments(Behaviour):
    NONE = "none"
    ALL_BUT_RC4 = "all-but-rc4", "and SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS does not exist yet"
    CBC = "cbc", "unless SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS"
    IMPLICIT_IV_CBC = "implicit-iv-cbc", "the same, but not for TLS 1.1 and later"
    IMPLICIT_IV_CBC_EVERY_RECORD = "implicit-iv-cbc-every-record", "the same, before each record of a call"


@question("What does SSL_set_split_send_fragment() limit?")
class SplitSendFragment(Behaviour):
    PIPELINES = "pipelines", "the shares of ciphers that take several records at once, of which none is here"
    EVERY_RECORD = "every-record", "from 3.0.9 and 3.1.0"


@question("Are four or eight records made in one go for long writes (AES-CBC with HMAC-SHA, explicit IV)?")
class Multiblock(Behaviour):
    NONE = "none"
    FREES_ON_RETRY = "frees-on-retry", "and a blocked transport loses the buffer (CVE-2015-0290)"
    BEFORE_ENCRYPT_THEN_MAC = "mac-then-encrypt", "never with encrypt-then-MAC"
    WITHOUT_CIPHER_FATAL = "mac-then-encrypt-or-crash", "and a long write without keys reads a null pointer"


@question("Is a record in the way of alerts and renegotiation once a multiblock write has freed its buffer?")
class FreedBuffer(Behaviour):
    IN_THE_WAY = "in-the-way", "its length, which stays behind, is asked"
    FORGOTTEN = (
        "forgotten",
        "RECORD_LAYER_write_pending() asks for buffers too: the next record takes a new one",
    )


@question("What does SSL_write() answer when BIO_write() answered 0?")
class BioZero(Behaviour):
    ZERO = "zero"
    MINUS_ONE = "minus-one"
    SUCCESS = (
        "success",
        "The record counts as sent, although it still waits: the next one is refused with "
        "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, and a retry of that sends the first in its place.",
    )


@question("What does a BIO_write() that fails, without asking for a retry, leave in the error queue?")
class FailedWrite(Behaviour):
    SILENT = "silent", "nothing: errno says it"
    SYSTEM_ERROR = "system-error", "errno, as an error of library SYS, even where it is 0"


@question("What does SSL_MODE_RELEASE_BUFFERS do to the write buffer?")
class ReleaseBuffers(Behaviour):
    UNKNOWN = "unknown", "the mode does not exist"
    AFTER_EACH_RECORD = (
        "after-each-record",
        "an alert sent ahead of data frees it too early: NULL dereference",
    )
    AFTER_EACH_RECORD_SAFELY = "after-each-record-safely"
    AFTER_THE_CALL = "after-the-call"


@question("What does a read or write push when the handshake that it drives answers 0?")
class HandshakeZero(Behaviour):
    HANDSHAKE_FAILURE = "handshake-failure", "SSL_R_SSL_HANDSHAKE_FAILURE, and -1"
    SILENT = "silent", "-1 alone"


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
