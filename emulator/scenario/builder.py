"""Steps as methods: ``client write 40000 buffer=b`` is ``.client.write(40_000, buffer="b")``.

The methods are made of :data:`emulator.scenario.kinds.KINDS`, each with the signature and the docstring of
its row: ``help(script.client)`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any, Generic, TypeAlias, TypeVar

from emulator.scenario.kinds import KINDS, Argument, Kind
from emulator.scenario.step import Json
from emulator.scenario.values import nearest

Chain = TypeVar("Chain")
Add: TypeAlias = Callable[[Json], Chain]


class SideSteps(Generic[Chain]):
    """The steps of one side, a method for each; every one adds its step and returns the script.

    Sizes and counts are in bytes.  An argument that is left out, or None, is left out of the step.
    """

    def __init__(self, who: str, add: Add[Chain]) -> None:
        self._who = who
        self._add = add

    def __getattr__(self, name: str) -> Callable[..., Chain]:
        """Only for a name that is no step: AttributeError, with the nearest one."""
        known = [kind.name for kind in KINDS.values() if kind.side is not None]
        raise AttributeError(
            f"no step of a side is called {name!r}{nearest(name, known)}", name=name, obj=self
        )

    def _step(self, kind: Kind, arguments: Json) -> Chain:
        return self._add({str(kind.side): self._who, "do": kind.name, **arguments})


def _signature(kind: Kind) -> Signature:
    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [_parameter(argument) for argument in kind.arguments]
    return Signature(parameters)


def _parameter(argument: Argument) -> Parameter:
    name = argument.called or argument.name
    if argument.value.takes_all and argument.value.may_be_empty:
        return Parameter(name, Parameter.VAR_POSITIONAL)
    how = Parameter.KEYWORD_ONLY if argument.named else Parameter.POSITIONAL_OR_KEYWORD
    return Parameter(name, how, default=None if argument.optional else Parameter.empty)


def _given(kind: Kind, bound: Json) -> Json:
    """The step's JSON of bound arguments; one that may be left out is, where it is None or False."""
    given: Json = {}
    for argument in kind.arguments:
        name = argument.called or argument.name
        value = bound.get(name, ())
        if isinstance(value, (tuple, bytes)):
            value = value.hex() if isinstance(value, bytes) else list(value)
        if not argument.optional or (value is not None and value is not False):
            given[argument.name] = value
    return given


def _method(kind: Kind) -> Callable[..., Any]:
    signature = _signature(kind)

    def method(*args: Any, **keywords: Any) -> Any:
        bound = signature.bind(*args, **keywords)
        bound.apply_defaults()
        steps = bound.arguments.pop("self")
        return steps._step(kind, _given(kind, bound.arguments))  # noqa: SLF001 - a method of its class

    method.__name__, method.__qualname__ = kind.name, f"{SideSteps.__name__}.{kind.name}"
    method.__doc__ = f"``{kind.usage}``: {kind.says.replace('`', '``')}."
    method.__signature__ = signature  # type: ignore[attr-defined]  # inspect's own protocol
    return method


for _kind in KINDS.values():
    if _kind.side is not None:
        setattr(SideSteps, _kind.name, _method(_kind))
