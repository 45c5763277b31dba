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
class Ssl3ExtensionsSent(Behaviour):
    # up to 0.9.8l
    ALL = "all", "all: the version is not tested"
    # from 0.9.8m
    ALL_ONCE_SECURE = (
        "all-once-secure",
        "none, or all if the peer is known to implement RFC 5746: s->s3->send_connection_binding",
    )
    # from 1.1.0
    RENEGOTIATION_INFO = "renegotiation-info", "renegotiation_info"


@question(
    "When does ssl_cipher_list_to_bytes() add TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746, section 3.3)?"
)
class RenegotiationScsv(Behaviour):
    # up to 0.9.8l
    NEVER = "never"
    # from 0.9.8m
    UNLESS_RENEGOTIATING = (
        "unless-renegotiating",
        "in a first hello, as the last suite; a renegotiation sends renegotiation_info",
    )
    # only 3.2.0
    UNLESS_TLS13_ALONE = "unless-tls13-alone", "in a first hello, unless TLS 1.3 is the only version"
    # from 3.5
    FOR_OLD_SERVERS = (
        "for-old-servers",
        "in a first hello that offers SSLv3 or TLS 1.0; another sends an empty renegotiation_info, unless "
        "TLS 1.3 is the only version",
    )


@question("Does SSL_MODE_SEND_FALLBACK_SCSV exist, which adds TLS_FALLBACK_SCSV (RFC 7507) to a hello?")
class FallbackMode(Behaviour):
    # up to 0.9.8zb, 1.0.0n and 1.0.1i
    UNKNOWN = "unknown", "no"
    # from 0.9.8zc, 1.0.0o and 1.0.1j
    BY_MODE = "by-mode", "yes: the suite stands behind the renegotiation SCSV"


@question("Which suites of the configured list does a ClientHello leave out?")
class SuiteFilter(Behaviour):
    # up to 1.0.0
    NONE = "none"
    # from 1.0.1
    BELOW_TLS12 = "below-tls12", "those of TLS 1.2, if the hello offers a lower version"
    # from 1.1.0
    BY_VERSION_AND_LEVEL = (
        "by-version-and-level",
        "those that no version between minimum and maximum can use, and those below the security level",
    )


@question("Which suites with elliptic curves make a client send ec_point_formats and supported_groups?")
class EcExtensions(Behaviour):
    CONFIGURED = "configured", "those of the configured list"  # up to 1.1.0
    OFFERED = "offered", "those that this hello offers (SSL_get1_supported_ciphers())"  # from 1.1.1


@question("Which version decides whether a client sends signature_algorithms?")
class SignatureAlgorithms(Behaviour):
    # up to 1.0.0
    NEVER = "never", "none: the extension does not exist"
    # from 1.0.1
    METHOD_VERSION = (
        "method-version",
        "that of the method (TLS1_get_version(s)): a client of SSLv23_method always sends it",
    )
    # from 1.0.1a and 1.0.2i
    CLIENT_VERSION = "client-version", "the one that the hello offers (TLS1_get_client_version(s))"


@question("When is a hello of 256 to 511 bytes padded to 512 (RFC 7685)?")
class Padding(Behaviour):
    # up to 1.0.1f
    NEVER = "never"
    # only 1.0.1g
    ALWAYS = "always"
    # from 1.0.1h
    BY_OPTION = "by-option", "with SSL_OP_TLSEXT_PADDING; the extension may be empty"
    # from 1.1.0g
    BY_OPTION_ONE_IF_TIGHT = (
        "by-option-one-if-tight",
        "with SSL_OP_TLSEXT_PADDING; one byte if fewer than 4 are missing",
    )
    # from 1.1.1
    BY_OPTION_NEVER_EMPTY = (
        "by-option-never-empty",
        "with SSL_OP_TLSEXT_PADDING; one byte if 4 or fewer are missing",
    )


@question("Does the release negotiate encrypt-then-MAC (RFC 7366)?")
class EncryptThenMac(Behaviour):
    NEVER = "never", "no"  # up to 1.0.2
    ALWAYS = "always", "yes"  # from 1.1.0
    UNLESS_OPTION = "unless-option", "yes, unless SSL_OP_NO_ENCRYPT_THEN_MAC is set"  # from 1.1.0g


@question("When does a client of SSLv23_method send a hello in SSLv2's format (ssl23_client_hello())?")
class Sslv2Hello(Behaviour):
    # up to 0.9.7g
    ALWAYS = "always"
    # from 0.9.7h
    UNLESS_OFF = "unless-off", "unless SSL_OP_NO_SSLv2 is set"
    # from 0.9.8j
    UNLESS_OFF_OR_EXTENSIONS = (
        "unless-off-or-extensions",
        "unless SSL_OP_NO_SSLv2 is set, or a server name or an OCSP status is requested",
    )
    # from 1.0.0
    WITH_SSLV2_KINDS = "with-sslv2-kinds", "the same, and only if the cipher list has SSLv2 kinds"
    # from 1.1.0
    NEVER = "never"


@question("Which version does a client of SSLv23_method or TLS_method offer if some versions are off?")
class OfferedVersion(Behaviour):
    # up to 1.0.1a
    HIGHEST = "highest", "the highest that is on"
    # from 1.0.1b
    BELOW_THE_FIRST_GAP = "below-the-first-gap", "the highest that has no version below it that is off"


@question("Which version has the record of a ClientHello that offers more than TLS 1.0?")
class HelloRecordVersion(Behaviour):
    OFFERED = "offered", "the one that the hello offers"  # up to 1.0.1-base
    TLS1 = "tls1", "TLS 1.0, in a renegotiation too"  # from 1.0.1a
    TLS1_AT_FIRST = "tls1-at-first", "TLS 1.0; in a renegotiation that of the connection"  # from 1.0.1d


@question("How strong is a signature with SHA-1 or MD5, for a security level?")
class WeakHashes(Behaviour):
    BY_LENGTH = "by-length", "half as strong as the hash has bits: SHA-1 reaches level 1"  # up to 1.1.1
    BROKEN = "broken", "too weak for every level but 0"  # from 3.0


@question("Up to which security level may an old protocol version be used?")
class VersionLevels(Behaviour):
    STEPWISE = "stepwise", "SSLv3 up to level 1, TLS 1.0 up to level 2, TLS 1.1 up to level 3"  # up to 3.0
    ZERO_BELOW_TLS12 = "zero-below-tls1.2", "SSLv3, TLS 1.0 and TLS 1.1 at level 0 only"  # from 3.1


@about("``[hello]``: the contents of ClientHello and ServerHello.")
class HelloSection(Section):
    client_extensions: tuple[Extension, ...] = doc(
        "The extensions that ssl_add_clienthello_tlsext() or ext_defs[] can send, in their order."
    )

    server_extensions: tuple[Extension, ...] = doc("The extensions of a ServerHello, in their order.")

    ssl3_extensions: Ssl3ExtensionsSent
    renegotiation_scsv: RenegotiationScsv
    fallback_scsv: FallbackMode
    suite_filter: SuiteFilter

    unoffered_key_exchanges: tuple[str, ...] = doc(
        "Key exchanges whose suites are not offered as long as no callback and no name for them is set."
    )

    ec_extensions: EcExtensions
    point_formats: tuple[int, ...] = doc("ec_point_formats (RFC 4492, section 5.1.2).")

    groups: tuple[int, ...] = doc(
        "supported_groups (elliptic_curves) by their IANA numbers, in the client's order."
    )

    signature_algorithms_by: SignatureAlgorithms
    key_share_groups: tuple[int, ...] = doc(
        "The groups for which a first ClientHello of TLS 1.3 has key shares; none: the first of ``groups``."
    )

    group_tuples: tuple[tuple[int, ...], ...] = doc(
        "The groups of a server of TLS 1.3 in tuples, the best first; none: it uses the first share that it "
        "can."
    )

    signature_algorithms: tuple[int, ...] = doc(
        "The client's list: the hash in the upper byte, the signature in the lower one (RFC 5246, 7.4.1.4.1)."
    )

    weak_hashes: WeakHashes
    version_levels: VersionLevels
    signature_algorithms_of_tls13: tuple[int, ...] = doc(
        "The signature algorithms that a hello without TLS 1.3 leaves out."
    )

    padding: Padding
    encrypt_then_mac: EncryptThenMac
    sslv2_hello: Sslv2Hello
    offered_version: OfferedVersion
    record_version: HelloRecordVersion
