"""A script's data as the text of a TOML file."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.scenario.model import Json

WIDTH = 100


def toml_text(data: Json) -> str:
    """Write the file: plain keys first, then the steps, then the tables of the sides."""
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    plain = {key: value for key, value in data.items() if key not in tables and key != "steps"}
    lines = [f"{key} = {_value(key, value)}" for key, value in plain.items()]
    lines.append(f"steps = {_block(data['steps'])}")
    for key, table in tables.items():
        lines += ["", f"[{key}]", *(f"{name} = {_plain(value)}" for name, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(key: str, value: Any) -> str:
    return _prose(value) if key == "about" else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    # JSON's strings are TOML's, but for one control character that TOML wants escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _prose(text: str) -> str:
    return _plain(text) if len(text) < WIDTH and "\n" not in text else _block(_wrapped(text))


def _wrapped(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        yield from textwrap.wrap(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def _block(lines: Any) -> str:
    body = "".join(f"{_escaped(line)}\n" for line in lines)
    return f'"""\n{body}"""'


def _escaped(line: str) -> str:
    """A line inside three quotes: quotation marks stand for themselves unless three of them meet."""
    text = _plain(line)[1:-1]
    return text.replace('\\"', '"').replace('"""', '""\\"') if "\\\\" not in text else text
