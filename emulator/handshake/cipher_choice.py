"""Which suite, curve and certificate a server uses (ssl3_choose_cipher(), tls1_shared_curve())."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.handshake import DheServer, EcdheServer, MissingGroups
from emulator.constants import TLS1_2_VERSION, Option
from emulator.exceptions import NotEmulated
from emulator.handshake.key_exchange import CURVE_GROUPS, EMULATED_GROUPS
from emulator.handshake.security_level import FIRST_TLS13_GROUP, allows_suite
from emulator.handshake.signatures import KeyType
from emulator.record.suite import Authentication, Cipher, KeyExchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.handshake.certificates import Credential
    from emulator.handshake.key_exchange import DhParameters
    from emulator.handshake.state import Handshake
    from emulator.record.suite import CipherSuite


def choose_suite(hs: Handshake, offered: Sequence[int]) -> CipherSuite | None:
    """The suite for this client, None when there is none that both can use."""
    own = {
        suite.id & 0xFFFF: suite for suite in hs.config.cipher_suites if suite.id <= 0xFFFF or _is_tls(suite)
    }
    if hs.config.options & Option.CIPHER_SERVER_PREFERENCE:
        wanted = set(offered)
        candidates = [suite for number, suite in own.items() if number in wanted]
    else:
        candidates = [own[number] for number in offered if number in own]
    return next((suite for suite in candidates if _is_possible(hs, suite)), None)


def choose_tls13_suite(hs: Handshake, offered: Sequence[int]) -> CipherSuite | None:
    """The suite of TLS 1.3 for this client, None when there is none that both have."""
    options, own = hs.config.options, {suite.id & 0xFFFF: suite for suite in hs.config.ciphersuites}
    own = {number: suite for number, suite in own.items() if allows_suite(hs.config.security_level, suite)}
    order = [number for number in offered if number in own]
    if options & Option.CIPHER_SERVER_PREFERENCE:
        order = sorted(order, key=list(own).index)
        known = (own.get(number) for number in offered)
        first = next((suite for suite in known if suite is not None), None)
        if options & Option.PRIORITIZE_CHACHA and first and first.cipher is Cipher.CHACHA20_POLY1305:
            order.sort(key=lambda number: own[number].cipher is not Cipher.CHACHA20_POLY1305)
    suite = own[order[0]] if order else None
    if suite is not None and not suite.emulated:
        raise NotEmulated(suite.name, "both sides would have used this cipher suite")
    return suite


def _is_tls(suite: CipherSuite) -> bool:
    return suite.id >> 24 == 0x03


def _is_possible(hs: Handshake, suite: CipherSuite) -> bool:
    if suite.min_version >= TLS1_2_VERSION and hs.version < TLS1_2_VERSION:
        return False
    if suite.auth is not Authentication.NULL and credential_for(hs, suite) is None:
        return False
    if suite.kx is KeyExchange.DHE:
        possible = dh_parameters(hs) is not None
    elif suite.kx is KeyExchange.ECDHE:
        possible = choose_group(hs) is not None
    else:
        possible = suite.kx is KeyExchange.RSA
    if possible and not suite.emulated:
        raise NotEmulated(suite.name, "both sides would have used this cipher suite")
    return possible


def credential_for(hs: Handshake, suite: CipherSuite) -> Credential | None:
    """The certificate that serves the suite (ssl_get_server_send_cert())."""
    for credential in hs.config.credentials:
        if credential.kind.value == suite.auth.value and _curve_is_shared(hs, credential):
            return credential
    return None


def _curve_is_shared(hs: Handshake, credential: Credential) -> bool:
    """An ECDSA key must be on a curve that the client knows (tls1_check_cert_param())."""
    if credential.kind is not KeyType.ECDSA or hs.tmp.client_groups is None:
        return True
    curve = getattr(credential.key, "curve", None)
    return curve is None or CURVE_GROUPS.get(curve.name) in hs.tmp.client_groups


def dh_parameters(hs: Handshake) -> DhParameters | None:
    """The Diffie-Hellman group that this server uses."""
    if hs.section.dhe_server is DheServer.PARAMETERS_OR_AUTO:
        return hs.config.dhe_group
    return hs.config.dh_parameters


def choose_group(hs: Handshake) -> int | None:
    """The curve for this client."""
    config, section, client = hs.config, hs.section, hs.tmp.client_groups
    emulated = (group for group in hs.groups if group in EMULATED_GROUPS)
    own = tuple(group for group in emulated if group < FIRST_TLS13_GROUP)
    if config.ecdh_group is not None:
        own = (config.ecdh_group,)
    elif not _has_groups(hs):
        return None
    if client is None:
        fallback = own[0] if own else None
        return None if section.missing_groups is MissingGroups.NONE else fallback
    if config.options & Option.CIPHER_SERVER_PREFERENCE:
        return next((group for group in own if group in client), None)
    return next((group for group in client if group in own), None)


def _has_groups(hs: Handshake) -> bool:
    rule = hs.section.ecdhe_server
    return rule is EcdheServer.NOTHING or (rule is EcdheServer.CURVE_OR_AUTO and hs.config.ecdh_auto)
