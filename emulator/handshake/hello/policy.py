"""The suites and extensions of a release's ClientHello and ServerHello.

Functions without state: the handshake gives the facts, and the profile's section ``[hello]`` decides.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from emulator.behaviours.hello import (
    EcExtensions,
    EncryptThenMac,
    Extension,
    FallbackMode,
    Padding,
    RenegotiationScsv,
    SignatureAlgorithms,
    Ssl3ExtensionsSent,
    SuiteFilter,
)
from emulator.constants import (
    SSL3_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    Mode,
    Option,
)
from emulator.handshake.common.messages import pack16, vector
from emulator.handshake.common.security_level import FIRST_TLS13_GROUP, allows_suite
from emulator.handshake.hello.extensions import (
    EXTENSION_TYPES,
    signature_algorithms_body,
    supported_groups_body,
    without_old_ones,
)
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from emulator.behaviours.hello import HelloSection

EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF
FALLBACK_SCSV = 0x5600
HEARTBEAT_PEER_ALLOWED_TO_SEND = 1
OCSP_STATUS = 1
PADDED_FROM, PADDED_TO = 0x100, 0x200
"""A hello of PADDED_FROM bytes and more, but less than PADDED_TO, hangs F5 terminators."""

EXTENSION_HEADER_LENGTH = 4
TICKETS_FORBIDDEN_FROM_LEVEL = 3
CURVE_KEY_EXCHANGES = frozenset({KeyExchange.ECDHE, KeyExchange.ECDHE_PSK, KeyExchange.ECDH, KeyExchange.ANY})
NO_ENCRYPT_THEN_MAC_CIPHERS = frozenset({Cipher.RC4_128, Cipher.GOST89_CNT, Cipher.GOST89_CNT_12})


class ClientHelloFacts(NamedTuple):
    """The facts of a connection that its ClientHello depends on.

    ``versions`` are the enabled versions, ascending; ``client_version`` is the one offered and
    ``method_version`` that of the SSL_METHOD (the highest one for SSLv23_method; 0: ``client_version``).
    ``renegotiating`` is ``s->renegotiate`` (``s->new_session`` up to 1.0.0), also true for an
    SSL_renegotiate() before the first handshake; ``secure_renegotiation`` is ``send_connection_binding``:
    the peer has RFC 5746.  ``ticket`` is that of the session offered, empty for a new session.
    ``tls13`` are the extensions that only TLS 1.3 has, empty when it is not offered; ``psk_length`` is the
    length of pre_shared_key that the padding counts with.
    """

    versions: tuple[int, ...]
    client_version: int
    suites: Sequence[CipherSuite]
    method_version: int = 0
    options: int = 0
    mode: int = 0
    security_level: int = 1
    extended_master_secret: bool = True
    renegotiating: bool = False
    secure_renegotiation: bool = False
    client_verify_data: bytes = b""
    hostname: str | None = None
    status_request: bool = False
    alpn: tuple[bytes, ...] = ()
    ticket: bytes = b""
    groups: tuple[int, ...] | None = None
    tls13: Mapping[Extension, bytes] = MappingProxyType({})
    psk_length: int = 0


class ServerHelloFacts(NamedTuple):
    """The facts of a connection that the extensions of its ServerHello depend on.

    ``client_...`` say that the ClientHello had the extension; ``hit`` is a resumed session, ``alpn`` the
    protocol chosen.
    """

    version: int
    suite: CipherSuite
    hit: bool = False
    options: int = 0
    secure_renegotiation: bool = False
    client_verify_data: bytes = b""
    server_verify_data: bytes = b""
    ticket_expected: bool = False
    status_expected: bool = False
    servername_accepted: bool = False
    client_point_formats: bool = False
    client_heartbeat: bool = False
    client_encrypt_then_mac: bool = False
    client_extended_master_secret: bool = False
    alpn: bytes | None = None


# --- cipher suites ----------------------------------------------------------------------------------------


def _in_version_range(suite: CipherSuite, facts: ClientHelloFacts) -> bool:
    if suite.min_version >= TLS1_3_VERSION:
        return bool(facts.tls13)
    return suite.min_version <= facts.client_version and not _only_tls13(facts)


def _only_tls13(facts: ClientHelloFacts) -> bool:
    return bool(facts.tls13) and facts.versions[0] >= TLS1_3_VERSION


def _offers(section: HelloSection, suite: CipherSuite, facts: ClientHelloFacts) -> bool:
    # ssl_cipher_list_to_bytes() skips kPSK without s->psk_client_callback, from 1.0.0, and kSRP without
    # SSL_kSRP in s->srp_ctx.srp_Mask, from 1.0.1i; KRB5 has no ticket here.
    if suite.kx in section.unoffered_key_exchanges or suite.auth in section.unoffered_key_exchanges:
        return False
    if section.suite_filter is SuiteFilter.NONE:
        return True
    if section.suite_filter is SuiteFilter.BELOW_TLS12:
        # c->algorithm_ssl & SSL_TLSV1_2 && TLS1_get_client_version(s) < TLS1_2_VERSION, in 1.0.1 and 1.0.2.
        return suite.min_version < TLS1_2_VERSION or facts.client_version >= TLS1_2_VERSION
    # ssl_cipher_disabled(s, c, SSL_SECOP_CIPHER_SUPPORTED), from 1.1.0.
    return _in_version_range(suite, facts) and allows_suite(facts.security_level, suite)


def offered_suites(section: HelloSection, facts: ClientHelloFacts) -> tuple[CipherSuite, ...]:
    """Give the suites of the configured list that this hello lists (ssl_cipher_list_to_bytes)."""
    return tuple(suite for suite in facts.suites if _offers(section, suite, facts))


def _sends_renegotiation_scsv(rule: RenegotiationScsv, facts: ClientHelloFacts) -> bool:
    # !s->renegotiate, from 0.9.8m; in 3.2 also s->min_proto_version < TLS1_3_VERSION, and in 3.5
    # s->min_proto_version <= TLS1_VERSION: without the SCSV an empty renegotiation_info is sent.
    if rule is RenegotiationScsv.NEVER or facts.renegotiating:
        return False
    if rule is RenegotiationScsv.UNLESS_TLS13_ALONE:
        return not _only_tls13(facts)
    return rule is RenegotiationScsv.UNLESS_RENEGOTIATING or facts.versions[0] <= TLS1_VERSION


def _signalling_suites(section: HelloSection, facts: ClientHelloFacts) -> list[int]:
    scsvs = []
    if _sends_renegotiation_scsv(section.renegotiation_scsv, facts):
        scsvs.append(EMPTY_RENEGOTIATION_INFO_SCSV)
    if section.fallback_scsv is FallbackMode.BY_MODE and facts.mode & Mode.SEND_FALLBACK_SCSV:
        scsvs.append(FALLBACK_SCSV)
    return scsvs


def _hello_numbers(section: HelloSection, facts: ClientHelloFacts) -> list[int]:
    numbers = [suite.id for suite in offered_suites(section, facts)]
    return numbers + _signalling_suites(section, facts) if numbers else []


def client_hello_ciphers(section: HelloSection, facts: ClientHelloFacts) -> bytes:
    """Give the cipher_suites of a ClientHello without their length.

    Empty when no suite is left: the caller then pushes SSL_R_NO_CIPHERS_AVAILABLE.  SSLv2 kinds have no
    place in this form and are skipped (ssl3_put_cipher_by_char writes nothing for them).
    """
    return pack16([number for number in _hello_numbers(section, facts) if number <= 0xFFFF])


def sslv2_hello_ciphers(section: HelloSection, facts: ClientHelloFacts) -> bytes:
    """Give the cipher specs of a hello in SSLv2's format, three bytes each, SSLv2 kinds included."""
    return b"".join(number.to_bytes(3, "big") for number in _hello_numbers(section, facts))


def client_hello_compressions() -> bytes:
    """Give the compression_methods without their length: the null method alone, as in builds without zlib."""
    return b"\x00"


# --- extensions of a ClientHello --------------------------------------------------------------------------


def _uses_curves(suites: Iterable[CipherSuite]) -> bool:
    return any(suite.kx in CURVE_KEY_EXCHANGES or suite.auth is Authentication.ECDSA for suite in suites)


def _sends_curves(section: HelloSection, facts: ClientHelloFacts) -> bool:
    if facts.client_version < TLS1_VERSION:
        return False
    # use_ecc() goes over SSL_get1_supported_ciphers(s), from 1.1.1; before, over SSL_get_ciphers(s).
    offered = section.ec_extensions is EcExtensions.OFFERED
    return _uses_curves(offered_suites(section, facts) if offered else facts.suites)


def _server_name(_section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    if facts.hostname is None:
        return None
    return vector(b"\x00" + vector(facts.hostname.encode(), 2), 2)


def _client_renegotiation_info(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    if facts.renegotiating:
        return vector(facts.client_verify_data, 1)
    rule = section.renegotiation_scsv
    empty = rule is RenegotiationScsv.FOR_OLD_SERVERS and not _only_tls13(facts)
    return vector(b"", 1) if empty and not _sends_renegotiation_scsv(rule, facts) else None


def _point_formats(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    return vector(bytes(section.point_formats), 1) if _sends_curves(section, facts) else None


def _leveled(section: HelloSection) -> bool:
    return section.suite_filter is SuiteFilter.BY_VERSION_AND_LEVEL


def _groups(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    if not _sends_curves(section, facts):
        return None
    level = facts.security_level if _leveled(section) else 0
    groups = section.groups if facts.groups is None else facts.groups
    if not facts.tls13:
        groups = tuple(group for group in groups if group < FIRST_TLS13_GROUP)
    return supported_groups_body(groups, level)


def _session_ticket(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    # tls_use_ticket() asks ssl_security(s, SSL_SECOP_TICKET, ...), from 1.1.0.
    if _leveled(section) and facts.security_level >= TICKETS_FORBIDDEN_FROM_LEVEL:
        return None
    return None if facts.options & Option.NO_TICKET else facts.ticket


def _listed_algorithms(section: HelloSection, facts: ClientHelloFacts) -> tuple[int, ...]:
    late = section.signature_algorithms_of_tls13  # tls12_sigalg_allowed() leaves them out, from 3.5
    if facts.tls13 or not late:
        return section.signature_algorithms
    return tuple(pair for pair in section.signature_algorithms if pair not in late)


def _signature_algorithms(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    # TLS1_get_version(s) in 1.0.1, and SSL_USE_SIGALGS(s) up to 1.0.2h, see the method's version, 1.2;
    # TLS1_get_client_version(s) from 1.0.1a, and SSL_CLIENT_USE_SIGALGS(s) from 1.0.2i, the one offered.
    by_method = section.signature_algorithms_by is SignatureAlgorithms.METHOD_VERSION
    version = (by_method and facts.method_version) or facts.client_version
    if version < TLS1_2_VERSION:
        return None
    level = facts.security_level if _leveled(section) else 0
    algorithms = _listed_algorithms(section, facts)
    if _only_tls13(facts):
        algorithms = without_old_ones(algorithms)
    return signature_algorithms_body(algorithms, level, section.weak_hashes)


def _status_request(_section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    return bytes((OCSP_STATUS, 0, 0, 0, 0)) if facts.status_request else None


def _heartbeat(_section: HelloSection, _facts: ClientHelloFacts) -> bytes | None:
    return bytes((HEARTBEAT_PEER_ALLOWED_TO_SEND,))


def _application_protocols(_section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    if not facts.alpn or facts.client_verify_data:  # !s->s3->tmp.finish_md_len: not in a renegotiation
        return None
    return vector(b"".join(vector(name, 1) for name in facts.alpn), 2)


def _client_encrypt_then_mac(section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    return b"" if _may_encrypt_then_mac(section, facts.options) else None


def _client_extended_master_secret(_section: HelloSection, facts: ClientHelloFacts) -> bytes | None:
    return b"" if facts.extended_master_secret else None


def _only_in_tls13(name: Extension) -> Callable[[HelloSection, ClientHelloFacts], bytes | None]:
    return lambda _, facts: facts.tls13.get(name)


CLIENT_BODIES: dict[Extension, Callable[[HelloSection, ClientHelloFacts], bytes | None]] = {
    Extension.SERVER_NAME: _server_name,
    Extension.RENEGOTIATION_INFO: _client_renegotiation_info,
    Extension.EC_POINT_FORMATS: _point_formats,
    Extension.SUPPORTED_GROUPS: _groups,
    Extension.SESSION_TICKET: _session_ticket,
    Extension.SIGNATURE_ALGORITHMS: _signature_algorithms,
    Extension.STATUS_REQUEST: _status_request,
    Extension.HEARTBEAT: _heartbeat,
    Extension.APPLICATION_PROTOCOLS: _application_protocols,
    Extension.ENCRYPT_THEN_MAC: _client_encrypt_then_mac,
    Extension.EXTENDED_MASTER_SECRET: _client_extended_master_secret,
    Extension.SUPPORTED_VERSIONS: _only_in_tls13(Extension.SUPPORTED_VERSIONS),
    Extension.PSK_KEY_EXCHANGE_MODES: _only_in_tls13(Extension.PSK_KEY_EXCHANGE_MODES),
    Extension.KEY_SHARE: _only_in_tls13(Extension.KEY_SHARE),
    Extension.COOKIE: _only_in_tls13(Extension.COOKIE),
    Extension.EARLY_DATA: _only_in_tls13(Extension.EARLY_DATA),
    Extension.PRE_SHARED_KEY: _only_in_tls13(Extension.PRE_SHARED_KEY),
}
"""The body of a client's extension, None when the client does not send it; padding is added last."""


def _in_ssl3(
    section: HelloSection, extensions: Iterable[Extension], *, secure: bool
) -> tuple[Extension, ...]:
    """Choose the extensions that an SSLv3 hello may have."""
    # From 0.9.8m up to 1.0.2 s->client_version == SSL3_VERSION && !s->s3->send_connection_binding means
    # none; from 1.1.0 only renegotiation_info comes before that check.
    if section.ssl3_extensions is Ssl3ExtensionsSent.RENEGOTIATION_INFO:
        return tuple(name for name in extensions if name is Extension.RENEGOTIATION_INFO)
    return tuple(extensions) if section.ssl3_extensions is Ssl3ExtensionsSent.ALL or secure else ()


def _padding(section: HelloSection, options: int, length: int) -> bytes | None:
    """Give the padding for a hello that is ``length`` bytes long so far, the block's length included."""
    # s->options & SSL_OP_TLSEXT_PADDING, from 1.0.1h; 1.0.1g pads always.  Where less than the extension's
    # header is missing, hlen = 0 up to 1.1.0f and hlen = 1 from 1.1.0g; from 1.1.1 (hlen > 4) it is never 0.
    by_option = section.padding not in (Padding.NEVER, Padding.ALWAYS)
    if section.padding is Padding.NEVER or (by_option and not options & Option.TLSEXT_PADDING):
        return None
    if not PADDED_FROM <= length < PADDED_TO:
        return None
    missing = PADDED_TO - length - EXTENSION_HEADER_LENGTH
    never_empty = section.padding is Padding.BY_OPTION_NEVER_EMPTY
    if missing < 0 or (missing == 0 and never_empty):
        missing = 1 if never_empty or section.padding is Padding.BY_OPTION_ONE_IF_TIGHT else 0
    return bytes(missing)


def client_hello_extensions(
    section: HelloSection, facts: ClientHelloFacts, *, length_before: int
) -> list[tuple[int, bytes]]:
    """Give the extensions of a ClientHello in their order, as (type, body).

    ``length_before`` is the length of the handshake message up to the extensions, its 4-byte header included:
    padding depends on it.  Source: ssl_add_clienthello_tlsext(), from 1.1.1 tls_construct_extensions().
    """
    names = section.client_extensions
    if facts.client_version == SSL3_VERSION:
        names = _in_ssl3(section, names, secure=facts.secure_renegotiation)
    sent: list[tuple[int, bytes]] = []
    for name in names:
        if name is Extension.PADDING:
            length = length_before + 2 + sum(EXTENSION_HEADER_LENGTH + len(body) for _, body in sent)
            length += facts.psk_length
            body = _padding(section, facts.options, length)
        else:
            body = CLIENT_BODIES[name](section, facts)
        if body is not None:
            sent.append((EXTENSION_TYPES[name], body))
    return sent


# --- extensions of a ServerHello --------------------------------------------------------------------------


def _may_encrypt_then_mac(section: HelloSection, options: int) -> bool:
    # !(s->options & SSL_OP_NO_ENCRYPT_THEN_MAC), from 1.1.0g; 1.1.0 to 1.1.0f have no such option.
    if section.encrypt_then_mac is EncryptThenMac.UNLESS_OPTION:
        return not options & Option.NO_ENCRYPT_THEN_MAC
    return section.encrypt_then_mac is EncryptThenMac.ALWAYS


def uses_encrypt_then_mac(section: HelloSection, suite: CipherSuite, version: int, options: int) -> bool:
    """Say whether a server answers encrypt_then_mac to a client that sent it, so that both use it.

    Not with AEAD or stream ciphers, nor in SSLv3 (ssl_add_serverhello_tlsext, tls_construct_stoc_etm).
    """
    fits = suite.mac is not Mac.AEAD and suite.cipher not in NO_ENCRYPT_THEN_MAC_CIPHERS
    return fits and version > SSL3_VERSION and _may_encrypt_then_mac(section, options)


def _server_encrypt_then_mac(section: HelloSection, facts: ServerHelloFacts) -> bytes | None:
    used = uses_encrypt_then_mac(section, facts.suite, facts.version, facts.options)
    return b"" if facts.client_encrypt_then_mac and used else None


def _server_renegotiation_info(_section: HelloSection, facts: ServerHelloFacts) -> bytes | None:
    if not facts.secure_renegotiation:
        return None
    return vector(facts.client_verify_data + facts.server_verify_data, 1)


def _server_point_formats(section: HelloSection, facts: ServerHelloFacts) -> bytes | None:
    if not facts.client_point_formats or not _uses_curves((facts.suite,)):
        return None
    return vector(bytes(section.point_formats), 1)


def _server_ticket(_section: HelloSection, facts: ServerHelloFacts) -> bytes | None:
    return b"" if facts.ticket_expected and not facts.options & Option.NO_TICKET else None


def _server_protocol(_section: HelloSection, facts: ServerHelloFacts) -> bytes | None:
    return None if facts.alpn is None else vector(vector(facts.alpn, 1), 2)


SERVER_BODIES: dict[Extension, Callable[[HelloSection, ServerHelloFacts], bytes | None]] = {
    Extension.SERVER_NAME: lambda _, facts: b"" if facts.servername_accepted and not facts.hit else None,
    Extension.RENEGOTIATION_INFO: _server_renegotiation_info,
    Extension.EC_POINT_FORMATS: _server_point_formats,
    Extension.SESSION_TICKET: _server_ticket,
    Extension.STATUS_REQUEST: lambda _, facts: b"" if facts.status_expected else None,
    Extension.HEARTBEAT: lambda _, facts: b"\x01" if facts.client_heartbeat else None,
    Extension.APPLICATION_PROTOCOLS: _server_protocol,
    Extension.ENCRYPT_THEN_MAC: _server_encrypt_then_mac,
    Extension.EXTENDED_MASTER_SECRET: lambda _, facts: b"" if facts.client_extended_master_secret else None,
}
"""The body of a server's extension, None when the server does not send it."""


def server_hello_extensions(section: HelloSection, facts: ServerHelloFacts) -> list[tuple[int, bytes]]:
    """Give the extensions of a ServerHello in their order, as (type, body).

    Source: ssl_add_serverhello_tlsext(), from 1.1.1 tls_construct_extensions().
    """
    names = section.server_extensions
    if facts.version == SSL3_VERSION:
        names = _in_ssl3(section, names, secure=facts.secure_renegotiation)
    bodies = ((name, SERVER_BODIES[name](section, facts)) for name in names)
    return [(EXTENSION_TYPES[name], body) for name, body in bodies if body is not None]
