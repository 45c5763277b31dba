"""A client's messages from SSLv3 to TLS 1.2, after the hellos."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import CertificateCheck, DhSizeCheck, PeerCurve, PeerSignature
from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, HandshakeType
from emulator.exceptions import NotEmulated
from emulator.handshake.common import signatures
from emulator.handshake.common.key_exchange import (
    EMULATED_GROUPS,
    BadPublicValue,
    DhKey,
    DhParameters,
    EcdhKey,
    read_point,
    rsa_encrypt,
)
from emulator.handshake.common.messages import Reader, handshake_message, unpack16, vector
from emulator.handshake.common.peer_certificates import (
    check_authority,
    check_certificate_form,
    read_certificate_status,
    read_chain,
    take_server_chain,
)
from emulator.handshake.common.security_level import allows_legacy_signature
from emulator.handshake.common.state import EPHEMERAL, refuses_malformed
from emulator.handshake.hello.client import ClientHellos
from emulator.handshake.tls12.key_schedule import MASTER_SECRET_LENGTH, ssl3_certificate_verify_hashes
from emulator.handshake.tls12.state import Tls12
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.handshake.common.signatures import PublicKey


_NAMED_CURVE = 3


class ClientTls12(ClientHellos, Tls12):
    """A client's handshake messages: construct_...() makes one, process_...() takes one."""

    __slots__ = ()

    # -- Certificate

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Take the server's chain and its key (ssl3_get_server_certificate())."""
        chain = read_chain(body, Fault.CERTIFICATE_LENGTH, Fault.CERTIFICATE_ENTRY_LENGTH)
        for certificate in chain:
            check_certificate_form(certificate, Fault.CERTIFICATE_FORM, Fault.CERTIFICATE_TRAILING)
        take_server_chain(self, chain)

    @refuses_malformed
    def process_certificate_status(self, body: bytes) -> None:
        """CertificateStatus (RFC 6066, section 8)."""
        read_certificate_status(body)

    # -- ServerKeyExchange

    @property
    def expects_server_key_exchange(self) -> bool:
        """Whether ServerKeyExchange must come."""
        return self.ephemeral

    def skip_server_key_exchange(self) -> None:
        """The message after Certificate is no ServerKeyExchange: fine unless the suite needs it."""
        if self.ephemeral:
            self.refuse(Fault.KEY_EXCHANGE_MISSING)
        self._check_after_key_exchange()

    @refuses_malformed
    def process_server_key_exchange(self, body: bytes) -> None:
        """Take the server's ephemeral parameters and check its signature (ssl3_get_key_exchange())."""
        assert self.suite is not None
        if self.suite.kx not in EPHEMERAL:
            self.refuse(Fault.KEY_EXCHANGE_UNEXPECTED)
        reader = Reader(body, Fault.KEY_EXCHANGE_LENGTH)
        if self.suite.kx is KeyExchange.DHE:
            self._take_dh_parameters(reader)
        else:
            self._take_curve(reader)
        parameters = body[: reader.position]
        if self.suite.auth is Authentication.NULL:
            reader.finish(Fault.KEY_EXCHANGE_TRAILING)
        else:
            self._check_parameters(reader, parameters)
        self._check_after_key_exchange()

    def _take_dh_parameters(self, reader: Reader) -> None:
        values = []
        for length_fault, zero_fault in (
            (Fault.DH_P_LENGTH, Fault.DH_P_ZERO),
            (Fault.DH_G_LENGTH, Fault.DH_G_ZERO),
            (Fault.DH_PUBLIC_LENGTH, Fault.DH_PUBLIC_ZERO),
        ):
            value = int.from_bytes(reader.take(reader.number(2), length_fault), "big")
            if not value:
                self.refuse_if_known(zero_fault)
            values.append(value)
        p, g, public = values
        self._check_dh_size(p.bit_length(), DhSizeCheck.KEY_EXCHANGE)
        self.tmp.dh_key = DhKey(DhParameters(p, g), self.config.random) if p else None
        self.tmp.peer_public = public

    def _check_dh_size(self, bits: int, moment: DhSizeCheck) -> None:
        section = self.section
        if section.dh_size_check is moment and bits < section.dh_minimum_bits:
            self.refuse(Fault.CHECK_DH_SIZE)

    def _take_curve(self, reader: Reader) -> None:
        kind, group = reader.number(1, Fault.CURVE_LENGTH), reader.number(2, Fault.CURVE_LENGTH)
        if kind != _NAMED_CURVE:
            self.refuse(Fault.CURVE_PARAMETERS)
        offered = self.tmp.client_groups or self.hello.groups
        if group not in self.section.known_groups:
            self.refuse(Fault.CURVE_UNKNOWN)
        if self.section.peer_curve is PeerCurve.OWN_LIST and group not in offered:
            self.refuse(Fault.CURVE_NOT_OFFERED)
        if group not in EMULATED_GROUPS:
            raise NotEmulated(f"named group {group}", "the server chose this curve")
        point = reader.take(reader.number(1, Fault.CURVE_LENGTH), Fault.POINT_LENGTH)
        try:
            self.tmp.peer_point = read_point(group, point)
        except BadPublicValue:
            raise self.failure(Fault.POINT) from None
        self.tmp.ecdh_key = EcdhKey(group, self.config.random)
        self.note_group(group)

    def _check_parameters(self, reader: Reader, parameters: bytes) -> None:
        key = self.tmp.peer_key
        assert self.suite is not None
        if key is None or signatures.key_type(key) != self.suite.auth.value:
            self.refuse(Fault.KEY_EXCHANGE_NO_KEY)
        if self.version >= TLS1_2_VERSION:
            scheme = self._read_scheme(reader, key)
        elif allows_legacy_signature(self.config.security_level, self.hello.weak_hashes):
            scheme = None
        else:
            self.refuse(Fault.LEGACY_SIGNATURE)
        signature = self._read_signature(reader, key)
        data = self._signed_parameters(parameters)
        if scheme is None:
            good = signatures.verify_legacy(key, signature, signatures.legacy_digest(data))
        else:
            good = signatures.verify_scheme(key, scheme, signature, data)
        if not good:
            self.refuse(Fault.SIGNATURE)

    def _read_scheme(self, reader: Reader, key: PublicKey) -> int:
        scheme = reader.number(2, Fault.SIGNATURE_ALGORITHM_LENGTH)
        if not signatures.fits(scheme, signatures.key_type(key)):
            self.refuse(Fault.SIGNATURE_TYPE)
        if signatures.scheme_hash(scheme) is None:
            self.refuse(Fault.SIGNATURE_HASH)
        offered = self.section.peer_signature is PeerSignature.OFFERED
        if offered and scheme not in self.acceptable_schemes:
            self.refuse(Fault.SIGNATURE_NOT_OFFERED)
        return scheme

    def _read_signature(self, reader: Reader, key: PublicKey) -> bytes:
        signature = reader.vector(2, Fault.SIGNATURE_LENGTH)
        reader.finish(Fault.SIGNATURE_LENGTH)
        if not 0 < len(signature) <= signatures.signature_size(key):
            self.refuse(Fault.SIGNATURE_SIZE)
        return signature

    # -- the server's key and the suite

    def _check_after_key_exchange(self) -> None:
        if self.section.certificate_check is CertificateCheck.KEY_EXCHANGE:
            self._check_certificate_and_algorithm()

    def _check_certificate_and_algorithm(self) -> None:
        """ssl3_check_cert_and_algorithm(): whether the server's key serves the suite."""
        suite, key = self.suite, self.tmp.peer_key
        assert suite is not None
        if suite.auth is not Authentication.NULL:
            if suite.auth is Authentication.ECDSA and not isinstance(key, ec.EllipticCurvePublicKey):
                self.refuse(Fault.CHECK_ECC)
            if suite.kx is KeyExchange.RSA and not isinstance(key, rsa.RSAPublicKey):
                self.refuse(Fault.CHECK_RSA_ENCRYPTION)
            if suite.auth is Authentication.RSA and not isinstance(key, rsa.RSAPublicKey):
                self.refuse(Fault.CHECK_RSA_SIGNING)
        if self.tmp.dh_key is not None:
            self._check_dh_size(self.tmp.dh_key.parameters.bits, DhSizeCheck.CERTIFICATE_CHECK)

    # -- ClientKeyExchange

    def construct_client_key_exchange(self) -> bytes:
        """ClientKeyExchange; the master secret is there afterwards."""
        assert self.suite is not None
        if self.suite.kx is KeyExchange.RSA:
            premaster, body = self._encrypt_premaster()
        elif self.suite.kx is KeyExchange.DHE:
            premaster, body = self._answer_dh()
        else:
            premaster, body = self._answer_ecdh()
        message = handshake_message(HandshakeType.CLIENT_KEY_EXCHANGE, body)
        self._take_premaster(premaster, message)
        return message

    def _encrypt_premaster(self) -> tuple[bytes, bytes]:
        key = self.tmp.peer_key
        if not isinstance(key, rsa.RSAPublicKey):
            self.refuse(Fault.CLIENT_NO_RSA_KEY)
        premaster = self.client_version.to_bytes(2, "big") + self.config.random(MASTER_SECRET_LENGTH - 2)
        try:
            encrypted = rsa_encrypt(key, premaster, self.config.random)
        except ValueError:
            raise self.failure(Fault.CLIENT_RSA_ENCRYPT) from None
        return premaster, encrypted if self.version == SSL3_VERSION else vector(encrypted, 2)

    def _answer_dh(self) -> tuple[bytes, bytes]:
        key = self.tmp.dh_key
        if key is None:
            self.refuse(Fault.CLIENT_NO_DH_KEY)
        premaster = key.shared_secret(self.tmp.peer_public)
        if premaster in (b"", b"\x01"):
            self.refuse_if_known(Fault.CLIENT_DH_COMPUTE)
        return premaster, vector(key.public, 2)

    def _answer_ecdh(self) -> tuple[bytes, bytes]:
        key, point = self.tmp.ecdh_key, self.tmp.peer_point
        if key is None or point is None:
            self.refuse(Fault.CLIENT_NO_ECDH_KEY)
        try:
            premaster = key.shared_secret(point)
        except BadPublicValue:
            raise self.failure(Fault.CLIENT_ECDH_COMPUTE) from None
        return premaster, vector(key.public, 1)

    # -- CertificateRequest and its answers

    @refuses_malformed
    def process_certificate_request(self, body: bytes) -> None:
        """Take note of what the server would accept (ssl3_get_certificate_request())."""
        assert self.suite is not None
        if self.suite.auth is Authentication.NULL and not self.is_ssl3:
            self.refuse(Fault.REQUEST_ANONYMOUS)
        reader = Reader(body, Fault.REQUEST_TYPES_LENGTH)
        reader.vector(1)
        if self.version >= TLS1_2_VERSION:
            schemes = reader.vector(2, Fault.REQUEST_ALGORITHMS_LENGTH)
            if len(schemes) % 2 or not schemes:
                self.refuse(Fault.REQUEST_ALGORITHMS)
            self.tmp.certificate_schemes = unpack16(schemes)
        names = Reader(reader.vector(2, Fault.REQUEST_NAMES_LENGTH), Fault.REQUEST_NAME_LENGTH)
        reader.finish(Fault.REQUEST_NAMES_LENGTH)
        while names.remaining:
            check_authority(names.vector(2))
        self.certificate_requested = True
        self._choose_credential()

    def _choose_credential(self) -> None:
        """The first certificate that can sign as the server wants."""
        for credential in self.config.credentials:
            if self._scheme_for(credential.kind) is not None or self.version < TLS1_2_VERSION:
                self.tmp.credential = credential
                return

    def _scheme_for(self, kind: signatures.KeyType) -> int | None:
        return signatures.choose_scheme(kind, self.tmp.certificate_schemes, self.hello.signature_algorithms)

    @property
    def sends_certificate(self) -> bool:
        """Whether a Certificate message answers: in SSLv3 only if there is one."""
        return self.certificate_requested and (self.tmp.credential is not None or not self.is_ssl3)

    @property
    def sends_no_certificate_alert(self) -> bool:
        """Whether the warning no_certificate answers, which only SSLv3 has (RFC 6101, section 5.4.2)."""
        return self.certificate_requested and self.tmp.credential is None and self.is_ssl3

    @property
    def sends_certificate_verify(self) -> bool:
        """Whether a certificate was sent whose key must show itself."""
        return self.certificate_requested and self.tmp.credential is not None

    def construct_certificate(self) -> bytes:
        """The client's Certificate, empty when it has none."""
        credential = self.tmp.credential
        chain = credential.chain if credential else ()
        entries = b"".join(vector(certificate, 3) for certificate in chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(entries, 3))

    def construct_certificate_verify(self) -> bytes:
        """CertificateVerify: the key of the certificate signs all messages so far."""
        credential, session = self.tmp.credential, self.session
        assert credential is not None
        assert session is not None
        if self.version >= TLS1_2_VERSION:
            return self._sign_messages()
        if self.is_ssl3:
            digest = ssl3_certificate_verify_hashes(self.transcript, session.master_key)
        else:
            digest = self.transcript.digest()
        signature = signatures.sign_legacy(credential.key, digest)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, vector(signature, 2))

    def _sign_messages(self) -> bytes:
        credential = self.tmp.credential
        assert credential is not None
        scheme = self._scheme_for(credential.kind)
        assert scheme is not None
        signature = signatures.sign_scheme(credential.key, scheme, self.transcript.messages())
        body = scheme.to_bytes(2, "big") + vector(signature, 2)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, body)

    # -- the rest of the server's messages

    def process_hello_request(self, body: bytes) -> None:
        """A HelloRequest is empty."""
        if body:
            self.refuse(Fault.HELLO_REQUEST_LENGTH)

    def process_server_hello_done(self, body: bytes) -> None:
        """The server's flight is over."""
        if body:
            self.refuse(Fault.SERVER_DONE_LENGTH)
        if self.section.certificate_check is CertificateCheck.SERVER_DONE:
            self._check_certificate_and_algorithm()
        if not self.certificate_requested:
            self.transcript.drop_messages()

    @refuses_malformed
    def process_new_session_ticket(self, body: bytes) -> None:
        """Keep the ticket; its digest becomes the session's id, by which a resumption is noticed."""
        reader = Reader(body, Fault.TICKET_LENGTH)
        lifetime = reader.number(4)
        ticket = reader.vector(2)
        reader.finish()
        if not ticket:
            return
        assert self.session is not None
        if self.session.session_id:
            self.session = self.session.copy()
        self.session.ticket = ticket
        self.session.ticket_lifetime_hint = lifetime
        self.session.session_id = hashlib.sha256(ticket).digest()
