"""Protection of records, TLSPlaintext to TLSCiphertext and back, without any I/O.

``make_writer`` and ``make_reader`` give the two directions of an epoch for a suite and its keys;
``NullWriter`` and ``NullReader`` are those before the first ChangeCipherSpec.  ``tls13_shape_of`` and
``IV_SIZE`` say what to derive for TLS 1.3.
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
from emulator.record.protection import make_early_data_writer, make_reader, make_writer
from emulator.record.tls13 import IV_SIZE, tls13_shape_of

__all__ = [
    "IV_SIZE",
    "DirectionKeys",
    "NullReader",
    "NullWriter",
    "RecordFailure",
    "RecordFailureKind",
    "RecordReader",
    "RecordWriter",
    "key_block_length",
    "make_early_data_writer",
    "make_reader",
    "make_writer",
    "split_key_block",
    "tls13_shape_of",
]
