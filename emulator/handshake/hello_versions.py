"""A connection's first ClientHello: its format, the version that it offers, and that of its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.behaviours.hello import HelloRecordVersion, OfferedVersion, Sslv2Hello
from emulator.constants import SSL2_VERSION, TLS1_VERSION, Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.behaviours.hello import HelloSection
    from emulator.record.suite import CipherSuite


@dataclass(frozen=True, slots=True)
class FirstHello:
    """The shape of a connection's first ClientHello: its format and the two versions that it shows."""

    sslv2_format: bool
    client_version: int
    record_version: int


def offered_version(section: HelloSection, versions: Sequence[int]) -> int:
    """Give the version that a client of SSLv23_method or TLS_method offers; ``versions`` ascend.

    SSL_OP_NO_TLSv1_1 alone takes TLS 1.2 away with it where "a gap" counts (ssl23_client_hello,
    ssl_get_client_min_max_version).
    """
    offered = versions[0]
    for version in versions[1:]:
        gap = version != offered + 1
        if gap and section.offered_version is OfferedVersion.BELOW_THE_FIRST_GAP:
            break
        offered = version
    return offered


def hello_record_version(section: HelloSection, version: int, *, renegotiating: bool) -> int:
    """Give the version in the record header of a ClientHello that offers ``version``."""
    rule = section.record_version
    capped = rule is HelloRecordVersion.TLS1 or (
        rule is HelloRecordVersion.TLS1_AT_FIRST and not renegotiating
    )
    return min(version, TLS1_VERSION) if capped else version


def _sslv2_format(
    section: HelloSection, suites: Iterable[CipherSuite], options: int, *, extensions_wanted: bool
) -> bool:
    rule = section.sslv2_hello
    if rule in (Sslv2Hello.ALWAYS, Sslv2Hello.NEVER):
        return rule is Sslv2Hello.ALWAYS
    if options & Option.NO_SSLV2:
        return False
    if rule is Sslv2Hello.UNLESS_OFF:
        return True
    if extensions_wanted:
        return False
    if rule is Sslv2Hello.UNLESS_OFF_OR_EXTENSIONS:
        return True
    return any(suite.min_version == SSL2_VERSION for suite in suites)


def first_hello(
    section: HelloSection,
    *,
    fixed_version: int | None,
    versions: Sequence[int],
    suites: Iterable[CipherSuite],
    options: int,
    hostname: str | None = None,
    status_request: bool = False,
) -> FirstHello:
    """Say how the first ClientHello looks.

    ``fixed_version`` is that of TLSv1_method and the like, None for SSLv23_method and TLS_method, whose
    enabled ``versions`` (ascending, not empty) then count.
    """
    if fixed_version is not None:
        record = hello_record_version(section, fixed_version, renegotiating=False)
        return FirstHello(sslv2_format=False, client_version=fixed_version, record_version=record)
    version = offered_version(section, versions)
    wanted = hostname is not None or status_request
    sslv2 = _sslv2_format(section, suites, options, extensions_wanted=wanted)
    record = hello_record_version(section, version, renegotiating=False)
    return FirstHello(sslv2_format=sslv2, client_version=version, record_version=record)
