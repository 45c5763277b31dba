"""The calls of TLS 1.3's early data: SSL_write_early_data(3) and the rest of that page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.api.arguments import SIZE_MAX, c_size
from emulator.api.caller_bytes import caller_bytes
from emulator.api.connection_settings import ConnectionSettings
from emulator.api.exists import exported
from emulator.engine.callbacks import ends_with_callbacks
from emulator.engine.early_data.calls import ReadEarlyData, ssl_read_early_data, ssl_write_early_data
from emulator.handshake.common.state import EarlyData

if TYPE_CHECKING:
    from emulator.buffer import Bytes

_STATUS = {EarlyData.NOT_SENT: 0, EarlyData.REJECTED: 1, EarlyData.ACCEPTED: 2}


class EarlyDataCalls(ConnectionSettings):
    """The calls of an ``SSL`` that send and read early data; from 1.1.1."""

    @exported
    @ends_with_callbacks
    def write_early_data(self, data: Bytes, num: int | None = None, *, written: int = 0) -> tuple[int, int]:
        """SSL_write_early_data(3): (1 or 0, ``*written``); a failure leaves ``written`` as it was.

        The first call or calls of a client whose session allows early data; later of a server that does not
        have the client's Finished yet.
        """
        c_size("written", written)
        data, view, num = caller_bytes(data, num, SIZE_MAX)
        ok = ssl_write_early_data(self._s, data, view, num)
        return (1, num) if ok else (0, written)

    @exported
    @ends_with_callbacks
    def read_early_data(self, n: int) -> tuple[ReadEarlyData, bytes]:
        """SSL_read_early_data(3): (ERROR, SUCCESS or FINISH, up to ``n`` bytes); a server's first calls."""
        s = self._s
        ret = ssl_read_early_data(s, c_size("n", n))
        data = s.inp.received if ret is ReadEarlyData.SUCCESS else b""
        s.inp.received = b""
        return ret, data

    @exported
    def get_early_data_status(self) -> int:
        """SSL_get_early_data_status(3): 0 not sent, 1 rejected, 2 accepted."""
        return _STATUS[self._s.hs.early_data]
