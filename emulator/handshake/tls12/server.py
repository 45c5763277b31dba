"""A server's messages from SSLv3 to TLS 1.2, after the hellos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import PeerSignature, RsaCiphertext
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, HandshakeType, Option
from emulator.handshake.common import signatures
from emulator.handshake.common.key_exchange import BadPublicValue, DhKey, EcdhKey, read_point, unsigned
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.peer_certificates import check_certificate_form, read_chain, take_client_chain
from emulator.handshake.common.security_level import allows_legacy_signature
from emulator.handshake.common.state import refuses_malformed
from emulator.handshake.hello import choice as cipher_choice
from emulator.handshake.hello.server import ServerHellos
from emulator.handshake.tls12.key_schedule import MASTER_SECRET_LENGTH, ssl3_certificate_verify_hashes
from emulator.handshake.tls12.state import Tls12
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.handshake.common.signatures import PublicKey


_NAMED_CURVE = b"\x03"
_PKCS1 = PKCS1v15()
_RSA_SIGN = 1
_DSS_SIGN = 2
_ECDSA_SIGN = 64


class ServerTls12(ServerHellos, Tls12):
    """A server's handshake messages: construct_...() makes one, process_...() takes one."""

    __slots__ = ()

    # -- Certificate and ServerKeyExchange

    def construct_certificate(self) -> bytes:
        """The server's chain."""
        assert self.suite is not None
        credential = cipher_choice.credential_for(self, self.suite)
        assert credential is not None
        self.tmp.credential = credential
        entries = b"".join(vector(certificate, 3) for certificate in credential.chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(entries, 3))

    @property
    def sends_server_key_exchange(self) -> bool:
        """Whether the suite has ephemeral parameters."""
        return self.ephemeral

    def construct_server_key_exchange(self) -> bytes:
        """Fresh parameters with a signature, unless the suite is anonymous."""
        assert self.suite is not None
        dhe = self.suite.kx is KeyExchange.DHE
        body = parameters = self._dh_parameters() if dhe else self._curve_parameters()
        if self.suite.auth is not Authentication.NULL:
            body += self._signature(self._signed_parameters(parameters))
        return handshake_message(HandshakeType.SERVER_KEY_EXCHANGE, body)

    def _dh_parameters(self) -> bytes:
        parameters = cipher_choice.dh_parameters(self)
        if parameters is None:
            self.refuse(Fault.MISSING_DH_PARAMETERS)
        self.tmp.dh_key = key = DhKey(parameters, self.config.random)
        return vector(unsigned(parameters.p), 2) + vector(unsigned(parameters.g), 2) + vector(key.public, 2)

    def _curve_parameters(self) -> bytes:
        group = cipher_choice.choose_group(self)
        if group is None:
            self.refuse(Fault.MISSING_CURVE)
        self.tmp.ecdh_key = key = EcdhKey(group, self.config.random)
        self.note_group(group)
        return _NAMED_CURVE + group.to_bytes(2, "big") + vector(key.public, 1)

    def _signature(self, data: bytes) -> bytes:
        credential = self.tmp.credential or cipher_choice.credential_for(self, self._chosen_suite())
        assert credential is not None
        if self.version < TLS1_2_VERSION:
            return vector(signatures.sign_legacy(credential.key, signatures.legacy_digest(data)), 2)
        own = self.hello.signature_algorithms
        scheme = signatures.choose_scheme(credential.kind, self.tmp.client_schemes, own)
        if scheme is None:
            self.refuse_if_known(Fault.NO_SHARED_SIGNATURE_ALGORITHM)
            scheme = signatures.choose_scheme(credential.kind, None, own)
            assert scheme is not None
        return scheme.to_bytes(2, "big") + vector(signatures.sign_scheme(credential.key, scheme, data), 2)

    # -- the client's Certificate

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Take the client's chain, which may be empty."""
        chain = read_chain(body, Fault.CLIENT_CERTIFICATE_LENGTH, Fault.CLIENT_CERTIFICATE_ENTRY_LENGTH)
        for certificate in chain:
            check_certificate_form(
                certificate, Fault.CLIENT_CERTIFICATE_FORM, Fault.CLIENT_CERTIFICATE_TRAILING
            )
        if chain:
            take_client_chain(self, chain)
            return
        if self.is_ssl3:
            self.refuse(Fault.CLIENT_CERTIFICATE_EMPTY_SSL3)
        self._do_without_certificate()

    def skip_client_certificate(self) -> None:
        """The client sent no Certificate although it was asked for one, which only SSLv3 allows."""
        if not self.is_ssl3 and not self.config.require_certificate:
            self.refuse(Fault.CLIENT_CERTIFICATE_MISSING)
        self._do_without_certificate()

    def _do_without_certificate(self) -> None:
        if self.config.require_certificate:
            self.refuse(Fault.CLIENT_CERTIFICATE_REQUIRED)
        self.transcript.drop_messages()

    # -- ClientKeyExchange

    @refuses_malformed
    def process_client_key_exchange(self, body: bytes) -> None:
        """Take what gives the premaster secret; the master secret is there afterwards."""
        kx = self._chosen_suite().kx
        if kx is KeyExchange.RSA:
            premaster = self._decrypt_premaster(body)
        elif kx is KeyExchange.DHE:
            premaster = self._finish_dh(body)
        else:
            premaster = self._finish_ecdh(body)
        self._take_premaster(premaster, handshake_message(HandshakeType.CLIENT_KEY_EXCHANGE, body))

    def _decrypt_premaster(self, body: bytes) -> bytes:
        credential = cipher_choice.credential_for(self, self._chosen_suite())
        if credential is None or not isinstance(credential.key, rsa.RSAPrivateKey):
            self.refuse(Fault.RSA_CERTIFICATE_MISSING)
        encrypted = self._read_encrypted(body)
        self._check_encrypted(encrypted, credential.key)
        substitute = self.config.random(MASTER_SECRET_LENGTH)
        size = (credential.key.key_size + 7) // 8
        try:
            premaster = credential.key.decrypt(encrypted.rjust(size, b"\0"), _PKCS1)
        except ValueError:
            premaster = b""
        return premaster if self._premaster_is_good(premaster) else substitute

    def _read_encrypted(self, body: bytes) -> bytes:
        """SSLv3 has no length before it; SSL_OP_TLS_D5_BUG forgives one that is missing."""
        if self.is_ssl3:
            return body
        reader = Reader(body, Fault.RSA_LENGTH)
        if self.config.options & Option.TLS_D5_BUG and int.from_bytes(body[:2], "big") != len(body) - 2:
            return body
        encrypted = reader.vector(2)
        reader.finish()
        return encrypted

    def _check_encrypted(self, encrypted: bytes, key: rsa.RSAPrivateKey) -> None:
        rule = self.section.rsa_ciphertext
        if rule is RsaCiphertext.AT_LEAST_PREMASTER and len(encrypted) < MASTER_SECRET_LENGTH:
            self.refuse(Fault.RSA_TOO_SHORT)
        if rule is RsaCiphertext.BELOW_MODULUS:
            modulus = key.public_key().public_numbers().n
            if len(encrypted) > (key.key_size + 7) // 8 or int.from_bytes(encrypted, "big") >= modulus:
                self.refuse(Fault.RSA_DECRYPT)

    def _premaster_is_good(self, premaster: bytes) -> bool:
        """Length and version; nobody may learn which of them was wrong (RFC 5246, section 7.4.7.1)."""
        versions = {self.client_version.to_bytes(2, "big")}
        if self.config.options & Option.TLS_ROLLBACK_BUG:
            versions.add(self.version.to_bytes(2, "big"))
        return (len(premaster) == MASTER_SECRET_LENGTH) & (premaster[:2] in versions)

    def _finish_dh(self, body: bytes) -> bytes:
        if not body:
            self.refuse(Fault.CLIENT_DH_EMPTY)
        reader = Reader(body, Fault.CLIENT_DH_LENGTH)
        public = int.from_bytes(reader.vector(2), "big")
        reader.finish()
        key = self.tmp.dh_key
        assert key is not None
        if not 1 < public < key.parameters.p - 1:
            self.refuse_if_known(Fault.CLIENT_DH_VALUE)
        return key.shared_secret(public)

    def _finish_ecdh(self, body: bytes) -> bytes:
        if not body:
            self.refuse(Fault.CLIENT_POINT_MISSING)
        reader = Reader(body, Fault.CLIENT_POINT_LENGTH)
        point = reader.vector(1)
        reader.finish()
        key = self.tmp.ecdh_key
        assert key is not None
        try:
            return key.shared_secret(read_point(key.group, point))
        except BadPublicValue:
            raise self.failure(Fault.CLIENT_POINT) from None

    # -- CertificateRequest and ServerHelloDone

    def construct_certificate_request(self) -> bytes:
        """Ask for a certificate of any kind that can sign, by any authority."""
        ecdsa = bytes((_ECDSA_SIGN,)) if self.version > SSL3_VERSION and self.hello.groups else b""
        body = vector(bytes((_RSA_SIGN, _DSS_SIGN)) + ecdsa, 1)
        if self.version >= TLS1_2_VERSION:
            schemes = b"".join(scheme.to_bytes(2, "big") for scheme in self.hello.signature_algorithms)
            body += vector(schemes, 2)
        return handshake_message(HandshakeType.CERTIFICATE_REQUEST, body + vector(b"", 2))

    def construct_server_hello_done(self) -> bytes:
        """The end of the flight."""
        return handshake_message(HandshakeType.SERVER_HELLO_DONE, b"")

    # -- CertificateVerify

    @property
    def expects_certificate_verify(self) -> bool:
        """Whether the client sent a certificate, whose key must show itself."""
        return self.tmp.peer_key is not None

    @refuses_malformed
    def process_certificate_verify(self, body: bytes) -> None:
        """Check that the client has the key of its certificate."""
        key = self.tmp.peer_key
        assert key is not None
        reader = Reader(body, Fault.VERIFY_LENGTH)
        legacy = self.version < TLS1_2_VERSION
        if legacy and not allows_legacy_signature(self.config.security_level, self.hello.weak_hashes):
            self.refuse(Fault.LEGACY_SIGNATURE)
        scheme = None if legacy else self._read_scheme(reader, key)
        signature = reader.vector(2)
        reader.finish()
        if not 0 < len(signature) <= signatures.signature_size(key):
            self.refuse(Fault.VERIFY_SIZE)
        if not self._is_signed(key, scheme, signature):
            rsa_key = signatures.key_type(key) is signatures.KeyType.RSA
            self.refuse(Fault.VERIFY_RSA if rsa_key else Fault.VERIFY_ECDSA)
        self.transcript.drop_messages()

    def _read_scheme(self, reader: Reader, key: PublicKey) -> int:
        scheme = reader.number(2)
        if not signatures.fits(scheme, signatures.key_type(key)):
            self.refuse(Fault.VERIFY_TYPE)
        unknown = signatures.scheme_hash(scheme) is None
        offered = self.section.peer_signature is PeerSignature.OFFERED
        if unknown or (offered and scheme not in self.hello.signature_algorithms):
            self.refuse(Fault.VERIFY_HASH)
        return scheme

    def _is_signed(self, key: PublicKey, scheme: int | None, signature: bytes) -> bool:
        assert self.session is not None
        if scheme is not None:
            return signatures.verify_scheme(key, scheme, signature, self.transcript.messages())
        if self.is_ssl3:
            digest = ssl3_certificate_verify_hashes(self.transcript, self.session.master_key)
        else:
            digest = self.transcript.digest()
        return signatures.verify_legacy(key, signature, digest)

    # -- the end

    def construct_new_session_ticket(self) -> bytes:
        """NewSessionTicket; a resumed session's says nothing about how long it lives."""
        session, keys = self.session, self.config.ticket_keys
        assert session is not None
        assert keys is not None
        contents = session.copy()
        contents.session_id = b""
        lifetime = 0 if self.hit else session.timeout
        body = lifetime.to_bytes(4, "big") + vector(keys.seal(contents, self.config.random), 2)
        return handshake_message(HandshakeType.NEW_SESSION_TICKET, body)

    def finish(self) -> None:
        """Put a new session with an id into the cache (ssl_update_cache()), then forget the rest."""
        session, cache = self.session, self.config.session_cache
        by_ticket = self.tls13 is not None  # construct_new_session_ticket() has cached what is to be cached
        if (
            not by_ticket
            and session is not None
            and cache is not None
            and session.session_id
            and not self.hit
        ):
            cache.add(session)
        super().finish()
