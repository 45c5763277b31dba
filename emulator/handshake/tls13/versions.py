"""The version that a server chooses where supported_versions counts, and how it shows a lower one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from emulator.behaviours.faults import Fault
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, TLS1_3_VERSION
from emulator.handshake import signatures
from emulator.handshake.extensions import ExtensionType
from emulator.handshake.tls13.authentication import signs_with
from emulator.handshake.tls13.facts import HelloRetry

if TYPE_CHECKING:
    from emulator.handshake.client_message import ClientHelloMessage
    from emulator.handshake.state import Handshake

DOWNGRADE_TO_TLS12 = b"DOWNGRD\x01"
DOWNGRADE_TO_TLS11 = b"DOWNGRD\x00"
"""How the random of a ServerHello ends whose server could have done better (RFC 8446, section 4.1.3)."""


def usable_versions(hs: Handshake) -> tuple[int, ...]:
    """The enabled versions; TLS 1.3 only with a certificate for it or external PSKs (is_tls13_capable())."""
    versions = hs.config.versions
    if versions and versions[-1] >= TLS1_3_VERSION and not _is_tls13_capable(hs):
        return versions[:-1]
    return versions


def _is_tls13_capable(hs: Handshake) -> bool:
    if hs.config.psk_find_session is not None:
        return True
    own = hs.hello.signature_algorithms
    return any(
        credential.kind is signatures.KeyType.RSA or any(signs_with(credential.key, one) for one in own)
        for credential in hs.config.credentials
    )


def highest_version(hs: Handshake) -> int:
    """The best that this server could have done: what the random of a ServerHello tells of."""
    versions = usable_versions(hs) or hs.config.versions
    return versions[-1]


def choose_version(hs: Handshake, hello: ClientHelloMessage) -> int:
    """The version for this client (ssl_choose_server_version())."""
    body = hello.extensions.get(ExtensionType.SUPPORTED_VERSIONS)
    if body is not None:
        return _by_extension(hs, hello.version, body)
    if hs.hello_retry is not HelloRetry.NONE:
        _refuse(hs, hello.version, Fault.CLIENT_HELLO_VERSION_DISABLED)
    return _by_legacy_version(hs, hello.version)


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
    """Without the extension nothing above TLS 1.2 was meant."""
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
