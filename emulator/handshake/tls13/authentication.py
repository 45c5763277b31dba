"""Certificate and CertificateVerify of TLS 1.3, alike for both sides (RFC 8446, section 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from emulator.behaviours.faults import Fault
from emulator.constants import HandshakeType
from emulator.handshake.common import signatures
from emulator.handshake.common.messages import ParseError, Reader, handshake_message, vector
from emulator.handshake.common.peer_certificates import check_certificate_form
from emulator.handshake.tls13.extensions import Context, collect_extensions
from emulator.handshake.tls13.state import Tls13

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from emulator.handshake.common.certificates import Credential
    from emulator.handshake.common.signatures import PrivateKey, PublicKey

_OLD_HASHES: Final = frozenset({"md5", "sha1", "sha224"})
_BEFORE = b" " * 64
_SERVER = b"TLS 1.3, server CertificateVerify\0"
_CLIENT = b"TLS 1.3, client CertificateVerify\0"


class CertificateFaults(NamedTuple):
    """What is wrong with a Certificate message, in the words for one of the two senders."""

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


def choose_scheme(
    key: PrivateKey, offered: Sequence[int], own: Sequence[int], *, own_order: bool = False
) -> int | None:
    """The scheme to sign with: the peer's first that we have too (find_sig_alg())."""
    first, other = (own, set(offered)) if own_order else (offered, set(own))
    return next((scheme for scheme in first if scheme in other and signatures.signs_with(key, scheme)), None)


class Authentication(Tls13):
    """Certificate and CertificateVerify."""

    __slots__ = ()

    # -- Certificate

    @staticmethod
    def certificate_message(credential: Credential | None, context: bytes = b"") -> bytes:
        """A Certificate with this chain, or with none; no entry has extensions."""
        chain = credential.chain if credential else ()
        entries = b"".join(vector(certificate, 3) + b"\0\0" for certificate in chain)
        return handshake_message(HandshakeType.CERTIFICATE, vector(context, 1) + vector(entries, 3))

    def read_chain(
        self, entries: Reader, faults: CertificateFaults, asked: Collection[int]
    ) -> tuple[tuple[bytes, ...], dict[int, bytes]]:
        """The certificates in DER, and the extensions of the first."""
        chain: list[bytes] = []
        first: dict[int, bytes] = {}
        while entries.remaining:
            certificate = entries.vector(3, faults.entry_length)
            check_certificate_form(certificate, faults.form, faults.trailing)
            block = entries.vector(2, faults.extensions)
            found = collect_extensions(self.hs, block, Context.CERTIFICATE, asked)
            first = first if chain else found
            chain.append(certificate)
        return tuple(chain), first

    # -- CertificateVerify

    def _signed(self, *, server: bool) -> bytes:
        return _BEFORE + (_SERVER if server else _CLIENT) + self.transcript_hash()

    def certificate_verify_message(self, credential: Credential, scheme: int) -> bytes:
        """The key of the certificate just sent signs all messages so far."""
        data = self._signed(server=self.hs.is_server)
        signature = signatures.sign_scheme(credential.key, scheme, data)
        body = scheme.to_bytes(2, "big") + vector(signature, 2)
        return handshake_message(HandshakeType.CERTIFICATE_VERIFY, body)

    def process_certificate_verify(self, body: bytes) -> None:
        """Check that the peer has the key of its certificate (tls_process_cert_verify())."""
        try:
            self._process_certificate_verify(Reader(body, Fault.VERIFY_LENGTH))
        except ParseError as error:
            raise self.hs.failure(error.fault) from None

    def _process_certificate_verify(self, reader: Reader) -> None:
        hs = self.hs
        key = hs.tmp.peer_key
        assert key is not None
        scheme = reader.number(2, Fault.VERIFY_SCHEME_LENGTH)
        self._check_scheme(key, scheme)
        length, left = reader.number(2), reader.remaining
        longest = signatures.signature_size(key)
        if length > longest or not 0 < left <= longest:
            hs.refuse(Fault.VERIFY_SIZE)
        signature = reader.take(length)
        if not signatures.verify_scheme(key, scheme, signature, self._signed(server=not hs.is_server)):
            rsa_key = signatures.key_type(key) is signatures.KeyType.RSA
            hs.refuse(Fault.VERIFY_RSA if rsa_key else Fault.VERIFY_ECDSA)

    def _check_scheme(self, key: PublicKey, scheme: int) -> None:
        """tls12_check_peer_sigalg(): RSA only with PSS, no SHA-1 and SHA-224, ECDSA on the right curve."""
        hs = self.hs
        kind = signatures.scheme_type(scheme)
        rsa_key = signatures.key_type(key) is signatures.KeyType.RSA
        wanted = signatures.SignatureType.RSA_PSS if rsa_key else signatures.SignatureType.ECDSA
        if kind is not wanted or signatures.scheme_hash(scheme) in _OLD_HASHES:
            hs.refuse(Fault.VERIFY_TYPE)
        if not rsa_key and signatures.curve_of_scheme(scheme) != signatures.curve_of(key):
            hs.refuse(Fault.VERIFY_CURVE)
        if scheme not in hs.hello.signature_algorithms:
            hs.refuse(Fault.VERIFY_HASH)
