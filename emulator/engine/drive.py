"""How handshakes begin: driven by a read or a write, or asked for by SSL_renegotiate()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.renegotiation import Policy
from emulator.behaviours.write import HandshakeZero

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def drive_handshake(s: SSL, function: str) -> int:
    """Do the handshake that is due before a read or write; 1, or the answer of that call."""
    ret = s.running().handshake()
    if ret > 0:
        return 1
    if ret == 0:
        # SSL_R_SSL_HANDSHAKE_FAILURE up to 1.1.0, nothing from 1.1.1.
        if s.profile.write.handshake_zero is HandshakeZero.HANDSHAKE_FAILURE:
            s.put_error(function, "SSL_HANDSHAKE_FAILURE")
        return -1
    return ret


def ssl3_renegotiate(s: SSL) -> int:
    """ssl3_renegotiate(): ``s->s3->renegotiate = 1``, a request; 1, or 0 where it is banned."""
    if s.machine is None:
        return 1
    # 0.9.8l: ``if (!(s->s3->flags & SSL3_FLAGS_ALLOW_UNSAFE_LEGACY_RENEGOTIATION)) return(0);``
    if s.profile.renegotiation.policy is Policy.BANNED:
        return 0
    s.renegotiate_requested = True
    return 1


def ssl3_renegotiate_check(s: SSL, *, in_init_too: bool = False) -> bool:
    """ssl3_renegotiate_check(): start a renegotiation, unless a record is half read or half written."""
    if (
        not s.renegotiate_requested
        or s.inp.rleft
        or s.out.record_pending()
        or (s.in_init and not in_init_too)
    ):
        return False
    s.running().start_renegotiation()
    s.renegotiate_requested = False
    s.total_renegotiations += 1
    return True
