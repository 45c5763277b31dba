import pytest

from emulator.behaviours.faults import FaultSpec, parse_fault, show_fault
from emulator.error_queue import ErrorStrings
from emulator.handshake.common.messages import HandshakeFailure
from emulator.profile import load_profile
from emulator.profiles.histories import since
from emulator.profiles.published import known_releases

_READ_ALERT = "ALERT"


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("A_B:C_D -> decode_error", FaultSpec((("A_B", "C_D"),), 50)),
        ("A:B, C:D -> 2", FaultSpec((("A", "B"), ("C", "D")), 2)),
        ("A:B", FaultSpec((("A", "B"),), None)),
        ("none", FaultSpec((), None)),
        ("", None),
    ],
)
def test_a_fault_is_read_and_written_alike(text, spec):
    assert parse_fault(text) == spec
    assert show_fault(spec) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("A", "expected FUNCTION:REASON, not 'A'"), ("A:B -> nonsense", "no alert is called 'nonsense'")],
)
def test_a_fault_that_makes_no_sense_is_refused(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_fault(text)


@pytest.mark.parametrize("release", sorted({since(release) for release in known_releases()}), ids=str)
def test_every_error_of_every_refusal_exists_in_its_release(release):
    profile = load_profile(release.name)
    strings = ErrorStrings(profile.errors)
    for spec in profile.handshake.failures.values():
        for function, reason in spec.entries if spec else ():
            if reason != _READ_ALERT:
                assert strings.entry(function, reason).lib == 20


def test_a_failure_shows_its_last_error():
    failure = HandshakeFailure(FaultSpec((("INNER", "WHY"), ("OUTER", "THEREFORE")), 40))
    assert (failure.function, failure.reason, failure.alert) == ("OUTER", "THEREFORE", 40)
    assert HandshakeFailure(FaultSpec((), None)).function == ""
    assert HandshakeFailure(FaultSpec((("F", "ALERT"),), None), reason=1040).entries == (("F", 1040),)
