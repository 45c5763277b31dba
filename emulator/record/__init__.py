"""Protection of records, TLSPlaintext to TLSCiphertext and back, without any I/O.

``make_writer`` and ``make_reader`` give the two directions of an epoch for a suite and its keys;
``NullWriter`` and ``NullReader`` are those before the first ChangeCipherSpec.
"""

from emulator.record.base import (
    NullReader,
    NullWriter,
    RecordFailure,
    RecordFailureKind,
    RecordReader,
    RecordWriter,
)
from emulator.record.keys import DirectionKeys, key_block_length, split_key_block
from emulator.record.protection import make_reader, make_writer

__all__ = [
    "DirectionKeys",
    "NullReader",
    "NullWriter",
    "RecordFailure",
    "RecordFailureKind",
    "RecordReader",
    "RecordWriter",
    "key_block_length",
    "make_reader",
    "make_writer",
    "split_key_block",
]
