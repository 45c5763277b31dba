"""How a release refuses a record: section ``[record]`` of a profile.

The record layer (emulator.record) says why a record could not be opened; this section says what that
release let the caller and the peer see of it.  From 0.9.6c on most causes look alike on purpose (the
padding oracle of Vaudenay and of Lucky Thirteen), and which of them do is exactly what differs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, Spelled, about, doc
from emulator.constants import SSL3_VERSION, TLS1_1_VERSION, AlertDescription


class RecordFailureKind(StrEnum):
    """Why could a record not be opened?"""

    PUBLIC_LENGTH = "public-length"
    """A CBC fragment that is empty or no multiple of the block size."""
    STREAM_EMPTY = "stream-empty"
    """An empty fragment of a stream cipher."""
    CBC_TOO_SHORT = "cbc-too-short"
    """A CBC fragment of whole blocks that cannot hold its explicit IV, its MAC and the padding's length."""
    STREAM_TOO_SHORT = "stream-too-short"
    """A fragment of a stream cipher that is shorter than the MAC."""
    ETM_TOO_SHORT = "etm-too-short"
    """Encrypt-then-MAC: a fragment that is shorter than the MAC."""
    AEAD_EMPTY = "aead-empty"
    """AEAD: the fragment is empty."""
    AEAD_TOO_SHORT = "aead-too-short"
    """AEAD: the fragment cannot hold the explicit nonce and the tag."""
    TLS13_TOO_SHORT = "tls13-too-short"
    """TLS 1.3: the fragment cannot hold a content type and the tag."""
    PADDING_TOO_LONG = "padding-too-long"
    """The padding claims more than the record (TLS) or than a block (SSLv3)."""
    BAD_PADDING = "bad-padding"
    """A padding byte differs from the padding's length (TLS)."""
    NO_ROOM_FOR_MAC = "no-room-for-mac"
    """What is left without the padding is shorter than the MAC."""
    BAD_MAC = "bad-mac"
    """The MAC, or the tag of an AEAD, is wrong."""
    PRE_MAC_TOO_LONG = "pre-mac-too-long"
    """The content is longer than ``pre_mac_limit``: raised by the read engine, which knows the options."""
    DATA_TOO_LONG = "data-too-long"
    """The content is longer than 16384 bytes: raised by the read engine."""


@question(
    "Does the alert that refuses a record of another version carry that version? ssl3_get_record() may set "
    "``s->version`` to the number that it read."
)
class VersionAdoption(Behaviour):
    # up to 0.9.8m
    ALWAYS = "always", 'yes, whatever the number is: "GET " is answered by a record of version 0x4554'
    # from 0.9.8n
    SAME_MAJOR = "same-major", "if its major version is that of the connection"
    # from 1.0.1f
    SAME_MAJOR_UNPROTECTED = (
        "same-major-unprotected",
        "if its major version is that of the connection, and this side has not encrypted yet",
    )
    # from 1.0.1n and 1.0.2b
    SAME_MAJOR_NO_ALERT_TO_ALERT = (
        "same-major-no-alert-to-alert",
        "the same; and no alert answers a record of type alert in that case",
    )
    # from 3.2
    NO_ALERT_TO_ALERT = (
        "no-alert-to-alert",
        "no, it carries the version of the connection; and no alert answers an unprotected alert of the "
        "same major version",
    )


@question("Which code forgets that the first record may have any version (s->first_packet)?")
class FirstPacketFlag(Behaviour):
    # up to 0.9.7l and 0.9.8d
    CLEARED = "cleared", "ssl3_get_record(), after the first record"
    # from 0.9.7m and 0.9.8e
    KEPT = "kept", "the handshake, once the version is fixed"
    # from 3.2
    VERSION_OF_THE_LAYER = (
        "version-of-the-layer",
        "none, there is no flag: the record layer accepts any version until the hello that fixes it was "
        "processed",
    )


@question("How is a first record refused whose major version is not 3?")
class ForeignProtocol(Behaviour):
    # up to 1.0.2
    WRONG_VERSION = "wrong-version", "by SSL_R_WRONG_VERSION_NUMBER without an alert"
    # from 1.1.0
    RECOGNISED = (
        "recognised",
        "by SSL_R_HTTP_REQUEST or SSL_R_HTTPS_PROXY_REQUEST without an alert, if it looks like one; a later "
        "record by SSL_R_WRONG_VERSION_NUMBER and protocol_version",
    )


@question("Which length in a header is refused at once with SSL_R_PACKET_LENGTH_TOO_LONG?")
class LengthLimit(Behaviour):
    # up to 0.9.8
    ENCRYPTED = "encrypted", "one above ``encrypted_limit``, and ``big_buffer_extra`` where the option is set"
    # from 1.0.0
    BUFFER = (
        "buffer",
        "one for which the read buffer has no room: above ``buffer_limit``, with ``compression_overhead`` "
        "if SSL_OP_NO_COMPRESSION was off when the buffer was made, and with ``big_buffer_extra``",
    )


@question("When is SSL_R_ENCRYPTED_LENGTH_TOO_LONG found, and above which length?")
class EncryptedLengthCheck(Behaviour):
    # up to 1.1.0
    AFTER_BODY = "after-body", "after the body is read; ``encrypted_limit``"
    # from 1.1.1
    BEFORE_BODY = (
        "before-body",
        "before the body is read; ``encrypted_limit`` less ``compression_overhead`` if nothing is compressed",
    )


@question("Which is refused first: a wrong version, or a length for which the buffer has no room?")
class HeaderOrder(Behaviour):
    # up to 3.1
    VERSION_FIRST = "version-first", "the version"
    # from 3.2
    LENGTH_FIRST = (
        "length-first",
        "the length; but version 2, which is SSLv2's mark, comes before it, with an alert",
    )


@question("When is an unprotected record of more than 16384 bytes refused?")
class PlainLengthCheck(Behaviour):
    AFTER_BODY = "after-body", "after its body is read, as a protected one"  # up to 3.1
    BEFORE_BODY = "before-body", "by its header"  # from 3.2


@question("How many records without content does a reader accept?")
class EmptyRecords(Behaviour):
    # up to 0.9.8zb, 1.0.0n and 1.0.1i
    SKIPPED = "skipped", "any number, in a loop in ssl3_get_record()"
    # from 0.9.8zc, 1.0.0o and 1.0.1j
    LIMITED_PER_CALL = "limited-per-call", "``max_empty_records`` in one call of ssl3_get_record()"
    # from 1.1.0
    LIMITED = "limited", "``max_empty_records`` in a row, over any number of calls"


@question("Does a cipher that fails push an error of its own, before that of the record layer?")
class CipherErrors(Behaviour):
    NONE = "none", "no"  # up to 1.1.1
    PROVIDER = "provider", "yes, one of the library PROV"  # from 3.0


def _alert(name: Any) -> AlertDescription:
    """Take "bad-record-mac" for AlertDescription.BAD_RECORD_MAC, or its number."""
    if not isinstance(name, str):
        return AlertDescription(name)
    try:
        return AlertDescription[name.replace("-", "_").upper()]
    except KeyError:
        raise ValueError(f"no alert is named {name!r}") from None


def _alert_name(alert: AlertDescription) -> str:
    return alert.name.lower().replace("_", "-")


Alert = Annotated[AlertDescription, Spelled(_alert, _alert_name)]
"""An alert, by its RFC name with hyphens."""


class Rejection(Section):
    """What a caller and the peer see of a refused record.

    ``function`` and ``reason`` name the one error queue entry (without ``SSL_F_`` and ``SSL_R_``);
    ``alerts`` are the fatal alerts sent for it, in order, as TLS names them (SSLv3 maps some of them
    to others, as for every alert).
    """

    function: str
    reason: str
    alerts: tuple[Alert, ...]


@about("``[record]``: the limits, checks and refusals of ssl3_get_record() and the functions below it.")
class RecordBehaviours(Section):
    version_adoption: VersionAdoption
    first_packet_flag: FirstPacketFlag
    foreign_protocol: ForeignProtocol
    length_limit: LengthLimit
    encrypted_length_check: EncryptedLengthCheck
    header_order: HeaderOrder
    plain_length_check: PlainLengthCheck
    empty_records: EmptyRecords
    encrypted_limit: int = doc("SSL3_RT_MAX_ENCRYPTED_LENGTH, in bytes.")
    buffer_limit: int = doc(
        "The bytes of the read buffer behind a header, without compression and without the extra bytes."
    )
    compression_overhead: int = doc("SSL3_RT_MAX_COMPRESSED_OVERHEAD, in bytes.")
    big_buffer_extra: int = doc(
        "The extra bytes that SSL_OP_MICROSOFT_BIG_SSLV3_BUFFER adds to every limit; 0 where it has no "
        "effect."
    )
    pre_mac_limit: int = doc(
        "The bytes of content above which ``pre-mac-too-long`` comes before ``data-too-long``: only where "
        "the reader has a MAC, and no encrypt-then-MAC."
    )
    pre_mac_limit_adds_mac: bool = doc(
        "Whether the size of the MAC is added to ``pre_mac_limit`` (0.9.8y and later, by oversight)."
    )
    stitched_ciphers: bool = doc(
        "Whether a build with assembler has an AES-CBC-HMAC cipher, which opens a record in one step (1.0.1)."
    )
    max_empty_records: int = doc("The number of ``empty_records``; 0 where there is no limit.")
    cipher_errors: CipherErrors
    failures: dict[RecordFailureKind, Rejection] = doc(
        "How each kind of failure that a suite of the release can meet is refused in TLS 1.0."
    )
    failures_ssl3: dict[RecordFailureKind, Rejection] = doc("The kinds that SSLv3 refuses in another way.")
    failures_explicit_iv: dict[RecordFailureKind, Rejection] = doc(
        "The kinds that TLS 1.1 and 1.2 refuse in another way."
    )
    failures_stitched: dict[RecordFailureKind, Rejection] = doc(
        "The kinds that TLS refuses in another way if the build has assembler and the reader is "
        "``stitchable``."
    )

    def rejection(self, kind: RecordFailureKind, version: int, *, stitched: bool = False) -> Rejection:
        """Say what is seen of a record refused for ``kind`` under the negotiated ``version``.

        ``stitched``: the build's AES-CBC-HMAC assembler opened it.
        """
        if stitched and kind in self.failures_stitched:
            return self.failures_stitched[kind]
        if version == SSL3_VERSION:
            return self.failures_ssl3.get(kind) or self.failures[kind]
        if version >= TLS1_1_VERSION:
            return self.failures_explicit_iv.get(kind) or self.failures[kind]
        return self.failures[kind]
