"""What the hellos of a release contain: extensions and their order, lists inside them, versions."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


class Extension(StrEnum):
    """A hello extension, by its name in the RFCs; a profile lists them in the order they are sent."""

    SERVER_NAME = "server-name"
    RENEGOTIATION_INFO = "renegotiation-info"
    EC_POINT_FORMATS = "ec-point-formats"
    SUPPORTED_GROUPS = "supported-groups"  # named elliptic_curves before TLS 1.3
    SESSION_TICKET = "session-ticket"
    SIGNATURE_ALGORITHMS = "signature-algorithms"
    STATUS_REQUEST = "status-request"
    HEARTBEAT = "heartbeat"
    APPLICATION_PROTOCOLS = "application-protocols"  # ALPN
    ENCRYPT_THEN_MAC = "encrypt-then-mac"
    EXTENDED_MASTER_SECRET = "extended-master-secret"  # noqa: S105 - a name of RFC 7627
    SUPPORTED_VERSIONS = "supported-versions"
    PSK_KEY_EXCHANGE_MODES = "psk-key-exchange-modes"
    KEY_SHARE = "key-share"
    COOKIE = "cookie"
    EARLY_DATA = "early-data"
    PADDING = "padding"
    PRE_SHARED_KEY = "pre-shared-key"  # always the last: its binders are over all before it


@question("Which extensions does a hello of SSLv3 have?")
class Ssl3Extensions(Behaviour):
    ALL = "all", "the version makes no difference"
    ALL_ONCE_SECURE = "all-once-secure", "none; all if the peer has shown support of RFC 5746"
    RENEGOTIATION_INFO = "renegotiation-info", "only this one"


@question("Does ssl_cipher_list_to_bytes() add TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746, section 3.3)?")
class RenegotiationScsv(Behaviour):
    NEVER = "never"
    UNLESS_RENEGOTIATING = "unless-renegotiating", "last in the list; otherwise renegotiation_info is sent"
    UNLESS_TLS13_ALONE = "unless-tls13-alone", "the same, but not if TLS 1.3 is the only version"
    FOR_OLD_SERVERS = (
        "for-old-servers",
        "Only if SSLv3 or TLS 1.0 is offered. Otherwise an empty renegotiation_info is sent, "
        "unless TLS 1.3 is the only version.",
    )


@question("Does SSL_MODE_SEND_FALLBACK_SCSV exist, which adds TLS_FALLBACK_SCSV (RFC 7507) to a hello?")
class FallbackScsv(Behaviour):
    UNKNOWN = "unknown"
    BY_MODE = "by-mode", "after the renegotiation SCSV"


@question("Which suites of the configured list does a ClientHello leave out?")
class SuiteFilter(Behaviour):
    NONE = "none", "every suite that was compiled in is listed"
    BELOW_TLS12 = "below-tls12", "suites of TLS 1.2, if the hello's version is lower"
    BY_VERSION_AND_LEVEL = "by-version-and-level", "suites outside min..max, or below the security level"


@question("Which suites make a client send ec_point_formats and supported_groups?")
class EcExtensions(Behaviour):
    CONFIGURED = "configured", "any suite with elliptic curves in the configured list"
    OFFERED = "offered", "any such suite that this hello really lists (SSL_get1_supported_ciphers)"


@question("Which version decides whether a client sends signature_algorithms?")
class SignatureAlgorithms(Behaviour):
    NEVER = "never"
    METHOD_VERSION = "method-version", "that of the method: an SSLv23 client always sends them"
    CLIENT_VERSION = "client-version", "the one that the hello offers"


@question("When is a hello of 256 to 511 bytes padded to 512 (RFC 7685)?")
class Padding(Behaviour):
    NEVER = "never"
    ALWAYS = "always"
    BY_OPTION = "by-option", "SSL_OP_TLSEXT_PADDING; the extension may be empty"
    BY_OPTION_ONE_IF_TIGHT = "by-option-one-if-tight", "one byte if less than 4 are missing"
    BY_OPTION_NEVER_EMPTY = "by-option-never-empty", "one byte if 4 or less are missing"


@question("Does the release negotiate encrypt-then-MAC (RFC 7366)?")
class EncryptThenMac(Behaviour):
    NEVER = "never"
    ALWAYS = "always"
    UNLESS_OPTION = "unless-option", "SSL_OP_NO_ENCRYPT_THEN_MAC"


@question("When does a client of SSLv23_method send a hello in SSLv2's format (ssl23_client_hello)?")
class Sslv2Hello(Behaviour):
    ALWAYS = "always"
    UNLESS_OFF = "unless-off", "SSL_OP_NO_SSLv2"
    UNLESS_OFF_OR_EXTENSIONS = "unless-off-or-extensions", "or if a server name or OCSP status is requested"
    WITH_SSLV2_KINDS = "with-sslv2-kinds", "the same, and only if the cipher list has SSLv2 kinds"
    NEVER = "never"


@question(
    "Which version does a client of SSLv23_method or TLS_method offer when some versions are switched off?"
)
class OfferedVersion(Behaviour):
    HIGHEST = "highest"
    BELOW_THE_FIRST_GAP = "below-the-first-gap", "the highest one that has no gap below it"


@question("Which version does the record of a ClientHello have when the hello offers more than TLS 1.0?")
class HelloRecordVersion(Behaviour):
    OFFERED = "offered"
    TLS1 = "tls1", "TLS 1.0 always, in a renegotiation too"
    TLS1_AT_FIRST = "tls1-at-first", "TLS 1.0, but the connection's version in a renegotiation"


@question("How does a security level rate a signature with SHA-1 or MD5?")
class WeakHashes(Behaviour):
    BY_LENGTH = "by-length", "by half of its bits: SHA-1 reaches level 1"
    BROKEN = "broken", "too weak for every level except 0: from 3.0 on"


@question("Up to which security level may an old protocol version be used?")
class VersionLevels(Behaviour):
    STEPWISE = "stepwise", "SSLv3 up to level 1, TLS 1.0 to 2, TLS 1.1 to 3"
    ZERO_BELOW_TLS12 = "zero-below-tls1.2", "all three only at level 0: from 3.1 on"


@about("``[hello]``: the contents of ClientHello and ServerHello.")
class HelloSection(Section):
    client_extensions: tuple[Extension, ...] = doc(
        "The extensions that ssl_add_clienthello_tlsext() or ext_defs[] can send, in their order."
    )

    server_extensions: tuple[Extension, ...] = doc("The same for a ServerHello.")

    ssl3_extensions: Ssl3Extensions
    renegotiation_scsv: RenegotiationScsv
    fallback_scsv: FallbackScsv
    suite_filter: SuiteFilter

    unoffered_key_exchanges: tuple[str, ...] = doc(
        "The key exchanges whose suites a hello leaves out as long as no callback or name is set for them."
    )

    ec_extensions: EcExtensions
    point_formats: tuple[int, ...] = doc("ec_point_formats, RFC 4492 section 5.1.2.")

    groups: tuple[int, ...] = doc(
        "supported_groups (elliptic_curves) by their IANA numbers, as the client lists them."
    )

    signature_algorithms_by: SignatureAlgorithms
    key_share_groups: tuple[int, ...] = doc(
        "The groups of the key shares in the first ClientHello of TLS 1.3. None: the first of the list."
    )

    group_tuples: tuple[tuple[int, ...], ...] = doc(
        "A server's groups for TLS 1.3 in tuples, the best first. None: the server uses the first "
        "share that it can."
    )

    signature_algorithms: tuple[int, ...] = doc(
        "The client's list: hash in the upper byte, signature in the lower one (RFC 5246, 7.4.1.4.1)."
    )

    weak_hashes: WeakHashes
    version_levels: VersionLevels
    signature_algorithms_of_tls13: tuple[int, ...] = doc(
        "The signature algorithms of the list that a hello without TLS 1.3 leaves out."
    )

    padding: Padding
    encrypt_then_mac: EncryptThenMac
    sslv2_hello: Sslv2Hello
    offered_version: OfferedVersion
    record_version: HelloRecordVersion
