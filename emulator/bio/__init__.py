"""OpenSSL's transports: memory, pair, socket, buffering, and a scripted one for scenarios."""

from __future__ import annotations

from emulator.bio.base import BIO
from emulator.bio.buffer import BufferBIO
from emulator.bio.memory import MemoryBIO
from emulator.bio.pair import PairBIO, make_bio_pair
from emulator.bio.scripted import Direction, ScriptedBIO, make_scripted_bio_pair
from emulator.bio.socket import SocketBIO
from emulator.exceptions import renamed

make_pair = renamed(make_bio_pair, "make_pair")
make_scripted_pair = renamed(make_scripted_bio_pair, "make_scripted_pair")

__all__ = [
    "BIO",
    "BufferBIO",
    "Direction",
    "MemoryBIO",
    "PairBIO",
    "ScriptedBIO",
    "SocketBIO",
    "make_bio_pair",
    "make_scripted_bio_pair",
]
