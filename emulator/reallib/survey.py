"""A library is asked directly what it is, and a profile says where it would have answered otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.behaviours.errors import read_table
from emulator.behaviours.meta import FunctionKind
from emulator.error_queue import ErrorStrings
from emulator.reallib import first_hello
from emulator.reallib.oracle import CHILD, ENVIRONMENT, OracleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.behaviours.errors import NamedNumber
    from emulator.profile import Profile
    from emulator.reallib.first_hello import Hello
    from emulator.scenario.model import Json

ERR_LIB_SSL = 20
SECONDS = 60

QUESTIONS = {
    "build.ssl2": "whether SSLv2_method() is there",
    "build.ssl3": "whether SSLv3_method() is there",
    "build.weak_ciphers": "whether the cipher string RC4-SHA is taken",
    "defaults.mode": "SSL_CTX_get_mode() of a new context",
    "defaults.context_options": "SSL_CTX_get_options() of a new context",
    "defaults.security_level": "SSL_CTX_get_security_level() of a new context",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the library itself says, and the profile has otherwise.

    ``value`` is what belongs into a profile's file at ``key`` ("defaults.mode"); for tables of errors the
    lines to be added.  ``question`` is how the library was asked.
    """

    key: str
    value: Any
    question: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a library says of itself: see ``child/survey.py``."""

    version: str
    exported: frozenset[str]
    controls: Mapping[str, bool]
    build: Mapping[str, bool]
    defaults: Mapping[str, int]
    errors: Mapping[str, list[str]]
    """What is printed for the functions and the reasons of libssl, from number 1 on; may be empty."""
    hello: bytes = b""
    """The first record of a client."""

    def facts(self, profile: Profile) -> Iterator[Fact]:
        """Where the library and the profile say different things."""
        yield from self._settings(profile)
        yield from self._functions(profile)
        yield from self._strings(profile)
        yield from self._hello(profile)

    def _settings(self, profile: Profile) -> Iterator[Fact]:
        for section, said in (("build", self.build), ("defaults", self.defaults)):
            for name, value in said.items():
                if getattr(getattr(profile, section), name) != value:
                    key = f"{section}.{name}"
                    yield Fact(key, value, QUESTIONS[key])

    def _functions(self, profile: Profile) -> Iterator[Fact]:
        for name, function in profile.functions.items():
            present = function.c_name in self.exported
            if function.kind is FunctionKind.CONTROL:
                present = present or self.controls.get(name, function.present)
            elif function.kind is FunctionKind.MACRO:
                present = function.present
            if present != function.present:
                yield Fact(f"functions.{name}.present", present, f"whether it has {function.c_name}()")

    def _hello(self, profile: Profile) -> Iterator[Fact]:
        theirs, ours = self._hellos(profile)
        if theirs is not None and ours is not None:
            for key, value in first_hello.lists_that_differ(theirs, ours, profile):
                yield Fact(key, value, "the first record of a client")

    def remarks(self, profile: Profile) -> Iterator[str]:
        """What differs besides, and no single answer of a profile says."""
        theirs, ours = self._hellos(profile)
        if theirs is not None and ours is not None:
            yield from first_hello.remarks(theirs, ours)

    def _hellos(self, profile: Profile) -> tuple[Hello | None, Hello | None]:
        return first_hello.read_hello(self.hello), first_hello.read_hello(first_hello.hello_of(profile))

    def _strings(self, profile: Profile) -> Iterator[Fact]:
        """One fact for the functions and one for the reasons: the lines that make a table print alike."""
        printed = ErrorStrings(profile.errors)
        strings = profile.errors.strings["SSL"]
        for kind, table in (("functions", strings.functions), ("reasons", strings.reasons)):
            lines: list[str] = []
            for number, text in enumerate(self.errors.get(kind, ()), 1):
                codes = (number, 0) if kind == "functions" else (0, number)
                ours = printed.numeric(ERR_LIB_SSL, *codes).text
                if ours != text:
                    lines += _lines(kind, number, text, read_table(table))
            if lines:
                how = f"ERR_error_string_n() of all {kind}"
                yield Fact(f"errors.strings.SSL.{kind}", tuple(lines), how)


def _lines(kind: str, number: int, text: str, table: Mapping[str, NamedNumber]) -> Iterator[str]:
    """The lines that a table needs so that a number prints as the library does.

    A name that the library no longer prints stays, with the empty text that prints as its number.
    """
    field = text.split(":", 4)[3 if kind == "functions" else 4]
    names = [name for name, named in table.items() if named.number == number]
    if field in (f"func({number})", f"reason({number})"):
        yield from (f"{number} {name}" for name in names)
    elif field:  # a table cannot say that a number prints as nothing
        yield f"{number} {names[-1] if names else _name(field, table)} {field}"


def _name(text: str, table: Mapping[str, NamedNumber]) -> str:
    """A name as ssl.h would have it for such a text, and that no other number has."""
    name = "".join(letter if letter.isalnum() else "_" for letter in text.upper())
    name = name if name.isidentifier() else f"_{name}"
    while name in table:
        name += "_"
    return name


def ask(path: str, profile: Profile) -> Survey:
    """Ask the library in a process of its own; ``profile`` lists the functions that are asked for.

    Raises OracleError for what is no libssl, or has no answer.
    """
    names = [function.c_name for function in profile.functions.values()]
    done = subprocess.run(  # noqa: S603 - our own module, the library that the caller named
        [sys.executable, "-I", "-S", str(CHILD), path, "survey"],
        input=json.dumps(names).encode(),
        stdout=subprocess.PIPE,
        env={**os.environ, **ENVIRONMENT},
        timeout=SECONDS,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise OracleError(f"{path}: the process that loads it ended ({done.returncode})")
    answer: Json = json.loads(done.stdout)
    if "error" in answer:
        raise OracleError(answer["error"])
    return Survey(
        answer["version"],
        frozenset(answer["exported"]),
        answer["controls"],
        answer["build"],
        answer["defaults"],
        answer["errors"],
        bytes.fromhex(answer["hello"]),
    )
