"""The DER that handshakes need: the public key of a certificate, and sessions in tickets.

A whole certificate would need cryptography.x509, whose import takes longer than all of the emulator; a
client that verifies nothing needs its SubjectPublicKeyInfo alone (RFC 5280, section 4.1).
"""

from __future__ import annotations

from emulator.handshake.common.messages import ParseError

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
SEQUENCE = 0x30
_CONSTRUCTED_CONTEXT = 0xA0
_LONG_FORM = 0x80
_LONGEST_LENGTH = 4


def read_element(data: bytes, position: int = 0) -> tuple[int, int, int]:
    """Tag, start and end of the content of the element at ``position``; ParseError if bytes are missing."""
    if position + 2 > len(data):
        raise ParseError
    tag, length = data[position], data[position + 1]
    start = position + 2
    if length >= _LONG_FORM:
        size = length - _LONG_FORM
        if not 0 < size <= _LONGEST_LENGTH or start + size > len(data):
            raise ParseError
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise ParseError
    return tag, start, start + length


def expect(data: bytes, position: int, tag: int) -> tuple[int, int]:
    """Start and end of the content of the element at ``position``, which must have this tag."""
    found, start, end = read_element(data, position)
    if found != tag:
        raise ParseError
    return start, end


def element_length(data: bytes) -> int:
    """The length of the first element, header included (d2i_X509() moves its pointer by it)."""
    return read_element(data)[2]


def subject_public_key_info(certificate: bytes) -> bytes:
    """The bytes of the SubjectPublicKeyInfo of an X.509 certificate."""
    start, end = expect(certificate, 0, SEQUENCE)
    position, tbs_end = expect(certificate, start, SEQUENCE)
    _check_signature(certificate, tbs_end, end)
    position = _skip_to_key(certificate, position)
    _, key_end = expect(certificate, position, SEQUENCE)
    if key_end > tbs_end:
        raise ParseError
    return certificate[position:key_end]


def _check_signature(certificate: bytes, position: int, end: int) -> None:
    _, position = expect(certificate, position, SEQUENCE)
    _, position = expect(certificate, position, BIT_STRING)
    if position != end:
        raise ParseError


def _skip_to_key(certificate: bytes, position: int) -> int:
    tag, _, end = read_element(certificate, position)
    if tag == _CONSTRUCTED_CONTEXT:  # version: absent in X.509 v1
        position = end
    for expected in (
        INTEGER,
        SEQUENCE,
        SEQUENCE,
        SEQUENCE,
        SEQUENCE,
    ):  # serial, algorithm, issuer, validity, subject
        _, position = expect(certificate, position, expected)
    return position


def element(tag: int, content: bytes) -> bytes:
    """One element in DER."""
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_FORM | size)) + length.to_bytes(size, "big") + content


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """An OCTET STRING."""
    return element(OCTET_STRING, value)


def explicit(number: int, content: bytes) -> bytes:
    """An explicitly tagged field: ``[number] EXPLICIT``."""
    return element(_CONSTRUCTED_CONTEXT | number, content)


def split(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of a constructed value's content: tags and contents."""
    out = []
    position = 0
    while position < len(data):
        tag, start, end = read_element(data, position)
        out.append((tag, data[start:end]))
        position = end
    return out


def explicit_number(tag: int) -> int | None:
    """The number of an explicit tag, None for another kind of tag."""
    return tag & 0x1F if tag & 0xE0 == _CONSTRUCTED_CONTEXT else None
