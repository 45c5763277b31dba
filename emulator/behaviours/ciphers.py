"""The cipher suites of a release, and how ssl_create_cipher_list() turns a string into a list of them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about, doc


@question("How does ssl_cipher_apply_rule() compare a suite with a keyword?")
class Matching(Behaviour):
    # up to 0.9.8
    MASKS = (
        "masks",
        "by masks over one word of bits: a property is ignored if the suite has no bit of the keyword's for "
        "it",
    )
    # from 1.0.0
    SETS = (
        "sets",
        "field by field, as in alg_mkey & cp->algorithm_mkey: a suite needs one of the keyword's values in "
        "each",
    )


@question('What does ``kRSA+kEDH`` select: two values of the same kind, joined by "+"?')
class CombinedKeywords(Behaviour):
    # up to 0.9.7g
    UNION = "union", "suites with either value"
    # from 0.9.7h
    INTERSECTION = "intersection", "suites with both values; none if the values have nothing in common"


@question("Which suites does the name of a suite select?")
class SuiteNames(Behaviour):
    # up to 0.9.7k and 0.9.8a, and 1.0.0 to 1.1.0
    SAME_ALGORITHMS = (
        "same-algorithms",
        "all with the same algorithms; AES256-SHA too for AES128-SHA, where the key's length is no part of "
        "them",
    )
    # from 0.9.8b
    ID = "id", "that suite alone, by its number"
    # from 0.9.7l and 0.9.8d
    ID_IN_VERSION = (
        "id-in-version",
        "that suite, and suites of other protocol versions with the same algorithms",
    )
    # from 1.1.1
    ID_AND_ALGORITHMS = "id-and-algorithms", "that suite alone, by its number and its algorithms"


@question('Where does "-" put a suite, in case a later rule adds it again?')
class Deletion(Behaviour):
    # up to 0.9.8
    IN_PLACE = "in-place", "nowhere: it keeps its place"
    # from 1.0.0
    TO_FRONT = (
        "to-front",
        "to the front of the suites that are not in use: the suite that was deleted last is added first",
    )


@question("What happens to the rest of ``unknown+kRSA`` after a keyword that does not exist?")
class UnknownKeyword(Behaviour):
    READS_ON = "reads-on", '"kRSA" is a rule of its own'  # up to 0.9.7l and 0.9.8d
    SKIPPED = "skipped", "everything up to the next separator is skipped"  # from 0.9.7m and 0.9.8e


@question("What happens after SSL_R_INVALID_COMMAND, for a character that fits nowhere?")
class InvalidCommand(Behaviour):
    # up to 1.1.1r and 3.0.6
    GOES_ON = (
        "goes-on",
        "the rest of the string is read, and may push the error again; then the list is refused",
    )
    # from 1.1.1s and 3.0.7
    STOPS = "stops", "the list is refused at once"


@question("What does a string return that selects no suite?")
class NoMatch(Behaviour):
    SUCCESS = "success", "1, and the list is empty"  # up to 0.9.7g
    NO_CIPHER_MATCH = "no-cipher-match", "0 with SSL_R_NO_CIPHER_MATCH, and the list is empty"  # from 0.9.7h


@question("Do ALL and keywords such as AES leave out suites with elliptic curves?")
class CurvesOnlyByName(Behaviour):
    NO = "no", "no: they are suites like all others"  # up to 0.9.8b, and from 1.0.0
    YES = "yes", "yes: only a keyword for elliptic curves adds them"  # 0.9.8c to 0.9.8


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


@about(
    "``[ciphers]``: the suites, the keywords and the rules of cipher strings, in ssl_ciph.c "
    "ssl_create_cipher_list()."
)
class CiphersSection(Section):
    default_string: str = doc("SSL_DEFAULT_CIPHER_LIST (ssl.h).")

    suites: dict[str, SuiteRow] = doc(
        'The rows of ssl3_ciphers[], then of ssl2_ciphers[], in their order there, by number ("0x002F").'
    )

    keywords: dict[str, tuple[Criteria, ...]] = doc(
        "The rows of cipher_aliases[]; a suite needs to meet one of several criteria."
    )

    left_out: tuple[str, ...] = doc(
        "Algorithms that the default build lacks (ssl_cipher_get_disabled()), under their names in the rows."
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

    name_characters: str = doc("The characters of a keyword besides letters and digits.")

    security_levels: bool = doc("Whether ``@SECLEVEL=n`` is a command.")

    suite_b: bool = doc(
        "Whether a string may begin with ``SUITEB128`` or ``SUITEB192`` (check_suiteb_cipher_list())."
    )
