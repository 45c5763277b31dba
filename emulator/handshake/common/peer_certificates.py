"""A peer's Certificate message: its form, and what either side makes of the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.faults import Fault
from emulator.handshake.common import der, signatures
from emulator.handshake.common.certificates import public_key_of
from emulator.handshake.common.messages import ParseError, Reader
from emulator.record.suite import Authentication

if TYPE_CHECKING:
    from emulator.handshake.common.signatures import PublicKey
    from emulator.handshake.common.state import Handshake

_OCSP = 1


def read_chain(body: bytes, whole: Fault, entry: Fault) -> tuple[bytes, ...]:
    """The certificates of a Certificate message, to TLS 1.2; ParseError names the fault of a wrong length."""
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
    """parse_ca_names(): ParseError unless a DistinguishedName is a SEQUENCE and nothing else."""
    try:
        _, end = der.expect(name, 0, der.SEQUENCE)
    except ParseError:
        raise ParseError(Fault.REQUEST_NAME_FORM) from None
    if end != len(name):
        raise ParseError(Fault.REQUEST_NAME_TRAILING)


def read_certificate_status(body: bytes) -> None:
    """CertificateStatus: whether an OCSP response is well wrapped; its contents are not looked at."""
    reader = Reader(body, Fault.CERTIFICATE_STATUS_LENGTH)
    if reader.number(1) != _OCSP:
        raise ParseError(Fault.CERTIFICATE_STATUS_TYPE)
    reader.vector(3)
    reader.finish()


def take_server_chain(hs: Handshake, chain: tuple[bytes, ...]) -> None:
    """Judge the server's chain of well-formed certificates, its own first, and keep the key."""
    assert hs.session is not None
    if not chain:
        hs.refuse(Fault.CERTIFICATE_NONE)
    if hs.config.verify is not None and not hs.config.verify(chain):
        hs.refuse(Fault.CERTIFICATE_REFUSED)
    key = public_key_of(chain[0])
    if key is None:
        hs.refuse(Fault.CERTIFICATE_KEY)
    _check_certificate_type(hs, key)
    hs.tmp.peer_key = key
    hs.session.peer = chain[0]


def _check_certificate_type(hs: Handshake, key: PublicKey) -> None:
    """Since 1.1.0 the certificate must be of the kind that the suite names."""
    assert hs.suite is not None
    if hs.suite.auth not in (Authentication.ANY, signatures.key_type(key).value):
        hs.refuse_if_known(Fault.CERTIFICATE_TYPE)


def take_client_chain(hs: Handshake, chain: tuple[bytes, ...]) -> None:
    """Judge the client's chain of one well-formed certificate or more, and keep the key."""
    assert hs.session is not None
    if hs.config.verify is not None and not hs.config.verify(chain):
        hs.refuse(Fault.CLIENT_CERTIFICATE_REFUSED)
    key = public_key_of(chain[0])
    if key is None:
        hs.refuse(Fault.CLIENT_CERTIFICATE_KEY)
    hs.tmp.peer_key = key
    hs.session.peer = chain[0]
