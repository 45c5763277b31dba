"""Scenarios drawn from a seed: reproducible, valid, and spread as the recorded ones are."""

from __future__ import annotations

from collections import Counter

from emulator.profile import load_profile
from emulator.scenario.generate import WORLDS, generate
from emulator.scenario.kinds import KINDS
from emulator.scenario.runner import Runners


def drawn(count=1000, **options):
    return list(generate("tests", count, **options))


def steps(scenarios):
    return [step for scenario in scenarios for step in scenario.steps]


def test_a_seed_gives_the_same_scenarios_again_and_another_gives_others():
    first, again, other = (list(generate(seed, 20)) for seed in ("a", "a", "b"))
    assert [scenario.raw for scenario in first] == [scenario.raw for scenario in again]
    assert [scenario.raw["trace"] for scenario in first] != [scenario.raw["trace"] for scenario in other]


def test_a_scenario_does_not_depend_on_how_many_are_drawn():
    assert list(generate(7, 30))[4].raw == list(generate(7, 5))[4].raw


def test_ids_tell_the_seed_the_number_and_the_world_and_no_two_are_alike():
    ids = [scenario.id for scenario in drawn(50)]
    assert len(set(ids)) == 50
    for number, name in enumerate(ids):
        family, middle, world = name.split("/")
        assert (family, middle) == ("random", f"tests-{number}")
        assert world in WORLDS


def test_only_the_protocols_asked_for_are_drawn():
    protocols = {scenario.world.protocol for scenario in drawn(100, protocols=["TLSv1.2", "TLSv1.3"])}
    assert protocols == {"TLSv1.2", "TLSv1.3"}


def test_every_world_is_drawn_about_as_often():
    worlds = Counter(scenario.id.rpartition("/")[2] for scenario in drawn())
    assert set(worlds) == set(WORLDS)
    assert min(worlds.values()) > 100


def test_half_of_the_steps_are_writes_and_most_of_those_repeat_the_one_before():
    scenarios = drawn()
    writes = [step for step in steps(scenarios) if step.do.startswith("write")]
    everything = [step for step in steps(scenarios) if step.do != "establish"]
    assert 0.45 < len(writes) / len(everything) < 0.6
    repeated = later = 0
    for scenario in scenarios:
        last = {}
        for step in scenario.steps:
            if step.do.startswith("write"):
                later += step.who in last
                repeated += last.get(step.who) == (step.do, step.size)
                last[step.who] = step.do, step.size
    assert 0.45 < repeated / later < 0.7


def test_scenarios_are_of_4_to_15_steps_beside_the_handshake_and_most_have_one():
    lengths = [sum(step.do != "establish" for step in scenario.steps) for scenario in drawn()]
    assert min(lengths) == 4
    assert max(lengths) <= 28  # put_error is two steps
    assert 0.8 < sum(scenario.steps[0].do == "establish" for scenario in drawn()) / 1000 < 0.9


def test_keys_are_updated_in_tls13_alone_and_handshakes_renewed_elsewhere():
    for scenario in drawn(300):
        kinds = {step.do for step in scenario.steps}
        assert ("renegotiate" if scenario.world.protocol == "TLSv1.3" else "key_update") not in kinds


def test_wide_scenarios_have_every_rare_step_and_plain_ones_none():
    rare = {kind.name for kind in KINDS.values() if kind.rare}
    assert not rare & {step.do for step in steps(drawn())}
    assert rare <= {step.do for step in steps(drawn(2000, wide=True))}


def test_what_is_drawn_can_be_replayed():
    with Runners(load_profile("1.0.2u")) as runners:
        lines = [runners.run(scenario) for scenario in drawn(60, wide=True)]
    assert sum("trace" in line for line in lines) > 40
