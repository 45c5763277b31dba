"""The place in a profile's files that gives an answer, and what it cites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.knowledge.kinds import Sources
from emulator.profiles import histories, store
from emulator.profiles.describe import MANUAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.profiles.layers import Layer


def cited_in(layers: Sequence[Layer], key: str) -> Sources | None:
    """Return the place that answers a behaviour, of the layers of a profile; None if none of them does."""
    parts = tuple(key.split("."))
    answering = (layer for layer in reversed(layers) if layer.sets(parts) or parts in layer.remove)
    layer = next(answering, None) or _silent_base(layers, parts[0])
    return None if layer is None else _cited(layer, parts[0])


def _silent_base(layers: Sequence[Layer], section: str) -> Layer | None:
    """Return the base whose pages are silent about a topic that no layer ever named."""
    if section != MANUAL:
        return None
    return next((layer for layer in layers if layer.place == histories.BASE and section in layer.table), None)


def _cited(layer: Layer, section: str) -> Sources:
    """Return what a place cites.  The base of a series stands on the whole source of its first release."""
    file = layer.path
    shipped = file.is_relative_to(store.BUILT_IN)
    name = str(file.relative_to(store.BUILT_IN)) if shipped else str(file)
    cited = layer.sources_of(section)
    if layer.place == histories.BASE and section not in layer.section_sources:
        cited = (f"the source of {layer.release}",)
    return Sources(name, layer.place, cited)
