"""How SSL_get_error() decides: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("For which return values does SSL_get_error() look at what the connection wants?")
class WantGuard(Behaviour):
    NEGATIVE = "negative"
    ANY = "any", "0 too"


@question("For which return values may SSL_get_error() answer SSL_ERROR_ZERO_RETURN?")
class ZeroReturn(Behaviour):
    ZERO = "zero"
    ANY = "any", "every value that is not positive"


@question("Whose error queue is it, in a program that never called CRYPTO_set_id_callback()?")
class QueueOf(Behaviour):
    PROCESS = "process", "CRYPTO_thread_id() is the process's id: all threads share one queue"
    THREAD = "thread", "it is the address of errno, or the system's own"


class Look(StrEnum):
    """What SSL_get_error() looks at for a value that is not positive, and what it answers if that is so."""

    QUEUE = "queue"  # this thread's oldest error: SYSCALL for the system's, SSL for any other
    READING = "reading"  # SSL_want_read() and the retry flags of the rbio
    WRITING = "writing"  # SSL_want_write() and those of the wbio
    X509_LOOKUP = "x509-lookup"
    RETRY_VERIFY = "retry-verify"
    ASYNC = "async"
    ASYNC_JOB = "async-job"
    CLIENT_HELLO_CB = "client-hello-cb"
    CLOSE_NOTIFY = "close-notify"  # the peer's: ZERO_RETURN


@about("``[get_error]``: ssl_lib.c SSL_get_error().")
class GetErrorBehaviours(Section):
    order: tuple[Look, ...] = doc("What is looked at, in this order; SYSCALL if nothing says anything.")
    want_guard: WantGuard
    zero_return: ZeroReturn
    queue: QueueOf
