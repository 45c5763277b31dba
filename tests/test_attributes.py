"""Attributes of Context and Connection: what can be set, and what is said of a misspelt one."""

from __future__ import annotations

import pytest

from emulator import Connection, Context, UsageError
from emulator.exceptions import AttributeUsageError


@pytest.mark.parametrize(
    ("holder", "name", "near"),
    [
        (Context, "secrity_level", "security_level"),
        (Context, "sesion_cache", "session_cache"),
        (Context, "optoins", "set_options"),
        (Connection, "erno", "errno"),
        (Connection, "msg_callback", "set_msg_callback"),
    ],
)
def test_a_misspelt_attribute_is_refused_with_the_nearest(holder, name, near):
    with pytest.raises(AttributeUsageError, match=f"no attribute '{name}'; did you mean '{near}'?"):
        setattr(holder("1.1.1"), name, 1)


@pytest.mark.parametrize("name", ["wirte", "set_moed"])
def test_a_misspelt_call_is_refused_with_the_nearest(name):
    near = {"wirte": "write", "set_moed": "set_mode"}[name]
    with pytest.raises(UsageError, match=f"no attribute '{name}'; did you mean '{near}'?"):
        getattr(Connection("1.0.1"), name)


def test_an_attribute_like_no_other_is_refused_without_a_hint():
    with pytest.raises(AttributeError, match=r"^'Context' object has no attribute 'qqqq'$"):
        Context("1.0.1").qqqq = 1


@pytest.mark.parametrize("name", ["profile", "context", "rbio", "promises", "encrypts_then_macs"])
def test_what_can_only_be_read_says_so(name):
    with pytest.raises(UsageError, match=f"^{name}: it can be read, but not set"):
        setattr(Connection("1.0.1"), name, None)


def test_a_value_in_the_place_of_a_call_is_refused():
    with pytest.raises(UsageError, match=r"^set_mode: got 5, but set_mode\(\) is a call"):
        Context("1.0.1").set_mode = 5
    with pytest.raises(UsageError, match=r"^write_ex: got None, but write_ex\(\) is a call"):
        Connection("1.0.1").write_ex = None


def test_a_test_may_put_a_function_in_the_place_of_a_call():
    connection = Connection("1.0.1")
    connection.write = len
    assert connection.write(b"four") == 4


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("random", 5, "got 5, expected a function"),
        ("clock", None, "got None, expected a function"),
        ("verify", "yes", "got 'yes', expected a function or None"),
        ("request_certificate", "yes", "got 'yes', expected True or False"),
        ("require_certificate", None, "got None, expected True or False"),
        ("session_cache", {}, "got a dict, expected a SessionCache or None"),
        ("ticket_keys", b"secret", "got b'secret', expected a TicketKeys or None"),
        ("security_level", "0", "got '0', expected an integer"),
        ("undefined", "rais", "got 'rais', expected one of warn, raise, ignore; did you mean 'raise'?"),
    ],
)
def test_a_wrong_value_says_what_was_expected(name, wrong, expected):
    context = Context("1.1.1")
    before = getattr(context, name)
    with pytest.raises(UsageError) as caught:
        setattr(context, name, wrong)
    assert str(caught.value) == f"{name}: {expected}"
    assert getattr(context, name) == before


def test_a_subclass_may_have_attributes_of_its_own():
    class Named(Connection):
        def __init__(self, name):
            super().__init__("1.0.1")
            self.label = name

    assert Named("one").label == "one"


def test_private_attributes_that_are_not_there_are_missing_as_anywhere():
    with pytest.raises(AttributeError, match=r"^'Connection' object has no attribute '_socket'$"):
        _ = Connection("1.0.1")._socket
