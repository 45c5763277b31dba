"""Steps and worlds drawn at random, for several modules."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from emulator.constants import PROTOCOL_VERSIONS, Mode
from emulator.scenario.model import ARGUMENTS, BUFFER_SIZE, OPTIONAL, PLAN_WORDS, SIDES

NATURALS = st.integers(0, 10**12)
INTEGERS = st.integers(-(10**12), 10**12)
SIZES = st.integers(0, BUFFER_SIZE // 2)
SIGNED_SIZES = st.integers(-(10**6), BUFFER_SIZE // 2)
MODES = st.lists(st.sampled_from([*Mode.__members__]), max_size=3)
PLAN = st.lists(
    st.sampled_from(sorted(PLAN_WORDS)) | NATURALS | st.builds(lambda errno: {"errno": errno}, INTEGERS),
    max_size=4,
)
HEX = st.binary(max_size=20).map(bytes.hex) | st.just("15 03 01\n00 02")
VALUES = {
    "who": st.sampled_from(SIDES),
    "from": st.sampled_from(SIDES),
    "keep_queue": st.just(value=True),
    "buffer": st.text(max_size=4),
    "fill": st.characters(codec="ascii"),
    "offset": SIZES,
    "written_before": NATURALS,
    "request": INTEGERS,
    "modes": MODES,
    "flags": INTEGERS,
    "lib": NATURALS,
    "reason": NATURALS,
    "errno": NATURALS,
    "hex": HEX,
    "at": NATURALS,
    "plan": PLAN,
}


def _value(do, key):
    if key == "size":
        is_signed = do == "write" or do.startswith("set_")
        return SIGNED_SIZES if is_signed else SIZES
    if key == "bytes":
        return st.none() | NATURALS if do == "capacity" else NATURALS
    return VALUES[key]


def _step(do):
    optional = {key for key in ARGUMENTS[do] if key in OPTIONAL or (do, key) == ("deliver", "bytes")}
    required = {key: _value(do, key) for key in ARGUMENTS[do] if key not in optional}
    return st.fixed_dictionaries(
        {"do": st.just(do), **required}, optional={key: _value(do, key) for key in optional}
    )


STEPS = st.sampled_from([*ARGUMENTS]).flatmap(_step)
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
