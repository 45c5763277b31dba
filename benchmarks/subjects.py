"""The two libraries behind one interface: connections over memory BIOs, and handshakes between them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from OpenSSL import SSL, crypto

from emulator import Connection, Context, ERR_peek_error, load_profile
from emulator.api.protocols import leave_only, method_for
from emulator.constants import PROTOCOL_VERSIONS
from emulator.handshake.common.key_exchange import SECP256R1

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE = 1 << 20
MOST_ROUNDS = 20


@dataclass(frozen=True)
class Suite:
    """A protocol and a cipher suite by OpenSSL's name; ``key`` is the server's: "RSA" or "ECDSA"."""

    protocol: str
    cipher: str
    key: str = "RSA"

    def __str__(self) -> str:
        return f"{self.protocol.replace('TLSv1', 'TLS 1')} {self.cipher}"


@lru_cache
def certificate_of(key: str) -> tuple[bytes, bytes]:
    """Certificate and key in PEM: the built-in RSA-2048 fixture, or a fresh one on P-256."""
    if key == "RSA":
        data = files("emulator") / "data"
        return (data / "server.pem").read_bytes(), (data / "server.key").read_bytes()
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = dt.timedelta(days=1)
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .sign(private, SHA256())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), pem


class Emulated:
    """The emulator, following the library or the manual."""

    def __init__(self, profile: str, suite: Suite, follow: Literal["library", "manual"] = "library") -> None:
        self.contexts = tuple(self._context(profile, suite, follow) for _ in range(2))
        self.contexts[1].use_certificate(*certificate_of(suite.key))

    @staticmethod
    def _context(profile: str, suite: Suite, follow: Literal["library", "manual"]) -> Context:
        context = Context(profile, method=method_for(load_profile(profile), suite.protocol), follow=follow)
        leave_only(context, suite.protocol)
        choose = context.set_ciphersuites if suite.protocol == "TLSv1.3" else context.set_cipher_list
        assert choose(suite.cipher) == 1
        return context

    def pair(self) -> tuple[Connection, Connection]:
        """A client and a server that have said nothing yet."""
        client, server = (Connection(context=context) for context in self.contexts)
        server._s.config.ecdh_group = SECP256R1  # noqa: SLF001 - a server before 1.1.0 has no curve of its own
        client.set_connect_state()
        server.set_accept_state()
        return client, server

    def shake_hands(self) -> tuple[Connection, Connection]:
        """A full handshake between two new connections."""
        client, server = self.pair()
        ends = [(client, server), (server, client)]
        rounds = 0
        while ends:
            rounds += 1
            assert rounds < MOST_ROUNDS, [str(ERR_peek_error()), self.contexts[0].profile.name]
            for end in tuple(ends):
                this, other = end
                if this.do_handshake() == 1:
                    ends.remove(end)
                flight = this.bio_read(LARGE)
                if flight:
                    other.bio_write(flight)
        return client, server


class Real:
    """pyOpenSSL, which calls the real library."""

    def __init__(self, suite: Suite) -> None:
        self.contexts = tuple(self._context(suite) for _ in range(2))
        certificate, key = certificate_of(suite.key)
        self.contexts[1].use_certificate(crypto.load_certificate(crypto.FILETYPE_PEM, certificate))
        self.contexts[1].use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, key))

    @staticmethod
    def _context(suite: Suite) -> SSL.Context:
        context = SSL.Context(SSL.TLS_METHOD)
        version = PROTOCOL_VERSIONS[suite.protocol]
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        if suite.protocol == "TLSv1.3":
            context.set_tls13_ciphersuites(suite.cipher.encode())
        else:
            # Level 0 is what lets a library of today speak TLS 1.0 at all.
            context.set_cipher_list(f"{suite.cipher}:@SECLEVEL=0".encode())
        return context

    def pair(self) -> tuple[SSL.Connection, SSL.Connection]:
        """A client and a server that have said nothing yet."""
        client, server = (SSL.Connection(context, None) for context in self.contexts)
        client.set_connect_state()
        server.set_accept_state()
        return client, server

    def shake_hands(self) -> tuple[SSL.Connection, SSL.Connection]:
        """A full handshake between two new connections."""
        client, server = self.pair()
        ends = [(client, server), (server, client)]
        while ends:
            for end in tuple(ends):
                this, other = end
                try:
                    this.do_handshake()
                    ends.remove(end)
                except SSL.WantReadError:
                    pass
                try:
                    flight = this.bio_read(LARGE)
                except SSL.WantReadError:
                    continue
                other.bio_write(flight)
        return client, server


def calls(
    connection: Connection | SSL.Connection,
) -> tuple[Callable[[bytes], object], Callable[[int], object]]:
    """Return the methods that send bytes, and that read up to n of them."""
    if isinstance(connection, Connection):
        return connection.write, connection.read
    return connection.send, connection.recv
