"""Which release prints which error: ``python -m tools.errors_seen [--explore]``.

``emulator/data/errors-seen.json`` keeps every error text that a recorded library printed or that an emulated
release prints, with a scenario that makes it do so.  Its scenarios are the fewest that show them all.  They
are replayed on every release; that takes a minute or two.  With ``--explore`` they are chosen anew, which
takes ten: out of the recordings, and out of thousands that break handshakes and records in every place.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from emulator import library
from emulator.knowledge.errors_seen import DATA, Seen, SeenText, Way, ordered, ranges
from emulator.profile import load_profile
from emulator.profiles.histories import since
from emulator.profiles.published import distributions, known_releases, last_release_of, series_names
from emulator.scenario.compare import read_traces
from emulator.scenario.fidelity import SUFFIX, recordings
from emulator.scenario.generate import WORLDS, generate
from emulator.scenario.model import parse_line
from emulator.scenario.runner import Runner
from emulator.scenario.script import Script
from emulator.scenario.words import step_words
from tools.places import TRACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulator.profiles.model import Profile
    from emulator.scenario.model import Json, Scenario

RANDOM = 400
"""How many scenarios are drawn at random."""
ALERTS = (0, 10, 20, 21, 22, 30, *range(40, 52), 60, 70, 71, 80, 86, 90, 100, *range(109, 117), 120, 255)
"""The descriptions of alerts, and one that nobody knows."""
MESSAGES = (*range(25), 254)
"""The types of handshake messages."""
PROTOCOLS = {"SSLv3": 0, "TLSv1": 1, "TLSv1.2": 3, "TLSv1.3": 3}
CIPHERS: tuple[tuple[str, str | None], ...] = (
    ("SSLv3", "AES128-SHA"),
    ("TLSv1", "AES128-SHA"),
    ("TLSv1", "DHE-RSA-AES128-SHA"),
    ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
    ("TLSv1.3", None),
)
HELLO, FLIGHT = 130, 100
"""How many bytes of a hello are broken one after the other, and of every other flight."""

EVERYTHING = ("ssl3", "weak-ciphers")
"""How a release is built for a scenario that it does not support as it is distributed."""

Hit: TypeAlias = tuple[str, str, int, str]
"""An error's text, the id of the scenario, the index of the step, and the words of the build."""

# -- scenarios that may make a release print something -------------------------------------------------


def flights(at: str) -> Iterator[str]:
    """The steps of a handshake in which a byte of a flight is broken, or in which something is injected."""
    yield f"client handshake\n{at.format('client')}\nclient deliver"
    flight = "client handshake\nclient deliver\nserver handshake\n"
    yield flight + at.format("server")
    flight += "server deliver\nclient handshake\n"
    yield flight + at.format("client")
    flight += "client deliver\nserver handshake\n"
    yield flight + at.format("server")


ENDS = "\npump\nserver handshake\npump\nclient handshake\npump\nserver handshake"
ENDS += "\nclient write 10\nserver write 10"
AFTERWARDS = "\npump\nserver read 100\npump\nclient read 100\nserver write 10\npump\nclient write 10"


def broken() -> Iterator[tuple[str, str]]:
    """Names and steps: a broken byte, a foreign record, in every flight and afterwards."""
    for index in range(HELLO):
        for number, steps in enumerate(flights(f"{{}} corrupt {index}")):
            if number == 0 or index < FLIGHT:
                yield f"broken/{number}/{index}", steps + ENDS
    for name, record in records():
        for number, steps in enumerate(flights(f"{{}} inject {record}")):
            yield f"injected/{number}/{name}", steps + ENDS
        for who in ("client", "server"):
            yield f"injected/{who}/{name}", f"establish\n{who} inject {record}{AFTERWARDS}"
    for index in range(40):
        yield f"broken/data/{index}", f"establish\nclient write 50\nclient corrupt {index}{AFTERWARDS}"


def records() -> Iterator[tuple[str, str]]:
    """Names and bytes of what a peer would not send; VV stands for the minor version."""
    for alert in ALERTS:
        yield f"alert-{alert}", f"1503VV000202{alert:02x}"
    yield "warning", "1503VV0002015a"
    yield "long-alert", "1503VV000302285a"
    for message in MESSAGES:
        yield f"message-{message}", f"1603VV0004{message:02x}000000"
        yield f"long-message-{message}", f"1603VV0008{message:02x}00000401020304"
        yield f"huge-message-{message}", f"1603VV0008{message:02x}ff000401020304"
    for kind in (20, 23, 24, 25, 0):
        yield f"record-{kind}", f"{kind:02x}03VV000101"
        yield f"huge-record-{kind}", f"{kind:02x}03VVffff01"
    for text in (
        "GET / HTTP/1.0\r\n\r\n",
        "CONNECT host:443 HTTP/1.0\r\n",
        "SSH-2.0-a\r\n",
        "\0" * 16,
        "POST /",
    ):
        yield f"text-{text[:4].strip()}", text.encode().hex()
    yield (
        "ssl2",
        "802e0100020015000000100100800300800700c006004002008004008005000401020304050607080910111213141516",
    )


def candidates() -> Iterator[Json]:
    """Scenarios that may show what no recording does, as lines."""
    for protocol, cipher in CIPHERS:
        minor = f"{PROTOCOLS[protocol]:02x}"
        for name, steps in broken():
            words = steps.replace("VV", minor)
            script = Script(
                f"seen/{name}/{protocol}/{cipher}".lower(), protocol=protocol, cipher=cipher, steps=words
            )
            yield line_of(script)
    for scenario in generate("errors", RANDOM, protocols=[world[0] for world in WORLDS.values()], wide=True):
        yield {**scenario.raw, "id": scenario.id}


def line_of(script: Script) -> Json:
    """A script as a line of a file of scenarios."""
    scenario = script.scenario()
    return {
        "id": scenario.id,
        "scenario": scenario.raw["scenario"],
        "trace": [{"step": step.raw} for step in script.steps],
    }


# -- what they show ----------------------------------------------------------------------------------


def as_script(line: Json) -> Json:
    """Return a line of a file of scenarios as the data of a script."""
    world = {key: value for key, value in line["scenario"].items() if key != "family"}
    return {**world, "steps": [step_words(entry["step"]) for entry in line["trace"]]}


def raised(line: Json) -> Iterator[tuple[int, str]]:
    """List what each step of a trace left in the queue: the step's index and the error's text.

    Nothing is said of a scenario that puts an error there itself.
    """
    entries = line.get("trace", ())
    if any(entry["step"]["do"] == "put_error" for entry in entries):
        return
    for index, entry in enumerate(entries):
        for part in (entry, entry.get("completed")):
            if isinstance(part, dict):
                yield from ((index, error["text"]) for error in part.get("queue") or ())


def replayed(profile: Profile, scenarios: Iterable[Scenario]) -> Iterator[Json]:
    """Replay scenarios on a profile as it is built; with ``EVERYTHING`` what it does not support so.

    A scenario that breaks off by a mistake of ours has no steps, and says ``failed``.
    """
    runner, other = Runner(profile), Runner(profile.with_build(EVERYTHING))
    try:
        for scenario in scenarios:
            try:
                line = {**runner.run(scenario), "build": []}
                if "unsupported" in line:
                    line = {**other.run(scenario), "build": list(EVERYTHING)}
            except Exception as error:  # noqa: BLE001 - a mistake in one scenario must not hide the others
                line = {"id": scenario.id, "build": [], "failed": f"{type(error).__name__}: {error}"}
            yield line
    finally:
        runner.close()
        other.close()


def hits(lines: Iterable[Json]) -> list[Hit]:
    """Every error that replayed or recorded lines show, once for each scenario."""
    found: dict[tuple[str, str], Hit] = {}
    for line in lines:
        for index, text in raised(line):
            found.setdefault((text, line["id"]), (text, line["id"], index, " ".join(line["build"])))
    return list(found.values())


def seen_by(profile: str, lines: list[Json]) -> tuple[str, list[Hit]]:
    """What a profile prints in these scenarios: as it is distributed, or else as it might have been built."""
    found = list(replayed(load_profile(profile), map(parse_line, lines)))
    for line in found:
        if "failed" in line:
            sys.stderr.write(f"{profile}: {line['id']}: {line['failed']}\n")
    return profile, hits(found)


def covering(found: dict[str, list[Hit]]) -> list[str]:
    """The fewest scenarios that show every text of every profile or recording; hand-written before others."""
    shown: dict[str, set[tuple[str, str]]] = {}
    for name, own in found.items():
        for text, id_, *_ in own:
            shown.setdefault(id_, set()).add((name, text))
    missing = set().union(*shown.values())
    chosen = []
    while missing:
        best = max(shown, key=lambda id_: (len(shown[id_] & missing), -preference(id_), id_))
        chosen.append(best)
        missing -= shown.pop(best)
    return chosen


def preference(id_: str) -> int:
    """How late a scenario is taken: what a recording holds first, what was drawn at random last."""
    return 2 if id_.startswith("random/") else 1 if id_.startswith("seen/") else 0


def recorded() -> tuple[dict[str, list[Hit]], dict[str, Json]]:
    """What the recordings show, and their lines by id."""
    found: dict[str, list[Hit]] = {}
    lines: dict[str, Json] = {}
    for path in recordings(str(TRACES)):
        own = [line for line in read_traces(str(path)) if "unsupported" not in line]
        found[path.name.removesuffix(SUFFIX)] = hits(own)
        lines |= {line["id"]: line for line in own}
    return found, lines


def from_library() -> dict[str, Json]:
    """The scenarios that come with the package, by their names with "@"."""
    named = {f"@{name.removeprefix('@')}": library.load(name) for name in library.names()}
    return {id_: {**line_of(script), "id": id_} for id_, script in named.items()}


def explore(lines: dict[str, Json], pool: ProcessPoolExecutor) -> dict[str, Json]:
    """The scenarios that show what the recordings don't, found on each series' first and last release."""
    asked = {line["id"]: line for line in candidates()}
    names = [release.name for release in known_releases() if release.is_base]
    names += [last_release_of(series).name for series in series_names()]
    ask = partial(seen_by, lines=list(asked.values()))
    found = dict(pool.map(ask, names))
    known = dict(pool.map(partial(seen_by, lines=list(lines.values())), names))
    new = {
        name: [hit for hit in own if hit[0] not in {text for text, *_ in known[name]}]
        for name, own in found.items()
    }
    return {id_: asked[id_] for id_ in covering(new)}


# -- the file ----------------------------------------------------------------------------------------


def put_together(
    lines: Mapping[str, Json], recorded: Mapping[str, list[Hit]], emulated: Mapping[str, list[Hit]]
) -> Seen:
    """Put together what recordings and emulated releases show; of ``lines`` those that are cited are kept."""
    found = {hit[0]: SeenText() for own in (*recorded.values(), *emulated.values()) for hit in own}
    for name, own in recorded.items():
        for text, id_, step, _ in own:
            if id_ in lines:
                found[text].recorded.setdefault(name, (id_, step))
    ways = _ways(emulated)
    found = {text: SeenText(found[text].recorded, ways.get(text, ())) for text in sorted(found)}
    cited = {way.scenario for seen in found.values() for way in seen.emulated}
    cited |= {id_ for seen in found.values() for id_, _ in seen.recorded.values()}
    return Seen({id_: as_script(line) for id_, line in sorted(lines.items()) if id_ in cited}, found)


def as_text(seen: Seen) -> str:
    """Return the file's text: a line for each scenario and each error."""
    scenarios = {id_: json.dumps(data) for id_, data in seen.scenarios.items()}
    texts = {text: json.dumps(_entry(shown)) for text, shown in seen.texts.items()}
    blocks = (_block("scenarios", scenarios), _block("texts", texts))
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _ways(emulated: Mapping[str, list[Hit]]) -> dict[str, tuple[Way, ...]]:
    """Return for every text the fewest scenarios that show it on all releases that print it."""
    shown: dict[str, dict[tuple[str, int, str], list[str]]] = {}
    for name, own in emulated.items():
        for text, id_, step, build in own:
            shown.setdefault(text, {}).setdefault((id_, step, build), []).append(name)
    return {text: tuple(_fewest(by_way)) for text, by_way in shown.items()}


# Scenarios of the library come first: they say what they show, and are run by their names.
def _fewest(by_way: dict[tuple[str, int, str], list[str]]) -> Iterator[Way]:
    missing = {name for names in by_way.values() for name in names}
    while missing:
        best = max(
            (way for way in by_way if missing.intersection(by_way[way])),
            key=lambda way: (
                way[0][0] == "@",
                len(missing.intersection(by_way[way])),
                not way[2],
                -way[1],
                way,
            ),
        )
        covered = missing.intersection(by_way[best])
        missing -= covered
        yield Way(*best, ordered(covered))


def _entry(seen_: SeenText) -> Json:
    ways = [[way.scenario, way.step, way.build, ranges(way.releases)] for way in seen_.emulated]
    entry = {"recorded": seen_.recorded, "emulated": ways}
    return {key: value for key, value in entry.items() if value}


def _block(name: str, entries: Mapping[str, str]) -> str:
    lines = ",\n".join(f"  {json.dumps(key)}: {value}" for key, value in entries.items())
    return f' "{name}": {{\n{lines}\n }}'


def made(chosen: dict[str, Json], in_recordings: dict[str, list[Hit]], pool: ProcessPoolExecutor) -> Seen:
    """Replay the scenarios on every profile, and put together what they show."""
    firsts = {release.name: since(release).name for release in known_releases()}
    names = [*dict.fromkeys(firsts.values()), *distributions()]
    by_name = dict(pool.map(partial(seen_by, lines=list(chosen.values())), names))
    emulated = {name: by_name[first] for name, first in firsts.items()}
    emulated |= {name: by_name[name] for name in distributions()}
    return put_together(chosen, in_recordings, emulated)


def stale() -> list[str]:
    """List the releases that no error names, and the library's scenarios that have changed since."""
    known = Seen.load()
    named = {name for text in known.texts.values() for name in text.releases}
    every = {*(release.name for release in known_releases()), *distributions()}
    scripts = {id_: as_script(line) for id_, line in from_library().items()}
    cited = {id_: data for id_, data in known.scenarios.items() if id_.startswith("@")}
    return [
        *(f"no error of {name} is known" for name in sorted(every - named)),
        *(f"{id_} has changed" for id_, data in cited.items() if scripts.get(id_) != data),
    ]


def refresh(_only_stale: bool) -> None:  # noqa: FBT001 - as every part of tools.refresh
    """Replay the scenarios that are known on every release, and write what is seen."""
    write(explore_anew=False, jobs=os.cpu_count())


def write(*, explore_anew: bool, jobs: int | None) -> None:
    """Replay, and write what was seen; ``explore_anew`` chooses the scenarios anew, in ten minutes."""
    found, lines = recorded()
    kept = {id_: lines[id_] for id_ in covering(found)} | from_library()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        if explore_anew:
            more = explore(kept, pool)
        else:
            known = Seen.load()
            more = {id_: line_of(known.script(id_)) for id_ in known.scenarios if id_[0] != "@"}
        seen = made({**more, **kept}, found, pool)
    DATA.write_text(as_text(seen), encoding="utf-8")
    sys.stdout.write(f"{len(seen.texts)} errors in {len(seen.scenarios)} scenarios\n")


def main() -> int:
    """Replay, and write what was seen; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.errors_seen", description="Keep which release prints which error."
    )
    parser.add_argument("--explore", action="store_true", help="choose the scenarios anew")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many processes")
    options = parser.parse_args()
    write(explore_anew=options.explore, jobs=options.jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
