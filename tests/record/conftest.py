from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest

from emulator.record import DirectionKeys, make_reader, make_writer
from emulator.record.ciphers import SHAPES, Construction
from emulator.record.mac import mac_size
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac


def suite_of(cipher: Cipher, mac: Mac) -> CipherSuite:
    return CipherSuite(0, f"{cipher}-{mac}", KeyExchange.RSA, Authentication.RSA, cipher, mac, 0x0300)


@dataclass(frozen=True)
class Protection:
    """One way to protect records, and keys for it that are the same in every run."""

    suite: CipherSuite
    version: int
    etm: bool = False

    @property
    def keys(self) -> DirectionKeys:
        shape = SHAPES[self.suite.cipher]
        secret = hashlib.shake_128(b"any key").digest(200)
        tag = mac_size(self.suite.mac)
        return DirectionKeys(
            secret[:tag], secret[64 : 64 + shape.key_size], secret[128 : 128 + shape.iv_size]
        )

    def writer(self):
        return make_writer(self.suite, self.version, self.keys, encrypt_then_mac=self.etm)

    def reader(self):
        return make_reader(self.suite, self.version, self.keys, encrypt_then_mac=self.etm)

    def __str__(self) -> str:
        return f"{self.version:04x}-{self.suite.name}{'-etm' if self.etm else ''}"


EVERY_MAC = (Cipher.NULL, Cipher.RC4_128, Cipher.AES_128_CBC, Cipher.DES_EDE3_CBC)
"""The ciphers that are tried with every MAC; the others with SHA-1."""


def _all() -> list[Protection]:
    found = []
    for cipher, shape in SHAPES.items():
        if shape.construction in (Construction.GCM, Construction.CHACHA):
            found.append(Protection(suite_of(cipher, Mac.AEAD), 0x0303))
            continue
        for version in (0x0300, 0x0301, 0x0302, 0x0303):
            for mac in (Mac.MD5, Mac.SHA1, Mac.SHA256, Mac.SHA384):
                if mac in (Mac.SHA256, Mac.SHA384) and version < 0x0303:
                    continue
                if mac is not Mac.SHA1 and cipher not in EVERY_MAC:
                    continue
                found.append(Protection(suite_of(cipher, mac), version))
                if shape.construction is Construction.CBC and version > 0x0300:
                    found.append(Protection(suite_of(cipher, mac), version, etm=True))
    return found


PROTECTIONS = _all()


@pytest.fixture(params=PROTECTIONS, ids=str)
def protection(request) -> Protection:
    return request.param


@pytest.fixture
def protect():
    """Make a Protection of a cipher, a MAC and a version."""
    return lambda cipher, mac, version, etm=False: Protection(suite_of(cipher, mac), version, etm)
