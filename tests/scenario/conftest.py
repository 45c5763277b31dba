"""Steps and worlds drawn at random, for several modules."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from emulator.constants import PROTOCOL_VERSIONS, Mode
from emulator.scenario.kinds import BUFFER_SIZE, KINDS
from emulator.scenario.values import (
    FLAG,
    HEX,
    INTEGER,
    LETTER,
    LIMIT,
    NAMES,
    NATURAL,
    PLAN,
    PLAN_WORDS,
    SIDES,
    TEXT,
)

NATURALS = st.integers(0, 10**12)
INTEGERS = st.integers(-(10**12), 10**12)
SIZES = st.integers(0, BUFFER_SIZE // 2)
SIGNED_SIZES = st.integers(-(10**6), BUFFER_SIZE // 2)
MODES = st.lists(st.sampled_from([*Mode.__members__]), max_size=3)
PLANS = st.lists(
    st.sampled_from(sorted(PLAN_WORDS)) | NATURALS | st.builds(lambda errno: {"errno": errno}, INTEGERS),
    max_size=4,
)
VALUES = (
    (FLAG, st.just(value=True)),
    (TEXT, st.text(max_size=4)),
    (LETTER, st.characters(codec="ascii")),
    (NATURAL, NATURALS),
    (INTEGER, INTEGERS),
    (LIMIT, st.none() | NATURALS),
    (NAMES, MODES),
    (PLAN, PLANS),
    (HEX, st.binary(max_size=20).map(bytes.hex) | st.just("15 03 01\n00 02")),
)
"""Strategies for the sorts of values."""


def _value(argument):
    if argument.name in {"size", "offset"}:  # which together stay within a buffer
        return SIGNED_SIZES if argument.value is INTEGER else SIZES
    return next(strategy for value, strategy in VALUES if value is argument.value)


def _step(kind):
    side = {kind.side: st.sampled_from(SIDES)} if kind.side else {}
    given = {argument.name: _value(argument) for argument in kind.arguments if not argument.optional}
    optional = {argument.name: _value(argument) for argument in kind.arguments if argument.optional}
    return st.fixed_dictionaries({"do": st.just(kind.name), **side, **given}, optional=optional)


STEPS = st.sampled_from([*KINDS.values()]).flatmap(_step)
SIDE = st.fixed_dictionaries(
    {},
    optional={
        "modes": MODES,
        "clear_modes": MODES,
        "options": st.lists(st.sampled_from(["NO_TICKET", "NO_RENEGOTIATION", "NO_SSLv3", "ALL"])),
        "no_state": st.booleans(),
    },
)
WORLDS = st.fixed_dictionaries(
    {},
    optional={
        "protocol": st.sampled_from([*PROTOCOL_VERSIONS]),
        "cipher": st.text(max_size=10),
        "blocking": st.booleans(),
        "client": SIDE,
        "server": SIDE,
    },
)


@pytest.fixture(scope="session")
def drawn():
    """Strategies: a valid step as JSON, and the world of a scenario."""
    return SimpleNamespace(steps=STEPS, worlds=WORLDS)
