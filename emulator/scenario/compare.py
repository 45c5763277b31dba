"""How two traces of the same scenario are compared, and how much of a whole file matches.

Step by step, field by field.  The sizes of handshake records depend on keys and certificates, so they are
left out of account unless ``strict``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.scenario.kinds import KINDS, Records
from emulator.scenario.model import ScenarioError, read_lines
from emulator.scenario.sizes import is_handshake, shows_handshake, uncounted_deliveries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.scenario.step import Json

RANDOM_FAMILY = "random"
"""The family of the scenarios that no one wrote by hand."""

ABSENT = "(absent)"

OUTCOMES = ("skipped", "missing", "blocked")
"""Fields that stand in place of what a call returns."""


def difference(expected: Json, actual: Json, *, strict: bool = False) -> str | None:
    """Tell the first difference between two lines of the same id; None if they match.

    ``strict`` asks for the sizes of handshake records too.
    """
    for key in ("scenario", "unsupported", "crash"):
        if key == "scenario" and not (key in expected and key in actual):
            continue
        if expected.get(key, ABSENT) != actual.get(key, ABSENT):
            return _differs(key, expected.get(key, ABSENT), actual.get(key, ABSENT))
    if "unsupported" in expected:
        return None
    return _trace_difference(expected["trace"], actual.get("trace", []), strict=strict)


def _differs(field: str, expected: object, actual: object) -> str:
    return f"{field}: expected {_shown(expected)}, got {_shown(actual)}"


def _shown(value: object) -> str:
    text = value if value is ABSENT else repr(value)
    return str(text) if len(str(text)) <= 200 else f"{str(text)[:200]}..."


def _trace_difference(expected: list[Json], actual: list[Json], *, strict: bool) -> str | None:
    uncounted = set() if strict else uncounted_deliveries(expected)
    for index, (theirs, ours) in enumerate(zip(expected, actual, strict=False)):
        if theirs["step"] != ours.get("step"):
            return f"step {index}: {_differs('step', theirs['step'], ours.get('step', ABSENT))}"
        found = _entry_difference(theirs, ours, strict=strict, count_moved=index not in uncounted)
        if found is not None:
            return f"step {index} ({_title(theirs['step'])}): {found}"
    if len(expected) != len(actual):
        return f"expected {len(expected)} steps, got {len(actual)}"
    return None


def _title(step: Json) -> str:
    return " ".join(str(step[key]) for key in ("who", "do", "from", "size", "bytes") if key in step)


def _entry_difference(expected: Json, actual: Json, *, strict: bool, count_moved: bool) -> str | None:
    kind = KINDS.get(expected["step"].get("do"))
    # A recorder always writes these fields: one that an expectation lacks had two values in two recordings.
    # Any other field means something when it is left out (errno 0, an empty queue, nothing accepted).
    unasked = (Records.CALL if kind is None else kind.records).value
    if any(name in expected for name in OUTCOMES):
        unasked = frozenset({"completed_after"} if "completed" in expected else ())
    uncounted = set() if count_moved else {"moved"}
    found = _fields_difference(expected, actual, unasked, uncounted, strict=strict)
    if found is not None or not isinstance(expected.get("completed"), dict):
        return found
    completed = _fields_difference(
        expected["completed"], actual["completed"], Records.CALL.value, set(), strict=strict
    )
    return None if completed is None else f"completed: {completed}"


def _fields_difference(
    expected: Json, actual: Json, unasked: frozenset[str], uncounted: set[str], *, strict: bool
) -> str | None:
    """Compare the fields of one call.

    ``unasked`` are those that count only if the expectation has them, ``uncounted`` those whose value does
    not count as long as they are there.
    """
    if not strict and shows_handshake(expected):
        uncounted.add("bytes")
    for name in (*expected, *(name for name in actual if name not in expected)):
        theirs, ours = expected.get(name, ABSENT), actual.get(name, ABSENT)
        if name == "step" or (theirs is ABSENT and name in unasked):
            continue
        if not _field_matches(name, theirs, ours, counted=name not in uncounted, strict=strict):
            return _differs(name, theirs, ours)
    return None


def _field_matches(name: str, expected: Any, actual: Any, *, counted: bool, strict: bool) -> bool:
    if expected is ABSENT or actual is ABSENT:
        return expected is None
    if not counted or (name == "completed" and isinstance(expected, dict)):
        return type(expected) is type(actual)
    if name == "wire" and not strict:
        return _matches(_without_sizes(expected), _without_sizes(actual))
    return _matches(expected, actual)


def _without_sizes(wire: Any) -> Any:
    if not isinstance(wire, list):
        return wire
    return [[*entry[:2], len(entry)] if is_handshake(entry) else entry for entry in wire]


def _matches(expected: Any, actual: Any) -> bool:
    """Whether ``actual`` is what was expected; null, and a missing part of an object, are asked of nobody."""
    if expected is None:
        return True
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, dict):
        return all(name in actual and _matches(value, actual[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(map(_matches, expected, actual))
    return bool(expected == actual)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one scenario: ``difference`` is None if it matches."""

    id: str
    family: str
    difference: str | None


@dataclass(slots=True)
class Share:
    """How many scenarios match, of how many."""

    matched: int = 0
    total: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one scenario in."""
        self.matched += outcome.difference is None
        self.total += 1

    @property
    def percent(self) -> float:
        """The share in percent; nothing asked is nothing missed."""
        return 100 * self.matched / self.total if self.total else 100.0

    def __str__(self) -> str:
        return f"{self.matched}/{self.total} {_floored(self.percent)} %"


def _floored(percent: float) -> str:
    """Two decimals, never rounded up: 100.00 % means all."""
    return f"{int(percent * 100) / 100:.2f}"


class TraceComparison:
    """What became of all scenarios of a file."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.unsupported = 0
        """Lines that are unsupported on both sides: no part of any share."""

    def shares(self) -> dict[str, Share]:
        """Count the share of every family, and of "hand-written", "random" and "total"."""
        shares: dict[str, Share] = defaultdict(Share)
        kinds = {name: Share() for name in ("hand-written", RANDOM_FAMILY, "total")}
        for outcome in self.outcomes:
            is_random = outcome.family == RANDOM_FAMILY
            if not is_random:
                shares[outcome.family].add(outcome)
            kinds[RANDOM_FAMILY if is_random else "hand-written"].add(outcome)
            kinds["total"].add(outcome)
        return {**{name: shares[name] for name in sorted(shares)}, **kinds}

    def as_json(self) -> Json:
        """Return the shares and every difference as a plain object."""
        return {
            "shares": {
                name: {"matched": share.matched, "total": share.total}
                for name, share in self.shares().items()
            },
            "unsupported": self.unsupported,
            "differences": {
                outcome.id: outcome.difference for outcome in self.outcomes if outcome.difference is not None
            },
        }

    def report(self) -> Iterator[str]:
        """Tell the first difference of every scenario that doesn't match, then the shares."""
        for outcome in self.outcomes:
            if outcome.difference is not None:
                yield f"{outcome.id}: {outcome.difference}"
        for name, share in self.shares().items():
            yield f"{name:<20} {share}"
        if self.unsupported:
            yield f"unsupported on both sides: {self.unsupported}"


def compare_lines(
    expected: Iterable[Json], actual: Iterable[Json], *, strict: bool = False
) -> TraceComparison:
    """Compare lines of traces, paired by their ids."""
    comparison = TraceComparison()
    ours = _by_id(actual)
    for line in expected:
        others = ours.get(line["id"])
        comparison_of_line = _compare_line(line, others.pop(0) if others else None, strict=strict)
        if comparison_of_line is None:
            comparison.unsupported += 1
        else:
            comparison.outcomes.append(comparison_of_line)
    for line in (line for lines in ours.values() for line in lines):
        comparison.outcomes.append(Outcome(line["id"], _family(line), "nothing of this id was expected"))
    return comparison


def _by_id(lines: Iterable[Json]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = defaultdict(list)
    for line in lines:
        found[line["id"]].append(line)
    return found


def _compare_line(expected: Json, actual: Json | None, *, strict: bool) -> Outcome | None:
    """Compare one line; None if it is unsupported on both sides."""
    if actual is None:
        return Outcome(expected["id"], _family(expected), "there is no line of this id")
    found = difference(expected, actual, strict=strict)
    if found is None and "unsupported" in expected:
        return None
    return Outcome(expected["id"], _family(expected), found)


def _family(line: Json) -> str:
    scenario = line.get("scenario")
    family = scenario.get("family") if isinstance(scenario, dict) else None
    return family if isinstance(family, str) else str(line["id"]).partition("/")[0]


def read_traces(path: str) -> list[Json]:
    """Read the lines of a file of traces; raises ScenarioError for a line that is none."""
    return [_checked(number, line) for number, line in read_lines(path)]


def _checked(number: int, line: Json) -> Json:
    if type(line.get("id")) is not str:
        raise ScenarioError(number, "the key 'id' is missing, or no string")
    if "unsupported" in line:
        return line
    trace = line.get("trace")
    if type(trace) is not list:
        raise ScenarioError(number, "the key 'trace' is missing, or no list")
    for index, entry in enumerate(trace):
        if type(entry) is not dict or type(entry.get("step")) is not dict:
            raise ScenarioError(number, f"trace[{index}] must be an object with a 'step'")
    return line
