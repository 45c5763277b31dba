"""What a release consists of: its build, calls, numbers and defaults; and what its page SSL_write(3) says."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@about("How the library was configured where that shows; ``build=`` overrides it.")
class Build(Section):
    assembler: bool = doc(
        "Whether the build has the assembler modules (not with ``no-asm``). Without them there is "
        "no multiblock write."
    )

    ssl2: bool = doc(
        "Whether the build has SSLv2 (not with ``no-ssl2``). With it the hello of an SSLv23 client "
        "may have SSLv2's format."
    )

    ssl3: bool = doc("Whether the build has SSLv3 (not with ``no-ssl3``, the default from 1.1.0 on).")

    weak_ciphers: bool = doc(
        "Whether the build has the ciphers that the release calls weak: RC4 and 3DES from 1.1.0 "
        "on, export and single DES before (not with ``no-weak-ssl-ciphers``, the default from "
        "1.0.1s and 1.0.2g on)."
    )


@about("Which protocols, methods and answers the release knows.")
class Exists(Section):
    protocols: tuple[str, ...] = doc(
        "The protocols of the release, if its build has them, as SSL_get_version() spells them, oldest first."
    )

    methods: tuple[str, ...] = doc(
        'The SSL_METHODs by their names without ``_method``: "SSLv23", "TLSv1"; "TLS" from 1.1.0 on.'
    )

    wants: tuple[str, ...] = doc(
        "The results of SSL_want(): the names of ssl.h without ``SSL_``, by their numbers from 1."
    )

    error_codes: tuple[str, ...] = doc("``SSL_ERROR_*`` that ssl.h defines, without that prefix.")


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


@about("What a fresh SSL_CTX holds.")
class Defaults(Section):
    mode: int = doc("SSL_CTX_get_mode() after SSL_CTX_new().")

    context_options: int = doc("SSL_CTX_get_options() after SSL_CTX_new().")

    security_level: int = doc(
        "SSL_CTX_get_security_level() after SSL_CTX_new(); 0 in releases without levels."
    )


@question("What does the page say about SSL_write() with num=0?")
class NumZero(Behaviour):
    SILENT = "silent", "Nothing."

    UNDEFINED = "undefined", "The behaviour is undefined."

    ERROR = "error", "It should not be done and returns an error; SSL_write_ex() may do it and sends nothing."


@question("What does a return value of 0 mean, according to the page?")
class ReturnZero(Behaviour):
    UNSUCCESSFUL = "unsuccessful", "Not successful: SSL_get_error() says whether there was an error."

    PROBABLY_CLOSED_EXCEPT_SSLV2 = (
        "probably-closed-except-sslv2",
        "Probably the connection was closed, cleanly if SSL_get_error() says ZERO_RETURN; SSLv2 cannot say.",
    )

    PROBABLY_CLOSED = (
        "probably-closed",
        "Probably the connection was closed, cleanly if SSL_get_error() says ZERO_RETURN.",
    )

    SAME_AS_NEGATIVE = (
        "same-as-negative",
        "0 and below are one case: closed, an error, or the caller must act first; SSL_get_error() "
        "says which.",
    )


@question(
    "May SSL_write() over a blocking BIO return before it has finished or failed, according to the page?"
)
class BlockingEarlyReturn(Behaviour):
    NEVER = "never", "No."

    WANT_READ_WHILE_RENEGOTIATING = (
        "want-read-while-renegotiating",
        "Yes: with WANT_READ when a renegotiation takes place, unless SSL_MODE_AUTO_RETRY is set.",
    )


@question("What does the page say about partial writes?")
class PartialWrites(Behaviour):
    NOT_MENTIONED = "not-mentioned", "Nothing."

    MESSAGE_BLOCK = (
        "message-block",
        "With ENABLE_PARTIAL_WRITE one message block of 16 kB; the rest is a new write with a new buffer.",
    )


@question("What may differ in a call that is repeated after WANT_READ or WANT_WRITE, according to the page?")
class RepeatedCall(Behaviour):
    SAME_ARGUMENTS = "same-arguments", "The same arguments."

    POINTER_MAY_MOVE = (
        "pointer-may-move",
        "With ACCEPT_MOVING_WRITE_BUFFER the pointer, but not the data; the data "
        "may have been partially processed.",
    )


@question("What may a program do before it repeats a write that has to wait, according to SSL_get_error(3)?")
class WhileOutstanding(Behaviour):
    NOT_MENTIONED = "not-mentioned", "Nothing is said."

    NO_OTHER_IO = "no-other-io", "Nothing that could trigger I/O."


@question("Must a connect or accept state be set before the first SSL_write(), according to the page?")
class StateRequired(Behaviour):
    NOT_MENTIONED = "not-mentioned", "Nothing is said."

    GENERIC_METHOD = "generic-method", "Yes, with a generic method such as SSLv23_method()."

    ALWAYS = "always", "Yes."


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
