"""Numbers under the names that OpenSSL and the RFCs give them.

Nothing here depends on a release: what a release *has* of these is in its profile.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any

SSL2_VERSION = 0x0002
SSL3_VERSION = 0x0300
TLS1_VERSION = 0x0301
TLS1_1_VERSION = 0x0302
TLS1_2_VERSION = 0x0303
TLS1_3_VERSION = 0x0304
SSL3_VERSION_MAJOR = 3

PROTOCOL_VERSIONS: dict[str, int] = {
    "SSLv3": SSL3_VERSION,
    "TLSv1": TLS1_VERSION,
    "TLSv1.1": TLS1_1_VERSION,
    "TLSv1.2": TLS1_2_VERSION,
    "TLSv1.3": TLS1_3_VERSION,
}
"""Protocol names as SSL_get_version() spells them, and their numbers."""

PROTOCOL_NAMES: dict[int, str] = {number: name for name, number in PROTOCOL_VERSIONS.items()}

SSL3_RT_HEADER = 0x100
"""No content type: what a message callback is told for the header of a record."""
SSL3_RT_INNER_CONTENT_TYPE = 0x101
"""No content type: what a message callback is told for the type inside a record of TLS 1.3."""
SSL3_RT_HEADER_LENGTH = 5
SSL3_RT_MAX_PLAIN_LENGTH = 16384
SSL3_RT_MAX_COMPRESSED_OVERHEAD = 1024
SSL3_HM_HEADER_LENGTH = 4
SSL3_MT_CCS = 1
SSL_KEY_UPDATE_NOT_REQUESTED = 0
SSL_KEY_UPDATE_REQUESTED = 1
"""What SSL_key_update() is asked for: whether the peer shall have new keys for sending, too."""
SSL_KEY_UPDATE_NONE = -1
"""What SSL_get_key_update_type() answers where no KeyUpdate is to be sent."""
SSL3_RANDOM_SIZE = 32


class ContentType(IntEnum):
    """TLSPlaintext.type, RFC 5246 section 6.2.1 (``SSL3_RT_*``)."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23
    HEARTBEAT = 24


class HandshakeType(IntEnum):
    """Handshake.msg_type, RFC 5246 section 7.4 (``SSL3_MT_*``)."""

    HELLO_REQUEST = 0
    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    NEW_SESSION_TICKET = 4
    END_OF_EARLY_DATA = 5
    ENCRYPTED_EXTENSIONS = 8
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14
    CERTIFICATE_VERIFY = 15
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20
    CERTIFICATE_STATUS = 22
    KEY_UPDATE = 24
    MESSAGE_HASH = 254


class AlertLevel(IntEnum):
    """Alert.level (``SSL3_AL_*``)."""

    WARNING = 1
    FATAL = 2


class AlertDescription(IntEnum):
    """Alert.description, RFC 5246 section 7.2 and RFC 6101 (``SSL_AD_*``)."""

    CLOSE_NOTIFY = 0
    UNEXPECTED_MESSAGE = 10
    BAD_RECORD_MAC = 20
    DECRYPTION_FAILED = 21
    RECORD_OVERFLOW = 22
    DECOMPRESSION_FAILURE = 30
    HANDSHAKE_FAILURE = 40
    NO_CERTIFICATE = 41
    BAD_CERTIFICATE = 42
    UNSUPPORTED_CERTIFICATE = 43
    CERTIFICATE_REVOKED = 44
    CERTIFICATE_EXPIRED = 45
    CERTIFICATE_UNKNOWN = 46
    ILLEGAL_PARAMETER = 47
    UNKNOWN_CA = 48
    ACCESS_DENIED = 49
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    EXPORT_RESTRICTION = 60
    PROTOCOL_VERSION = 70
    INSUFFICIENT_SECURITY = 71
    INTERNAL_ERROR = 80
    INAPPROPRIATE_FALLBACK = 86
    USER_CANCELLED = 90
    NO_RENEGOTIATION = 100
    MISSING_EXTENSION = 109
    UNSUPPORTED_EXTENSION = 110
    CERTIFICATE_UNOBTAINABLE = 111
    UNRECOGNIZED_NAME = 112
    BAD_CERTIFICATE_STATUS_RESPONSE = 113
    BAD_CERTIFICATE_HASH_VALUE = 114
    UNKNOWN_PSK_IDENTITY = 115
    CERTIFICATE_REQUIRED = 116
    NO_APPLICATION_PROTOCOL = 120


class ErrorCode(IntEnum):
    """What SSL_get_error() answers (``SSL_ERROR_*``, ssl.h)."""

    NONE = 0
    SSL = 1
    WANT_READ = 2
    WANT_WRITE = 3
    WANT_X509_LOOKUP = 4
    SYSCALL = 5
    ZERO_RETURN = 6
    WANT_CONNECT = 7
    WANT_ACCEPT = 8
    WANT_ASYNC = 9
    WANT_ASYNC_JOB = 10
    WANT_CLIENT_HELLO_CB = 11
    WANT_RETRY_VERIFY = 12


class Want(IntEnum):
    """What SSL_want() answers (``SSL_NOTHING``, ``SSL_WRITING``, ..., ssl.h)."""

    NOTHING = 1
    WRITING = 2
    READING = 3
    X509_LOOKUP = 4
    ASYNC_PAUSED = 5
    ASYNC_NO_JOBS = 6
    CLIENT_HELLO_CB = 7
    RETRY_VERIFY = 8


# A plain number stays one when it meets a flag, at a tenth of what enum's own operators cost.
_AND: Any = int.__rand__
_OR: Any = int.__ror__


class Shutdown(IntFlag):
    """The bits of SSL_get_shutdown() (ssl.h)."""

    SENT = 1
    RECEIVED = 2

    __rand__, __ror__ = _AND, _OR


class Mode(IntFlag):
    """``SSL_MODE_*`` (SSL_CTX_set_mode(3), ssl.h)."""

    ENABLE_PARTIAL_WRITE = 0x001
    ACCEPT_MOVING_WRITE_BUFFER = 0x002
    AUTO_RETRY = 0x004
    NO_AUTO_CHAIN = 0x008
    RELEASE_BUFFERS = 0x010
    SEND_CLIENTHELLO_TIME = 0x020
    SEND_SERVERHELLO_TIME = 0x040
    SEND_FALLBACK_SCSV = 0x080
    ASYNC = 0x100
    DTLS_SCTP_LABEL_LENGTH_BUG = 0x400

    __rand__, __ror__ = _AND, _OR


class Option(IntFlag):
    """``SSL_OP_*`` that bear on what is emulated (SSL_CTX_set_options(3), ssl.h).

    The numbers are those of 1.0.1 and later; a profile says which of them its release knows.
    """

    NO_EXTENDED_MASTER_SECRET = 0x00000001
    CLEANSE_PLAINTEXT = 0x00000002
    LEGACY_SERVER_CONNECT = 0x00000004
    ENABLE_KTLS = 0x00000008
    TLSEXT_PADDING = 0x00000010
    MICROSOFT_BIG_SSLV3_BUFFER = 0x00000020
    SAFARI_ECDHE_ECDSA_BUG = 0x00000040
    IGNORE_UNEXPECTED_EOF = 0x00000080
    TLS_D5_BUG = 0x00000100
    ALLOW_CLIENT_RENEGOTIATION = 0x00000100
    TLS_BLOCK_PADDING_BUG = 0x00000200
    DISABLE_TLSEXT_CA_NAMES = 0x00000200
    ALLOW_NO_DHE_KEX = 0x00000400
    DONT_INSERT_EMPTY_FRAGMENTS = 0x00000800
    NO_QUERY_MTU = 0x00001000
    COOKIE_EXCHANGE = 0x00002000
    NO_TICKET = 0x00004000
    CISCO_ANYCONNECT = 0x00008000
    NO_SESSION_RESUMPTION_ON_RENEGOTIATION = 0x00010000
    NO_COMPRESSION = 0x00020000
    ALLOW_UNSAFE_LEGACY_RENEGOTIATION = 0x00040000
    NO_ENCRYPT_THEN_MAC = 0x00080000
    SINGLE_ECDH_USE = 0x00080000
    ENABLE_MIDDLEBOX_COMPAT = 0x00100000
    SINGLE_DH_USE = 0x00100000
    EPHEMERAL_RSA = 0x00200000
    PRIORITIZE_CHACHA = 0x00200000
    CIPHER_SERVER_PREFERENCE = 0x00400000
    TLS_ROLLBACK_BUG = 0x00800000
    NO_SSLV2 = 0x01000000
    NO_ANTI_REPLAY = 0x01000000
    NO_SSLV3 = 0x02000000
    NO_TLSV1 = 0x04000000
    NO_TLSV1_2 = 0x08000000
    NO_TLSV1_1 = 0x10000000
    NO_TLSV1_3 = 0x20000000
    NO_RENEGOTIATION = 0x40000000
    NO_TX_CERTIFICATE_COMPRESSION = 0x100000000
    NO_RX_CERTIFICATE_COMPRESSION = 0x200000000
    ENABLE_KTLS_TX_ZEROCOPY_SENDFILE = 0x400000000

    __rand__, __ror__ = _AND, _OR


class InfoCallback(IntFlag):
    """``SSL_CB_*`` and ``SSL_ST_*``: the ``where`` of an info callback (SSL_CTX_set_info_callback(3))."""

    LOOP = 0x01
    EXIT = 0x02
    READ = 0x04
    WRITE = 0x08
    HANDSHAKE_START = 0x10
    HANDSHAKE_DONE = 0x20
    CONNECT = 0x1000
    ACCEPT = 0x2000
    ALERT = 0x4000

    __rand__, __ror__ = _AND, _OR
