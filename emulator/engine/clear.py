"""SSL_clear(): what a handshake does to a connection that has not begun one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def ssl_free_wbio_buffer(s: SSL) -> None:
    """ssl_free_wbio_buffer(): take the handshake's buffer away; whatever it still holds is lost."""
    if s.bbio is not None:
        if s.wbio is s.bbio:
            s.wbio = s.bbio.next_bio
        s.bbio = None


def ssl_clear(s: SSL) -> bool:
    """SSL_clear(): False, with an error in the queue, where SSL_renegotiate() came before the handshake."""
    s.shutdown = 0
    if s.renegotiating():
        s.put_error("SSL_CLEAR", s.profile.machine.internal_error)
        return False
    machine = s.running()
    machine.clear()
    ssl_free_wbio_buffer(s)
    s.reset()
    if s.hs is not None:
        session = s.hs.session
        s.hs = type(s.hs)(s.config)
        s.hs.session = session
    return True
