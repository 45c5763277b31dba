"""Why a handshake message can't be made or is refused, and how a profile spells what follows."""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import Annotated, NamedTuple

from emulator.behaviours.section import Spelled
from emulator.constants import AlertDescription


class Fault(StrEnum):
    """Why a message can't be made or is refused: the keys of ``[handshake.failures]``."""

    # making a ClientHello
    NO_CIPHERS = "no-ciphers"
    NO_PROTOCOLS = "no-protocols"
    # the first bytes of a peer, looked at by a method for several versions
    V23_SERVER_UNSUPPORTED = "v23-server-unsupported"
    V23_SERVER_UNKNOWN = "v23-server-unknown"
    V23_SERVER_ALERT = "v23-server-alert"
    V23_CLIENT_UNKNOWN = "v23-client-unknown"
    V23_CLIENT_UNSUPPORTED = "v23-client-unsupported"
    V23_CLIENT_HTTP = "v23-client-http"
    V23_CLIENT_PROXY = "v23-client-proxy"
    V23_CLIENT_TOO_SMALL = "v23-client-too-small"
    V23_CLIENT_TOO_LARGE = "v23-client-too-large"
    V23_CLIENT_LENGTH = "v23-client-length"
    # ServerHello
    SERVER_HELLO_TYPE = "server-hello-type"
    SERVER_HELLO_LENGTH = "server-hello-length"
    SERVER_HELLO_VERSION = "server-hello-version"
    SERVER_HELLO_VERSION_LOW = "server-hello-version-low"
    SERVER_HELLO_VERSION_HIGH = "server-hello-version-high"
    SERVER_HELLO_VERSION_UNSUPPORTED = "server-hello-version-unsupported"
    SERVER_HELLO_SESSION_ID = "server-hello-session-id"
    SERVER_HELLO_CONTEXT = "server-hello-context"
    SERVER_HELLO_SESSION_VERSION = "server-hello-session-version"
    SERVER_HELLO_UNKNOWN_CIPHER = "server-hello-unknown-cipher"
    SERVER_HELLO_WRONG_CIPHER = "server-hello-wrong-cipher"
    SERVER_HELLO_OLD_CIPHER = "server-hello-old-cipher"
    SERVER_HELLO_COMPRESSION = "server-hello-compression"
    SERVER_HELLO_TRAILING = "server-hello-trailing"
    SERVER_HELLO_DOWNGRADE = "server-hello-downgrade"
    SERVER_EXTENSIONS_LENGTH = "server-extensions-length"
    SERVER_EXTENSIONS_TAIL = "server-extensions-tail"
    SERVER_EXTENSION_TWICE = "server-extension-twice"
    SERVER_EXTENSION_UNSOLICITED = "server-extension-unsolicited"
    SERVER_NAME_UNSOLICITED = "server-name-unsolicited"
    SERVER_TICKET_UNSOLICITED = "server-ticket-unsolicited"
    SERVER_STATUS_UNSOLICITED = "server-status-unsolicited"
    SERVER_HEARTBEAT = "server-heartbeat"
    SERVER_POINT_FORMATS_LENGTH = "server-point-formats-length"
    SERVER_POINT_FORMATS = "server-point-formats"
    SERVER_RENEGOTIATION_ENCODING = "server-renegotiation-encoding"
    SERVER_RENEGOTIATION_CLIENT = "server-renegotiation-client"
    SERVER_RENEGOTIATION_SERVER = "server-renegotiation-server"
    SERVER_RENEGOTIATION_LENGTH = "server-renegotiation-length"
    SERVER_LEGACY_RENEGOTIATION = "server-legacy-renegotiation"
    SERVER_EXTENDED_MASTER_SECRET = "server-extended-master-secret"  # noqa: S105
    # the server's Certificate
    CERTIFICATE_LENGTH = "certificate-length"
    CERTIFICATE_ENTRY_LENGTH = "certificate-entry-length"
    CERTIFICATE_FORM = "certificate-form"
    CERTIFICATE_TRAILING = "certificate-trailing"
    CERTIFICATE_NONE = "certificate-none"
    CERTIFICATE_REFUSED = "certificate-refused"
    CERTIFICATE_KEY = "certificate-key"
    CERTIFICATE_TYPE = "certificate-type"
    CERTIFICATE_STATUS_LENGTH = "certificate-status-length"
    CERTIFICATE_STATUS_TYPE = "certificate-status-type"
    # the key against the suite
    CHECK_RSA_ENCRYPTION = "check-rsa-encryption"
    CHECK_RSA_SIGNING = "check-rsa-signing"
    CHECK_ECC = "check-ecc"
    CHECK_DH_SIZE = "check-dh-size"
    # ServerKeyExchange
    KEY_EXCHANGE_MISSING = "key-exchange-missing"
    KEY_EXCHANGE_UNEXPECTED = "key-exchange-unexpected"
    KEY_EXCHANGE_LENGTH = "key-exchange-length"
    DH_P_LENGTH = "dh-p-length"
    DH_P_ZERO = "dh-p-zero"
    DH_G_LENGTH = "dh-g-length"
    DH_G_ZERO = "dh-g-zero"
    DH_PUBLIC_LENGTH = "dh-public-length"
    DH_PUBLIC_ZERO = "dh-public-zero"
    DH_MODULUS = "dh-modulus"
    DH_PARAMETERS = "dh-parameters"
    DH_PUBLIC = "dh-public"
    CURVE_LENGTH = "curve-length"
    CURVE_PARAMETERS = "curve-parameters"
    CURVE_UNKNOWN = "curve-unknown"
    CURVE_NOT_OFFERED = "curve-not-offered"
    POINT_LENGTH = "point-length"
    POINT = "point"
    KEY_EXCHANGE_NO_KEY = "key-exchange-no-key"
    LEGACY_SIGNATURE = "legacy-signature"
    """A peer's signature of TLS 1.1 or below at a security level that it does not reach."""
    SIGNATURE_ALGORITHM_LENGTH = "signature-algorithm-length"
    SIGNATURE_TYPE = "signature-type"
    SIGNATURE_HASH = "signature-hash"
    SIGNATURE_NOT_OFFERED = "signature-not-offered"
    SIGNATURE_LENGTH = "signature-length"
    SIGNATURE_SIZE = "signature-size"
    SIGNATURE = "signature"
    KEY_EXCHANGE_TRAILING = "key-exchange-trailing"
    # CertificateRequest, ServerHelloDone, NewSessionTicket, HelloRequest
    REQUEST_ANONYMOUS = "request-anonymous"
    REQUEST_TYPES_LENGTH = "request-types-length"
    REQUEST_ALGORITHMS_LENGTH = "request-algorithms-length"
    REQUEST_ALGORITHMS = "request-algorithms"
    REQUEST_NAMES_LENGTH = "request-names-length"
    REQUEST_NAME_LENGTH = "request-name-length"
    REQUEST_NAME_FORM = "request-name-form"
    REQUEST_NAME_TRAILING = "request-name-trailing"
    SERVER_DONE_LENGTH = "server-done-length"
    TICKET_LENGTH = "ticket-length"
    # the client's second flight
    CLIENT_NO_RSA_KEY = "client-no-rsa-key"
    CLIENT_RSA_ENCRYPT = "client-rsa-encrypt"
    CLIENT_NO_DH_KEY = "client-no-dh-key"
    CLIENT_DH_GENERATE = "client-dh-generate"
    CLIENT_DH_COMPUTE = "client-dh-compute"
    CLIENT_DH_NO_SECRET = "client-dh-no-secret"  # noqa: S105 - a fault
    CLIENT_NO_ECDH_KEY = "client-no-ecdh-key"
    CLIENT_ECDH_COMPUTE = "client-ecdh-compute"
    # ClientHello
    CLIENT_HELLO_VERSION_SHORT = "client-hello-version-short"
    """The message ends within the version: "none" if ``client-hello-short`` is found first."""
    CLIENT_HELLO_SHORT = "client-hello-short"
    """The message ends ahead of the session ID; "none" if the bytes behind the message are read instead."""
    CLIENT_HELLO_VERSION = "client-hello-version"
    CLIENT_HELLO_VERSION_LOW = "client-hello-version-low"
    CLIENT_HELLO_VERSION_DISABLED = "client-hello-version-disabled"
    CLIENT_HELLO_SESSION_ID_SHORT = "client-hello-session-id-short"
    CLIENT_HELLO_SESSION_ID_LONG = "client-hello-session-id-long"
    CLIENT_HELLO_TICKET_SEARCH = "client-hello-ticket-search"
    """Ciphers or compressions that do not fit, where tls1_process_ticket() is the first to skip them."""
    CLIENT_HELLO_CIPHERS_SHORT = "client-hello-ciphers-short"
    CLIENT_HELLO_NO_CIPHERS = "client-hello-no-ciphers"
    CLIENT_HELLO_NO_CIPHERS_PASSED = "client-hello-no-ciphers-passed"
    """No suites and no session ID, where ``client-hello-no-ciphers`` is for hellos with a session ID."""
    CLIENT_HELLO_CIPHERS_LENGTH = "client-hello-ciphers-length"
    CLIENT_HELLO_CIPHERS_ODD = "client-hello-ciphers-odd"
    CLIENT_HELLO_CIPHER_MISSING = "client-hello-cipher-missing"
    CLIENT_HELLO_COMPRESSION_LENGTH = "client-hello-compression-length"
    CLIENT_HELLO_NO_COMPRESSION = "client-hello-no-compression"
    CLIENT_HELLO_V2_LENGTH = "client-hello-v2-length"
    CLIENT_HELLO_V2_SESSION_ID = "client-hello-v2-session-id"
    CLIENT_HELLO_V2_UNKNOWN = "client-hello-v2-unknown"
    CLIENT_HELLO_SCSV_RENEGOTIATING = "client-hello-scsv-renegotiating"
    CLIENT_HELLO_FALLBACK = "client-hello-fallback"
    CLIENT_HELLO_NO_SHARED_CIPHER = "client-hello-no-shared-cipher"
    CLIENT_HELLO_CONTEXT = "client-hello-context"
    CLIENT_HELLO_EXTENDED_MASTER_SECRET = "client-hello-extended-master-secret"  # noqa: S105
    CLIENT_EXTENSIONS_LENGTH = "client-extensions-length"
    CLIENT_EXTENSION_TWICE = "client-extension-twice"
    CLIENT_EXTENSIONS_TAIL = "client-extensions-tail"
    CLIENT_EXTENSION_GROUPS = "client-extension-groups"
    CLIENT_EXTENSION_FORMATS = "client-extension-formats"
    CLIENT_EXTENSION_ALGORITHMS = "client-extension-algorithms"
    CLIENT_HEARTBEAT = "client-heartbeat"
    CLIENT_SERVER_NAME = "client-server-name"
    CLIENT_RENEGOTIATION_ENCODING = "client-renegotiation-encoding"
    CLIENT_RENEGOTIATION_MISMATCH = "client-renegotiation-mismatch"
    CLIENT_LEGACY_RENEGOTIATION = "client-legacy-renegotiation"
    NO_SHARED_SIGNATURE_ALGORITHM = "no-shared-signature-algorithm"
    # the server's flight
    MISSING_DH_PARAMETERS = "missing-dh-parameters"
    MISSING_CURVE = "missing-curve"
    # the client's Certificate and CertificateVerify
    CLIENT_CERTIFICATE_MISSING = "client-certificate-missing"
    CLIENT_CERTIFICATE_LENGTH = "client-certificate-length"
    CLIENT_CERTIFICATE_ENTRY_LENGTH = "client-certificate-entry-length"
    CLIENT_CERTIFICATE_FORM = "client-certificate-form"
    CLIENT_CERTIFICATE_TRAILING = "client-certificate-trailing"
    CLIENT_CERTIFICATE_EMPTY_SSL3 = "client-certificate-empty-ssl3"
    CLIENT_CERTIFICATE_REQUIRED = "client-certificate-required"
    CLIENT_CERTIFICATE_REFUSED = "client-certificate-refused"
    CLIENT_CERTIFICATE_KEY = "client-certificate-key"
    VERIFY_TYPE = "verify-type"
    VERIFY_HASH = "verify-hash"
    VERIFY_LENGTH = "verify-length"
    VERIFY_SIZE = "verify-size"
    VERIFY_RSA = "verify-rsa"
    VERIFY_ECDSA = "verify-ecdsa"
    # ClientKeyExchange
    RSA_CERTIFICATE_MISSING = "rsa-certificate-missing"
    RSA_LENGTH = "rsa-length"
    RSA_TOO_SHORT = "rsa-too-short"
    RSA_DECRYPT = "rsa-decrypt"
    CLIENT_DH_LENGTH = "client-dh-length"
    CLIENT_DH_EMPTY = "client-dh-empty"
    CLIENT_DH_VALUE = "client-dh-value"
    CLIENT_DH_VALUE_NO_SECRET = "client-dh-value-no-secret"  # noqa: S105
    CLIENT_POINT_MISSING = "client-point-missing"
    CLIENT_POINT_LENGTH = "client-point-length"
    CLIENT_POINT = "client-point"
    # Finished
    FINISHED_EARLY = "finished-early"
    FINISHED_LENGTH = "finished-length"
    FINISHED_DIGEST = "finished-digest"
    # making a ClientHello of TLS 1.3
    NO_KEY_SHARE = "no-key-share"
    PSK_UNUSABLE = "psk-unusable"
    EARLY_DATA_NAME = "early-data-name"
    # ServerHello and HelloRetryRequest of TLS 1.3
    SECOND_HELLO_RETRY = "second-hello-retry"
    HELLO_RETRY_NO_CHANGE = "hello-retry-no-change"
    COOKIE_LENGTH = "cookie-length"
    SERVER_EXTENSION_MISPLACED = "server-extension-misplaced"
    SERVER_VERSIONS_LENGTH = "server-versions-length"
    SERVER_VERSIONS_VALUE = "server-versions-value"
    SERVER_HELLO_COMPRESSION_TLS13 = "server-hello-compression-tls13"
    SERVER_HELLO_SESSION_ID_ECHO = "server-hello-session-id-echo"
    SERVER_HELLO_SUITE_HASH = "server-hello-suite-hash"
    SERVER_KEY_SHARE_MISSING = "server-key-share-missing"
    SERVER_KEY_SHARE_LENGTH = "server-key-share-length"
    SERVER_KEY_SHARE_GROUP = "server-key-share-group"
    SERVER_KEY_SHARE_POINT = "server-key-share-point"
    KEY_SHARE_SECRET = "key-share-secret"  # noqa: S105
    SERVER_PSK_LENGTH = "server-psk-length"
    SERVER_PSK_IDENTITY = "server-psk-identity"
    # the rest of a server's flight of TLS 1.3
    ENCRYPTED_EXTENSIONS_LENGTH = "encrypted-extensions-length"
    SERVER_EARLY_DATA_LENGTH = "server-early-data-length"
    SERVER_EARLY_DATA = "server-early-data"
    REQUEST_EXTENSIONS_LENGTH = "request-extensions-length"
    AUTHORITIES_TRAILING = "authorities-trailing"
    SIGNATURE_ALGORITHMS_MISSING = "signature-algorithms-missing"
    CERTIFICATE_EXTENSIONS = "certificate-extensions"
    VERIFY_SCHEME_LENGTH = "verify-scheme-length"
    VERIFY_CURVE = "verify-curve"
    # ClientHello of TLS 1.3
    CLIENT_VERSIONS_LENGTH = "client-versions-length"
    CLIENT_LEGACY_VERSION = "client-legacy-version"
    CLIENT_HELLO_NO_SHARED_TLS13 = "client-hello-no-shared-tls13"
    CLIENT_HELLO_OTHER_CIPHER = "client-hello-other-cipher"
    CLIENT_HELLO_COMPRESSION_TLS13 = "client-hello-compression-tls13"
    CLIENT_EXTENSION_ALGORITHMS_CERT = "client-extension-algorithms-cert"
    CLIENT_POST_HANDSHAKE_AUTH = "client-post-handshake-auth"
    CLIENT_PSK_MODES = "client-psk-modes"
    CLIENT_PSK_MODES_MISSING = "client-psk-modes-missing"
    CLIENT_PSK_NOT_LAST = "client-psk-not-last"
    CLIENT_PSK = "client-psk"
    CLIENT_BINDER = "client-binder"
    CLIENT_KEY_SHARE_LENGTH = "client-key-share-length"
    CLIENT_GROUPS_MISSING = "client-groups-missing"
    CLIENT_KEY_SHARE = "client-key-share"
    CLIENT_KEY_SHARE_POINT = "client-key-share-point"
    CLIENT_NO_KEY_SHARE = "client-no-key-share"
    CLIENT_KEY_SHARE_MISSING = "client-key-share-missing"
    CLIENT_EARLY_DATA = "client-early-data"
    CLIENT_EARLY_DATA_RETRY = "client-early-data-retry"
    LEGACY_SIGNATURE_UNSUITABLE = "legacy-signature-unsuitable"
    """A server of TLS 1.1 or below at a security level that its signatures do not reach."""
    NO_SUITABLE_SIGNATURE_ALGORITHM = "no-suitable-signature-algorithm"
    # a client's second flight of TLS 1.3, and what may follow a handshake
    CLIENT_CERTIFICATE_CONTEXT = "client-certificate-context"
    CLIENT_CERTIFICATE_EXTENSIONS = "client-certificate-extensions"
    CLIENT_CERTIFICATE_REQUIRED_TLS13 = "client-certificate-required-tls13"
    END_OF_EARLY_DATA_LENGTH = "end-of-early-data-length"
    TICKET_EARLY_DATA = "ticket-early-data"
    KEY_UPDATE_LENGTH = "key-update-length"
    KEY_UPDATE_VALUE = "key-update-value"


class FaultSpec(NamedTuple):
    """What a release pushes, oldest first, and the description of the fatal alert that it sends."""

    entries: tuple[tuple[str, str], ...]
    alert: int | None


_NOTHING_SAID = "none"


def parse_fault(text: object) -> object:
    """``"FUNCTION:REASON, FUNCTION:REASON -> alert"``: the alert as RFC 5246 names it, a number, or none.

    An empty text says that the release does not look at this, "none" that it fails without an error
    of libssl's own and without an alert.
    """
    return _parse(text) if isinstance(text, str) and text else text or None


@functools.lru_cache(maxsize=4096)  # all releases together have a few hundred
def _parse(text: str) -> FaultSpec:
    if text == _NOTHING_SAID:
        return FaultSpec((), None)
    errors, _, alert = (part.strip() for part in text.partition("->"))
    entries = tuple(_parse_entry(entry.strip()) for entry in errors.split(",") if entry.strip())
    return FaultSpec(entries, _parse_alert(alert))


def _parse_entry(entry: str) -> tuple[str, str]:
    function, separator, reason = entry.partition(":")
    if not separator:
        raise ValueError(f"expected FUNCTION:REASON, not {entry!r}")
    return function, reason


def _parse_alert(alert: str) -> int | None:
    if not alert:
        return None
    if alert.isdigit():
        return int(alert)
    try:
        return int(AlertDescription[alert.upper()])
    except KeyError:
        raise ValueError(f"no alert is called {alert!r}") from None


def show_fault(spec: FaultSpec | None) -> str:
    """Spell a fault as a profile's file does."""
    if spec is None:
        return ""
    if spec == FaultSpec((), None):
        return _NOTHING_SAID
    errors = ", ".join(f"{function}:{reason}" for function, reason in spec.entries)
    if spec.alert is None:
        return errors
    known = {int(alert): alert.name.lower() for alert in AlertDescription}
    return f"{errors} -> {known.get(spec.alert, spec.alert)}"


FaultText = Annotated[FaultSpec | None, Spelled(parse_fault, show_fault)]
