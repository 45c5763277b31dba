"""Asking for a renegotiation, and the moment when it may start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.renegotiation import Policy
from emulator.engine.output import record_pending

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL


def ssl3_renegotiate(s: SSL) -> int:
    """ssl3_renegotiate(): remember the wish; 1, or 0 where renegotiation is banned."""
    if s.machine is None:
        return 1
    if s.profile.renegotiation.policy is Policy.BANNED:
        return 0
    s.renegotiate_requested = True
    return 1


def ssl3_renegotiate_check(s: SSL, *, in_init_too: bool = False) -> bool:
    """ssl3_renegotiate_check(): start it if no record is half read or half written; else later."""
    if not s.renegotiate_requested or s.rleft or record_pending(s) or (s.in_init and not in_init_too):
        return False
    s.running().start_renegotiation()
    s.renegotiate_requested = False
    s.total_renegotiations += 1
    return True
