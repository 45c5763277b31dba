"""The writer and the reader of a suite in a protocol version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import SSL3_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION
from emulator.exceptions import NotEmulated
from emulator.record.aead import ChaChaReader, ChaChaWriter, GcmReader, GcmWriter
from emulator.record.cbc import (
    CbcReader,
    EncryptThenMacReader,
    EncryptThenMacWriter,
    ExplicitIvWriter,
    ImplicitIvWriter,
)
from emulator.record.ciphers import Construction, decryptor, encryptor, shape_of
from emulator.record.mac import mac_size, make_mac
from emulator.record.stream import StreamReader, StreamWriter
from emulator.record.suite import Cipher, Mac
from emulator.record.tls13 import PlainAlertWriter, Tls13Reader, Tls13Writer

if TYPE_CHECKING:
    from emulator.record.base import RecordReader, RecordWriter
    from emulator.record.keys import DirectionKeys
    from emulator.record.suite import CipherSuite

STITCHED_CIPHERS = frozenset({Cipher.AES_128_CBC, Cipher.AES_256_CBC})
STITCHED_MACS = frozenset({Mac.SHA1, Mac.SHA256})
"""e_aes_cbc_hmac_sha1.c from 1.0.1 on, e_aes_cbc_hmac_sha256.c from 1.0.2 on."""


def make_writer(
    suite: CipherSuite, version: int, keys: DirectionKeys, *, encrypt_then_mac: bool = False
) -> RecordWriter:
    """Make the writer of ``suite`` in the negotiated ``version``.

    ``encrypt_then_mac`` matters for CBC only, and TLS 1.3 ignores ``keys.mac_key``.  NotEmulated for a cipher
    or MAC that is not emulated.
    """
    if version == TLS1_3_VERSION:
        return Tls13Writer(suite.cipher, keys)
    shape = shape_of(suite.cipher)
    _check_version(version)
    if shape.construction is Construction.GCM:
        return GcmWriter(keys)
    if shape.construction is Construction.CHACHA:
        return ChaChaWriter(keys)
    mac = make_mac(suite.mac, version, keys.mac_key)
    update = encryptor(suite.cipher, keys.key, keys.iv)
    if shape.construction is Construction.STREAM:
        return StreamWriter(update, mac)
    explicit_iv = version >= TLS1_1_VERSION
    if encrypt_then_mac:
        return EncryptThenMacWriter(update, mac, shape.block_size, explicit_iv=explicit_iv)
    stitchable = _stitchable(suite, version)
    if explicit_iv:
        return ExplicitIvWriter(update, mac, shape.block_size, stitchable=stitchable)
    ssl3 = version == SSL3_VERSION
    return ImplicitIvWriter(update, mac, shape.block_size, ssl3=ssl3, stitchable=stitchable)


def make_reader(
    suite: CipherSuite, version: int, keys: DirectionKeys, *, encrypt_then_mac: bool = False
) -> RecordReader:
    """Make the reader of ``suite`` in the negotiated ``version``; see make_writer()."""
    if version == TLS1_3_VERSION:
        return Tls13Reader(suite.cipher, keys)
    shape = shape_of(suite.cipher)
    _check_version(version)
    if shape.construction is Construction.GCM:
        return GcmReader(keys)
    if shape.construction is Construction.CHACHA:
        return ChaChaReader(keys)
    mac, tag_size = make_mac(suite.mac, version, keys.mac_key), mac_size(suite.mac)
    update = decryptor(suite.cipher, keys.key, keys.iv)
    if shape.construction is Construction.STREAM:
        return StreamReader(update, mac, tag_size)
    explicit_iv = version >= TLS1_1_VERSION
    if encrypt_then_mac:
        return EncryptThenMacReader(update, mac, shape.block_size, tag_size, explicit_iv=explicit_iv)
    return CbcReader(
        update,
        mac,
        shape.block_size,
        tag_size,
        explicit_iv=explicit_iv,
        ssl3=version == SSL3_VERSION,
        stitchable=_stitchable(suite, version),
    )


def make_early_data_writer(suite: CipherSuite, keys: DirectionKeys) -> RecordWriter:
    """Make the writer of a client's early data, which protects all records but alerts."""
    return PlainAlertWriter(suite.cipher, keys)


def _check_version(version: int) -> None:
    """Raise NotEmulated unless the version is one from SSLv3 up to TLS 1.2."""
    if not SSL3_VERSION <= version <= TLS1_2_VERSION:
        raise NotEmulated(f"the protection of records of protocol 0x{version:04x}")


def _stitchable(suite: CipherSuite, version: int) -> bool:
    """ssl_cipher_get_evp(): TLS only (``s->ssl_version < TLS1_VERSION``), and no encrypt-then-MAC."""
    return version > SSL3_VERSION and suite.cipher in STITCHED_CIPHERS and suite.mac in STITCHED_MACS
