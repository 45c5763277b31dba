"""The TLS 1.3 messages of both sides: Certificate, CertificateVerify, Finished, KeyUpdate."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common import signatures
from emulator.handshake.common.messages import Reader, handshake_message, vector
from emulator.handshake.common.peer_certificates import check_certificate_form
from emulator.handshake.common.state import AfterHellos, refuses_malformed
from emulator.handshake.tls13.extensions import ExtensionContext, collect_extensions
from emulator.handshake.tls13.secrets import Secrets
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from collections.abc import Collection

    from emulator.handshake.common.certificates import Signer
    from emulator.handshake.common.signatures import PublicKey
    from emulator.handshake.common.state import Handshake

_OLD_HASHES: Final = frozenset({"md5", "sha1", "sha224"})
_BEFORE = b" " * 64
_SERVER = b"TLS 1.3, server CertificateVerify\0"
_CLIENT = b"TLS 1.3, client CertificateVerify\0"
_UPDATE_NOT_REQUESTED, _UPDATE_REQUESTED = 0, 1


class CertificateFaults(NamedTuple):
    """The faults of a Certificate message, whose errors differ by the sender."""

    length: Fault
    entry_length: Fault
    form: Fault
    trailing: Fault
    extensions: Fault


FROM_SERVER = CertificateFaults(
    Fault.CERTIFICATE_LENGTH,
    Fault.CERTIFICATE_ENTRY_LENGTH,
    Fault.CERTIFICATE_FORM,
    Fault.CERTIFICATE_TRAILING,
    Fault.CERTIFICATE_EXTENSIONS,
)
FROM_CLIENT = CertificateFaults(
    Fault.CLIENT_CERTIFICATE_LENGTH,
    Fault.CLIENT_CERTIFICATE_ENTRY_LENGTH,
    Fault.CLIENT_CERTIFICATE_FORM,
    Fault.CLIENT_CERTIFICATE_TRAILING,
    Fault.CLIENT_CERTIFICATE_EXTENSIONS,
)


class Tls13(AfterHellos):
    """The messages of both sides; ``secrets`` has the keys that protect records."""

    __slots__ = ("_peer_key", "secrets")

    def __init__(self, hs: Handshake) -> None:
        super().__init__(hs)
        self.secrets = Secrets(hs)
        self._peer_key: PublicKey | None = None

    # -- Certificate

    @staticmethod
    def _certificate_message(signer: Signer | None, context: bytes = b"") -> bytes:
        """Make a Certificate with the signer's chain, or an empty one; no entry has extensions."""
        chain = signer.credential.chain if signer else ()
        entries = b"".join(vector(certificate, 3) + b"\0\0" for certificate in chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(context, 1) + vector(entries, 3))

    def _read_chain(
        self, entries: Reader, faults: CertificateFaults, asked: Collection[int]
    ) -> tuple[tuple[bytes, ...], dict[int, bytes]]:
        """Read the certificates, in DER, and the extensions of the first."""
        chain: list[bytes] = []
        first: dict[int, bytes] = {}
        while entries.remaining:
            certificate = entries.vector(3, faults.entry_length)
            check_certificate_form(certificate, faults.form, faults.trailing)
            block = entries.vector(2, faults.extensions)
            found = collect_extensions(self.hs, block, ExtensionContext.CERTIFICATE, asked)
            first = first if chain else found
            chain.append(certificate)
        return tuple(chain), first

    # -- CertificateVerify

    def _signed(self, *, server: bool) -> bytes:
        return _BEFORE + (_SERVER if server else _CLIENT) + self.secrets.transcript_hash()

    def _certificate_verify_message(self, signer: Signer | None) -> bytes:
        """Make CertificateVerify: a signature over all messages so far."""
        assert signer is not None, "CertificateVerify follows a Certificate that is not empty"
        credential, scheme = signer
        assert scheme is not None, "in TLS 1.3 a certificate is chosen together with its scheme"
        signature = signatures.sign_scheme(credential.key, scheme, self._signed(server=self.hs.is_server))
        body = scheme.to_bytes(2, "big") + vector(signature, 2)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, body)

    @refuses_malformed
    def process_certificate_verify(self, body: bytes) -> None:
        """Check the signature with the key of the peer's certificate (tls_process_cert_verify())."""
        key = self._peer_key
        assert key is not None, "CertificateVerify follows a Certificate that is not empty"
        reader = Reader(body, Fault.VERIFY_LENGTH)
        scheme = reader.number(2, Fault.VERIFY_SCHEME_LENGTH)
        self._check_scheme(key, scheme)
        length, left = reader.number(2), reader.remaining
        longest = signatures.signature_size(key)
        if length > longest or not 0 < left <= longest:
            self.refuse(Fault.VERIFY_SIZE)
        signature = reader.take(length)
        if not signatures.verify_scheme(key, scheme, signature, self._signed(server=not self.hs.is_server)):
            rsa_key = signatures.key_type(key) is Authentication.RSA
            self.refuse(Fault.VERIFY_RSA if rsa_key else Fault.VERIFY_ECDSA)

    def _check_scheme(self, key: PublicKey, scheme: int) -> None:
        """tls12_check_peer_sigalg(): RSA with PSS only, no SHA-1 or SHA-224, ECDSA on the scheme's curve."""
        kind = signatures.scheme_type(scheme)
        rsa_key = signatures.key_type(key) is Authentication.RSA
        wanted = signatures.SignatureType.RSA_PSS if rsa_key else signatures.SignatureType.ECDSA
        if kind is not wanted or signatures.scheme_hash(scheme) in _OLD_HASHES:
            self.refuse(Fault.VERIFY_TYPE)
        if not rsa_key and signatures.curve_of_scheme(scheme) != signatures.curve_of(key):
            self.refuse(Fault.VERIFY_CURVE)
        if scheme not in self.hs.hello_rules.signature_algorithms:
            self.refuse(Fault.VERIFY_HASH)

    # -- Finished

    def construct_finished(self) -> bytes:
        """Make Finished, over all messages before it, and derive the next secrets."""
        server = self.hs.is_server
        data = self.secrets.verify_data(server=server)
        message = handshake_message(HandshakeType.FINISHED, data)
        self._take_finished(data, message, server=server)
        return message

    def process_finished(self, body: bytes) -> None:
        """Check the peer's Finished, and derive the next secrets."""
        server = not self.hs.is_server
        expected = self.secrets.verify_data(server=server)
        if len(body) != len(expected):
            self.refuse(Fault.FINISHED_LENGTH)
        if not hmac.compare_digest(body, expected):
            self.refuse(Fault.FINISHED_DIGEST)
        self._take_finished(body, handshake_message(HandshakeType.FINISHED, body), server=server)

    def _take_finished(self, data: bytes, message: bytes, *, server: bool) -> None:
        if server:
            self.hs.server_verify_data = data
            self.secrets.derive_application(message)
        else:
            self.hs.client_verify_data = data
            self.secrets.derive_resumption(message)

    # -- KeyUpdate

    def construct_key_update(self, *, requested: bool) -> bytes:
        """Make KeyUpdate; ``secrets.update_writer()`` protects the records after it."""
        return handshake_message(HandshakeType.KEY_UPDATE, bytes((requested,)))

    def process_key_update(self, body: bytes) -> bool:
        """Read KeyUpdate: whether it requests one in return.  ``secrets.update_reader()`` must follow."""
        if len(body) != 1:
            self.refuse(Fault.KEY_UPDATE_LENGTH)
        if body[0] not in (_UPDATE_NOT_REQUESTED, _UPDATE_REQUESTED):
            self.refuse(Fault.KEY_UPDATE_VALUE)
        return body[0] == _UPDATE_REQUESTED
