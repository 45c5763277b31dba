"""The MACs of SSLv3 and TLS 1.0 to 1.2.

A MAC is a function ``mac(sequence, content_type, version, data) -> bytes``.  It copies a keyed context for
every record, which is much faster than to key a new one.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from emulator.constants import SSL3_VERSION
from emulator.exceptions import NotEmulated
from emulator.record.suite import Mac

if TYPE_CHECKING:
    from collections.abc import Callable

    MacFunction: TypeAlias = Callable[[int, int, int, bytes | bytearray | memoryview], bytes]

MAC_SIZES = {Mac.MD5: 16, Mac.SHA1: 20, Mac.SHA256: 32, Mac.SHA384: 48, Mac.AEAD: 0}
"""Bytes of a MAC and of its key."""

TLS_PREFIX = Struct(">QBHH").pack
"""seq_num, type, version, length: authenticated ahead of the content (RFC 5246 section 6.2.3.1)."""

SSL3_PREFIX = Struct(">QBH").pack
"""seq_num, type, length: the same in SSLv3, which has no version there (RFC 6101 section 5.2.3.1)."""

SSL3_PAD_1 = b"\x36" * 48
SSL3_PAD_2 = b"\x5c" * 48
"""Cut to 40 bytes for SHA-1 (``npad = (48 / md_size) * md_size``, ssl3_mac())."""


def mac_size(mac: Mac) -> int:
    """Return the bytes of a MAC, and of its key; NotEmulated for MACs that only stand in lists."""
    if mac not in MAC_SIZES:
        raise NotEmulated(f"the {mac} MAC")
    return MAC_SIZES[mac]


def make_mac(mac: Mac, version: int, key: bytes) -> MacFunction:
    """Return the MAC function of protocol ``version``: SSLv3's own construction, or HMAC."""
    algorithm = _algorithm(mac)
    return _ssl3_mac(algorithm, key) if version == SSL3_VERSION else _tls_mac(algorithm, key)


def _algorithm(mac: Mac) -> hashes.HashAlgorithm:
    if mac is Mac.SHA1:
        return hashes.SHA1()  # noqa: S303 - the protocol's own
    if mac is Mac.SHA256:
        return hashes.SHA256()
    if mac is Mac.SHA384:
        return hashes.SHA384()
    if mac is Mac.MD5:
        return hashes.MD5()  # noqa: S303 - the protocol's own
    raise NotEmulated(f"the {mac} MAC")


def _tls_mac(algorithm: hashes.HashAlgorithm, key: bytes) -> MacFunction:
    """tls1_mac(): HMAC over the sequence number, the header and the content."""
    copy = HMAC(key, algorithm).copy

    def mac(sequence: int, content_type: int, version: int, data: bytes | bytearray | memoryview) -> bytes:
        context = copy()
        context.update(TLS_PREFIX(sequence, content_type, version, len(data)))
        context.update(data)
        return context.finalize()

    return mac


def _ssl3_mac(algorithm: hashes.HashAlgorithm, key: bytes) -> MacFunction:
    """ssl3_mac(): hash(key, pad 2, hash(key, pad 1, sequence number, type, length, content))."""
    pad_size = 48 // algorithm.digest_size * algorithm.digest_size
    inner = hashes.Hash(algorithm)
    inner.update(key + SSL3_PAD_1[:pad_size])
    outer = hashes.Hash(algorithm)
    outer.update(key + SSL3_PAD_2[:pad_size])
    copy_inner, copy_outer = inner.copy, outer.copy

    def mac(
        sequence: int,
        content_type: int,
        version: int,  # noqa: ARG001 - not part of SSLv3's
        data: bytes | bytearray | memoryview,
    ) -> bytes:
        context = copy_inner()
        context.update(SSL3_PREFIX(sequence, content_type, len(data)))
        context.update(data)
        result = copy_outer()
        result.update(context.finalize())
        return result.finalize()

    return mac
