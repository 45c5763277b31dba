"""The model of a profile: one release, complete and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeAlias

from emulator.api.arguments import flag, shown
from emulator.behaviours.ciphers import CiphersSection
from emulator.behaviours.errors import ErrorBehaviours
from emulator.behaviours.get_error import GetErrorBehaviours
from emulator.behaviours.handshake import HandshakeSection
from emulator.behaviours.hello import HelloSection
from emulator.behaviours.machine import MachineBehaviours
from emulator.behaviours.meta import Build, Defaults, Exists, Function
from emulator.behaviours.read import ReadBehaviours
from emulator.behaviours.record import RecordBehaviours
from emulator.behaviours.renegotiation import RenegotiationBehaviours
from emulator.behaviours.section import Section
from emulator.behaviours.shutdown import ShutdownBehaviours
from emulator.behaviours.tls13 import Tls13Behaviours
from emulator.behaviours.write import WriteBehaviours
from emulator.exceptions import TableError, UsageError
from emulator.profiles import tables

BuildOverride: TypeAlias = Iterable[str] | Mapping[str, bool]
"""Words as OpenSSL's Configure has them ("no-asm", "ssl3"), or fields of ``Build`` and their values."""

BUILD_WORDS: dict[str, tuple[str, bool]] = {
    "asm": ("assembler", True),
    "no-asm": ("assembler", False),
    "ssl2": ("ssl2", True),
    "no-ssl2": ("ssl2", False),
    "ssl3": ("ssl3", True),
    "no-ssl3": ("ssl3", False),
    "weak-ciphers": ("weak_ciphers", True),
    "no-weak-ciphers": ("weak_ciphers", False),
}
"""The words that ``build=`` takes, and what each says."""


class Profile(Section):
    """Everything about one release that a caller or peer can observe."""

    name: str
    """What the profile is called: the release's own name, a distributor's build's, or a user's file's."""

    release: str
    """The one release that this profile stands for, such as "1.0.1g" or "1.0.1-base".

    Of a distributor's build it is the one that was patched.
    """

    sources: tuple[str, ...]
    """Where the answers come from that the release changed: manual pages, C functions, trace ids.

    Of a release that changed nothing they are those of the last one before it that did; of a file its own.
    """

    build: Build
    exists: Exists
    functions: dict[str, Function]
    modes: dict[str, int]
    """``SSL_MODE_*`` of ssl.h, without that prefix."""
    options: dict[str, int]
    """``SSL_OP_*`` of ssl.h, without that prefix; 0 where the name was kept and its effect dropped."""
    defaults: Defaults
    errors: ErrorBehaviours
    hello: HelloSection
    record: RecordBehaviours
    ciphers: CiphersSection
    handshake: HandshakeSection
    write: WriteBehaviours
    read: ReadBehaviours
    machine: MachineBehaviours
    renegotiation: RenegotiationBehaviours
    shutdown: ShutdownBehaviours
    get_error: GetErrorBehaviours
    manual: dict[str, str]
    """What the release's own manual pages say: for each topic of ``clauses.toml`` the word of the clause.

    The pages are silent about a topic that is not there.
    """
    tls13: Tls13Behaviours | None = None
    """What only releases with TLS 1.3 have to answer."""

    def __hash__(self) -> int:
        return hash((self.name, self.release, self.build))

    def __repr__(self) -> str:
        return f"<Profile {self.name}>"

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Make a profile of a table, as ``to_table()`` returns one.

        TableError, a ProfileError, with everything that is wrong with it: unknown and missing keys, unknown
        answers, values of another type, and suites that no cipher has.
        """
        from emulator.profiles import checking, suite_rows  # noqa: PLC0415 - the first brings pydantic in

        profile = checking.section_of(cls, table)
        rows = suite_rows.wrong_rows(profile.ciphers.suites)
        wrong = [f"ciphers.suites.{number}: {mistake}" for number, mistake in rows]
        if wrong:
            raise TableError("\n".join(wrong))
        return profile

    def to_table(self) -> dict[str, Any]:
        """Return the profile as a table of plain values, as JSON and TOML have them."""
        return tables.to_table(self)

    def speaks(self, protocol: str) -> bool:
        """Whether this release, as it was built, knows the protocol ("SSLv3", "TLSv1.2", ...)."""
        built = {"SSLv2": self.build.ssl2, "SSLv3": self.build.ssl3}
        return protocol in self.exists.protocols and built.get(protocol, True)

    def with_build(self, build: BuildOverride) -> Profile:
        """Return this profile with its build overridden; UsageError for a word that isn't known."""
        return self.replace(build=self.build.replace(**_build_changes(build)))


def _build_changes(build: BuildOverride) -> dict[str, bool]:
    if isinstance(build, Mapping):
        wrong = [key for key in build if key not in Build.fields]
        changes = {key: flag(f"build: {key}", value) for key, value in build.items()}
    else:
        if not isinstance(build, Iterable) or isinstance(build, memoryview):
            raise UsageError(f"build: got {shown(build)}, expected some of {', '.join(BUILD_WORDS)}")
        words = (build,) if isinstance(build, str) else tuple(build)
        wrong = [word for word in words if not isinstance(word, str) or word not in BUILD_WORDS]
        changes = {} if wrong else dict(BUILD_WORDS[word] for word in words)
    if wrong:
        known = ", ".join(Build.fields if isinstance(build, Mapping) else BUILD_WORDS)
        raise UsageError(f"build: {shown(wrong[0])} is unknown; expected some of {known}")
    return changes
