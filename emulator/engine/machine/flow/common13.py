"""The rules of TLS 1.3 that both sides have alike: keys, Finished, KeyUpdate, and where early data pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.behaviours.tls13 import EarlyAlerts, KeyUpdateAnswer
from emulator.constants import (
    SSL_KEY_UPDATE_NOT_REQUESTED,
    SSL_KEY_UPDATE_REQUESTED,
    TLS1_3_VERSION,
    AlertDescription,
    InfoCallback,
    Shutdown,
)
from emulator.engine.clear import ssl_free_wbio_buffer
from emulator.engine.early_data.state import EarlyDataState
from emulator.engine.machine.flow.states import Hand, Progress
from emulator.engine.receiving.opening import change_reader
from emulator.engine.sending.keys import change_writer
from emulator.handshake.tls13.key_schedule import Epoch
from emulator.record.tls13 import PlainAlertWriter

if TYPE_CHECKING:
    from emulator.behaviours.tls13 import Tls13Behaviours
    from emulator.engine.machine.flow.common import Statem
    from emulator.handshake.tls13.state import Tls13

DUMMY_STATES = frozenset({Hand.EARLY_DATA, Hand.PENDING_EARLY_DATA_END})
"""States that are written from without a message of their own (SSL3_MT_DUMMY)."""

_CHANGES = frozenset({Hand.CW_CHANGE, Hand.SW_CHANGE})
_UNHASHED = frozenset({Hand.CW_KEY_UPDATE, Hand.SW_KEY_UPDATE, Hand.SW_SESSION_TICKET})
"""Messages after the handshake are no part of its transcript."""


class Rules13:
    """The rules of TLS 1.3 that a client and a server share; each adds its own."""

    __slots__ = ("messages", "s", "st")

    def __init__(self, st: Statem) -> None:
        self.st = st
        self.s = st.s
        self.messages = st.messages

    # -- facts --------------------------------------------------------------------------------

    @property
    def behaviours(self) -> Tls13Behaviours:
        """The release's answers to the questions of TLS 1.3."""
        rules = self.s.profile.tls13
        assert rules is not None
        return rules

    @property
    def tls13(self) -> Tls13:
        """The logic of TLS 1.3's messages."""
        raise NotImplementedError

    def skips_early_data(self) -> bool:
        """ossl_statem_skip_early_data(): only a server does."""
        return False

    # -- early data ---------------------------------------------------------------------------

    def check_finish_init(self, *, sending: bool | None) -> None:
        """ossl_statem_check_finish_init(): a call without early data needs more of the handshake."""
        s = self.s
        paused = self.st.hand_state in DUMMY_STATES
        early = self.st.hand_state is Hand.EARLY_DATA
        if sending is None:
            goes_on = paused
        elif s.server:
            goes_on = early and s.early_data_state is EarlyDataState.FINISHED_READING
        elif sending:
            goes_on = paused and s.early_data_state is not EarlyDataState.WRITING
        else:
            goes_on = early
        if not goes_on:
            return
        s.in_init = True
        reads = sending is False or (sending and s.server)
        if s.early_data_state is EarlyDataState.WRITE_RETRY and not reads:
            s.early_data_state = EarlyDataState.FINISHED_WRITING

    # -- a version is chosen ------------------------------------------------------------------

    def take_version(self, version: int) -> None:
        """The version is settled, by the peer's hello or the answer to it."""
        s = self.s
        s.version = version
        s.inp.first_packet = False
        s.generic = False
        s.is_tls13 = version == TLS1_3_VERSION

    def on_record_boundary(self, function: str) -> bool:
        """A message that new keys follow must end with its record, or the connection is over."""
        if not self.s.is_tls13 or self.s.inp.rread:
            return True
        self.st.fail_message(function, "NOT_ON_RECORD_BOUNDARY")
        return False

    # -- writing ------------------------------------------------------------------------------

    def write_transition(self) -> Progress:
        """See Rules: the state after this one, or the peer's turn."""
        following = self.next_write_state()
        if following is None:
            return Progress.FINISHED
        self.st.hand_state = following
        return Progress.CONTINUE

    def next_write_state(self) -> Hand | None:
        """The state after this one, None at the end of a flight."""
        raise NotImplementedError

    def send(self) -> int:
        """The message of ``hand_state``, if it has one."""
        state = self.st.hand_state
        if state in DUMMY_STATES:
            return 1
        if state in _CHANGES:
            return self.messages.send_change_cipher_spec()
        return self.messages.send(self.construct, hashed=state not in _UNHASHED)

    def pre_work(self) -> Progress:
        """See Rules."""
        raise NotImplementedError

    def construct(self) -> bytes:
        """The message of ``hand_state``, which has one."""
        raise NotImplementedError

    def post_work(self) -> bool:
        """See Rules."""
        raise NotImplementedError

    # -- reading ------------------------------------------------------------------------------

    def next_read_state(self, kind: int) -> Hand | None:
        """See Rules."""
        raise NotImplementedError

    def process(self) -> Progress:
        """See Rules."""
        raise NotImplementedError

    # -- keys ---------------------------------------------------------------------------------

    def write_with(self, epoch: Epoch) -> None:
        """tls13_change_cipher_state() for what is sent."""
        writer = self.tls13.secrets.writer(epoch)
        if isinstance(writer, PlainAlertWriter):
            writer.protects_alerts = self.behaviours.early_alerts is EarlyAlerts.PROTECTED
        change_writer(self.s, writer)

    def read_with(self, epoch: Epoch) -> None:
        """tls13_change_cipher_state() for what is received."""
        change_reader(self.s, self.tls13.secrets.reader(epoch))

    # -- Finished -----------------------------------------------------------------------------

    def process_finished(self) -> Progress:
        """tls_process_finished(); the peer's next record has the keys of application data."""
        s = self.s
        if s.server:
            s.inp.plain_alerts = False
            self.st.cleans_up = True
            s.first_handshake = False
        if not self.on_record_boundary("TLS_PROCESS_FINISHED"):
            return Progress.STOP
        self.tls13.process_finished(self.messages.body())
        self.messages.accept()
        self.read_with(Epoch.APPLICATION)
        return Progress.FINISHED

    # -- KeyUpdate ----------------------------------------------------------------------------

    def construct_key_update(self) -> bytes:
        """tls_construct_key_update(): it leaves no KeyUpdate to be sent."""
        s = self.s
        requested = s.key_update == SSL_KEY_UPDATE_REQUESTED
        s.key_update = None
        return self.tls13.construct_key_update(requested=requested)

    def finish_key_update(self) -> bool:
        """Once it is sent, new keys protect the next records; False if the transport stops."""
        if self.messages.flush() <= 0:
            return False
        change_writer(self.s, self.tls13.secrets.update_writer())
        return True

    def answers_key_update(self) -> bool:
        """Whether a KeyUpdate that was read is answered at once."""
        # Up to 1.1.1c: ``case TLS_ST_CR_KEY_UPDATE: if (s->key_update != SSL_KEY_UPDATE_NONE) {``.
        return (
            self.behaviours.key_update_answer is KeyUpdateAnswer.IN_THE_READ and self.s.key_update is not None
        )

    def process_key_update(self) -> Progress:
        """tls_process_key_update()."""
        s = self.s
        s.key_update_count += 1
        limit = self.behaviours.max_key_updates
        if limit and s.key_update_count > limit:
            self.st.fail_message(
                "TLS_PROCESS_KEY_UPDATE", "TOO_MANY_KEY_UPDATES", AlertDescription.ILLEGAL_PARAMETER
            )
            return Progress.STOP
        if not self.on_record_boundary("TLS_PROCESS_KEY_UPDATE"):
            return Progress.STOP
        body = self.messages.body()
        self.messages.buffer = b""
        if self.tls13.process_key_update(body) and self._may_answer():
            s.key_update = SSL_KEY_UPDATE_NOT_REQUESTED
        change_reader(s, self.tls13.secrets.update_reader())
        return Progress.FINISHED

    def _may_answer(self) -> bool:
        """Up to 1.1.1c: ``if (s->shutdown & SSL_SENT_SHUTDOWN)`` there is no answer."""
        in_the_read = self.behaviours.key_update_answer is KeyUpdateAnswer.IN_THE_READ
        return not (in_the_read and self.s.shutdown & Shutdown.SENT)

    # -- the end ------------------------------------------------------------------------------

    def pause(self) -> Progress:
        """tls_finish_handshake() where early data comes next: the buffering BIO stays."""
        self.s.in_init = False
        self.tell_done(complete=False)
        return Progress.END_HANDSHAKE

    def end_handshake(self) -> Progress:
        """tls_finish_handshake()."""
        ssl_free_wbio_buffer(self.s)
        self.messages.buffer = b""
        self.complete()
        return Progress.END_HANDSHAKE

    def complete(self) -> None:
        """The end of a handshake, or of a message behind it."""
        s = self.s
        complete = self.st.cleans_up
        if complete:
            self.st.forget_handshake()
        s.in_init = False
        self.tell_done(complete=complete)

    def tell_done(self, *, complete: bool) -> None:
        """SSL_CB_HANDSHAKE_DONE, if this counts as the end of a handshake."""
        if complete or self.s.first_handshake or self.st.tells_every_message():
            self.s.notify(InfoCallback.HANDSHAKE_DONE, 1)
