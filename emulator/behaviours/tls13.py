"""What is particular to TLS 1.3: the questions on which the releases that have it differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("When is the answer to a KeyUpdate sent that requests one?")
class KeyUpdateAnswer(Behaviour):
    IN_THE_READ = "in-the-read", "by the call that read it; never after close_notify was sent"
    AT_THE_NEXT_WRITE = "at-the-next-write", "before the next record of data without a pending write"


@question("What does SSL_key_update() return during a pending write?")
class KeyUpdateWhilePending(Behaviour):
    ACCEPTED = "accepted", "success; the KeyUpdate then fails at the pending record, which is fatal"
    REFUSED = "refused", "0 with SSL_R_BAD_WRITE_RETRY at once; the connection still works"


@question("Does the info callback get the start and the end of a handshake for messages after the handshake?")
class PostHandshakeNotices(Behaviour):
    EACH_MESSAGE = "each-message", "yes: every ticket and KeyUpdate looks like a handshake"
    FIRST_HANDSHAKE = "first-handshake"


@question("What happens if another record comes in the middle of a handshake message?")
class InterruptedMessage(Behaviour):
    TAKEN = "taken", "nothing: the message may continue later"
    REFUSED = "refused", "SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA"


@question("Does a fatal alert of TLS 1.3 with the level of a warning leave the mark of a warning?")
class WarningLevel(Behaviour):
    NOTED = "noted", "yes: in s->s3->warn_alert and the count of warnings"
    IGNORED = "ignored", "no: SSL_get_error() then treats the end of the data as a clean close"


@question("What does SSL_set_ciphersuites() do with an unknown name?")
class UnknownCiphersuite(Behaviour):
    REFUSED = "refused", "SSL_R_NO_CIPHER_MATCH: the list stays as it was"
    SKIPPED = "skipped"


@question("Are a client's alerts among early data protected, although the server may have no keys for them?")
class EarlyAlerts(Behaviour):
    PLAIN = "plain"
    PROTECTED = "protected", "yes: the record layer for plain alerts is the one that is replaced"


@question("From when on do SSL_set_block_padding() and the padding callback have an effect?")
class PaddingTaken(Behaviour):
    AT_ONCE = "at-once", "from the next record on"
    WITH_NEW_KEYS = "with-new-keys", "a record layer copies the settings when it is made, the callback too"


@question("Is the message callback told of a ChangeCipherSpec that TLS 1.3 drops?")
class DroppedChangeCipherSpec(Behaviour):
    SILENT = "silent", "only of its header"
    TOLD = "told", "of the message, too, if the callback was set when the record layer was made"


@question("Which alert answers a ChangeCipherSpec of TLS 1.3 that is not the one byte 1?")
class InvalidChangeCipherSpec(Behaviour):
    ILLEGAL_PARAMETER = "illegal-parameter"
    UNEXPECTED_MESSAGE = "unexpected-message"


@about("``[tls13]``: TLS 1.3 in statem*.c, tls13_enc.c and ssl_lib.c.")
class Tls13Behaviours(Section):
    key_update_answer: KeyUpdateAnswer
    key_update_while_pending: KeyUpdateWhilePending
    post_handshake_notices: PostHandshakeNotices
    interrupted_message: InterruptedMessage
    warning_level: WarningLevel
    early_alerts: EarlyAlerts
    unknown_ciphersuite: UnknownCiphersuite
    padding_taken: PaddingTaken
    dropped_change_cipher_spec: DroppedChangeCipherSpec
    invalid_change_cipher_spec: InvalidChangeCipherSpec
    max_key_updates: int = doc(
        "How many KeyUpdates a connection accepts before SSL_R_TOO_MANY_KEY_UPDATES; 0: any number."
    )
    longest_messages: dict[str, int] = doc(
        "The longest body of messages that TLS 1.3 has otherwise, by their names."
    )
