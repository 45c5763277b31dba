"""From a premaster secret to keys and Finished values, for SSLv3 to TLS 1.2.

SSLv3 by RFC 6101 (sections 5.6.8, 5.6.9, 6), TLS by RFC 2246, 4346 and 5246 (sections 5, 6.3, 7.4.9, 8.1),
the extended master secret by RFC 7627.  TLS 1.3's schedule is in ``tls13.key_schedule``.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from emulator.constants import SSL3_VERSION, TLS1_2_VERSION
from emulator.handshake.common.transcript import prf_hash

if TYPE_CHECKING:
    from collections.abc import Sequence
    from hashlib import _Hash

    from emulator.handshake.common.transcript import Transcript
    from emulator.record.suite import CipherSuite

MASTER_SECRET_LENGTH = 48
TLS_FINISHED_LENGTH = 12

_PAD_LENGTH = {"md5": 48, "sha1": 40}
_SENDER_CLIENT = b"CLNT"
_SENDER_SERVER = b"SRVR"


def p_hash(name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """P_hash of RFC 5246, section 5: ``length`` bytes."""
    digest = hmac.digest
    link = seed
    out = b""
    while len(out) < length:
        link = digest(secret, link, name)
        out += digest(secret, link + seed, name)
    return out[:length]


def prf(version: int, suite: CipherSuite, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """TLS's pseudo-random function: up to TLS 1.1 MD5 and SHA-1 over halves of the secret, then one hash."""
    seed = label + seed
    if version >= TLS1_2_VERSION:
        return p_hash(prf_hash(suite), secret, seed, length)
    half = (len(secret) + 1) // 2
    left = p_hash("md5", secret[:half], seed, length)
    right = p_hash("sha1", secret[len(secret) - half :], seed, length)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(length, "big")


def ssl3_stretch(secret: bytes, randoms: bytes, length: int) -> bytes:
    """SSLv3's derivation: MD5 over SHA-1 with "A", "BB", "CCC" ... (RFC 6101, section 6.1)."""
    out = b""
    count = 0
    while len(out) < length:
        count += 1
        salt = bytes((ord("A") + count - 1,)) * count
        inner = _sha1(salt + secret + randoms).digest()
        out += _md5(secret + inner).digest()
    return out[:length]


def master_secret(
    version: int, suite: CipherSuite, premaster: bytes, client_random: bytes, server_random: bytes
) -> bytes:
    """The master secret of RFC 5246, section 8.1, or of RFC 6101, section 6.1."""
    randoms = client_random + server_random
    if version == SSL3_VERSION:
        return ssl3_stretch(premaster, randoms, MASTER_SECRET_LENGTH)
    return prf(version, suite, premaster, b"master secret", randoms, MASTER_SECRET_LENGTH)


def extended_master_secret(version: int, suite: CipherSuite, premaster: bytes, session_hash: bytes) -> bytes:
    """The master secret of RFC 7627, section 4: bound to the transcript instead of the randoms."""
    return prf(version, suite, premaster, b"extended master secret", session_hash, MASTER_SECRET_LENGTH)


def key_block(
    version: int, suite: CipherSuite, master: bytes, client_random: bytes, server_random: bytes, length: int
) -> bytes:
    """MAC secrets, keys and IVs of both directions, end to end (RFC 5246, section 6.3)."""
    randoms = server_random + client_random
    if version == SSL3_VERSION:
        return ssl3_stretch(master, randoms, length)
    return prf(version, suite, master, b"key expansion", randoms, length)


def finished(
    version: int, suite: CipherSuite, master: bytes, transcript: Transcript, *, server: bool
) -> bytes:
    """verify_data of a Finished message: 12 bytes, in SSLv3 36."""
    if version == SSL3_VERSION:
        return _ssl3_mac(transcript.copies(), master, _SENDER_SERVER if server else _SENDER_CLIENT)
    label = b"server finished" if server else b"client finished"
    return prf(version, suite, master, label, transcript.digest(), TLS_FINISHED_LENGTH)


def ssl3_certificate_verify_hashes(transcript: Transcript, master: bytes) -> bytes:
    """The hashes that SSLv3's CertificateVerify signs, a Finished without sender (RFC 6101, 5.6.8)."""
    return _ssl3_mac(transcript.copies(), master, b"")


def _ssl3_mac(running: Sequence[_Hash], master: bytes, sender: bytes) -> bytes:
    out = b""
    for inner in running:
        pad = _PAD_LENGTH[inner.name]
        inner.update(sender + master + b"\x36" * pad)
        outer = hashlib.new(inner.name, master + b"\x5c" * pad + inner.digest(), usedforsecurity=False)
        out += outer.digest()
    return out


def _md5(data: bytes) -> _Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _sha1(data: bytes) -> _Hash:
    return hashlib.sha1(data, usedforsecurity=False)
