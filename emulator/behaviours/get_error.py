"""How SSL_get_error() decides: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("For which return values does SSL_get_error() answer WANT_READ or WANT_WRITE?")
class WantGuard(Behaviour):
    NEGATIVE = "negative", "i < 0"  # up to 1.1.0
    ANY = "any", "i <= 0: SSL_write_ex() and SSL_read_ex() return 0 for everything but success"  # from 1.1.1


@question("For which return values does SSL_get_error() answer SSL_ERROR_ZERO_RETURN?")
class ZeroReturn(Behaviour):
    ZERO = "zero", "i == 0"  # up to 1.1.0
    ANY = "any", "i <= 0"  # from 1.1.1


@question("Which threads share an error queue, if the program never calls CRYPTO_set_id_callback()?")
class QueueOf(Behaviour):
    # up to 0.9.8
    PROCESS = "process", "all: CRYPTO_thread_id() is the number of the process"
    # from 1.0.0
    THREAD = "thread", "none: a thread is known by the address of its errno, or by the system's own id"


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
        "What SSL_get_error() tests, in this order; if nothing is true, the answer is SSL_ERROR_SYSCALL."
    )
    want_guard: WantGuard
    zero_return: ZeroReturn
    queue: QueueOf
