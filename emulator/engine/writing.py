"""Which generation of writing a connection has: looked up once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.write import RecordLayer
from emulator.engine import record_layer
from emulator.engine.output import ssl3_dispatch_alert
from emulator.engine.write import ssl3_write_bytes

if TYPE_CHECKING:
    from emulator.engine.ssl import DispatchAlert, WriteBytes
    from emulator.profile import Profile


def writing_of(profile: Profile) -> tuple[WriteBytes, DispatchAlert]:
    """ssl3_write_bytes() and ssl3_dispatch_alert() of the release."""
    if profile.write.record_layer is RecordLayer.RECORD_METHODS:
        return record_layer.write_bytes, record_layer.dispatch_alert
    return ssl3_write_bytes, ssl3_dispatch_alert
