"""The cipher suites of a release, and how ssl_create_cipher_list() turns a string into a list of them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("How does a keyword select suites (ssl_cipher_apply_rule)?")
class Matching(Behaviour):
    MASKS = "masks", "by masks over one word: if a suite has no bit under a mask, the mask is ignored"
    SETS = "sets", "field by field: a suite must have one of the requested values"


@question('What does ``kRSA+kEDH`` mean, two values of the same kind joined by "+"?')
class CombinedKeywords(Behaviour):
    UNION = "union", "either of them"
    INTERSECTION = "intersection", "both: none, if they have nothing in common"


@question("What does the name of a suite select?")
class SuiteNames(Behaviour):
    SAME_ALGORITHMS = (
        "same-algorithms",
        "all with its algorithms: up to 0.9.8a AES128-SHA selects AES256-SHA too",
    )
    ID = "id", "that suite"
    ID_IN_VERSION = "id-in-version", "that suite, and every suite of another version with its algorithms"
    ID_AND_ALGORITHMS = "id-and-algorithms", "that suite"


@question('Where does "-" put a suite, if it is added again later?')
class Deletion(Behaviour):
    IN_PLACE = "in-place"
    TO_FRONT = "to-front", "the suite that was deleted last is added first"


@question("What happens to the rest of ``unknown+kRSA``?")
class UnknownKeyword(Behaviour):
    READS_ON = "reads-on", '"kRSA" is a rule of its own'
    SKIPPED = "skipped", "up to the next separator"


@question("What does a character that is not allowed do, apart from pushing SSL_R_INVALID_COMMAND?")
class InvalidCommand(Behaviour):
    GOES_ON = (
        "goes-on",
        "the code reads the rest of the string and may push the error again; then it refuses the list",
    )
    STOPS = "stops"


@question("What happens if a string selects no suite?")
class NoMatch(Behaviour):
    SUCCESS = "success", "the list is empty and the call returns 1"
    NO_CIPHER_MATCH = "no-cipher-match", "the list is empty and the call returns 0"


@question("Are suites with elliptic curves added only by a keyword that names them, and not by AES?")
class CurvesOnlyByName(Behaviour):
    NO = "no"
    YES = "yes"


class RuleKind(StrEnum):
    """What a rule does with the suites that it selects."""

    ADD = "add"
    DELETE = "delete"
    KILL = "kill"
    ORDER = "order"  # to the end of the list
    BUMP = "bump"  # to its front
    STRENGTH = "strength"  # all of them, by the bits of their keys


class SuiteRow(NamedTuple):
    """One row of ssl3_ciphers[] or ssl2_ciphers[], the macros' names without ``SSL_``."""

    name: str
    kx: str
    auth: str  # two values joined by "+" for GOST 2012
    enc: str
    mac: str
    version: str  # "SSLv2", "SSLv3", "TLSv1", "TLSv1.2": SSL_TLSV1 is SSL_SSLV3 before 1.1.0
    strength: str  # "NONE", "EXP40", "EXP56", "LOW", "MEDIUM", "HIGH" or nothing
    flags: str  # of "export", "fips", "not-default", "weak" (no-weak-ssl-ciphers), "invalid", "unclassified"
    strength_bits: int
    alg_bits: int
    prf: str = "default"  # rows without it have the default of their version


Criteria = dict[str, tuple[str, ...]]
"""Allowed values by kind: k(ey exchange), a(uthentication), e(ncryption), m(ac), v(ersion), s(trength),
x (export), fips, none, default.  "*" allows all, "!kRSA" all but that; what is not there does not matter.
"""


class SortingStep(Section):
    """One of the rules that put the suites in order before the string is read."""

    rule: RuleKind
    criteria: Criteria


@about("``[ciphers]``: suites, keywords and the rules of cipher strings.")
class CiphersSection(Section):
    default_string: str = doc("SSL_DEFAULT_CIPHER_LIST (ssl.h).")

    suites: dict[str, SuiteRow] = doc(
        'The rows of ssl3_ciphers[], then of ssl2_ciphers[], in their order there, by number ("0x002F").'
    )

    keywords: dict[str, tuple[Criteria, ...]] = doc(
        "The rows of cipher_aliases[]; one of several criteria is enough."
    )

    left_out: tuple[str, ...] = doc(
        "The algorithms that the default build lacks (ssl_cipher_get_disabled), named as in the rows."
    )

    sorting: tuple[SortingStep, ...] = doc("What ssl_create_cipher_list() does before it reads the string.")

    matching: Matching
    combined_keywords: CombinedKeywords
    suite_names: SuiteNames
    deletion: Deletion
    unknown_keyword: UnknownKeyword
    invalid_command: InvalidCommand
    no_match: NoMatch
    curves_only_by_name: CurvesOnlyByName

    name_characters: str = doc("The characters that a keyword may have besides letters and digits.")

    security_levels: bool = doc("Whether ``@SECLEVEL=n`` is a command.")
