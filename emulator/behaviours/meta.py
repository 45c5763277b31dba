"""What a release consists of: its build, calls, numbers and defaults; and what its page SSL_write(3) says."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@about("How the library was configured, as far as that shows; ``build=`` overrides it.")
class Build(Section):
    assembler: bool = doc(
        "Whether the assembler modules are in (``no-asm``): without them there is no multiblock write."
    )

    ssl2: bool = doc(
        "Whether SSLv2 is in (``no-ssl2``): with it the hello of an SSLv23 client may have SSLv2's format."
    )

    ssl3: bool = doc("Whether SSLv3 is in (``no-ssl3``); from 1.1.0 only with ``enable-ssl3``.")

    weak_ciphers: bool = doc(
        "Whether the suites are in that the release calls weak: RC4 and 3DES from 1.1.0, export and single "
        "DES before; from 1.0.1s and 1.0.2g only with ``enable-weak-ssl-ciphers``."
    )


@about("Which protocols, methods and results the release has.")
class Exists(Section):
    protocols: tuple[str, ...] = doc(
        "The protocols that it speaks if its build has them, as SSL_get_version() spells them, oldest first."
    )

    methods: tuple[str, ...] = doc(
        'Its SSL_METHODs, without ``_method``: "SSLv23", "TLSv1"; "TLS" from 1.1.0.'
    )

    wants: tuple[str, ...] = doc(
        "What SSL_want() may return: the names of ssl.h without ``SSL_``, by their numbers from 1."
    )

    error_codes: tuple[str, ...] = doc("The ``SSL_ERROR_*`` of ssl.h, without that prefix.")


class FunctionKind(StrEnum):
    """What is behind a call of ssl.h?"""

    FUNCTION = "function"
    """A function of libssl: where it isn't exported a program does not link."""

    CONTROL = "control"
    """A macro over SSL_ctrl(): a libssl that doesn't know the number answers 0."""

    MACRO = "macro"
    """A macro over what every release has."""


class Function(Section):
    """One call of ssl.h, and whether the release has it."""

    c_name: str
    """Its name in C."""

    kind: FunctionKind
    """What is behind it in the release that added it."""

    since: tuple[str, ...]
    """The release that added it, and those of older series that got it later."""

    present: bool
    """Whether this release has it: worked out from ``since`` unless the file says otherwise."""

    @property
    def is_absent(self) -> bool:
        """Whether a program that calls it does not link with this release."""
        return not self.present and self.kind is not FunctionKind.CONTROL

    @property
    def answers_zero(self) -> bool:
        """Whether the call is a control that this release doesn't know: it answers 0 and does nothing."""
        return not self.present and self.kind is FunctionKind.CONTROL


@about("What a new SSL_CTX holds.")
class Defaults(Section):
    mode: int = doc("SSL_CTX_get_mode() after SSL_CTX_new().")

    context_options: int = doc("SSL_CTX_get_options() after SSL_CTX_new().")

    security_level: int = doc(
        "SSL_CTX_get_security_level() after SSL_CTX_new(); 0 where there are no levels."
    )


@question("What does the page say about SSL_write() with num=0?")
class NumZero(Behaviour):
    # up to 0.9.6d
    SILENT = "silent", "nothing"

    # from 0.9.6e
    UNDEFINED = "undefined", "the behaviour is undefined"

    # from 1.1.1
    ERROR = "error", "it returns an error and should not be done; SSL_write_ex() may do it and sends nothing"


@question("What does a return value of 0 mean, according to the page?")
class ReturnZero(Behaviour):
    # up to 0.9.6b
    UNSUCCESSFUL = "unsuccessful", "not successful: SSL_get_error() tells whether there was an error"

    # from 0.9.6c
    PROBABLY_CLOSED_EXCEPT_SSLV2 = (
        "probably-closed-except-sslv2",
        "probably the connection was closed, cleanly if SSL_get_error() returns ZERO_RETURN; SSLv2 cannot "
        "tell",
    )

    # 1.1.0 to 1.1.0c
    PROBABLY_CLOSED = (
        "probably-closed",
        "probably the connection was closed, cleanly if SSL_get_error() returns ZERO_RETURN",
    )

    # from 1.0.2k and 1.1.0d
    SAME_AS_NEGATIVE = (
        "same-as-negative",
        "0 and below are one case, for which SSL_get_error() gives the reason: closed, error, or something "
        "to do first",
    )


@question(
    "May SSL_write() over a blocking BIO return before it has finished or failed, according to the page?"
)
class BlockingEarlyReturn(Behaviour):
    # only 0.9.6-base, and from 1.1.1
    NEVER = "never", "no"

    # 0.9.6a to 1.1.0
    WANT_READ_WHILE_RENEGOTIATING = (
        "want-read-while-renegotiating",
        "yes, with WANT_READ during a renegotiation, unless SSL_MODE_AUTO_RETRY is set",
    )


@question("What does the page say about partial writes?")
class PartialWrites(Behaviour):
    # up to 0.9.6a
    NOT_MENTIONED = "not-mentioned", "nothing"

    # from 0.9.6b
    MESSAGE_BLOCK = (
        "message-block",
        "SSL_MODE_ENABLE_PARTIAL_WRITE sends one block of 16 kB; the rest is a new write with a new buffer",
    )


@question(
    "Which arguments must a call have that is repeated after WANT_READ or WANT_WRITE, according to the page?"
)
class RepeatedCall(Behaviour):
    # up to 1.1.0
    SAME_ARGUMENTS = "same-arguments", "the same"

    # from 1.1.1
    POINTER_MAY_MOVE = (
        "pointer-may-move",
        "the same, but SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER allows another pointer to the same data; part of "
        "the data may have been processed",
    )


@question("What may a program do before it repeats a write, according to SSL_get_error(3)?")
class WhileOutstanding(Behaviour):
    NOT_MENTIONED = "not-mentioned", "the page does not say"  # up to 1.1.1

    NO_OTHER_IO = "no-other-io", "nothing that could cause I/O on the connection"  # from 3.0


@question("Must a program set a connect or accept state before the first SSL_write(), according to the page?")
class StateRequired(Behaviour):
    NOT_MENTIONED = "not-mentioned", "the page does not say"  # only 0.9.6-base

    GENERIC_METHOD = "generic-method", "with a generic method such as SSLv23_method()"  # from 0.9.6a

    ALWAYS = "always"  # from 0.9.6c


@about("What this release's own page SSL_write(3) promises or permits.")
class Manual(Section):
    num_zero: NumZero

    return_zero: ReturnZero

    blocking_early_return: BlockingEarlyReturn

    partial_writes: PartialWrites

    repeated_call: RepeatedCall

    state_required: StateRequired

    while_outstanding: WhileOutstanding

    write_ex: bool = doc("Whether the page describes SSL_write_ex().")

    sendfile: bool = doc("Whether the page describes SSL_sendfile().")

    quic: bool = doc("Whether the page mentions QUIC.")
