"""How SSL_write() behaves: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("Which code makes records and passes them to the transport?")
class RecordLayer(Behaviour):
    # up to 3.1
    DO_SSL3_WRITE = (
        "do-ssl3-write",
        "do_ssl3_write() and ssl3_write_pending(): one buffer; a retry, or an alert, is compared with the "
        "pending record",
    )
    # from 3.2
    RECORD_METHODS = (
        "record-methods",
        "tls_write_records() and tls_retry_write_records(): a buffer and a BIO_write() for each record, for "
        "an empty prefix too; a retry is compared with the whole call; an alert during an unfinished write "
        "is forgotten; a write that fails is no fatal error, and SSL_want() is SSL_NOTHING",
    )


@question("Where is a negative ``num`` refused?")
class NegativeLength(Behaviour):
    # up to 1.0.2
    LENGTH_CHECK = (
        "length-check",
        "nowhere but in write.retry_length_check: without that check the caller's buffer is over-read",
    )
    # from 1.1.0
    WRITE_BYTES = "write-bytes", "at the start of ssl3_write_bytes(), with SSL_R_SSL_NEGATIVE_LENGTH"
    # from 1.1.1
    SSL_WRITE = "ssl-write", "at the start of SSL_write(), with SSL_R_BAD_LENGTH"


@question("Which shorter retry of SSL_write does ssl3_write_bytes() refuse with SSL_R_BAD_LENGTH?")
class RetryLengthCheck(Behaviour):
    # up to 0.9.8y, 1.0.0l and 1.0.1g
    NONE = "none", "none: len - tot wraps, and the caller's buffer is over-read"
    # from 0.9.8za, 1.0.0m and 1.0.1h
    SENT = "sent", "len < tot, where tot = s->s3->wnum: bytes already sent"
    # from 1.0.2l and 1.1.0f
    SENT_AND_PENDING = (
        "sent-and-pending",
        "len < tot + wpend_tot: bytes already sent and those of the pending record",
    )


@question("Does ssl3_write_bytes() check the length before it clears wnum and runs a handshake, or after?")
class LengthCheckOrder(Behaviour):
    # up to 1.0.2
    AFTER_HANDSHAKE = (
        "after-handshake",
        "after: with wnum cleared, even a correct retry is refused after SSL_R_BAD_LENGTH",
    )
    # from 1.1.0
    BEFORE_HANDSHAKE = "before-handshake", "before: a correct retry still works after SSL_R_BAD_LENGTH"


@question("Where does a retry send the pending record?")
class PendingFlush(Behaviour):
    # up to 1.0.1
    RECORD_LOOP = "record-loop", "in do_ssl3_write(), in place of the record that the loop was about to make"
    # from 1.0.2
    FIRST = (
        "first",
        "in ssl3_write_bytes() before the loop (if wb->left != 0): partial mode then makes one more record",
    )


@question(
    "What does a refused retry (SSL_R_BAD_WRITE_RETRY, SSL_R_BAD_LENGTH, SSL_R_BIO_NOT_SET) leave behind?"
)
class AfterBadRetry(Behaviour):
    RECOVERABLE = "recoverable", "an entry in the error queue; a correct retry still works"  # up to 1.1.0
    FATAL = "fatal", "SSLfatal(): the connection is in the error state from then on"  # from 1.1.1


@question("For which ciphers is an empty record sent before application data (CBC with a known IV)?")
class EmptyFragments(Behaviour):
    # up to 0.9.6c
    NONE = "none"
    # only 0.9.6d
    ALL_BUT_RC4 = "all-but-rc4", "all but RC4, and there is no option against it"
    # from 0.9.6e
    CBC = "cbc", "CBC, unless SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS is set"
    # from 1.0.1
    IMPLICIT_IV_CBC = (
        "implicit-iv-cbc",
        "CBC up to TLS 1.0, unless SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS is set; once in a call",
    )
    # from 3.2
    IMPLICIT_IV_CBC_EVERY_RECORD = "implicit-iv-cbc-every-record", "the same, before every record of a call"


@question("Which records count as plaintext, so that no empty record goes ahead of them?")
class PlainRecords(Behaviour):
    # up to 1.0.1-base
    NO_MAC = "no-mac", "those made without a digest or a session: of a stitched cipher, too"
    # from 1.0.1a
    NO_CIPHER = "no-cipher", "those made without a cipher"


@question("What does SSL_set_split_send_fragment() limit?")
class SplitSendFragment(Behaviour):
    # up to 3.0.8
    PIPELINES = (
        "pipelines",
        "the shares of a cipher that encrypts several records at once; no cipher of the emulator does",
    )
    # from 3.0.9
    EVERY_RECORD = "every-record"


@question("Does a long write make four or eight records at once (AES-CBC with HMAC-SHA and an explicit IV)?")
class Multiblock(Behaviour):
    # up to 1.0.1
    NONE = "none", "no"
    # only 1.0.2-base
    FREES_ON_RETRY = "frees-on-retry", "yes, and a blocked transport loses the buffer (CVE-2015-0290)"
    # 1.0.2a to 1.1.0, and from 3.2
    BEFORE_ENCRYPT_THEN_MAC = "mac-then-encrypt", "yes, without encrypt-then-MAC"
    # 1.1.1 to 3.1
    WITHOUT_CIPHER_FATAL = (
        "mac-then-encrypt-or-crash",
        "yes, without encrypt-then-MAC; a long write without keys reads a null pointer",
    )


@question("Does a record of a multiblock write that failed for good hold up alerts and renegotiations?")
class FreedBuffer(Behaviour):
    # up to 1.0.2
    IN_THE_WAY = "in-the-way", "yes: wb->left is tested, which is not cleared when the buffer is freed"
    # from 1.1.0
    FORGOTTEN = (
        "forgotten",
        "no: RECORD_LAYER_write_pending() tests numwpipes too, and the next record gets a new buffer",
    )


@question("What does SSL_write() return if BIO_write() returned 0?")
class BioZero(Behaviour):
    # up to 3.1, but not 1.1.0c
    ZERO = "zero", "0, and the record stays pending"
    # only 1.1.0c
    MINUS_ONE = "minus-one", "-1, and the record stays pending"
    # from 3.2
    SUCCESS = (
        "success",
        "the length, as if the record were sent; the next write is refused with "
        "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED, and a retry of that one sends the first record in its place",
    )


@question("What does a BIO_write() that fails without a retry flag leave in the error queue?")
class FailedWrite(Behaviour):
    SILENT = "silent", "nothing: only errno says what happened"  # up to 3.2
    SYSTEM_ERROR = "system-error", "an entry of library SYS with errno, even if errno is 0"  # from 3.5


@question("When does SSL_MODE_RELEASE_BUFFERS free the write buffer?")
class ReleaseBuffers(Behaviour):
    # up to 0.9.8
    UNKNOWN = "unknown", "never: the mode does not exist"
    # from 1.0.0
    AFTER_EACH_RECORD = (
        "after-each-record",
        "after each record; an alert that do_ssl3_write() sends first frees it before the data "
        "(CVE-2014-0198)",
    )
    # from 1.0.0m and 1.0.1h
    AFTER_EACH_RECORD_SAFELY = (
        "after-each-record-safely",
        "after each record; do_ssl3_write() gets a new one after such an alert",
    )
    # from 1.0.2
    AFTER_THE_CALL = "after-the-call", "when the whole call has finished"


@question("What does a read or write return if the handshake that it runs returns 0?")
class HandshakeZero(Behaviour):
    HANDSHAKE_FAILURE = "handshake-failure", "-1 with SSL_R_SSL_HANDSHAKE_FAILURE"  # up to 1.1.0
    SILENT = "silent", "-1 without an error of its own"  # from 1.1.1


@about("``[write]``: ssl_lib.c SSL_write(), s3_pkt.c / rec_layer_s3.c ssl3_write_bytes() and below.")
class WriteBehaviours(Section):
    record_layer: RecordLayer
    negative_length: NegativeLength
    retry_length_check: RetryLengthCheck
    length_check_order: LengthCheckOrder
    pending_flush: PendingFlush
    after_bad_retry: AfterBadRetry
    empty_fragments: EmptyFragments
    plain_records: PlainRecords
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
