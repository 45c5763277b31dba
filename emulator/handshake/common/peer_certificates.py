"""A peer's certificates: the form of Certificate and CertificateStatus, and what a side accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.handshake.common import der, signatures
from emulator.handshake.common.certificates import public_key_of
from emulator.handshake.common.messages import ParseError, Reader
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from emulator.handshake.common.signatures import PublicKey
    from emulator.handshake.common.state import AfterHellos

_OCSP = 1


def read_chain(body: bytes, whole: Fault, entry: Fault) -> tuple[bytes, ...]:
    """The certificates of a Certificate message up to TLS 1.2; ParseError names the fault of a length."""
    reader = Reader(body, whole)
    entries = Reader(reader.vector(3), entry)
    reader.finish()
    chain = []
    while entries.remaining:
        chain.append(entries.vector(3))
    return tuple(chain)


def check_certificate_form(certificate: bytes, form: Fault, trailing: Fault) -> None:
    """d2i_X509(): ParseError with ``form`` for no certificate, with ``trailing`` for bytes behind one."""
    try:
        length = der.element_length(certificate)
        public_key_of(certificate[:length])
    except ParseError:
        raise ParseError(form) from None
    if length != len(certificate):
        raise ParseError(trailing)


def check_authority(name: bytes) -> None:
    """parse_ca_names(): ParseError unless a DistinguishedName is one SEQUENCE."""
    try:
        _, end = der.expect(name, 0, der.SEQUENCE)
    except ParseError:
        raise ParseError(Fault.REQUEST_NAME_FORM) from None
    if end != len(name):
        raise ParseError(Fault.REQUEST_NAME_TRAILING)


def read_certificate_status(body: bytes) -> None:
    """CertificateStatus: the lengths around an OCSP response must be right; its content may be anything."""
    reader = Reader(body, Fault.CERTIFICATE_STATUS_LENGTH)
    if reader.number(1) != _OCSP:
        raise ParseError(Fault.CERTIFICATE_STATUS_TYPE)
    reader.vector(3)
    reader.finish()


def take_server_chain(messages: AfterHellos, chain: tuple[bytes, ...]) -> PublicKey:
    """Judge the server's chain of well-formed certificates, its own first, and give its key."""
    verify = messages.hs.config.verify
    if not chain:
        messages.refuse(Fault.CERTIFICATE_NONE)
    if verify is not None and not verify(chain):
        messages.refuse(Fault.CERTIFICATE_REFUSED)
    key = public_key_of(chain[0])
    if key is None:
        messages.refuse(Fault.CERTIFICATE_KEY)
    # ssl_cipher_get_cert_index() must be the certificate's kind, from 1.0.2.
    if messages.suite.auth not in (Authentication.ANY, signatures.key_type(key)):
        messages.hs.refuse_if_checked(Fault.CERTIFICATE_TYPE)
    messages.session.peer = chain[0]
    return key


def take_client_chain(messages: AfterHellos, chain: tuple[bytes, ...]) -> PublicKey:
    """Judge the client's chain of one well-formed certificate or more, its own first, and give its key."""
    verify = messages.hs.config.verify
    if verify is not None and not verify(chain):
        messages.refuse(Fault.CLIENT_CERTIFICATE_REFUSED)
    key = public_key_of(chain[0])
    if key is None:
        messages.refuse(Fault.CLIENT_CERTIFICATE_KEY)
    messages.session.peer = chain[0]
    return key
