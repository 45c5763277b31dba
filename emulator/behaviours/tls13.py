"""What is particular to TLS 1.3: the questions on which the releases that have it differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("When does a connection answer a KeyUpdate that requests one in return?")
class KeyUpdateAnswer(Behaviour):
    # up to 1.1.1c
    IN_THE_READ = "in-the-read", "in the SSL_read() that received it; not at all after its own close_notify"
    # from 1.1.1d
    AT_THE_NEXT_WRITE = (
        "at-the-next-write",
        "in the next SSL_write(), before its data, once no record is pending",
    )


@question("What does SSL_key_update() return while a record is pending?")
class KeyUpdateWhilePending(Behaviour):
    # up to 1.1.1k
    ACCEPTED = "accepted", "1; then the KeyUpdate meets the pending record, which is a fatal error"
    # from 1.1.1l
    REFUSED = "refused", "0 with SSL_R_BAD_WRITE_RETRY, and the connection still works"


@question(
    "Which messages after the handshake does the info callback see as the start and end of a handshake?"
)
class PostHandshakeNotices(Behaviour):
    EACH_MESSAGE = "each-message", "every ticket and every KeyUpdate"  # up to 1.1.1a
    FIRST_HANDSHAKE = "first-handshake", "none"  # from 1.1.1b


@question("What happens if a record of another type comes in the middle of a handshake message?")
class InterruptedMessage(Behaviour):
    TAKEN = "taken", "it is processed, and the message may go on later"  # up to 1.1.1a
    REFUSED = "refused", "SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA"  # from 1.1.1b


@question('Does a fatal alert of TLS 1.3 whose level is "warning" count as a warning, too?')
class WarningLevel(Behaviour):
    # up to 3.1
    NOTED = "noted", "yes: s->s3->warn_alert holds it, and the count of warnings grows"
    # from 3.2
    IGNORED = "ignored", "no: SSL_get_error() then takes the end of the transport for SSL_ERROR_ZERO_RETURN"


@question("What does SSL_set_ciphersuites() do with a list that has an unknown name?")
class UnknownCiphersuite(Behaviour):
    # up to 1.1.1
    REFUSED = "refused", "it returns 0 with SSL_R_NO_CIPHER_MATCH, and the list stays as it was"
    # from 3.0
    SKIPPED = "skipped", "it leaves the name out"


@question(
    "How does a client that sends early data send its alerts, when the server may have no keys for them?"
)
class EarlyAlerts(Behaviour):
    # up to 3.1
    PLAIN = "plain", "in plain text: the server may have rejected the early data"
    # from 3.2
    PROTECTED = (
        "protected",
        "encrypted: the record layer that should send them in plain text is replaced too early",
    )


@question("When does a change of the block size or of the padding callback take effect?")
class PaddingTaken(Behaviour):
    # up to 3.1
    AT_ONCE = "at-once", "with the next record"
    # from 3.2
    WITH_NEW_KEYS = "with-new-keys", "with the next keys: a record layer copies both when it is made"


@question("Does the message callback see a ChangeCipherSpec that TLS 1.3 drops?")
class DroppedChangeCipherSpec(Behaviour):
    # up to 3.2
    SILENT = "silent", "only the header of its record"
    # from 3.5
    TOLD = "told", "yes, the header and the message, if the callback was set when the record layer was made"


@question("Which alert answers a ChangeCipherSpec of TLS 1.3 that is not the one byte 1?")
class InvalidChangeCipherSpec(Behaviour):
    ILLEGAL_PARAMETER = "illegal-parameter"  # up to 3.2
    UNEXPECTED_MESSAGE = "unexpected-message"  # from 3.5


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
        "How many KeyUpdates a peer may send before SSL_R_TOO_MANY_KEY_UPDATES; 0: any number."
    )
    longest_messages: dict[str, int] = doc(
        "The longest body of each message for which TLS 1.3 has a limit of its own, by its name."
    )
