"""The protection of records: from TLSPlaintext to TLSCiphertext and back, without any I/O.

``make_writer`` and ``make_reader`` return a direction's writer or reader for a suite and its keys.
``NullWriter`` and ``NullReader`` serve up to the first ChangeCipherSpec.  ``tls13_shape_of`` and ``IV_SIZE``
are the sizes of TLS 1.3's keys and IVs.
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
