"""How SSL_get_error() decides: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("For which return values may SSL_get_error() return WANT_READ and WANT_WRITE?")
class WantGuard(Behaviour):
    NEGATIVE = "negative"
    ANY = "any", "0 too"


@question("For which return values may SSL_get_error() return SSL_ERROR_ZERO_RETURN?")
class ZeroReturn(Behaviour):
    ZERO = "zero"
    ANY = "any", "every value that is not positive"


@question("Who has an error queue, in a program that never called CRYPTO_set_id_callback()?")
class QueueOf(Behaviour):
    PROCESS = "process", "the process: CRYPTO_thread_id() is its id, and all threads share one queue"
    THREAD = "thread", "each thread: CRYPTO_thread_id() is the address of errno, or the system's id"


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
    order: tuple[Look, ...] = doc(
        "The checks of SSL_get_error(), in this order. If none applies, the result is SYSCALL."
    )
    want_guard: WantGuard
    zero_return: ZeroReturn
    queue: QueueOf
