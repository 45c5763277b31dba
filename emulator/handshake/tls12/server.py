"""A server's messages after the hellos, up to TLS 1.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import PeerSignature
from emulator.constants import TLS1_2_VERSION, HandshakeType
from emulator.handshake.common import signatures
from emulator.handshake.common.messages import Reader, handshake_message, pack16, vector
from emulator.handshake.common.peer_certificates import (
    check_certificate_form,
    read_chain,
    take_client_chain,
)
from emulator.handshake.common.security_level import allows_legacy_signature
from emulator.handshake.common.state import refuses_malformed
from emulator.handshake.hello.choice import choose_group, credential_for, dh_parameters
from emulator.handshake.tls12.key_schedule import ssl3_certificate_verify_hashes
from emulator.handshake.tls12.premaster import DhOffer, EcdhOffer, RsaDecryption
from emulator.handshake.tls12.state import Tls12
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.signatures import PublicKey
    from emulator.handshake.common.state import Handshake
    from emulator.handshake.tls12.premaster import ServerHalf

_RSA_SIGN = 1
_DSS_SIGN = 2
_ECDSA_SIGN = 64
"""ClientCertificateType (RFC 5246, section 7.4.4; RFC 8422, section 5.5)."""


class ServerTls12(Tls12):
    """A server's messages: construct_...() makes a message, process_...() reads one.

    The engine's machine chooses the next message by ``certificate_expected``, ``key_exchange_expected`` and
    ``expects_certificate_verify``.
    """

    __slots__ = ("_credential", "_ephemeral", "_peer_key")

    def __init__(self, hs: Handshake) -> None:
        super().__init__(hs)
        self._credential: Credential | None = None
        self._ephemeral: ServerHalf | None = None
        self._peer_key: PublicKey | None = None

    # -- Certificate and ServerKeyExchange

    @property
    def _own_credential(self) -> Credential:
        """The certificate for the suite; a suite without one cannot have been chosen."""
        if self._credential is None:
            self._credential = credential_for(self.hs, self.suite)
            assert self._credential is not None, "the suite was chosen, but no certificate serves it"
        return self._credential

    def construct_certificate(self) -> bytes:
        """Make Certificate with the server's chain."""
        entries = b"".join(vector(certificate, 3) for certificate in self._own_credential.chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(entries, 3))

    def construct_server_key_exchange(self) -> bytes:
        """Make ServerKeyExchange: fresh parameters, signed unless the suite is anonymous."""
        self._ephemeral = offer = (
            self._offer_dh() if self.suite.kx is KeyExchange.DHE else self._offer_curve()
        )
        body = offer.parameters
        if self.suite.auth is not Authentication.NULL:
            body += self._sign(self.signed_parameters(body))
        return handshake_message(HandshakeType.SERVER_KEY_EXCHANGE, body)

    def _offer_dh(self) -> DhOffer:
        parameters = dh_parameters(self.hs)
        if parameters is None:
            self.refuse(Fault.MISSING_DH_PARAMETERS)
        return DhOffer(self.hs, parameters)

    def _offer_curve(self) -> EcdhOffer:
        group = choose_group(self.hs)
        if group is None:
            self.refuse(Fault.MISSING_CURVE)
        self.hs.note_group(self.session, group)
        return EcdhOffer(self.hs, group)

    def _sign(self, data: bytes) -> bytes:
        hs, credential = self.hs, self._own_credential
        if hs.version < TLS1_2_VERSION:
            return vector(signatures.sign_legacy(credential.key, signatures.legacy_digest(data)), 2)
        own = hs.hello_rules.signature_algorithms
        scheme = signatures.choose_scheme(credential.kind, hs.offer.schemes, own)
        if scheme is None:
            # tls1_set_server_sigalgs(): no shared algorithm is an error from 1.1.0; older releases use SHA-1.
            hs.refuse_if_checked(Fault.NO_SHARED_SIGNATURE_ALGORITHM)
            scheme = signatures.sha1_scheme(credential.kind)
        return scheme.to_bytes(2, "big") + vector(signatures.sign_scheme(credential.key, scheme, data), 2)

    # -- CertificateRequest and ServerHelloDone

    def construct_certificate_request(self) -> bytes:
        """Make CertificateRequest: for keys of all kinds that can sign, and any authority."""
        hs = self.hs
        # ssl3_get_req_cert_type(): ECDSA needs s->version >= TLS1_VERSION and a build with curves.
        ecdsa = bytes((_ECDSA_SIGN,)) if not hs.is_ssl3 and hs.hello_rules.groups else b""
        body = vector(bytes((_RSA_SIGN, _DSS_SIGN)) + ecdsa, 1)
        if hs.version >= TLS1_2_VERSION:
            body += vector(pack16(hs.hello_rules.signature_algorithms), 2)
        return handshake_message(HandshakeType.CERTIFICATE_REQUEST, body + vector(b"", 2))

    def construct_server_hello_done(self) -> bytes:
        """Make ServerHelloDone."""
        return handshake_message(HandshakeType.SERVER_HELLO_DONE, b"")

    # -- the client's Certificate

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Read the client's chain, which may be empty."""
        chain = read_chain(body, Fault.CLIENT_CERTIFICATE_LENGTH, Fault.CLIENT_CERTIFICATE_ENTRY_LENGTH)
        for certificate in chain:
            check_certificate_form(
                certificate, Fault.CLIENT_CERTIFICATE_FORM, Fault.CLIENT_CERTIFICATE_TRAILING
            )
        if chain:
            self._peer_key = take_client_chain(self, chain)
            return
        if self.hs.is_ssl3:
            self.refuse(Fault.CLIENT_CERTIFICATE_EMPTY_SSL3)
        self._do_without_certificate()

    def skip_client_certificate(self) -> None:
        """Another message came in place of the requested Certificate, which only SSLv3 allows."""
        if not self.hs.is_ssl3 and not self.hs.config.require_certificate:
            self.refuse(Fault.CLIENT_CERTIFICATE_MISSING)
        self._do_without_certificate()

    def _do_without_certificate(self) -> None:
        if self.hs.config.require_certificate:
            self.refuse(Fault.CLIENT_CERTIFICATE_REQUIRED)
        self.hs.transcript.drop_messages()

    # -- ClientKeyExchange

    @refuses_malformed
    def process_client_key_exchange(self, body: bytes) -> None:
        """Read the client's half of the key exchange, and derive the master secret."""
        premaster = self._key_exchange().premaster(body)
        self.take_premaster(premaster, handshake_message(HandshakeType.CLIENT_KEY_EXCHANGE, body))

    def _key_exchange(self) -> ServerHalf:
        if self._ephemeral is not None:
            return self._ephemeral
        credential = credential_for(self.hs, self.suite)
        if credential is None or not isinstance(credential.key, rsa.RSAPrivateKey):
            self.refuse(Fault.RSA_CERTIFICATE_MISSING)
        return RsaDecryption(self.hs, credential.key)

    # -- CertificateVerify

    @property
    def expects_certificate_verify(self) -> bool:
        """Whether the client must sign with the key of its certificate."""
        return self._peer_key is not None

    @refuses_malformed
    def process_certificate_verify(self, body: bytes) -> None:
        """Check the signature with the key of the client's certificate."""
        key = self._peer_key
        assert key is not None, "CertificateVerify follows a Certificate that is not empty"
        hs, reader = self.hs, Reader(body, Fault.VERIFY_LENGTH)
        legacy = hs.version < TLS1_2_VERSION
        if legacy and not allows_legacy_signature(hs.config.security_level, hs.hello_rules.weak_hashes):
            self.refuse(Fault.LEGACY_SIGNATURE)
        scheme = None if legacy else self._read_scheme(reader, key)
        signature = reader.vector(2)
        reader.finish()
        if not 0 < len(signature) <= signatures.signature_size(key):
            self.refuse(Fault.VERIFY_SIZE)
        if not self._is_signed(key, scheme, signature):
            rsa_key = signatures.key_type(key) is Authentication.RSA
            self.refuse(Fault.VERIFY_RSA if rsa_key else Fault.VERIFY_ECDSA)
        hs.transcript.drop_messages()

    def _read_scheme(self, reader: Reader, key: PublicKey) -> int:
        scheme = reader.number(2)
        if not signatures.fits(scheme, signatures.key_type(key)):
            self.refuse(Fault.VERIFY_TYPE)
        unknown = signatures.scheme_hash(scheme) is None
        # tls12_check_peer_sigalg() compares with the own list from 1.0.2; 1.0.1 has tls12_get_hash() alone.
        offered = self.hs.rules.peer_signature is PeerSignature.OFFERED
        if unknown or (offered and scheme not in self.hs.hello_rules.signature_algorithms):
            self.refuse(Fault.VERIFY_HASH)
        return scheme

    def _is_signed(self, key: PublicKey, scheme: int | None, signature: bytes) -> bool:
        hs = self.hs
        if scheme is not None:
            return signatures.verify_scheme(key, scheme, signature, hs.transcript.messages())
        if hs.is_ssl3:
            digest = ssl3_certificate_verify_hashes(hs.transcript, self.session.master_key)
        else:
            digest = hs.transcript.digest()
        return signatures.verify_legacy(key, signature, digest)

    # -- NewSessionTicket

    def construct_new_session_ticket(self) -> bytes:
        """Make NewSessionTicket; after a resumption the lifetime is 0, "unspecified" (RFC 5077, 3.3)."""
        hs, session, keys = self.hs, self.session, self.hs.config.ticket_keys
        assert keys is not None, "the ServerHello promises no ticket without keys"
        contents = session.copy()
        contents.session_id = b""
        lifetime = 0 if hs.hit else session.timeout
        body = lifetime.to_bytes(4, "big") + vector(keys.seal(contents, hs.config.random), 2)
        return handshake_message(HandshakeType.NEW_SESSION_TICKET, body)
