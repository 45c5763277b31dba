"""The words of the behaviours' docstrings: the question of a key, and what each answer to it means."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from enum import Enum

from pydantic import BaseModel

from emulator.profile import Profile


def words_of(value: object) -> str:
    """What an answer means, where it is a member of an enum; else the value itself."""
    return _words_below(type(value)).get(value.name, "") if isinstance(value, Enum) else str(value)


def question_of(key: str) -> str:
    """The question that a behaviour answers; empty where the key is no behaviour's."""
    owner: type[BaseModel] = Profile
    *sections, name = key.split(".")
    for section in sections:
        below = _model_of(owner, section)
        if below is None:
            return ""
        owner = below
    if name not in owner.model_fields:
        return ""
    annotation = owner.model_fields[name].annotation
    is_enum = isinstance(annotation, type) and issubclass(annotation, Enum)
    return (inspect.getdoc(annotation) if is_enum else None) or _words_below(owner).get(name, "")


def _model_of(owner: type[BaseModel], name: str) -> type[BaseModel] | None:
    field = owner.model_fields.get(name)
    options = [] if field is None else [field.annotation, *getattr(field.annotation, "__args__", ())]
    models = (each for each in options if isinstance(each, type) and issubclass(each, BaseModel))
    return next(models, None)


@functools.cache
def _words_below(owner: type) -> dict[str, str]:
    """By the names of a class's fields or members the docstring below each, or the comment behind it."""
    source = textwrap.dedent(inspect.getsource(owner))
    lines = source.splitlines()
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign | ast.Assign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name):
                found[target.id] = _words(below, lines[node.lineno - 1])
    return found


def _words(below: ast.stmt | None, line: str) -> str:
    if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
        return " ".join(str(below.value.value).split())
    return line.partition("  # ")[2]
