"""What sealing and opening one record costs, in microseconds: the record layer without an engine around it.

Figures are the best of several runs; compare those of one run with each other only.
"""

from __future__ import annotations

import timeit
from os import urandom
from typing import TYPE_CHECKING

from emulator.constants import SSL3_VERSION, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_VERSION
from emulator.record import IV_SIZE, DirectionKeys, make_reader, make_writer
from emulator.record.ciphers import shape_of
from emulator.record.mac import mac_size
from emulator.record.suite import Authentication, Cipher, CipherSuite, KeyExchange, Mac

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (64, 1024, 16384)
CASES = (
    ("TLS 1.3 AES-128-GCM", TLS1_3_VERSION, Cipher.AES_128_GCM, Mac.AEAD, False),
    ("TLS 1.3 ChaCha20-Poly1305", TLS1_3_VERSION, Cipher.CHACHA20_POLY1305, Mac.AEAD, False),
    ("TLS 1.2 AES-128-GCM", TLS1_2_VERSION, Cipher.AES_128_GCM, Mac.AEAD, False),
    ("TLS 1.2 ChaCha20-Poly1305", TLS1_2_VERSION, Cipher.CHACHA20_POLY1305, Mac.AEAD, False),
    ("TLS 1.2 AES-128-CBC-SHA", TLS1_2_VERSION, Cipher.AES_128_CBC, Mac.SHA1, False),
    ("TLS 1.2 AES-128-CBC-SHA EtM", TLS1_2_VERSION, Cipher.AES_128_CBC, Mac.SHA1, True),
    ("TLS 1.2 AES-256-CBC-SHA384", TLS1_2_VERSION, Cipher.AES_256_CBC, Mac.SHA384, False),
    ("TLS 1.0 AES-128-CBC-SHA", TLS1_VERSION, Cipher.AES_128_CBC, Mac.SHA1, False),
    ("SSLv3 AES-128-CBC-SHA", SSL3_VERSION, Cipher.AES_128_CBC, Mac.SHA1, False),
    ("TLS 1.0 RC4-SHA", TLS1_VERSION, Cipher.RC4_128, Mac.SHA1, False),
    ("TLS 1.0 DES-CBC3-SHA", TLS1_VERSION, Cipher.DES_EDE3_CBC, Mac.SHA1, False),
)


def best(call: Callable[[], object], number: int) -> float:
    """Microseconds of one call, best of five runs."""
    return min(timeit.repeat(call, number=number, repeat=5)) / number * 1e6


def measure(version: int, cipher: Cipher, mac: Mac, size: int, *, etm: bool) -> tuple[float, float]:
    """Microseconds to seal and to open a record of ``size`` bytes."""
    suite = CipherSuite(0, "", KeyExchange.RSA, Authentication.RSA, cipher, mac, SSL3_VERSION)
    shape = shape_of(cipher)
    iv_size = IV_SIZE if version == TLS1_3_VERSION else shape.iv_size
    keys = DirectionKeys(urandom(mac_size(mac)), urandom(shape.key_size), urandom(iv_size))
    writer = make_writer(suite, version, keys, encrypt_then_mac=etm)
    reader = make_reader(suite, version, keys, encrypt_then_mac=etm)
    data = urandom(size)
    number = 300 if size > 4096 else 3000
    sealed = iter([writer.seal(23, version, data)[5:] for _ in range(number * 5)])
    opens = reader.open_inner if reader.tls13 else reader.open
    opening = best(lambda: opens(23, TLS1_2_VERSION if reader.tls13 else version, next(sealed)), number)
    sealing = best(lambda: writer.seal(23, version, data), number)
    return sealing, opening


def print_records(*, quick: bool) -> None:
    """A line for each protection."""
    print("\nThe record layer alone: seal / open, us")
    print(f"  {'':30}" + "".join(f"{f'{size} B':>18}" for size in SIZES))
    for name, version, cipher, mac, etm in CASES[:8:2] if quick else CASES:
        cells = [measure(version, cipher, mac, size, etm=etm) for size in SIZES]
        print(f"  {name:30}" + "".join(f"{f'{seal:.2f} / {opened:.2f}':>18}" for seal, opened in cells))
