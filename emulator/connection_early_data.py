"""The calls of TLS 1.3's early data: SSL_write_early_data(3) and the rest of that page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.arguments import check_size, view_of
from emulator.engine.early_data.calls import ReadEarlyData, ssl_read_early_data, ssl_write_early_data
from emulator.exceptions import UsageError
from emulator.exists import exported
from emulator.handshake.common.state import EarlyData

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.profile import Profile

_STATUS = {EarlyData.NOT_SENT: 0, EarlyData.REJECTED: 1, EarlyData.ACCEPTED: 2}


class EarlyDataCalls:
    """What can be done with early data on an ``SSL``; from 1.1.1."""

    profile: Profile
    _s: SSL

    @exported
    def write_early_data(self, data: Any, num: int | None = None, *, written: int = 0) -> tuple[int, int]:
        """SSL_write_early_data(3): (1 or 0, ``*written``), which a failure leaves as it was.

        A client's first call or calls, with a session that allows it; later a server's, before the client is
        known.
        """
        if num is not None:
            check_size(num)
        data, view = view_of(data)
        if num is None:
            num = len(view)
        elif num > len(view):
            raise UsageError(f"num: got {num}, but the buffer holds {len(view)} bytes")
        ok = ssl_write_early_data(self._s, data, view, num)
        return (1, num) if ok else (0, written)

    @exported
    def read_early_data(self, n: int) -> tuple[ReadEarlyData, bytes]:
        """SSL_read_early_data(3): (ERROR, SUCCESS or FINISH, bytes); a server's first calls."""
        check_size(n)
        s = self._s
        ret = ssl_read_early_data(s, n)
        data = s.inp.received if ret is ReadEarlyData.SUCCESS else b""
        s.inp.received = b""
        return ret, data

    @exported
    def get_early_data_status(self) -> int:
        """SSL_get_early_data_status(3): 0 not sent, 1 rejected, 2 accepted."""
        return _STATUS[self._s.hs.early_data] if self._s.hs is not None else 0

    @exported
    def set_max_early_data(self, most: int) -> int:
        """SSL_set_max_early_data(3): how many bytes a server's tickets allow; 1."""
        self._s.config.max_early_data = most
        return 1

    @exported
    def get_max_early_data(self) -> int:
        """SSL_get_max_early_data(3)."""
        return self._s.config.max_early_data

    @exported
    def set_recv_max_early_data(self, most: int) -> int:
        """SSL_set_recv_max_early_data(3): how many bytes a server takes, or passes over; 1."""
        self._s.recv_max_early_data = most
        return 1

    @exported
    def get_recv_max_early_data(self) -> int:
        """SSL_get_recv_max_early_data(3)."""
        return self._s.recv_max_early_data
