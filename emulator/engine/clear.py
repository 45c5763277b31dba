"""SSL_clear(): a connection is as it was before its first handshake; or it goes on without a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import ClearedGeneric, ClearedMethod, ClearedSession
from emulator.behaviours.write import PlainRecords, RecordLayer
from emulator.constants import Shutdown
from emulator.engine.failure import remove_session, undefined_function
from emulator.record import (
    NullReader,
    NullWriter,
    RecordFailure,
    RecordFailureKind,
    RecordReader,
    RecordWriter,
)
from emulator.record.base import HEADER, UnsealedError
from emulator.record.sessionless import SessionlessReader, SessionlessWriter

if TYPE_CHECKING:
    from emulator.engine.ssl import SSL
    from emulator.record.base import Fragment


def ssl_clear(s: SSL) -> bool:
    """SSL_clear(): False, with an error in the queue, where SSL_renegotiate() came before the handshake."""
    forgets = _clear_bad_session(s)
    s.shutdown = 0
    if s.renegotiating():
        s.put_error("SSL_CLEAR", s.profile.machine.internal_error)
        if forgets:
            _go_on_without_session(s)
        return False
    version, was_generic = s.hs.version, s.generic
    _choose_method(s)
    if s.machine is not None:
        s.machine.clear()
    ssl_free_wbio_buffer(s)
    _reset(s)
    s.hs.fixed_version = s.hs.version = s.fixed_version
    if s.generic and _follows_generic(s):
        _be_generic(s, client_version=0 if was_generic else version)
    return True


def ssl_free_wbio_buffer(s: SSL) -> None:
    """ssl_free_wbio_buffer(): take the handshake's buffer away; whatever it still holds is lost."""
    out = s.out
    if out.bbio is not None:
        if out.wbio is out.bbio:
            out.wbio = out.bbio.next_bio
        out.bbio = None


def _clear_bad_session(s: SSL) -> bool:
    """ssl_clear_bad_session(): True where a connection that was not shut down loses its session.

    Up to 0.9.6c it looks at ``s->state`` when SSL_clear() has already set that back.
    """
    if s.hs.session is None or s.shutdown & Shutdown.SENT or s.in_init:
        return False
    if s.profile.machine.cleared_session is ClearedSession.KEPT:
        return False
    remove_session(s)
    s.hs.session = None
    return True


def _reset(s: SSL) -> None:
    """The fields; up to 3.1 RECORD_LAYER_clear() leaves ``is_first_record`` as it is."""
    is_first = s.inp.first_record
    s.reset()
    if s.profile.write.record_layer is RecordLayer.DO_SSL3_WRITE:
        s.inp.first_record = is_first


# -- the method ------------------------------------------------------------------------------------


def _choose_method(s: SSL) -> None:
    """Keep the method of the version that was chosen, or give the context's back.

    Where ssl23_connect() or ssl23_accept() had chosen the version, their generic method is back then, but
    ``s->handshake_func`` is still the version's own.
    """
    if s.config.fixed_method or s.generic:
        return
    without_session = s.hs.session is None and not s.in_handshake
    if s.profile.machine.cleared_method is ClearedMethod.CONTEXTS or without_session:
        s.fixed_version = 0
        s.generic = _follows_generic(s)
    else:
        s.fixed_version = s.fixed_version or s.hs.version


def _follows_generic(s: SSL) -> bool:
    return s.machine is not None and s.machine.follows_generic()


def _be_generic(s: SSL, client_version: int) -> None:
    """``s->method`` is SSLv23_method(), whose functions are not meant for the version's handshake.

    ``client_version`` is that of the method before, which ``s->client_version`` keeps until SSL_clear() is
    called again; 0: it is the method's.
    """
    s.hs.get_generic_back(s.version, client_version)
    rule = s.profile.machine.cleared_generic
    if rule in (ClearedGeneric.UNREADABLE, ClearedGeneric.UNUSABLE):
        _install(s, UndefinedReader(s), UndefinedWriter(s, seals=rule is ClearedGeneric.UNREADABLE))


def forget_keys(s: SSL) -> None:
    """Records are plaintext from now on."""
    _install(s, NullReader(), NullWriter())


class UndefinedWriter(RecordWriter):
    """``ssl3_undef_enc_method``: each record puts an error on the queue; only its result may be ignored."""

    __slots__ = ("_s", "_seals")

    is_null = True
    is_undefined = True

    def __init__(self, s: SSL, *, seals: bool) -> None:
        self._s = s
        self._seals = seals

    def seal(self, content_type: int, wire_version: int, fragment: Fragment) -> bytes:
        """See RecordWriter."""
        undefined_function(self._s)
        if not self._seals:
            raise UnsealedError
        return HEADER(content_type, wire_version, len(fragment)) + fragment


class UndefinedReader(RecordReader):
    """``ssl3_undef_enc_method``: no record can be read."""

    __slots__ = ("_s",)

    def __init__(self, s: SSL) -> None:
        self._s = s

    def open(self, content_type: int, wire_version: int, fragment: bytes) -> bytes:  # noqa: ARG002
        """See RecordReader."""
        undefined_function(self._s)
        raise RecordFailure(RecordFailureKind.PUBLIC_LENGTH)


# -- going on without a session --------------------------------------------------------------------


def _go_on_without_session(s: SSL) -> None:
    """The session is gone, the keys are there: do_ssl3_write() and tls1_enc() then do without these.

    Both look at ``s->session`` for each record; 3.2's record layer knows of no session.
    """
    hs, writer, reader = s.hs, s.out.writer, s.inp.reader
    if s.profile.write.record_layer is RecordLayer.RECORD_METHODS:
        return
    if not writer.is_null:
        clear = s.profile.write.plain_records is PlainRecords.NO_MAC
        writer = SessionlessWriter(writer, lambda: hs.session is not None, clear=clear)
    if not reader.is_null:
        reader = SessionlessReader(reader, lambda: hs.session is not None)
    _install(s, reader, writer)


def _install(s: SSL, reader: RecordReader, writer: RecordWriter) -> None:
    """The keys are the same, or there are none: what was looked up about them stays true."""
    out, inp = s.out, s.inp
    facts = out.need_empty_fragments, out.multiblock
    out.install(writer, tells_headers=out.tells_headers)
    out.need_empty_fragments, out.multiblock = facts
    inp.install(reader, tells_headers=inp.tells_headers)
