"""The calls of ssl_lib.c on one connection: they answer C's integers, and leave the rest in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.machine import Design, RenegotiationMark
from emulator.behaviours.read import GenericPeek, NegativeRead
from emulator.behaviours.renegotiation import Policy
from emulator.behaviours.shutdown import ShutdownInInit, UnfinishedShutdown
from emulator.behaviours.tls13 import KeyUpdateWhilePending
from emulator.behaviours.write import NegativeLength, RecordLayer
from emulator.constants import (
    SSL_KEY_UPDATE_NOT_REQUESTED,
    SSL_KEY_UPDATE_REQUESTED,
    AlertDescription,
    AlertLevel,
    ContentType,
    Option,
    Shutdown,
    Want,
)
from emulator.engine.drive import ssl3_renegotiate, ssl3_renegotiate_check
from emulator.engine.early_data.count import early_data_count_ok
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.failure import ssl3_send_alert, undefined_function
from emulator.engine.machine.roles import new_machine
from emulator.engine.receiving.read import ssl3_read_bytes
from emulator.engine.sending import record_layer
from emulator.engine.sending.record import ssl3_dispatch_alert
from emulator.engine.sending.write import ssl3_write_bytes
from emulator.engine.ssl import SSL

if TYPE_CHECKING:
    from emulator.bio import BIO
    from emulator.error_queue import ErrorStrings
    from emulator.handshake.common.config import HandshakeConfig
    from emulator.profile import Profile

_CLOSED = Shutdown.SENT | Shutdown.RECEIVED
_NO_READING = (EarlyDataState.CONNECT_RETRY, EarlyDataState.ACCEPT_RETRY)
NO_WRITING = (*_NO_READING, EarlyDataState.READ_RETRY)
"""States of early data in which SSL_write() is refused."""
_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)  # a plain number is compared faster, for every record


def check_alive(s: SSL) -> None:
    """Raise the SimulatedCrash again if the process has died."""
    if s.crash is not None:
        raise s.crash


def ssl_new(profile: Profile, config: HandshakeConfig, errors: ErrorStrings) -> SSL:
    """SSL_new(), with the write functions of the release."""
    if profile.write.record_layer is RecordLayer.RECORD_METHODS:
        writing = record_layer.write_bytes, record_layer.dispatch_alert
    else:
        writing = ssl3_write_bytes, ssl3_dispatch_alert
    return SSL(profile, config, errors, writing)


def ssl_set_bio(s: SSL, rbio: BIO | None, wbio: BIO | None) -> None:
    """SSL_set_bio(): the transports to read from and to write to; None: none."""
    out = s.out
    for bio in (rbio, wbio):
        if bio is not None:
            bio.on_error = s.put_bio_error
    s.inp.rbio = rbio
    if s.manual is not None:
        s.manual.transport(rbio)
    # From 1.1.0 SSL_set0_wbio() puts the handshake's buffer over the new transport (BIO_push());
    # up to 1.0.2 the buffer is dropped.
    if out.bbio is not None and out.wbio is out.bbio and s.profile.machine.design is Design.MESSAGE_FLOW:
        out.bbio.next_bio = wbio
    else:
        out.bbio = None
        out.wbio = wbio


# -- handshakes ---------------------------------------------------------------------------------


def ssl_set_state(s: SSL, *, server: bool) -> None:
    """SSL_set_connect_state() and SSL_set_accept_state()."""
    session = s.hs.session
    generic = not s.config.fixed_method and s.profile.machine.design is Design.STATES
    if session is not None and generic and not server and session.version:
        generic = False  # SSL_set_session() chooses the method of the session's version
        s.fixed_version = session.version
    s.server = server
    s.shutdown = 0
    s.generic = generic
    s.machine = new_machine(s)


def ssl_connect(s: SSL) -> int:
    """SSL_connect()."""
    return _handshake(s, server=False)


def ssl_accept(s: SSL) -> int:
    """SSL_accept()."""
    return _handshake(s, server=True)


def _handshake(s: SSL, *, server: bool) -> int:
    check_alive(s)
    if s.machine is None:
        ssl_set_state(s, server=server)
    if s.profile.machine.design is Design.MESSAGE_FLOW:
        return ssl_do_handshake(s)  # which has nothing to do after the handshake
    return s.running().connect_or_accept()


def ssl_do_handshake(s: SSL) -> int:
    """SSL_do_handshake()."""
    check_alive(s)
    if s.machine is None:
        s.put_error("SSL_DO_HANDSHAKE", "CONNECTION_TYPE_NOT_SET")
        return -1
    if not s.generic:
        if s.early_data_state:
            s.machine.check_finish_init(sending=None)
        ssl3_renegotiate_check(s)
    if s.in_init or s.machine.in_before():
        return s.machine.handshake()
    return 1


# -- reading and writing --------------------------------------------------------------------------


def ssl_write(s: SSL, data: object, view: bytes | memoryview, num: int) -> int:
    """SSL_write(): the number of bytes written, or 0 or less."""
    if s.crash is not None:
        raise s.crash
    # From 1.1.1: ``if (num < 0) { SSLerr(SSL_F_SSL_WRITE, SSL_R_BAD_LENGTH); return -1; }``.
    if num < 0 and s.profile.write.negative_length is NegativeLength.SSL_WRITE:
        s.put_error("SSL_WRITE", "BAD_LENGTH")
        return -1
    if s.machine is None:
        s.put_error(s.profile.write.entry_function, "UNINITIALIZED")
        return -1
    if s.shutdown and s.shutdown & Shutdown.SENT:
        s.rwstate = Want.NOTHING
        s.put_error(s.profile.write.entry_function, "PROTOCOL_IS_SHUTDOWN")
        return -1
    if s.generic:
        return _generic(s, "SSL23_WRITE") or ssl_write(s, data, view, num)
    if s.early_data_state:
        if s.early_data_state in NO_WRITING:
            return _should_not_have_been_called(s, s.profile.write.entry_function)
        s.machine.check_finish_init(sending=True)
        if not _may_be_counted(s, num):
            return -1
    s.errno = 0
    if s.renegotiate_requested:
        ssl3_renegotiate_check(s)
    if (s.key_update is not None or s.extra_tickets) and not s.out.wpend_tot:
        s.in_init = True  # ossl_statem_set_in_init(s, 1): the KeyUpdate or the ticket comes before the data
    return s.write_bytes(s, _APPLICATION_DATA, data, view, num)


def _should_not_have_been_called(s: SSL, function: str) -> int:
    """SSL_write_early_data() or SSL_read_early_data() is unfinished, and must be called again instead."""
    s.put_error(function, "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED")
    return 0


def _may_be_counted(s: SSL, num: int) -> bool:
    """Count early data that is about to be sent, in every call, be it a retry or not.

    ssl3_write_bytes() counts once it has accepted the length.
    """
    out = s.out
    if s.early_data_state is not EarlyDataState.WRITING or num < out.wnum + out.wpend_tot:
        return True
    s.rwstate = Want.NOTHING
    return early_data_count_ok(s, num, sending=True)


def ssl_refuse_flags(s: SSL) -> None:
    """SSL_write_ex2() with flags, which are QUIC's: ssl_write_internal() checks the state first."""
    check_alive(s)
    reason = "UNSUPPORTED_WRITE_FLAG"
    if s.machine is None:
        reason = "UNINITIALIZED"
    elif s.shutdown & Shutdown.SENT:
        s.rwstate = Want.NOTHING
        reason = "PROTOCOL_IS_SHUTDOWN"
    s.put_error(s.profile.write.entry_function, reason)


def ssl_sendfile(s: SSL) -> int:
    """SSL_sendfile(): -1, for no transport here has kernel TLS."""
    check_alive(s)
    reason = "UNINITIALIZED"
    if s.machine is not None and s.shutdown & Shutdown.SENT:
        s.rwstate = Want.NOTHING
        reason = "PROTOCOL_IS_SHUTDOWN"
    s.put_error("SSL_SENDFILE", reason)
    return -1


def _generic(s: SSL, function: str) -> int:
    """ssl23_write() and ssl23_read(): do the handshake, which settles the method; 0 once it is done."""
    s.errno = 0
    if s.in_init and not s.in_handshake:
        ret = s.running().handshake()
        if ret > 0:
            return 0
        if ret == 0:
            s.put_error(function, "SSL_HANDSHAKE_FAILURE")
            return -1
        return ret
    return _undefined_function(s, -1)


def _undefined_function(s: SSL, ret: int) -> int:
    """ssl_undefined_function() and the answer of its caller."""
    undefined_function(s)
    return ret


def ssl_read(s: SSL, n: int, *, peek: bool = False) -> int:
    """SSL_read() and SSL_peek(): C's answer; the bytes are in ``s.inp.received``."""
    inp = s.inp
    if s.crash is not None:
        raise s.crash
    inp.received = b""
    # From 1.1.1: ``if (num < 0) { SSLerr(SSL_F_SSL_READ, SSL_R_BAD_LENGTH); return -1; }``.
    if n < 0 and s.profile.read.negative_length is NegativeRead.SSL_READ:
        s.put_error("SSL_PEEK" if peek else "SSL_READ", "BAD_LENGTH")
        return -1
    if s.machine is None:
        r = s.profile.read
        s.put_error(r.peek_function if peek else r.entry_function, "UNINITIALIZED")
        return -1
    if inp.kept and s.manual is not None:
        return s.manual.read(n, peek=peek)
    if s.shutdown and s.shutdown & Shutdown.RECEIVED:
        if not peek:
            s.rwstate = Want.NOTHING
        return 0
    if s.generic:
        # 0.9.6 has ``ssl_undefined_function`` for ssl23_peek() in s23_lib.c; 0.9.6a brings the function.
        if peek and s.profile.read.generic_peek is GenericPeek.UNDEFINED:
            return _undefined_function(s, 0)
        return _generic(s, "SSL23_PEEK" if peek else "SSL23_READ") or ssl_read(s, n, peek=peek)
    if s.early_data_state and not peek:
        if s.early_data_state in _NO_READING:
            return _should_not_have_been_called(s, s.profile.read.entry_function)
        s.machine.check_finish_init(sending=False)
    s.errno = 0
    if s.renegotiate_requested:
        ssl3_renegotiate_check(s)
    return _read_internal(s, n, peek=peek)


def _read_internal(s: SSL, n: int, *, peek: bool) -> int:
    """ssl3_read_internal(): read again if a handshake was interrupted by data that it may not read."""
    inp = s.inp
    inp.in_read_app_data = 1
    ret = ssl3_read_bytes(s, _APPLICATION_DATA, n, peek=peek)
    if ret == -1 and inp.in_read_app_data == inp.read_again_mark:
        # The handshake found application data, which is allowed: read that data without the handshake.
        s.in_handshake += 1
        try:
            ret = ssl3_read_bytes(s, _APPLICATION_DATA, n, peek=peek)
        finally:  # a callback or a transport may raise
            s.in_handshake -= 1
    else:
        inp.in_read_app_data = 0
    return ret


def ssl_pending(s: SSL) -> int:
    """SSL_pending(): the bytes of application data that are decrypted and unread."""
    inp = s.inp
    if s.generic:
        s.put_error(s.profile.read.undefined_pending, "ERR_R_SHOULD_NOT_HAVE_BEEN_CALLED")
        return 0
    if inp.kept:
        return len(inp.kept[0])
    if inp.rread or inp.rtype != ContentType.APPLICATION_DATA:
        return 0
    return inp.rlength


# -- shutdown -----------------------------------------------------------------------------------


def ssl_shutdown(s: SSL) -> int:
    """SSL_shutdown()."""
    check_alive(s)
    if s.machine is None:
        s.put_error("SSL_SHUTDOWN", "UNINITIALIZED")
        return -1
    if s.in_init:
        # ``if ((s != NULL) && !SSL_in_init(s)) ... else return(1);`` up to 1.0.2e.  1.0.2f passes through,
        # 1.0.2g brings SSL_R_SHUTDOWN_WHILE_IN_INIT.
        rule = s.profile.shutdown.in_init
        if rule is ShutdownInInit.SUCCEEDS:
            return 1
        if rule is ShutdownInInit.REFUSED:
            s.put_error("SSL_SHUTDOWN", "SHUTDOWN_WHILE_IN_INIT")
            return -1
    return _ssl3_shutdown(s)


def _ssl3_shutdown(s: SSL) -> int:
    out = s.out
    if s.quiet_shutdown or s.running().in_before():
        s.shutdown = int(_CLOSED)
        return 1
    # ``return(-1);	/* return WANT_WRITE */`` from 0.9.8m where an alert or close_notify is still to come.
    early = -1 if s.profile.shutdown.unfinished is UnfinishedShutdown.MINUS_ONE else 0
    if not s.shutdown & Shutdown.SENT:
        s.shutdown |= Shutdown.SENT
        ssl3_send_alert(s, AlertLevel.WARNING, AlertDescription.CLOSE_NOTIFY)
        if out.alert_dispatch and early:
            return early
    elif out.alert_dispatch:
        if s.dispatch_alert(s) == -1 and early:
            return early
    elif not s.shutdown & Shutdown.RECEIVED:
        ssl3_read_bytes(s, 0, 0)
        if not s.shutdown & Shutdown.RECEIVED and early:
            return early
    return int(s.shutdown == _CLOSED and not out.alert_dispatch)


# -- renegotiation ------------------------------------------------------------------------------


def ssl_renegotiate(s: SSL, *, abbreviated: bool = False) -> int:
    """SSL_renegotiate() and SSL_renegotiate_abbreviated(): 1, or 0 if it is refused."""
    check_alive(s)
    function = "SSL_RENEGOTIATE_ABBREVIATED" if abbreviated else "SSL_RENEGOTIATE"
    if s.is_tls13:
        s.put_error(function, "WRONG_SSL_VERSION")
        return 0
    if (
        s.profile.renegotiation.policy is Policy.NO_RENEGOTIATION_OPTION
        and s.options & Option.NO_RENEGOTIATION
    ):
        s.put_error(function, "NO_RENEGOTIATION")
        return 0
    # ``if (s->new_session == 0) s->new_session=1;`` up to 1.0.0; from 1.0.1 ``if (s->renegotiate == 0)
    # s->renegotiate=1;`` and ``s->new_session = 1`` or, abbreviated, 0.
    if s.profile.machine.renegotiation_mark is RenegotiationMark.RENEGOTIATE:
        s.renegotiate = s.renegotiate or 1
        s.new_session = int(not abbreviated)
    else:
        s.new_session = s.new_session or 1
    if s.machine is not None:
        # A handshake under way reads the fields as they are now, not as they were when it began.
        s.hs.renegotiating, s.hs.new_session = s.renegotiating(), s.new_session != 0
        s.out.hello_version = 0
    if s.generic:
        return _undefined_function(s, 0)
    return ssl3_renegotiate(s)


# -- new keys -----------------------------------------------------------------------------------


def ssl_key_update(s: SSL, update_type: int) -> int:
    """SSL_key_update(): 1, and the next write or handshake begins with a KeyUpdate; 0 if it is refused."""
    # SSL_R_BAD_WRITE_RETRY for ``RECORD_LAYER_write_pending(&s->rlayer)`` came with 1.1.1l.
    check_alive(s)
    rules = s.profile.tls13
    if not s.is_tls13 or rules is None:
        reason = "WRONG_SSL_VERSION"
    elif update_type not in (SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED):
        reason = "INVALID_KEY_UPDATE_TYPE"
    elif not s.running().is_init_finished():
        reason = "STILL_IN_INIT"
    elif s.out.record_pending() and rules.key_update_while_pending is KeyUpdateWhilePending.REFUSED:
        reason = "BAD_WRITE_RETRY"
    else:
        s.in_init = True
        s.key_update = update_type
        return 1
    s.put_error("SSL_KEY_UPDATE", reason)
    return 0


def ssl_new_session_ticket(s: SSL) -> int:
    """SSL_new_session_ticket(): 1, and the next write or handshake sends a ticket first; 0 if refused."""
    check_alive(s)
    busy = s.in_init and not s.extra_tickets
    if busy or s.first_handshake or not s.server or not s.is_tls13:
        return 0
    s.extra_tickets += 1
    if not s.out.record_pending():
        s.in_init = True
    return 1
