"""Cipher strings such as "ALL:!aNULL:@STRENGTH", and the list that SSL_CTX_set_cipher_list() makes of one.

Source: ssl_ciph.c, ssl_create_cipher_list() and the functions it calls; ciphers(1) for the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.behaviours.ciphers import (
    CombinedKeywords,
    CurvesOnlyByName,
    Deletion,
    InvalidCommand,
    Matching,
    NoMatch,
    RuleKind,
    SuiteNames,
    UnknownKeyword,
)
from emulator.behaviours.section import cached_for_section
from emulator.exceptions import NotEmulated
from emulator.handshake.common.suites import ListedSuite, collected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.behaviours.ciphers import CiphersSection, Criteria
    from emulator.record.suite import CipherSuite

SEPARATORS = ": ;,"
PREFIXES = {"-": RuleKind.DELETE, "+": RuleKind.ORDER, "!": RuleKind.KILL}
COMMAND = "@"
DEFAULT = "DEFAULT"
ALL = "ALL"
SUITE_B = ("SUITEB128", "SUITEB192")
CURVES = frozenset({"kECDH", "kECDHE", "aECDSA"})


class CipherSelection(NamedTuple):
    """The result of a cipher string.

    ``ok`` is whether the call returns 1, ``replaces`` whether ``suites`` replace the list before, even if
    they are none.  ``errors`` are the (function, reason) names that are pushed, oldest first.
    ``security_level`` is the last ``@SECLEVEL``, which counts even in a string that is then refused.
    """

    suites: tuple[CipherSuite, ...]
    security_level: int | None
    errors: tuple[tuple[str, str], ...]
    ok: bool
    replaces: bool


class _Entry:
    """A suite in the list under construction (CIPHER_ORDER)."""

    __slots__ = ("active", "listed", "values")

    def __init__(self, listed: ListedSuite, values: Mapping[str, frozenset[str]]) -> None:
        self.listed = listed
        self.values = values
        self.active = False


def _values(listed: ListedSuite, matching: Matching) -> dict[str, frozenset[str]]:
    """Return the algorithms and properties of a suite by their kinds, without the kinds that it lacks."""
    row, flags = listed.row, listed.flags
    fips = frozenset({"FIPS"} if "fips" in flags else ())
    strength = frozenset({row.strength} if row.strength else ())
    has = {
        "k": frozenset({row.kx}),
        "a": frozenset(row.auth.split("+")),
        "e": frozenset({row.enc}),
        "m": frozenset({row.mac}),
        "v": frozenset({row.version}),
        # From 1.0.0 SSL_FIPS is one of the bits of SSL_STRONG_MASK that ``algo_strength`` is compared in.
        "s": strength | fips if matching is Matching.SETS else strength,
        "x": frozenset(() if "unclassified" in flags else {"EXPORT" if "export" in flags else "NOT_EXP"}),
        "none": strength & {"NONE"},
        "fips": fips,
        "default": frozenset({"NOT_DEFAULT"} if "not-default" in flags else ()),
    }
    return {kind: values for kind, values in has.items() if values}


def _expand(section: CiphersSection, criteria: Criteria) -> dict[str, frozenset[str]]:
    return {kind: _expand_kind(section, kind, values) for kind, values in criteria.items()}


def _expand_kind(section: CiphersSection, kind: str, values: tuple[str, ...]) -> frozenset[str]:
    if values != ("*",) and not any(value.startswith("!") for value in values):
        return frozenset(values)
    universe = _universe(section, kind)
    return universe - {value[1:] for value in values if value != "*"}


def _universe(section: CiphersSection, kind: str) -> frozenset[str]:
    column = {"k": 1, "a": 2, "e": 3, "m": 4, "v": 5, "s": 6}.get(kind)
    if column is None:
        return frozenset({"EXPORT", "NOT_EXP", "FIPS", "NONE"})
    return frozenset(part for row in section.suites.values() for part in str(row[column]).split("+"))


class _Rule:
    """Keywords joined by "+": the suites that have all of them."""

    __slots__ = ("alternatives", "impossible", "suite")

    def __init__(self) -> None:
        self.alternatives: list[dict[str, frozenset[str]]] = [{}]
        self.suite: ListedSuite | None = None
        self.impossible = False


class CipherListBuilder:
    """The list under construction, and the errors of the rules that were read."""

    def __init__(self, section: CiphersSection, suites: Iterable[ListedSuite]) -> None:
        self.section = section
        self.entries = [_Entry(listed, _values(listed, section.matching)) for listed in suites]
        self.names = {entry.listed.row.name: entry for entry in reversed(self.entries)}
        self.errors: list[tuple[str, str]] = []
        self.security_level: int | None = None
        self.refused = False
        for step in section.sorting:
            self.apply(step.rule, [_expand(section, step.criteria)])

    # --- rules -------------------------------------------------------------------------------------------

    def _matches_masks(self, entry: _Entry, criteria: Mapping[str, frozenset[str]]) -> bool:
        """Up to 0.9.8: ``ma = mask & cp->algorithms``, and no match if ``ma & ~algorithms``."""
        counted = [kind for kind in criteria if kind in entry.values]
        return bool(counted) and all(entry.values[kind] <= criteria[kind] for kind in counted)

    def _matches_sets(self, entry: _Entry, criteria: Mapping[str, frozenset[str]]) -> bool:
        """From 1.0.0: no match if ``alg_mkey && !(alg_mkey & cp->algorithm_mkey)``, and so for each field."""
        values = entry.values
        for kind, allowed in criteria.items():  # a loop is faster than all(): it runs for each suite and rule
            if kind not in values or values[kind].isdisjoint(allowed):
                return False
        return True

    def _selected(
        self, entry: _Entry, alternatives: Iterable[Mapping[str, frozenset[str]]], named: ListedSuite | None
    ) -> bool:
        # From 1.1.1 ``if (cipher_id != 0 && (cipher_id != cp->id)) continue;`` precedes the algorithms.
        # 0.9.8b compares the number alone, and so do 0.9.7l and 0.9.8d if ``(cp->algorithms & SSL_SSL_MASK)
        # == ssl_version``.  Older releases, and 1.0.0 to 1.1.0, compare the algorithms alone.
        names = self.section.suite_names
        if named is not None and names is SuiteNames.ID_AND_ALGORITHMS and entry.listed is not named:
            return False
        if named is not None and names in (SuiteNames.ID, SuiteNames.ID_IN_VERSION):
            same_version = entry.listed.row.version == named.row.version
            if names is SuiteNames.ID or same_version:
                return entry.listed is named
        masks = self.section.matching is Matching.MASKS
        matches = self._matches_masks if masks else self._matches_sets
        for criteria in alternatives:  # noqa: SIM110 - faster than any()
            if matches(entry, criteria):
                return True
        return False

    def apply(
        self,
        kind: RuleKind,
        alternatives: list[dict[str, frozenset[str]]],
        named: ListedSuite | None = None,
    ) -> None:
        """Apply a rule to the suites that it selects (ssl_cipher_apply_rule)."""
        if kind is RuleKind.STRENGTH:
            self.sort_by_strength()
            return
        chosen = [entry for entry in self.entries if self._selected(entry, alternatives, named)]
        if kind is RuleKind.ADD:
            self._add([entry for entry in chosen if self._may_add(entry, alternatives, named)])
        elif kind is RuleKind.KILL:
            self._remove(chosen)
        elif kind is RuleKind.DELETE and self.section.deletion is Deletion.IN_PLACE:
            # Up to 0.9.8 CIPHER_DEL is ``curr->active = 0;``; 1.0.0 adds ll_append_head() ahead of it.
            for entry in chosen:
                entry.active = False
        else:
            self._move([entry for entry in chosen if entry.active], kind)

    def _may_add(
        self, entry: _Entry, alternatives: list[dict[str, frozenset[str]]], named: ListedSuite | None
    ) -> bool:
        """Say whether a rule may add the suite: curves may need a keyword that names them."""
        # 0.9.8c up to the last 0.9.8: ``add_this_cipher = (mask & (SSL_kECDHE|SSL_kECDH|SSL_aECDSA)) != 0 ||
        # cipher_id != 0;``
        if self.section.curves_only_by_name is CurvesOnlyByName.NO:
            return True
        if not CURVES & (entry.values["k"] | entry.values["a"]):
            return True
        return named is not None or any("k" in criteria or "a" in criteria for criteria in alternatives)

    def _remove(self, chosen: list[_Entry]) -> None:
        gone = set(map(id, chosen))
        self.entries = [entry for entry in self.entries if id(entry) not in gone]

    def _add(self, chosen: list[_Entry]) -> None:
        inactive = [entry for entry in chosen if not entry.active]
        self._remove(inactive)
        self.entries += inactive
        for entry in inactive:
            entry.active = True

    def _move(self, chosen: list[_Entry], kind: RuleKind) -> None:
        self._remove(chosen)
        if kind is RuleKind.ORDER:
            self.entries += chosen
            return
        self.entries[:0] = chosen
        if kind is RuleKind.DELETE:
            for entry in chosen:
                entry.active = False

    def sort_by_strength(self) -> None:
        """Sort the active suites by the bits of their keys, behind all others (@STRENGTH)."""
        active = [entry for entry in self.entries if entry.active]
        self._remove(active)
        # CIPHER_ORD moves active suites only, though others may have the same number of bits.
        self.entries += sorted(active, key=lambda entry: -entry.listed.suite.strength_bits)

    # --- the string --------------------------------------------------------------------------------------

    def read(self, string: str) -> None:
        """Read rules and apply them (ssl_cipher_process_rulestr)."""
        position = 0
        while position < len(string):
            if string[position] in SEPARATORS:
                position += 1
                continue
            position = self._read_rule(string, position)
            # SSL_R_INVALID_COMMAND: ``retval = found = 0; l++;`` up to 1.1.1r and 3.0.6; from 1.1.1s and
            # 3.0.7 ``return 0;``.
            if self.refused and self.section.invalid_command is InvalidCommand.STOPS:
                return

    def _read_rule(self, string: str, position: int) -> int:
        prefix = string[position]
        if prefix == COMMAND:
            return self._read_command(string, position + 1)
        kind = PREFIXES.get(prefix, RuleKind.ADD)
        position += kind is not RuleKind.ADD
        rule = _Rule()
        while True:
            word = self._word(string, position)
            if not word:
                self._invalid_command()
                return position + 1
            position += len(word)
            joined = string[position : position + 1] == "+"
            position += joined
            if not self._narrow(rule, word):
                return self._after_unknown(string, position)
            if not joined or self._named_alone(rule):
                break
        if not rule.impossible:
            self.apply(kind, rule.alternatives, rule.suite)
        return position

    def _named_alone(self, rule: _Rule) -> bool:
        """Say whether a suite's name ends the rule, even before a "+"."""
        # ``break;`` behind ``cipher_id = ca_list[j]->id;``, in the 0.9.7 and 0.9.8 that compare numbers.
        return rule.suite is not None and self.section.suite_names in (
            SuiteNames.ID,
            SuiteNames.ID_IN_VERSION,
        )

    def _after_unknown(self, string: str, position: int) -> int:
        """Skip to the next separator, behind an unknown word or a command."""
        # Up to 0.9.7l and 0.9.8d the "!" is missing in ``while ((*l != '\0') && !ITEM_SEP(*l))``.
        if self.section.unknown_keyword is UnknownKeyword.READS_ON:
            return position
        while position < len(string) and string[position] not in SEPARATORS:
            position += 1
        return position

    def _word(self, string: str, position: int) -> str:
        end = position
        while end < len(string) and self._fits(string[end]):
            end += 1
        return string[position:end]

    def _fits(self, character: str) -> bool:
        return (character.isascii() and character.isalnum()) or character in self.section.name_characters

    def _invalid_command(self) -> None:
        self.errors.append(("SSL_CIPHER_PROCESS_RULESTR", "INVALID_COMMAND"))
        self.refused = True

    def _read_command(self, string: str, position: int) -> int:
        word = self._word(string, position)
        if not word:
            self._invalid_command()
            return position + 1
        if word == "STRENGTH":
            self.sort_by_strength()
        elif not self._set_level(word):
            self._invalid_command()
        position += len(word)
        return self._after_unknown(string, position)

    def _set_level(self, word: str) -> bool:
        """Take ``SECLEVEL=n``, n from 0 to 5 and one character long (from 1.1.0)."""
        name, _, digit = word.partition("=")
        levels = "012345"
        if not self.section.security_levels or name != "SECLEVEL" or digit not in tuple(levels):
            return False
        self.security_level = int(digit)
        return True

    def _narrow(self, rule: _Rule, word: str) -> bool:
        """Join a keyword or the name of a suite to a rule; False if it is unknown."""
        entry = self.names.get(word)
        if entry is not None:
            rule.suite = entry.listed
            rule.alternatives = [self._join(rule, held, self._own(entry)) for held in rule.alternatives]
            return True
        options = [_expand(self.section, criteria) for criteria in self.section.keywords.get(word, ())]
        if not options or not all(self._known(word, criteria) for criteria in options):
            return False
        rule.suite = None
        rule.alternatives = [self._join(rule, held, more) for held in rule.alternatives for more in options]
        return True

    def _known(self, word: str, criteria: Mapping[str, frozenset[str]]) -> bool:
        """Say whether the build has the algorithms behind a keyword (ssl_cipher_collect_aliases)."""
        left_out = set(self.section.left_out)
        algorithms = [allowed for kind, allowed in criteria.items() if kind in "kaem" and allowed]
        if self.section.matching is Matching.MASKS:
            return word == ALL or not any(allowed & left_out for allowed in algorithms)
        return all(allowed - left_out for allowed in algorithms)

    def _own(self, entry: _Entry) -> dict[str, frozenset[str]]:
        """Return the criteria that a suite's name stands for: all of its algorithms, but not its version."""
        kinds = {"k", "a", "e", "m", "s", "x"}
        if self.section.matching is Matching.SETS:
            kinds.add("default")
        return {kind: values for kind, values in entry.values.items() if kind in kinds}

    def _join(
        self, rule: _Rule, held: dict[str, frozenset[str]], more: dict[str, frozenset[str]]
    ) -> dict[str, frozenset[str]]:
        """Join the criteria of a further keyword to those of a rule."""
        joined = dict(held)
        # ``algorithms |= ca_list[j]->algorithms`` up to 0.9.7g; from 0.9.7h ``algorithms &
        # ca_list[j]->algorithms`` where both keywords have bits.
        union = self.section.combined_keywords is CombinedKeywords.UNION
        for kind, allowed in more.items():
            if kind not in joined:
                joined[kind] = allowed
            else:
                joined[kind] = joined[kind] | allowed if union else joined[kind] & allowed
                # ``if (!alg_mkey) { found = 0; break; }`` from 1.0.0.
                rule.impossible |= not joined[kind] and self.section.matching is Matching.SETS
        return joined


@cached_for_section
def cipher_list(
    section: CiphersSection,
    string: str,
    *,
    ssl2: bool = False,
    weak: bool = True,
    caller: str = "SSL_CTX_SET_CIPHER_LIST",
) -> CipherSelection:
    """Make the list of suites that a cipher string selects, the most preferred first.

    ``ssl2``: the method is SSLv23_method and the build has SSLv2; ``weak``: the build has weak suites;
    ``caller`` is the function named in SSL_R_NO_CIPHER_MATCH.  Raises NotEmulated for Suite B strings.
    """
    # check_suiteb_cipher_list() comes first, from 1.0.2; to older releases these are unknown keywords.
    if section.suite_b and string.startswith(SUITE_B):
        raise NotEmulated("Suite B cipher strings", string)
    builder = CipherListBuilder(section, collected(section, ssl2=ssl2, weak=weak))
    rest = string
    if string.startswith(DEFAULT):
        builder.read(section.default_string)
        rest = string.removeprefix(DEFAULT).removeprefix(":")
    builder.read(rest)
    if builder.refused:
        return CipherSelection((), builder.security_level, tuple(builder.errors), ok=False, replaces=False)
    suites = tuple(entry.listed.suite for entry in builder.entries if entry.active)
    # ``sk_SSL_CIPHER_num(sk) == 0`` is SSL_R_NO_CIPHER_MATCH from 0.9.7h; the older 0.9.7 look at NULL alone.
    ok = bool(suites) or section.no_match is NoMatch.SUCCESS
    if not ok:
        builder.errors.append((caller, "NO_CIPHER_MATCH"))
    return CipherSelection(suites, builder.security_level, tuple(builder.errors), ok=ok, replaces=True)
