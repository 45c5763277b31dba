"""The SSL_CTX of a peer: what s_server and s_client make of their options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from emulator.api.protocols import bits, checked_names, checked_protocol, leave_only, method_for
from emulator.constants import PROTOCOL_VERSIONS, TLS1_2_VERSION, Mode, Option
from emulator.context import Context
from emulator.error_queue import ErrorQueue, use
from emulator.exceptions import UsageError
from emulator.handshake.common.key_exchange import AUTO_DH
from emulator.handshake.common.suites import known_ciphersuites
from emulator.profile import load_profile

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from emulator.context import Authority
    from emulator.profile import Profile

    ProfileName = str | os.PathLike[str] | Profile


class Settings(TypedDict, total=False):
    """What a peer's context can be told, and what it is unless it is told so."""

    protocol: str | None
    """The one protocol that is enabled: "TLSv1.2"; the release chooses."""
    cipher: str | None
    """A cipher string, or the names of TLS 1.3 suites between colons; the release's default."""
    modes: Iterable[str] | int
    """SSL_MODE_* without the prefix; none are added."""
    options: Iterable[str] | int
    """SSL_OP_* without the prefix; none are added."""
    certificate: bytes | None
    """A chain in PEM; a server has the built-in certificate."""
    key: bytes | None
    """Its key in PEM."""
    follow: Authority
    """The authority: the library."""


def make_context(profile: ProfileName, role: Literal["client", "server"], settings: Settings) -> Context:
    """The context of one side.

    Like s_server's, a server's offers ephemeral keys: the group that its release would choose by itself, or
    the 2048-bit group of RFC 3526 and P-256.  With a cipher string that says nothing of it, or a protocol
    below TLS 1.2, the security level is 0.

    Raises UsageError for what the release does not have.
    """
    protocol, cipher = checked_protocol(settings.get("protocol")), settings.get("cipher")
    loaded = load_profile(profile)
    context = Context(
        loaded,
        method=method_for(loaded, protocol),
        follow=settings.get("follow", "library"),
        undefined="ignore",
    )
    if protocol is not None:
        _leave_only(context, protocol)
    if cipher is not None:
        _choose_ciphers(context, cipher)
    modes = checked_names(settings.get("modes", ()), Mode, loaded.modes, "mode")
    options = checked_names(settings.get("options", ()), Option, loaded.options, "option")
    # As s_server and s_client do: a read over a blocking socket must come back once it has read a ticket.
    context.clear_mode(bits(["AUTO_RETRY"], loaded.modes))
    context.set_mode(bits(modes, loaded.modes))
    context.set_options(bits(options, loaded.options))
    _use_certificate(context, role, settings.get("certificate"), settings.get("key"))
    if role == "server":
        _offer_ephemeral_keys(context)
    return context


def _leave_only(context: Context, protocol: str) -> None:
    profile = context.profile
    if not profile.speaks(protocol):
        raise UsageError(f"protocol: this build of OpenSSL {profile.release} does not speak {protocol}")
    leave_only(context, protocol)
    if PROTOCOL_VERSIONS[protocol] < TLS1_2_VERSION:
        context.security_level = 0  # on a higher one releases from 3.0 on do not speak it


def _choose_ciphers(context: Context, string: str) -> None:
    profile = context.profile
    known = known_ciphersuites(profile.ciphers)
    names = string.split(":")
    if all(name in known for name in names):
        context.set_ciphersuites(string)
        leave_only(context, "TLSv1.3")
        return
    if profile.ciphers.security_levels and "@SECLEVEL" not in string:
        string += ":@SECLEVEL=0"
    previous = use(ErrorQueue())
    try:
        if not context.set_cipher_list(string) or not context.cipher_suites:
            raise UsageError(f"cipher: this build of OpenSSL {profile.release} has no {string!r}")
    finally:
        use(previous)


def _use_certificate(context: Context, role: str, certificate: bytes | None, key: bytes | None) -> None:
    if (certificate is None) != (key is None):
        raise UsageError("cert and key: they come together, both in PEM")
    if certificate is not None and key is not None:
        context.use_certificate(certificate, key)
    elif role == "server":
        context.use_fixture()


def _offer_ephemeral_keys(context: Context) -> None:
    if not context.set_dh_auto(1):
        context.set_tmp_dh(AUTO_DH.pem())
    if not context.set_ecdh_auto(1):
        context.set_tmp_ecdh("prime256v1")
