"""A client's messages after the hellos, up to TLS 1.2."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator.behaviours.faults import Fault
from emulator.behaviours.handshake import CertificateCheck, DhSizeCheck, PeerCurve, PeerSignature
from emulator.constants import TLS1_2_VERSION, HandshakeType
from emulator.exceptions import NotEmulated
from emulator.handshake.common import signatures
from emulator.handshake.common.certificates import Signer
from emulator.handshake.common.key_exchange import (
    EMULATED_GROUPS,
    BadPublicValue,
    DhParameters,
    read_point,
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
from emulator.handshake.common.state import refuses_malformed
from emulator.handshake.tls12.key_schedule import ssl3_certificate_verify_hashes
from emulator.handshake.tls12.premaster import (
    DH_MAX_MODULUS_BITS,
    DH_MIN_MODULUS_BITS,
    NAMED_CURVE,
    DhAnswer,
    EcdhAnswer,
    RsaEncryption,
)
from emulator.handshake.tls12.state import EPHEMERAL, Tls12
from emulator.record.suite import Authentication, KeyExchange

if TYPE_CHECKING:
    from emulator.handshake.common.signatures import PublicKey
    from emulator.handshake.common.state import Handshake
    from emulator.handshake.tls12.premaster import ClientHalf


class ClientTls12(Tls12):
    """A client's messages: construct_...() makes a message, process_...() reads one.

    The engine's machine chooses the next message by ``certificate_expected``, ``key_exchange_expected``,
    ``sends_no_certificate_alert`` and ``sends_certificate_verify``.
    """

    __slots__ = ("_dh_bits", "_ephemeral", "_peer_key", "_signer")

    def __init__(self, hs: Handshake) -> None:
        super().__init__(hs)
        self._peer_key: PublicKey | None = None
        self._ephemeral: ClientHalf | None = None
        self._dh_bits: int | None = None
        self._signer: Signer | None = None

    # -- Certificate

    @refuses_malformed
    def process_certificate(self, body: bytes) -> None:
        """Read the server's chain and its key (ssl3_get_server_certificate())."""
        chain = read_chain(body, Fault.CERTIFICATE_LENGTH, Fault.CERTIFICATE_ENTRY_LENGTH)
        for certificate in chain:
            check_certificate_form(certificate, Fault.CERTIFICATE_FORM, Fault.CERTIFICATE_TRAILING)
        self._peer_key = take_server_chain(self, chain)

    @refuses_malformed
    def process_certificate_status(self, body: bytes) -> None:
        """CertificateStatus (RFC 6066, section 8)."""
        read_certificate_status(body)

    # -- ServerKeyExchange

    def skip_server_key_exchange(self) -> None:
        """Another message came in place of ServerKeyExchange: refused if the suite needs one."""
        if self.key_exchange_expected:
            self.refuse(Fault.KEY_EXCHANGE_MISSING)
        self._check_after_key_exchange()

    @refuses_malformed
    def process_server_key_exchange(self, body: bytes) -> None:
        """Read the server's ephemeral parameters and check its signature (ssl3_get_key_exchange())."""
        suite = self.suite
        if suite.kx not in EPHEMERAL:
            self.refuse(Fault.KEY_EXCHANGE_UNEXPECTED)
        reader = Reader(body, Fault.KEY_EXCHANGE_LENGTH)
        if suite.kx is KeyExchange.DHE:
            self._take_dh_parameters(reader)
        else:
            self._take_curve(reader)
        parameters = body[: reader.position]
        if suite.auth is Authentication.NULL:
            reader.finish(Fault.KEY_EXCHANGE_TRAILING)
        else:
            self._check_signature(reader, parameters)
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
                # BN_is_zero() of each number, from 1.0.1q and 1.0.2e (CVE-2015-1794).
                self.hs.refuse_if_checked(zero_fault)
            values.append(value)
        p, g, public = values
        parameters = DhParameters(p, g)
        self._check_dh_parameters(parameters, public)
        self._dh_bits = parameters.bits
        self._check_dh_size(DhSizeCheck.KEY_EXCHANGE)
        self._ephemeral = DhAnswer(self.hs, parameters, public) if p else None

    def _check_dh_parameters(self, parameters: DhParameters, public: int) -> None:
        """DH_check_params() from 1.1.0d, with bounds of the prime and DH_check_pub_key() from 3.0."""
        if not DH_MIN_MODULUS_BITS <= parameters.bits <= DH_MAX_MODULUS_BITS:
            self.hs.refuse_if_checked(Fault.DH_MODULUS)
        if not parameters.plausible:
            self.hs.refuse_if_checked(Fault.DH_PARAMETERS)
        if not parameters.accepts(public):
            self.hs.refuse_if_checked(Fault.DH_PUBLIC)

    def _check_dh_size(self, moment: DhSizeCheck) -> None:
        """Refuse a short prime (Logjam): 768 bits from 1.0.1n and 1.0.2b, 1,024 from 1.0.1r and 1.0.2f.

        Up to 1.0.2 in ssl3_check_cert_and_algorithm(), from 1.1.0 in tls_process_ske_dhe().
        """
        rules, bits = self.hs.rules, self._dh_bits
        if bits is not None and rules.dh_size_check is moment and bits < rules.dh_minimum_bits:
            self.refuse(Fault.CHECK_DH_SIZE)

    def _take_curve(self, reader: Reader) -> None:
        hs = self.hs
        kind, group = reader.number(1, Fault.CURVE_LENGTH), reader.number(2, Fault.CURVE_LENGTH)
        if kind != NAMED_CURVE:
            self.refuse(Fault.CURVE_PARAMETERS)
        if group not in hs.rules.known_groups:  # tls1_ec_curve_id2nid() == 0
            self.refuse(Fault.CURVE_UNKNOWN)
        # tls1_check_curve(), from 1.0.2; up to 1.0.1 tls1_ec_curve_id2nid() needs to know the curve only.
        offered = hs.offer.groups or hs.hello_rules.groups
        if hs.rules.peer_curve is PeerCurve.OWN_LIST and group not in offered:
            self.refuse(Fault.CURVE_NOT_OFFERED)
        if group not in EMULATED_GROUPS:
            raise NotEmulated(f"named group {group}", "the server chose this curve")
        encoded = reader.take(reader.number(1, Fault.CURVE_LENGTH), Fault.POINT_LENGTH)
        try:
            point = read_point(group, encoded)
        except BadPublicValue:
            raise self.failure(Fault.POINT) from None
        self._ephemeral = EcdhAnswer(hs, group, point)
        hs.note_group(self.session, group)

    def _check_signature(self, reader: Reader, parameters: bytes) -> None:
        hs, key = self.hs, self._peer_key
        if key is None or signatures.key_type(key) is not self.suite.auth:
            self.refuse(Fault.KEY_EXCHANGE_NO_KEY)
        scheme = None
        if hs.version >= TLS1_2_VERSION:
            scheme = self._read_scheme(reader, key)
        elif not allows_legacy_signature(hs.config.security_level, hs.hello_rules.weak_hashes):
            self.refuse(Fault.LEGACY_SIGNATURE)
        signature = self._read_signature(reader, key)
        data = self.signed_parameters(parameters)
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
        # tls12_check_peer_sigalg() compares with the own list from 1.0.2; 1.0.1 has tls12_get_hash() alone.
        offered = self.hs.rules.peer_signature is PeerSignature.OFFERED
        if offered and scheme not in (self.hs.offer.schemes or self.hs.hello_rules.signature_algorithms):
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
        # ssl3_check_cert_and_algorithm(): up to 1.0.2 at the end of SSL3_ST_CR_KEY_EXCH, from 1.1.0 in
        # tls_process_server_done().
        if self.hs.rules.certificate_check is CertificateCheck.KEY_EXCHANGE:
            self._check_certificate_and_algorithm()

    def _check_certificate_and_algorithm(self) -> None:
        """ssl3_check_cert_and_algorithm(): refuse a key of the server that the suite cannot use."""
        suite, key = self.suite, self._peer_key
        if suite.auth is not Authentication.NULL:
            if suite.auth is Authentication.ECDSA and not isinstance(key, ec.EllipticCurvePublicKey):
                self.refuse(Fault.CHECK_ECC)
            if suite.kx is KeyExchange.RSA and not isinstance(key, rsa.RSAPublicKey):
                self.refuse(Fault.CHECK_RSA_ENCRYPTION)
            if suite.auth is Authentication.RSA and not isinstance(key, rsa.RSAPublicKey):
                self.refuse(Fault.CHECK_RSA_SIGNING)
        self._check_dh_size(DhSizeCheck.CERTIFICATE_CHECK)

    # -- CertificateRequest, Certificate, CertificateVerify

    @refuses_malformed
    def process_certificate_request(self, body: bytes) -> None:
        """Read the signature algorithms that the server accepts (ssl3_get_certificate_request())."""
        hs = self.hs
        if self.suite.auth is Authentication.NULL and not hs.is_ssl3:
            self.refuse(Fault.REQUEST_ANONYMOUS)
        reader = Reader(body, Fault.REQUEST_TYPES_LENGTH)
        reader.vector(1)  # certificate_types, which the callbacks of OpenSSL itself ignore
        schemes = None
        if hs.version >= TLS1_2_VERSION:
            listed = reader.vector(2, Fault.REQUEST_ALGORITHMS_LENGTH)
            if len(listed) % 2 or not listed:
                self.refuse(Fault.REQUEST_ALGORITHMS)
            schemes = unpack16(listed)
        names = Reader(reader.vector(2, Fault.REQUEST_NAMES_LENGTH), Fault.REQUEST_NAME_LENGTH)
        reader.finish(Fault.REQUEST_NAMES_LENGTH)
        while names.remaining:
            check_authority(names.vector(2))
        hs.certificate_requested = True
        self._signer = self._choose_signer(schemes)

    def _choose_signer(self, schemes: tuple[int, ...] | None) -> Signer | None:
        """Return the first certificate whose key can make a signature that the server accepts."""
        for credential in self.hs.config.credentials:
            if schemes is None:
                return Signer(credential, None)
            own = self.hs.hello_rules.signature_algorithms
            scheme = signatures.choose_scheme(credential.kind, schemes, own)
            if scheme is not None:
                return Signer(credential, scheme)
        return None

    @property
    def sends_no_certificate_alert(self) -> bool:
        """Whether the client sends SSLv3's warning no_certificate (RFC 6101, section 5.4.2)."""
        return self.hs.certificate_requested and self._signer is None and self.hs.is_ssl3

    @property
    def sends_certificate_verify(self) -> bool:
        """Whether the client signs with the key of its certificate."""
        return self.hs.certificate_requested and self._signer is not None

    def construct_certificate(self) -> bytes:
        """Make the client's Certificate, which is empty if it has none."""
        chain = self._signer.credential.chain if self._signer else ()
        entries = b"".join(vector(certificate, 3) for certificate in chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(entries, 3))

    def construct_certificate_verify(self) -> bytes:
        """Make CertificateVerify: a signature over all messages so far."""
        assert self._signer is not None, "CertificateVerify follows a Certificate that is not empty"
        hs, (credential, scheme) = self.hs, self._signer
        if scheme is not None:
            signature = signatures.sign_scheme(credential.key, scheme, hs.transcript.messages())
            body = scheme.to_bytes(2, "big") + vector(signature, 2)
            return handshake_message(HandshakeType.CERTIFICATE_VERIFY, body)
        if hs.is_ssl3:
            digest = ssl3_certificate_verify_hashes(hs.transcript, self.session.master_key)
        else:
            digest = hs.transcript.digest()
        signature = signatures.sign_legacy(credential.key, digest)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, vector(signature, 2))

    # -- ServerHelloDone

    def process_server_hello_done(self, body: bytes) -> None:
        """Read the end of the server's flight."""
        if body:
            self.refuse(Fault.SERVER_DONE_LENGTH)
        # From 1.1.0; see _check_after_key_exchange().
        if self.hs.rules.certificate_check is CertificateCheck.SERVER_DONE:
            self._check_certificate_and_algorithm()
        if not self.hs.certificate_requested:
            self.hs.transcript.drop_messages()

    # -- ClientKeyExchange

    def construct_client_key_exchange(self) -> bytes:
        """Make ClientKeyExchange and the master secret."""
        premaster, body = self._key_exchange().answer()
        message = handshake_message(HandshakeType.CLIENT_KEY_EXCHANGE, body)
        self.take_premaster(premaster, message)
        return message

    def _key_exchange(self) -> ClientHalf:
        kx = self.suite.kx
        if kx is KeyExchange.RSA:
            if not isinstance(self._peer_key, rsa.RSAPublicKey):
                self.refuse(Fault.CLIENT_NO_RSA_KEY)
            return RsaEncryption(self.hs, self._peer_key)
        if self._ephemeral is None:
            self.refuse(Fault.CLIENT_NO_DH_KEY if kx is KeyExchange.DHE else Fault.CLIENT_NO_ECDH_KEY)
        return self._ephemeral

    # -- NewSessionTicket

    @refuses_malformed
    def process_new_session_ticket(self, body: bytes) -> None:
        """Store the ticket; its digest becomes the session's ID, as the server echoes it if it resumes."""
        reader = Reader(body, Fault.TICKET_LENGTH)
        lifetime = reader.number(4)
        ticket = reader.vector(2)
        reader.finish()
        if not ticket:
            return
        session = self.session
        if session.session_id:
            self.session = session = session.copy()
        session.ticket = ticket
        session.ticket_lifetime_hint = lifetime
        session.session_id = hashlib.sha256(ticket).digest()
