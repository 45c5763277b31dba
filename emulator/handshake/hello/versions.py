"""The versions that a hello offers, and the one that a server chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from emulator.behaviours.faults import Fault
from emulator.behaviours.hello import HelloRecordVersion, OfferedVersion, Sslv2Hello
from emulator.constants import (
    SSL2_VERSION,
    SSL3_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    Option,
)
from emulator.handshake.common.signatures import signs_with
from emulator.handshake.common.state import HelloRetry
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.behaviours.hello import HelloSection
    from emulator.handshake.common.state import Handshake
    from emulator.record.suite import CipherSuite


class FirstHello(NamedTuple):
    """The shape of a connection's first ClientHello: its format and the two versions that it shows."""

    sslv2_format: bool
    client_version: int
    record_version: int


def offered_version(section: HelloSection, versions: Sequence[int]) -> int:
    """Give the version that a client of SSLv23_method or TLS_method offers; ``versions`` ascend."""
    offered = versions[0]
    # From 1.0.1b SSL_OP_NO_TLSv1_1 alone turns TLS 1.2 off with it: ssl23_client_hello(), and from 1.1.0
    # ssl_get_client_min_max_version(), stop at the first gap.
    for version in versions[1:]:
        gap = version != offered + 1
        if gap and section.offered_version is OfferedVersion.BELOW_THE_FIRST_GAP:
            break
        offered = version
    return offered


def hello_record_version(section: HelloSection, version: int, *, renegotiating: bool) -> int:
    """Give the version in the record header of a ClientHello that offers ``version``."""
    # TLS1_get_version(s) > TLS1_VERSION in SSL3_ST_CW_CLNT_HELLO_B, from 1.0.1a: TLS 1.0; from 1.0.1d
    # only with !s->renegotiate.
    rule = section.record_version
    capped = rule is HelloRecordVersion.TLS1 or (
        rule is HelloRecordVersion.TLS1_AT_FIRST and not renegotiating
    )
    return min(version, TLS1_VERSION) if capped else version


def _sslv2_format(
    section: HelloSection, suites: Iterable[CipherSuite], options: int, *, extensions_wanted: bool
) -> bool:
    # ssl23_client_hello(): SSL_OP_NO_SSLv2 counts from 0.9.7h, s->tlsext_hostname and s->tlsext_status_type
    # from 0.9.8j, and ssl23_no_ssl2_ciphers() from 1.0.0.
    rule = section.sslv2_hello
    if rule in (Sslv2Hello.ALWAYS, Sslv2Hello.NEVER):
        return rule is Sslv2Hello.ALWAYS
    if options & Option.NO_SSLV2:
        return False
    if rule is Sslv2Hello.UNLESS_OFF:
        return True
    if extensions_wanted:
        return False
    if rule is Sslv2Hello.UNLESS_OFF_OR_EXTENSIONS:
        return True
    return any(suite.min_version == SSL2_VERSION for suite in suites)


def first_hello(
    section: HelloSection,
    *,
    fixed_version: int | None,
    versions: Sequence[int],
    suites: Iterable[CipherSuite],
    options: int,
    hostname: str | None = None,
    status_request: bool = False,
) -> FirstHello:
    """Give the shape of the first ClientHello.

    ``fixed_version`` is that of TLSv1_method and the like, None for SSLv23_method and TLS_method, whose
    enabled ``versions`` (ascending, not empty) then count.
    """
    if fixed_version is not None:
        record = hello_record_version(section, fixed_version, renegotiating=False)
        return FirstHello(sslv2_format=False, client_version=fixed_version, record_version=record)
    version = offered_version(section, versions)
    wanted = hostname is not None or status_request
    sslv2 = _sslv2_format(section, suites, options, extensions_wanted=wanted)
    record = hello_record_version(section, version, renegotiating=False)
    return FirstHello(sslv2_format=sslv2, client_version=version, record_version=record)


_DOWNGRADE_TO_TLS12 = b"DOWNGRD\x01"
_DOWNGRADE_TO_TLS11 = b"DOWNGRD\x00"


def downgrade_sentinel(highest: int, version: int) -> bytes:
    """The end of a ServerHello's random that admits a downgrade (RFC 8446, section 4.1.3); empty for none.

    ``highest`` is the best version that the side could have used.
    """
    if highest >= TLS1_3_VERSION and version == TLS1_2_VERSION:
        return _DOWNGRADE_TO_TLS12
    if highest >= TLS1_2_VERSION and version < TLS1_2_VERSION:
        return _DOWNGRADE_TO_TLS11
    return b""


def usable_versions(hs: Handshake) -> tuple[int, ...]:
    """The enabled versions; TLS 1.3 only with a certificate for it or external PSKs (is_tls13_capable())."""
    versions = hs.config.versions
    if versions and versions[-1] >= TLS1_3_VERSION and not _is_tls13_capable(hs):
        return versions[:-1]
    return versions


def _is_tls13_capable(hs: Handshake) -> bool:
    if hs.config.psk_find_session is not None:
        return True
    own = hs.hello_rules.signature_algorithms
    return any(
        credential.kind is Authentication.RSA or any(signs_with(credential.key, one) for one in own)
        for credential in hs.config.credentials
    )


def highest_version(hs: Handshake) -> int:
    """The best version that this server could have chosen, which the random of a ServerHello tells."""
    versions = usable_versions(hs) or hs.config.versions
    return versions[-1]


def choose_version(hs: Handshake, legacy: int, supported: bytes | None) -> int:
    """The version for a client (ssl_choose_server_version()).

    ``legacy`` is the version of its hello, ``supported`` the body of supported_versions, None without one.
    """
    if supported is not None:
        return _by_extension(hs, legacy, supported)
    if hs.hello_retry is not HelloRetry.NONE:
        _refuse(hs, legacy, Fault.CLIENT_HELLO_VERSION_DISABLED)
    return _by_legacy_version(hs, legacy)


def _by_extension(hs: Handshake, legacy: int, body: bytes) -> int:
    if not body or body[0] != len(body) - 1:
        _refuse(hs, legacy, Fault.CLIENT_VERSIONS_LENGTH)
    if legacy <= SSL3_VERSION:
        _refuse(hs, legacy, Fault.CLIENT_LEGACY_VERSION)
    if len(body) % 2 == 0:
        _refuse(hs, legacy, Fault.CLIENT_VERSIONS_LENGTH)
    listed = {int.from_bytes(body[at : at + 2], "big") for at in range(1, len(body), 2)}
    shared = listed & set(usable_versions(hs))
    retried = hs.hello_retry is not HelloRetry.NONE
    if not shared or (retried and max(shared) != TLS1_3_VERSION):
        _refuse(hs, legacy, Fault.CLIENT_HELLO_VERSION_DISABLED)
    return max(shared)


def _by_legacy_version(hs: Handshake, legacy: int) -> int:
    """Without the extension a client offers TLS 1.2 at the most."""
    usable = [version for version in hs.config.versions if version <= min(legacy, TLS1_2_VERSION)]
    if not usable:
        disabled = legacy >= SSL3_VERSION
        _refuse(
            hs,
            legacy,
            Fault.CLIENT_HELLO_VERSION_DISABLED if disabled else Fault.CLIENT_HELLO_VERSION_LOW,
        )
    return usable[-1]


def _refuse(hs: Handshake, legacy: int, fault: Fault) -> NoReturn:
    hs.version = legacy  # the alert's record shows it
    hs.refuse(fault)
