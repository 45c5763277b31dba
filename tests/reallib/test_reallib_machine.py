"""Any calls in any order, on a real library and on its profile at once: compared after every call.

One test makes the same runs every time: what it finds, hypothesis makes small, and the library's trace of it
is printed, a line to add to ``found``.  EMULATOR_MACHINE_EXAMPLES makes so many fresh ones for each library.
The other makes fresh runs always, and holds the profiles to what random scenarios are held to: 99 %.
"""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from emulator.reallib.beside import SideBySide
from emulator.reallib.live import recorded
from emulator.reallib.oracles import known, libssl_in
from emulator.reallib.record import Recorder
from emulator.reallib.verify import Verifier
from emulator.scenario.kinds import ANSWERS, FRAGMENTS, INJECTED, MODES, READ_SIZES, SIZES

ASKED = os.environ.get("EMULATOR_MACHINE_EXAMPLES")
EXAMPLES = int(ASKED or "60")
FRESH = 15
LIBRARIES = recorded(known())
STEPS = 25

WORLDS = {
    "SSLv3": ("AES128-SHA", "RC4-SHA"),
    "TLSv1": ("AES128-SHA", "RC4-SHA"),
    "TLSv1.1": ("AES128-SHA",),
    "TLSv1.2": ("AES128-SHA256", "AES128-GCM-SHA256"),
    "TLSv1.3": (None,),
}
who = st.sampled_from(["client", "server"])
sizes = st.sampled_from(SIZES.choices)
read_sizes = st.sampled_from(READ_SIZES.choices + READ_SIZES.strange)
modes = st.lists(st.sampled_from(MODES.choices), max_size=3, unique=True)
sides = st.fixed_dictionaries(
    {},
    optional={
        "modes": modes,
        "clear_modes": st.just(["AUTO_RETRY"]),
        "options": st.just(["DONT_INSERT_EMPTY_FRAGMENTS"]),
    },
)


def steps(*do, **arguments):
    return st.fixed_dictionaries({"who": who, "do": st.sampled_from(do), **arguments})


handshakes = st.one_of(
    steps("renegotiate", "renegotiate_abbreviated", "handshake", "connect", "clear"),
    steps("key_update", request=st.sampled_from([0, 1])),
)
settings_of_modes = steps("set_mode", "clear_mode", modes=modes)
fragments = steps(
    "set_max_send_fragment",
    "set_split_send_fragment",
    size=st.sampled_from((100, *FRAGMENTS.choices, 20000)),
)
asking_and_ending = st.one_of(
    steps("shutdown", "pending", "get_mode", "set_quiet_shutdown"),
    steps("set_shutdown", flags=st.sampled_from([0, 1, 2, 3])),
)


def worlds_of(library):
    """Worlds that this library speaks of, with both sides' settings."""
    pairs = [(protocol, cipher) for protocol in library.protocols for cipher in WORLDS[protocol]]
    return st.fixed_dictionaries(
        {
            "pair": st.sampled_from(pairs),
            "blocking": st.sampled_from([False, False, False, True]),
            "client": sides,
            "server": sides,
        }
    )


def world_of(drawn):
    protocol, cipher = drawn.pop("pair")
    return {"family": "machine", "protocol": protocol, **({"cipher": cipher} if cipher else {}), **drawn}


class Machine(RuleBasedStateMachine):
    verifier: Verifier
    worlds: st.SearchStrategy
    found: list | None = None
    """Where partings are counted instead of failing."""

    def __init__(self):
        super().__init__()
        self.both = None
        self.writes = {}

    @initialize(data=st.data(), established=st.sampled_from([True, True, True, False]))
    def begin(self, data, established):
        self.both = SideBySide(self.verifier, world_of(data.draw(self.worlds)), "machine/1")
        if established:
            self.take(do="establish")

    def take(self, **step):
        parting = self.both.take(step)
        if parting is not None:
            shown = f"{parting.difference}\n{json.dumps(parting.recorded)}"
            if self.found is None:
                pytest.fail(shown)
            self.found.append(shown)
            reject()

    def teardown(self):
        if self.both is not None:
            self.both.close()

    # -- writing -----------------------------------------------------------------------------

    def write_and_remember(self, step):
        self.take(**step)
        self.writes[step["who"]] = step, self.both.last().get("ret")

    @rule(who=who, size=sizes, do=st.sampled_from(["write", "write", "write_ex"]))
    def write(self, who, size, do):
        self.write_and_remember({"who": who, "do": do, "size": size})

    @precondition(lambda self: self.writes)
    @rule(data=st.data(), how=st.sampled_from(["same", "same", "moved", "refilled", "shorter", "longer"]))
    def write_again(self, data, how):
        step, _ = self.writes[data.draw(st.sampled_from(sorted(self.writes)))]
        step = dict(step)
        if how == "moved":
            step["buffer"] = "a" if step.get("buffer") == "b" else "b"
        elif how == "refilled":
            step["fill"] = "x"
        elif how == "shorter":
            step["size"] = max(step["size"] - data.draw(st.sampled_from([1, 100, 5000, 20000])), 0)
        elif how == "longer":
            step["size"] += data.draw(st.sampled_from([1, 100, 5000]))
        self.write_and_remember(step)

    def partly_written(self):
        return sorted(
            who
            for who, (step, ret) in self.writes.items()
            if step["do"] == "write" and isinstance(ret, int) and 0 < ret < step["size"]
        )

    @precondition(lambda self: self.partly_written())
    @rule(data=st.data())
    def write_the_rest(self, data):
        step, ret = self.writes[data.draw(st.sampled_from(self.partly_written()))]
        rest = {"offset": step.get("offset", 0) + ret, "size": step["size"] - ret}
        self.write_and_remember({**step, **rest})

    @rule(who=who, size=sizes)
    def write_with_an_error_on_the_queue(self, who, size):
        self.take(who=who, do="put_error", lib=20, reason=193)
        self.write_and_remember({"who": who, "do": "write", "size": size, "keep_queue": True})

    # -- the other calls ---------------------------------------------------------------------

    @rule(who=who, size=read_sizes, do=st.sampled_from(["read", "read", "read_ex", "peek"]))
    def read(self, who, size, do):
        self.take(who=who, do=do, size=max(size, 0) if do == "read_ex" else size)

    @rule(step=handshakes)
    def handshake(self, step):
        self.take(**step)

    @rule(step=st.one_of(settings_of_modes, fragments, asking_and_ending))
    def set_or_ask(self, step):
        self.take(**step)

    # -- the transport -----------------------------------------------------------------------

    @rule(source=who, count=st.sampled_from([None, None, 5, 50, 1000]))
    def deliver(self, source, count):
        self.take(do="deliver", **{"from": source}, **({} if count is None else {"bytes": count}))

    @rule(woken=st.sampled_from([None, None, "client", "server"]))
    def pump_or_wake(self, woken):
        self.take(do="pump") if woken is None else self.take(do="wake", who=woken)

    @rule(who=who, count=st.sampled_from([None, None, 0, 10, 1000, 20000]))
    def capacity(self, who, count):
        self.take(do="capacity", who=who, bytes=count)

    @rule(
        who=who,
        plan=st.lists(st.sampled_from((*ANSWERS.choices, "zero-retry")), min_size=1, max_size=ANSWERS.most),
    )
    def plan(self, who, plan):
        self.take(do="plan", who=who, plan=plan)

    @rule(
        who=who,
        what=st.sampled_from(["eof", "corrupt", "fail_read", "inject", "unset_bio"]),
        at=st.sampled_from([0, 1, 4, 10, 30]),
        injected=st.sampled_from(INJECTED.choices),
    )
    def break_something(self, who, what, at, injected):
        if what == "fail_read":
            self.take(do=what, who=who, errno=104)
        elif what == "unset_bio":
            self.take(do=what, who=who)
        else:
            more = {"corrupt": {"at": at}, "inject": {"hex": injected}}.get(what, {})
            self.take(do=what, **{"from": who}, **more)


def drive(libssl, library, found=None, **how):
    """Drive a library and its profile; a parting fails, unless ``found`` takes it."""
    with Recorder(str(libssl), processes=1) as recorder, Verifier(recorder) as verifier:
        attributes = {"verifier": verifier, "worlds": worlds_of(library), "found": found}
        how = {"stateful_step_count": STEPS, "deadline": None, **how}
        run_state_machine_as_test(
            type("Machine", (Machine,), attributes),
            settings=settings(suppress_health_check=list(HealthCheck), **how),
        )


@pytest.mark.timeout(600 + 10 * EXAMPLES)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_a_profile_answers_every_call_as_its_library_does(libraries, library):
    drive(libssl_in(libraries, library), library, max_examples=EXAMPLES, derandomize=ASKED is None)


@pytest.mark.timeout(600)
def test_99_of_100_fresh_runs_are_answered_alike(libraries):
    found = []
    for library in LIBRARIES:
        own = {"max_examples": FRESH, "phases": [Phase.generate], "database": None}
        drive(libssl_in(libraries, library), library, found, **own)
    assert len(found) * 100 <= FRESH * len(LIBRARIES), "\n".join(found)
