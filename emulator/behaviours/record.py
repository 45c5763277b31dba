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
    "Does the alert that refuses a record of another version have that version? ssl3_get_record() "
    "may set ``s->version`` to the number that it read."
)
class VersionAdoption(Behaviour):
    ALWAYS = "always", 'always: the answer to "GET " is a record of version 0x4554'
    SAME_MAJOR = "same-major", "only if the major version is that of the connection"
    SAME_MAJOR_UNPROTECTED = "same-major-unprotected", "and only if this side has not encrypted anything yet"
    SAME_MAJOR_NO_ALERT_TO_ALERT = (
        "same-major-no-alert-to-alert",
        "As same-major-unprotected; but a record of type alert is refused without an alert.",
    )
    NO_ALERT_TO_ALERT = (
        "no-alert-to-alert",
        "No, it has the connection's version. An unprotected alert of the same major version is "
        "refused without an alert.",
    )


@question("Does ssl3_get_record() itself clear the flag that permits a first packet of any version?")
class FirstPacketFlag(Behaviour):
    CLEARED = "cleared", "only the first record may have any version"
    KEPT = "kept", "the handshake code clears it when the version is fixed"
    VERSION_OF_THE_LAYER = (
        "version-of-the-layer",
        "There is no such flag: the record layer accepts any version until the hello has fixed the version.",
    )


@question("Which error does a first record get whose major version is not 3?")
class ForeignProtocol(Behaviour):
    WRONG_VERSION = "wrong-version", "SSL_R_WRONG_VERSION_NUMBER, without an alert"
    RECOGNISED = (
        "recognised",
        "SSL_R_HTTP_REQUEST or SSL_R_HTTPS_PROXY_REQUEST for an HTTP request, without an alert. A "
        "later record of this kind gets SSL_R_WRONG_VERSION_NUMBER with a protocol_version alert.",
    )


@question("Which length in a header is refused at once, with SSL_R_PACKET_LENGTH_TOO_LONG?")
class LengthLimit(Behaviour):
    ENCRYPTED = "encrypted", "more than ``encrypted_limit`` (and the extra of BIG_SSLV3_BUFFER)"
    BUFFER = (
        "buffer",
        "More than the read buffer holds: ``buffer_limit``, plus ``compression_overhead`` if "
        "SSL_OP_NO_COMPRESSION was off when the buffer was made, plus the extra of BIG_SSLV3_BUFFER.",
    )


@question("When is a record refused with SSL_R_ENCRYPTED_LENGTH_TOO_LONG, and above which length?")
class EncryptedLengthCheck(Behaviour):
    AFTER_BODY = "after-body", "after the body has been read; ``encrypted_limit``"
    BEFORE_BODY = (
        "before-body",
        "Before the body is read; ``encrypted_limit``, less ``compression_overhead`` without compression.",
    )


@question("Which is checked first: the version, or whether the buffer has room for the length?")
class HeaderOrder(Behaviour):
    VERSION_FIRST = "version-first"
    LENGTH_FIRST = (
        "length-first",
        "The length. Before it, with an alert, a version of 2, which is the mark of SSLv2.",
    )


@question("When is an unprotected record of more than 16384 bytes refused?")
class PlainLengthCheck(Behaviour):
    AFTER_BODY = "after-body", "after its body has been read, as a protected record with too much content"
    BEFORE_BODY = "before-body"


@question("How many records without content does a reader accept?")
class EmptyRecords(Behaviour):
    SKIPPED = "skipped", "any number, in a loop inside ssl3_get_record()"
    LIMITED_PER_CALL = "limited-per-call", "``max_empty_records`` in one call of ssl3_get_record()"
    LIMITED = "limited", "``max_empty_records`` in a row, over any number of calls"


@question("Does a cipher that fails report an error of its own, ahead of the record layer's?")
class CipherErrors(Behaviour):
    NONE = "none"
    PROVIDER = "provider", "from 3.0 on: an error of the library PROV"


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


@about("Section ``[record]``: limits, checks and refusals of ssl3_get_record() and what it calls.")
class RecordBehaviours(Section):
    version_adoption: VersionAdoption
    first_packet_flag: FirstPacketFlag
    foreign_protocol: ForeignProtocol
    length_limit: LengthLimit
    encrypted_length_check: EncryptedLengthCheck
    header_order: HeaderOrder
    plain_length_check: PlainLengthCheck
    empty_records: EmptyRecords
    encrypted_limit: int = doc("SSL3_RT_MAX_ENCRYPTED_LENGTH, bytes.")
    buffer_limit: int = doc(
        "Bytes that the read buffer holds after a header, without the extra "
        "for compression and for BIG_SSLV3_BUFFER."
    )
    compression_overhead: int = doc("SSL3_RT_MAX_COMPRESSED_OVERHEAD, bytes.")
    big_buffer_extra: int = doc(
        "Bytes that SSL_OP_MICROSOFT_BIG_SSLV3_BUFFER adds to every limit; 0 where it does nothing."
    )
    pre_mac_limit: int = doc(
        "Bytes of content (and extra) above which ``pre-mac-too-long`` comes before "
        "``data-too-long``. It is checked only with a MAC and without encrypt-then-MAC: "
        "``reader.mac_size`` and not ``reader.encrypt_then_mac``."
    )
    pre_mac_limit_adds_mac: bool = doc(
        "Whether the size of the MAC counts on top of ``pre_mac_limit`` (0.9.8y and later, by mistake)."
    )
    stitched_ciphers: bool = doc(
        "Whether a build with assembler has an AES-CBC-HMAC cipher, which opens a record in one step (1.0.1)."
    )
    max_empty_records: int = doc("The limit of ``empty_records``; 0 if there is none.")
    cipher_errors: CipherErrors
    failures: dict[RecordFailureKind, Rejection] = doc(
        "Every kind of failure that the release's suites can meet, as TLS 1.0 has it."
    )
    failures_ssl3: dict[RecordFailureKind, Rejection] = doc("What SSLv3 has otherwise.")
    failures_explicit_iv: dict[RecordFailureKind, Rejection] = doc("What TLS 1.1 and 1.2 have otherwise.")
    failures_stitched: dict[RecordFailureKind, Rejection] = doc(
        "What TLS has otherwise where the build has assembler and the reader is ``stitchable``."
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
