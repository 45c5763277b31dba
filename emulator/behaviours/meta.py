"""What a release consists of: its build, calls, numbers and defaults."""

from __future__ import annotations

from enum import StrEnum

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
