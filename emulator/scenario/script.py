"""A scenario as people write it: a TOML file, a JSON file, or calls in Python with the same words."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emulator.api.arguments import path_name, plain_text
from emulator.exceptions import ScriptError, UsageError
from emulator.scenario.builder import SideSteps
from emulator.scenario.model import Scenario, parse_line
from emulator.scenario.script_checks import checked_step, complaints, steps_of, text
from emulator.scenario.script_source import Source, Unreadable, read_json, read_toml
from emulator.scenario.toml_text import toml_text
from emulator.scenario.words import step_words

if TYPE_CHECKING:
    from emulator.scenario.step import Json, Step

FAMILY = "script"
"""The family of the scenarios that scripts are."""

JSON_SUFFIX = ".json"


class Script:
    """A scenario: its title and description, its settings, and its steps.

    Steps are lines of words, objects of JSON, or calls of the methods of their names, which return the
    script: ``Script("A title").establish().client.write(100)``.  ScriptError for a wrong step, for an
    argument of another form or type, and for a name that no release knows.

    ``profiles`` are the releases on which the scenario runs by default, ``shows`` the keys of behaviours that
    it shows.  The settings have the names and the defaults of the scenario's file:
    ``client={"modes": ["ENABLE_PARTIAL_WRITE"], "options": […], "clear_modes": […], "no_state": True}``.
    """

    def __init__(
        self,
        title: str = "",
        *,
        about: str = "",
        profiles: Iterable[str] = (),
        shows: Iterable[str] = (),
        protocol: str | None = None,
        cipher: str | None = None,
        blocking: bool | None = None,
        client: Json | None = None,
        server: Json | None = None,
        steps: str | Iterable[str | Json] = (),
        name: str | None = None,
    ) -> None:
        given = {
            "protocol": protocol,
            "cipher": cipher,
            "blocking": blocking,
            "client": client,
            "server": server,
        }
        world = {key: value for key, value in given.items() if value is not None}
        profiles, shows = _items(profiles), _items(shows)
        texts = {"title": title, "about": about, "profiles": profiles, "shows": shows}
        self.steps: list[Step] = _checked(Source({**texts, **world, "steps": _items(steps)}), FAMILY)
        wrong = [] if name is None else [(None, what) for _place, what in text(("name",), name)]
        if wrong:
            raise ScriptError(FAMILY, wrong)
        self.title = " ".join(title.split()) or name or ""
        self.about = _paragraphs(about)
        self.profiles = tuple(profiles)
        self.shows = tuple(shows)
        self.world: Json = deepcopy(world)  # it is checked: texts, lists of them, and truth values
        self.name = name or self.title or FAMILY

    # -- reading and writing -----------------------------------------------------------------

    @classmethod
    def parse(cls, text: str, name: str = "scenario.toml") -> Self:
        """Read the text of a file, which is JSON if ``name`` ends in ".json", and TOML otherwise.

        ScriptError says what is wrong on which line, and what was expected; UsageError for no str.
        """
        plain_text("text", text)
        plain_text("name", name)
        try:
            source = read_json(text) if name.endswith(JSON_SUFFIX) else read_toml(text)
        except Unreadable as error:
            raise ScriptError(name, [(error.line, error.reason)]) from None
        steps = _checked(source, name)
        return cls(**{**source.data, "steps": [step.raw for step in steps]}, name=_printable(Path(name).stem))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file; ScriptError if it is no script, OSError if it cannot be read.

        UsageError for a value that is no path.
        """
        name = path_name("path", path)
        return cls.parse(decoded(file_of(name).read_bytes(), name), name)

    def as_json(self) -> Json:
        """The data of the file: only the keys that were given, the steps as lines of words."""
        texts: dict[str, Any] = {
            "title": self.title,
            "about": self.about,
            "profiles": list(self.profiles),
            "shows": list(self.shows),
        }
        given = {key: value for key, value in texts.items() if value}
        return {**given, **deepcopy(self.world), "steps": [step_words(step) for step in self.steps]}

    def toml(self) -> str:
        """The text of a TOML file that says the same; comments of one that was read are gone."""
        return toml_text(self.as_json())

    def scenario(self) -> Scenario:
        """The scenario that it is, called by the name of its file, or else by its title."""
        return parse_line(
            {
                "id": self.name,
                "scenario": {"family": FAMILY, **deepcopy(self.world)},
                "trace": [{"step": step.raw} for step in self.steps],
            }
        )

    # -- building ----------------------------------------------------------------------------

    def add(self, step: str | Json) -> Self:
        """Add a step, a line of words or an object; ScriptError for what is none."""
        try:
            self.steps.append(checked_step(step))
        except UsageError as error:
            raise ScriptError(FAMILY, [(None, str(error))]) from None
        return self

    def establish(self) -> Self:
        """Both sides shake hands, and each then peeks once, as a connection is before its first write."""
        return self.add({"do": "establish"})

    def pump(self) -> Self:
        """Deliver everything both ways, and wake blocked sides, until nothing moves."""
        return self.add({"do": "pump"})

    @functools.cached_property
    def client(self) -> SideSteps[Self]:
        """The steps of the client."""
        return SideSteps("client", self.add)

    @functools.cached_property
    def server(self) -> SideSteps[Self]:
        """The steps of the server."""
        return SideSteps("server", self.add)

    def __eq__(self, other: object) -> bool:
        return self.as_json() == other.as_json() if isinstance(other, Script) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # steps are added to it

    def __repr__(self) -> str:
        return f"<Script {self.title!r}: {len(self.steps)} steps>"


def _printable(name: str) -> str:
    """A file's name, with "?" for bytes that are no text."""
    return name.encode(errors="replace").decode()


def _items(value: Any) -> Any:
    """A list of an iterable; any other value, which a check then refuses, and a text are left as they are."""
    is_text = isinstance(value, str | bytes | bytearray | Mapping)
    return value if is_text or not isinstance(value, Iterable) else list(value)


def file_of(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file; ScriptError for a text with a NUL, which is none."""
    if "\0" in os.fspath(path):
        raise ScriptError(repr(os.fspath(path)), [(None, "a path holds no NUL")])
    return Path(path)


def decoded(data: bytes, name: str) -> str:
    """The text of a file; ScriptError if it is none."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ScriptError(name, [(None, f"not UTF-8: {error.reason} at byte {error.start}")]) from None


def _checked(source: Source, where: str) -> list[Step]:
    """The steps of a script's data; ScriptError with all complaints about it."""
    wrong = list(complaints(source.data))
    steps = steps_of(source.data.get("steps", []), wrong) if isinstance(source.data, dict) else []
    if wrong:
        found = [(source.line_of(place), what) for place, what in wrong]
        raise ScriptError(where, sorted(found, key=lambda each: each[0] or 0))
    return steps


def _paragraphs(text: str) -> str:
    """A text whose lines are its paragraphs, with an empty line between them, wherever it was broken."""
    paragraphs = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)
