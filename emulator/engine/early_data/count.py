"""The limit of early data, which is counted record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.constants import AlertDescription
from emulator.engine.failure import fail, refuse_record
from emulator.handshake.common.state import EarlyData

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

CIPHERTEXT_OVERHEAD = 6 * (16 + 1) + 2
"""EARLY_DATA_CIPHERTEXT_OVERHEAD: so many bytes more may be skipped, as ciphertext, than there is content."""


def early_data_count_ok(
    s: SSL, length: int, overhead: int = 0, *, sending: bool = False, in_record: bool = False
) -> bool:
    """early_data_count_ok(): count ``length`` bytes of early data; too many are fatal.

    ``in_record``: the record layer counts, and from 3.2 adds an error of its own.
    """
    limit = _limit(s)
    if not limit or s.early_data_count + length > limit + overhead:
        alert = AlertDescription.INTERNAL_ERROR if sending else AlertDescription.UNEXPECTED_MESSAGE
        refuse = refuse_record if in_record else fail
        refuse(s, alert, "EARLY_DATA_COUNT_OK", "TOO_MUCH_EARLY_DATA")
        return False
    s.early_data_count += length
    return True


def _limit(s: SSL) -> int:
    """ossl_get_max_early_data(): the session's; of a server at most SSL_set_recv_max_early_data()'s."""
    hs = s.hs
    if not s.server:
        return hs.early_data_limit
    if hs.early_data is not EarlyData.ACCEPTED:
        return s.recv_max_early_data
    return min(s.recv_max_early_data, hs.early_data_limit)
