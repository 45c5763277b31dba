"""``SSL_CTX``: what the connections of one profile share."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from emulator.behaviours.handshake import EcdheServer
from emulator.behaviours.section import cached_for_section
from emulator.constants import (
    PROTOCOL_NAMES,
    PROTOCOL_VERSIONS,
    SSL3_RT_MAX_PLAIN_LENGTH,
    SSL3_VERSION,
    TLS1_1_VERSION,
    TLS1_2_VERSION,
    TLS1_3_VERSION,
    TLS1_VERSION,
    Mode,
    Option,
)
from emulator.engine.sending.padding import is_block_size
from emulator.error_queue import ErrorStrings, current
from emulator.exceptions import NotEmulated, UsageError
from emulator.exists import answers_zero, exported, known_versions
from emulator.handshake.common.certificates import Credential, load_credential
from emulator.handshake.common.cipher_string import cipher_list
from emulator.handshake.common.config import HandshakeConfig
from emulator.handshake.common.key_exchange import CURVE_GROUPS, DhParameters, load_dh_parameters
from emulator.handshake.common.security_level import allows_dh, allows_version
from emulator.handshake.common.session import SessionCache, TicketKeys
from emulator.handshake.common.suites import default_ciphersuites
from emulator.handshake.tls13.settings import Settings, Tls13Settings
from emulator.profile import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.behaviours.errors import ErrorBehaviours
    from emulator.handshake.common.session import Session
    from emulator.profile import BuildOverride, Profile
    from emulator.record.suite import CipherSuite

Authority = Literal["manual", "library"]
"""Whom to follow where a release's manual page and its code disagree."""

_FIXED_METHODS = {
    "SSLv3": SSL3_VERSION,
    "TLSv1": TLS1_VERSION,
    "TLSv1_1": TLS1_1_VERSION,
    "TLSv1_2": TLS1_2_VERSION,
}
_FLEXIBLE_METHODS = ("TLS", "SSLv23")
_NOT_EMULATED_METHODS = ("SSLv2", "DTLS", "DTLSv1", "DTLSv1_2", "QUIC")
_OFF_SWITCHES = {
    SSL3_VERSION: Option.NO_SSLV3,
    TLS1_VERSION: Option.NO_TLSV1,
    TLS1_1_VERSION: Option.NO_TLSV1_1,
    TLS1_2_VERSION: Option.NO_TLSV1_2,
    TLS1_3_VERSION: Option.NO_TLSV1_3,
}


@lru_cache(maxsize=1)
def fixture_credential() -> Credential:
    """The public fixture: an RSA-2048 certificate and its key, which nobody trusts."""
    data = files("emulator") / "data"
    return load_credential(
        (data / "server.pem").read_bytes(), (data / "server.key").read_bytes(), trusted_key=True
    )


@cached_for_section
def _strings_of(section: ErrorBehaviours) -> ErrorStrings:
    return ErrorStrings(section)


def error_strings(profile: Profile) -> ErrorStrings:
    """How this profile's release prints its errors; made once, for its copies with other answers too."""
    return _strings_of(profile.errors)


class Context(Tls13Settings):
    """``SSL_CTX_new(method)`` of the profile's release.

    ``method`` names the SSL_METHOD without ``_method``: "TLS" (from 1.1.0) or "SSLv23", which choose a
    version, or one version: "SSLv3", "TLSv1", "TLSv1_1", "TLSv1_2".  Without it the release's flexible method
    is taken. ``follow`` is the authority: "manual" (the default) or "library".  ``undefined`` says what
    happens where the manual page calls something undefined: "warn", "raise" or "ignore".  ``build`` overrides
    how the library was configured ("no-asm", "ssl3", "weak-ciphers", ...).

    Raises UnknownProfile, ProfileError, UsageError for a method that the release lacks, NotEmulated for SSLv2
    and DTLS.
    """

    def __init__(
        self,
        profile: str | os.PathLike[str] | Profile,
        *,
        method: str | None = None,
        follow: Authority = "manual",
        undefined: Literal["warn", "raise", "ignore"] = "warn",
        build: BuildOverride | None = None,
    ) -> None:
        _check_word("follow", follow, ("manual", "library"))
        _check_word("undefined", undefined, ("warn", "raise", "ignore"))
        self.profile: Profile = load_profile(profile, build)
        self.follow = follow
        self.undefined = undefined
        self.method = method or _flexible_method(self.profile)
        self._check_method()
        self.errors = error_strings(self.profile)
        self.mode: int = self.profile.defaults.mode
        self.options: int = self.profile.defaults.context_options
        self.min_version = 0
        self.max_version = 0
        self.security_level = self.profile.defaults.security_level
        self.credentials: tuple[Credential, ...] = ()
        self.session_cache: SessionCache | None = SessionCache()
        self.ticket_keys = TicketKeys.generate(self.profile.handshake.ticket_key_length)
        self.dh_parameters: DhParameters | None = None
        self.dh_auto = False
        self.ecdh_group: int | None = None
        self.ecdh_auto = False
        self.quiet_shutdown = False
        self.random: Callable[[int], bytes] = os.urandom
        """Where handshakes take their random bytes from; replace it for reproducible runs."""
        self.clock: Callable[[], float] = time.time
        """What handshakes take for the time, in seconds since the epoch."""
        self.verify: Callable[[tuple[bytes, ...]], bool] | None = None
        self.request_certificate = False
        self.require_certificate = False
        self.info_callback: Callable[[int, int], None] | None = None
        self.msg_callback: Callable[[bool, int, int, bytes], None] | None = None
        self.max_send_fragment = 16384
        self.split_send_fragment = 16384
        self.padding_callback: Callable[[int, int], int] | None = None
        self.block_padding = 0
        selection = cipher_list(self.profile.ciphers, "DEFAULT", ssl2=self._lists_sslv2(), weak=self._weak())
        self.cipher_suites: tuple[CipherSuite, ...] = selection.suites
        self.ciphersuites: tuple[CipherSuite, ...] = default_ciphersuites(self.profile.ciphers)
        self.groups: tuple[int, ...] | None = None
        self.num_tickets = 2
        self.psk_use_session: Callable[[], tuple[bytes, Session] | None] | None = None
        self.psk_find_session: Callable[[bytes], Session | None] | None = None
        self.max_early_data = 0
        self.recv_max_early_data = SSL3_RT_MAX_PLAIN_LENGTH

    def _check_method(self) -> None:
        if self.method in _NOT_EMULATED_METHODS:
            raise NotEmulated(f"{self.method}_method")
        known = self.profile.exists.methods
        if self.method not in known:
            choices = ", ".join(name for name in known if name not in _NOT_EMULATED_METHODS)
            raise UsageError(f"OpenSSL {self.profile.release} has no {self.method}_method; it has {choices}")
        if self.fixed_version and self.fixed_version not in known_versions(self.profile):
            name = PROTOCOL_NAMES[self.fixed_version]
            raise UsageError(f"this build of OpenSSL {self.profile.release} does not speak {name}")

    @property
    def fixed_version(self) -> int:
        """The version of a method that knows one only, else 0."""
        return _FIXED_METHODS.get(self.method, 0)

    # -- numbers ------------------------------------------------------------------------------

    def set_mode(self, mode: int) -> int:
        """SSL_CTX_set_mode(3): adds bits, returns all."""
        self.mode |= emulated_mode(mode)
        return self.mode

    def clear_mode(self, mode: int) -> int:
        """SSL_CTX_clear_mode(3): 0 and nothing before 0.9.8m."""
        if answers_zero(self.profile, "clear_mode"):
            return 0
        self.mode &= ~mode
        return self.mode

    def get_mode(self) -> int:
        """SSL_CTX_get_mode(3)."""
        return self.mode

    def set_options(self, options: int) -> int:
        """SSL_CTX_set_options(3): adds bits, returns all."""
        self.options |= options
        return self.options

    def clear_options(self, options: int) -> int:
        """SSL_CTX_clear_options(3): 0 and nothing before 0.9.8m."""
        if answers_zero(self.profile, "clear_options"):
            return 0
        self.options &= ~options
        return self.options

    def get_options(self) -> int:
        """SSL_CTX_get_options(3)."""
        return self.options

    def set_min_proto_version(self, version: int) -> int:
        """SSL_CTX_set_min_proto_version(3), a control from 1.1.0: 1, or 0."""
        return self._set_bound("set_min_proto_version", "min_version", version)

    def set_max_proto_version(self, version: int) -> int:
        """SSL_CTX_set_max_proto_version(3), a control from 1.1.0: 1, or 0."""
        return self._set_bound("set_max_proto_version", "max_version", version)

    def _set_bound(self, call: str, field: str, version: int) -> int:
        if not self.takes_bound(call, version):
            return 0
        setattr(self, field, version)
        return 1

    def takes_bound(self, call: str, version: int) -> bool:
        """Whether the release takes this version as a bound, or 0 for none.

        A version that only this build lacks is taken: the handshake then finds no protocol.
        """
        in_release = (
            PROTOCOL_VERSIONS[name] for name in self.profile.exists.protocols if name in PROTOCOL_VERSIONS
        )
        return not answers_zero(self.profile, call) and version in (0, *in_release)

    def _tls13_settings(self) -> tuple[Settings, ErrorStrings]:
        return self, self.errors

    # -- ciphers and keys ---------------------------------------------------------------------

    def set_cipher_list(self, string: str) -> int:
        """SSL_CTX_set_cipher_list(3): 1, or 0 with an error in the queue."""
        return self.choose_ciphers(string, self, caller="SSL_CTX_SET_CIPHER_LIST")

    def choose_ciphers(self, string: str, settings: Context | HandshakeConfig, *, caller: str) -> int:
        """Let a cipher string decide ``settings``' suites and security level; what ``caller`` answers."""
        selection = cipher_list(
            self.profile.ciphers, string, ssl2=self._lists_sslv2(), weak=self._weak(), caller=caller
        )
        for function, reason in selection.errors:
            current().put(self.errors.entry(function, reason))
        if selection.security_level is not None:
            settings.security_level = selection.security_level
        if selection.kept:
            settings.cipher_suites = selection.suites
        return int(selection.ok)

    def _lists_sslv2(self) -> bool:
        return self.method == "SSLv23" and self.profile.build.ssl2

    def _weak(self) -> bool:
        return self.profile.build.weak_ciphers

    def use_certificate(
        self, certificate_pem: bytes, key_pem: bytes, *, password: bytes | None = None
    ) -> int:
        """SSL_CTX_use_certificate_chain_file(3) and SSL_CTX_use_PrivateKey(3) in one: PEM bytes; 1.

        Raises UsageError where there is no certificate, NotEmulated for keys other than RSA and EC.
        """
        return self.use_credential(load_credential(certificate_pem, key_pem, password=password))

    def use_fixture(self) -> int:
        """Use the built-in public certificate and key; 1."""
        return self.use_credential(fixture_credential())

    def use_credential(self, credential: Credential) -> int:
        """Use a certificate that is loaded already; it replaces one of the same kind of key."""
        others = tuple(one for one in self.credentials if one.kind is not credential.kind)
        self.credentials = (*others, credential)
        return 1

    def set_tmp_dh(self, parameters_pem: bytes) -> int:
        """SSL_CTX_set_tmp_dh(3): the group of a server's DHE suites, as PEM; 1.

        Raises UsageError for what are no parameters, and NotEmulated for a group below the security level,
        which releases from 1.1.0 on refuse.
        """
        parameters = load_dh_parameters(parameters_pem)
        if self.profile.ciphers.security_levels and not allows_dh(self.security_level, parameters.bits):
            raise NotEmulated("SSL_CTX_set_tmp_dh() of a group below the security level")
        self.dh_parameters = parameters
        return 1

    def set_dh_auto(self, onoff: int) -> int:
        """SSL_CTX_set_dh_auto(3), a control from 1.1.0: DHE suites need no parameters; 1, or 0."""
        if answers_zero(self.profile, "set_dh_auto"):
            return 0
        self.dh_auto = bool(onoff)
        return 1

    def set_tmp_ecdh(self, curve: str) -> int:
        """SSL_CTX_set_tmp_ecdh(3), a control from 0.9.8: the one curve of a server's ECDHE suites; 1, or 0.

        ``curve`` is "prime256v1" (or "secp256r1"), "secp384r1" or "secp521r1"; NotEmulated for another.
        """
        if answers_zero(self.profile, "set_tmp_ecdh"):
            return 0
        group = CURVE_GROUPS.get("secp256r1" if curve == "prime256v1" else curve)
        if group is None:
            raise NotEmulated(f"the curve {curve}")
        self.ecdh_group = group
        return 1

    def set_ecdh_auto(self, onoff: int) -> int:
        """SSL_CTX_set_ecdh_auto(3), a control of 1.0.2: a curve that the client has, too; 1, or 0.

        From 1.1.0 on that is always so, and the call answers whether ``onoff`` is set.
        """
        if answers_zero(self.profile, "set_ecdh_auto"):
            return 0
        self.ecdh_auto = bool(onoff)
        always = self.profile.handshake.ecdhe_server is EcdheServer.NOTHING
        return int(bool(onoff)) if always else 1

    @exported
    def set_msg_callback(self, callback: Callable[[bool, int, int, bytes], None] | None) -> None:
        """SSL_CTX_set_msg_callback(3), from 0.9.7: (write_p, version, content_type, message)."""
        self.msg_callback = callback

    def set_info_callback(self, callback: Callable[[int, int], None] | None) -> None:
        """SSL_CTX_set_info_callback(3): (where, ret)."""
        self.info_callback = callback

    @exported
    def set_record_padding_callback(self, callback: Callable[[int, int], int] | None) -> None:
        """SSL_CTX_set_record_padding_callback(3), from 1.1.1: (content_type, length) to bytes of padding."""
        self.padding_callback = callback

    @exported
    def set_block_padding(self, block_size: int) -> int:
        """SSL_CTX_set_block_padding(3), from 1.1.1: pad to a multiple of it, 0 and 1 turn it off; 1, or 0."""
        if not is_block_size(block_size):
            return 0
        self.block_padding = block_size
        return 1

    @exported
    def set_max_early_data(self, most: int) -> int:
        """SSL_CTX_set_max_early_data(3), from 1.1.1: how many bytes a server's tickets allow; 1."""
        self.max_early_data = most
        return 1

    @exported
    def set_recv_max_early_data(self, most: int) -> int:
        """SSL_CTX_set_recv_max_early_data(3), from 1.1.1: how many bytes a server takes or skips; 1."""
        self.recv_max_early_data = most
        return 1

    # -- for connections ----------------------------------------------------------------------

    def versions(self, options: int, low: int, high: int, level: int) -> tuple[int, ...]:
        """The versions that a connection with these options, bounds and level may choose, ascending."""
        known = known_versions(self.profile)
        if self.fixed_version:
            return (self.fixed_version,)
        leveled = self.profile.ciphers.security_levels
        return tuple(
            version
            for version in known
            if version >= low
            and (not leveled or allows_version(level, version, self.profile.hello.version_levels))
            and (not high or version <= high)
            and not options & _OFF_SWITCHES[version]
        )

    def handshake_config(self) -> HandshakeConfig:
        """The settings that a new connection starts with."""
        rules = self.profile.handshake
        return HandshakeConfig(
            profile=self.profile,
            versions=self.versions(self.options, self.min_version, self.max_version, self.security_level),
            cipher_suites=self.cipher_suites,
            ciphersuites=self.ciphersuites,
            groups=self.groups,
            num_tickets=self.num_tickets,
            psk_use_session=self.psk_use_session,
            psk_find_session=self.psk_find_session,
            max_early_data=self.max_early_data,
            fixed_method=self.fixed_version != 0,
            options=self.options,
            mode=self.mode,
            security_level=self.security_level,
            credentials=self.credentials,
            verify=self.verify,
            request_certificate=self.request_certificate,
            require_certificate=self.require_certificate,
            session_cache=self.session_cache,
            session_timeout=rules.session_timeout_v23 if self.method == "SSLv23" else rules.session_timeout,
            ticket_keys=self.ticket_keys,
            dh_parameters=self.dh_parameters,
            dh_auto=self.dh_auto,
            ecdh_group=self.ecdh_group,
            ecdh_auto=self.ecdh_auto,
            clock=self.clock,
            random=self.random,
        )


def emulated_mode(mode: int) -> int:
    """The mode's bits; NotEmulated for SSL_MODE_ASYNC, which changes what every call does."""
    if mode & Mode.ASYNC:
        raise NotEmulated("SSL_MODE_ASYNC")
    return mode


def _flexible_method(profile: Profile) -> str:
    return next(name for name in _FLEXIBLE_METHODS if name in profile.exists.methods)


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name}: got {value!r}, expected one of {', '.join(allowed)}")
