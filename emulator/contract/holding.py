"""What two connections and the transport between them hold: records that wait, bytes that nobody has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bio import BIO, MemoryBIO, PairBIO, ScriptedBIO
from emulator.bio.filter import FilterBIO
from emulator.bio.pipe import PipeEnd
from emulator.constants import ContentType

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)


def stranded(s: SSL) -> int:
    """Return the bytes of records that wait and that no call will send: their write has succeeded.

    From 3.2 a BIO_write() that answers 0 counts as success, and the record layer keeps the buffer.
    """
    out = s.out
    if not out.waiting or out.wpend_tot:
        return 0
    return sum(len(buffer) for buffer in out.waiting)


def waiting(s: SSL) -> int:
    """Return the bytes of records that the sender has made and the transport has not taken."""
    out = s.out
    return sum(len(buffer) for buffer in out.waiting) + len(out.wbuf) + buffered(s)


def buffered(s: SSL) -> int:
    """Return the bytes in the buffering BIO of a handshake."""
    out = s.out
    return out.bbio.wpending() if out.bbio is not None and out.wbio is out.bbio else 0


def at_hand(s: SSL) -> int:
    """Return the bytes of application data that the receiver has opened and its caller has not read."""
    inp = s.inp
    kept = sum(map(len, inp.kept)) if inp.kept else 0  # by a write that has renegotiated
    return kept + (0 if inp.rread or inp.rtype != _APPLICATION_DATA else inp.rlength)


def unopened(s: SSL) -> int:
    """Return the bytes that the receiver has taken from the transport and not opened."""
    inp = s.inp
    return len(inp.rleft) + (len(inp.packet) if inp.rread else 0)


def transport_of(bio: BIO | None) -> BIO | None:
    """Return the BIO behind filters."""
    while isinstance(bio, FilterBIO):
        bio = bio.next_bio
    return bio


def behind_buffer(s: SSL) -> BIO | None:
    """Return the BIO that the sender writes to, behind the buffering BIO of a handshake."""
    return s.out.bbio.next_bio if buffered(s) and s.out.bbio is not None else s.out.wbio


def in_transport(out: SSL, inp: SSL) -> int | None:
    """Return the bytes between two connections whose transports are joined; None: only the caller knows."""
    wbio = transport_of(behind_buffer(out))
    rbio = transport_of(inp.inp.rbio)
    if isinstance(rbio, PipeEnd) and isinstance(wbio, PipeEnd) and wbio.outgoing is rbio.incoming:
        return len(rbio.incoming.sent) + len(rbio.incoming.arrived)
    if isinstance(rbio, ScriptedBIO) and isinstance(wbio, ScriptedBIO) and wbio.outgoing is rbio.incoming:
        return len(rbio.incoming.sent) + len(rbio.incoming.arrived)
    if isinstance(rbio, PairBIO) and isinstance(wbio, PairBIO) and wbio.is_other_end_of(rbio):
        return rbio.pending()
    if isinstance(rbio, MemoryBIO) and rbio is wbio:
        return rbio.pending()
    return None


def has_ended(out: SSL, inp: SSL) -> bool:
    """Whether the transport that the receiver reads from has ended or failed, and holds nothing more."""
    rbio = inp.inp.rbio
    if rbio is None or rbio.should_retry or in_transport(out, inp):
        return False
    return rbio.eof() or bool(rbio.errno)


def can_read(out: SSL, inp: SSL) -> bool:
    """Whether a receiver that waits may get bytes without another call of the sender; True where unknown."""
    if unopened(inp) and in_transport(out, inp) is None:
        return True
    rbio = transport_of(inp.inp.rbio)
    return rbio is None or in_transport(out, inp) != 0 or (not isinstance(rbio, MemoryBIO) and rbio.eof())


def can_write(out: SSL, inp: SSL) -> bool:
    """Whether a sender that waits has room, or gets it by a delivery; True where unknown."""
    wbio = transport_of(behind_buffer(out))
    if isinstance(wbio, PipeEnd | ScriptedBIO):
        stream = wbio.outgoing
        undelivered = bool(stream.sent) and transport_of(inp.inp.rbio) is not None
        return stream.room() != 0 or undelivered
    return wbio.write_guarantee() > 0 if isinstance(wbio, PairBIO) else True
