"""``SSL_CTX``: the settings that the connections of one profile share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from emulator.api.arguments import c_int, callback, flag, function, instance, one_of, shown
from emulator.api.attributes import configured
from emulator.api.common_settings import CommonSettings
from emulator.api.exists import not_emulated, require
from emulator.api.protocols import FIXED_VERSIONS, chosen_method
from emulator.api.ssl_ctx import SslCtx
from emulator.behaviours.section import cached_for_section
from emulator.engine.manual.choice import policy_maker
from emulator.error_queue import ErrorStrings
from emulator.exceptions import UsageError
from emulator.handshake.common.config import HandshakeConfig
from emulator.handshake.common.session import SessionCache, TicketKeys
from emulator.handshake.common.suites import default_ciphersuites
from emulator.profile import load_profile

if TYPE_CHECKING:
    from emulator.behaviours.errors import ErrorBehaviours
    from emulator.engine.manual.choice import Chooses, Policy
    from emulator.engine.ssl import SSL
    from emulator.profile import BuildOverride, Profile
    from emulator.record.suite import CipherSuite

Authority = Literal["manual", "library"]
"""Whom to follow where a release's manual page and its code disagree."""

Undefined = Literal["warn", "raise", "ignore"]
"""What to do about a call whose behaviour the manual page calls undefined."""


_NOT_EMULATED = ("set_post_handshake_auth", "set_read_ahead", "set_verify", "use_private_key")
"""Calls of an SSL_CTX that have no method here; an SSL has each of them, too."""


@cached_for_section
def _strings_of(section: ErrorBehaviours) -> ErrorStrings:
    return ErrorStrings(section)


def error_strings(profile: Profile) -> ErrorStrings:
    """How this profile's release prints its errors; made once, for its copies with other answers too."""
    return _strings_of(profile.errors)


class Context(CommonSettings, closed=True):
    """``SSL_CTX_new(method)`` of the profile's release.

    ``method`` names the SSL_METHOD without ``_method``: "TLS" (from 1.1.0) or "SSLv23", which choose a
    version, or one version: "SSLv3", "TLSv1", "TLSv1_1" or "TLSv1.1", "TLSv1_2" or "TLSv1.2".  Without it the
    release's method that chooses is taken.  ``follow`` is the authority: "manual" (the default) or "library".
    ``policy`` chooses among the outcomes that the manual pages permit: "eager" (the default: each
    permission once, at its first chance), "library" or "never" (the library's outcome), a seed (an int),
    a schedule (a sequence of indices and names of outcomes), or a function that is asked with a Choice
    and returns an index, a name or an Outcome; each connection has its own.  ``undefined`` says what
    happens where the manual page calls something undefined: "warn", "raise" or "ignore".  ``build``
    overrides how the library was configured ("no-asm", "ssl3", "weak-ciphers", ...).

    The calls are those of an SSL_CTX, named as in C without ``SSL_CTX_``; their docstrings name the SSL_
    function of the same manual page.  Connections take a copy of the settings when they are made.

    Raises UnknownProfile, ProfileError, UsageError for a method that the release lacks, NotEmulated for SSLv2
    and DTLS.
    """

    _prefix = "SSL_CTX"
    _s: SslCtx

    random = configured[Callable[[int], bytes]](function)
    """Where handshakes take their random bytes from; replace it for reproducible runs."""
    clock = configured[Callable[[], float]](function)
    """Where handshakes take the time from, in seconds since the epoch."""
    verify = configured[Callable[[tuple[bytes, ...]], bool] | None](callback)
    """Says whether the peer's chain, certificates in DER, is good; None accepts any (SSL_VERIFY_NONE)."""
    request_certificate = configured[bool](flag)
    """Whether a server asks for the client's certificate (SSL_VERIFY_PEER)."""
    require_certificate = configured[bool](flag)
    """Whether a server refuses a client without one (SSL_VERIFY_FAIL_IF_NO_PEER_CERT)."""
    session_cache = configured[SessionCache | None](lambda name, value: instance(name, value, SessionCache))
    """A server's internal cache of sessions; None turns it off."""
    ticket_keys = configured[TicketKeys | None](lambda name, value: instance(name, value, TicketKeys))
    """A server's keys for session tickets; None turns tickets off."""

    def __init__(
        self,
        profile: str | os.PathLike[str] | Profile,
        *,
        method: str | None = None,
        follow: Authority = "manual",
        policy: Policy | None = None,
        undefined: Undefined = "warn",
        build: BuildOverride | None = None,
    ) -> None:
        self._follow = one_of("follow", follow, get_args(Authority))
        if policy not in (None, "library") and follow == "library":
            raise UsageError(f"policy: got {shown(policy)}, but a policy chooses only with follow='manual'")
        self._make_policy = policy_maker("eager" if policy is None else policy)
        self.undefined = undefined
        loaded = load_profile(profile, build)
        self._method = chosen_method(loaded, method)
        fixed_version = FIXED_VERSIONS.get(self._method, 0)
        config = _new_config(loaded, fixed_version, v23=self._method == "SSLv23")
        self._s = SslCtx(loaded, config, error_strings(loaded), fixed_version)
        self._settle_versions()
        config.cipher_suites = self._selected("DEFAULT").suites

    def __getattr__(self, name: str) -> Any:
        """Find a call of the release that has no method here; it raises NotEmulated."""
        if name not in _NOT_EMULATED:
            return super().__getattr__(name)
        require(self.profile, name)
        return not_emulated(self.profile.functions[name].c_name.replace("SSL_", "SSL_CTX_", 1))

    @property
    def method(self) -> str:
        """The SSL_METHOD, without ``_method``."""
        return self._method

    @property
    def follow(self) -> Authority:
        """The authority: "manual" or "library"."""
        return self._follow

    @property
    def undefined(self) -> Undefined:
        """What happens where the manual page calls something undefined: "warn", "raise" or "ignore"."""
        return self._undefined

    @undefined.setter
    def undefined(self, value: Undefined) -> None:
        self._undefined = one_of("undefined", value, get_args(Undefined))

    @property
    def errors(self) -> ErrorStrings:
        """The release's error strings, and the entries of the error queue that it makes of them."""
        return self._s.errors

    @property
    def security_level(self) -> int:
        """SSL_CTX_set_security_level(3), from 1.1.0: from 0, which allows everything, to 5."""
        return self._config.security_level

    @security_level.setter
    def security_level(self, value: int) -> None:
        self._config.security_level = c_int("security_level", value)
        self._settle_versions()

    @property
    def cipher_suites(self) -> tuple[CipherSuite, ...]:
        """The suites up to TLS 1.2 that set_cipher_list() chose, most preferred first."""
        return self._config.cipher_suites

    @property
    def ciphersuites(self) -> tuple[CipherSuite, ...]:
        """The suites of TLS 1.3 that set_ciphersuites() chose, most preferred first."""
        return self._config.ciphersuites

    def _new_ssl(self) -> SSL:
        return self._s.new_ssl()

    def _new_policy(self) -> Chooses | None:
        """A policy for one more connection; None: the connection follows the library."""
        return self._make_policy() if self._follow == "manual" else None


def _new_config(profile: Profile, fixed_version: int, *, v23: bool) -> HandshakeConfig:
    """What SSL_CTX_new() sets; the cipher suites and the versions of a method that chooses come after it."""
    defaults, rules = profile.defaults, profile.handshake
    return HandshakeConfig(
        profile=profile,
        versions=(fixed_version,) if fixed_version else (),
        cipher_suites=(),
        ciphersuites=default_ciphersuites(profile.ciphers),
        fixed_method=fixed_version != 0,
        options=defaults.context_options,
        mode=defaults.mode,
        security_level=defaults.security_level,
        session_cache=SessionCache(),
        session_timeout=rules.session_timeout_v23 if v23 else rules.session_timeout,
        ticket_keys=TicketKeys.generate(rules.ticket_key_length),
        clock=time.time,
        random=os.urandom,
    )
