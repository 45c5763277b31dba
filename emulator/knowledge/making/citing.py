"""The place in a profile's files that gives an answer, and what it cites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.knowledge.kinds import Sources
from emulator.profiles import histories, store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.profiles.layers import Layer


def cited_in(layers: Sequence[Layer], key: str) -> Sources | None:
    """Return the place that answers a behaviour, of the layers of a profile; None if none of them does."""
    parts = tuple(key.split("."))
    layer = next((layer for layer in reversed(layers) if layer.sets(parts)), None)
    return None if layer is None else _cited(layer, parts[0])


def _cited(layer: Layer, section: str) -> Sources:
    """Return what a place cites.  The base of a series stands on the whole source of its first release."""
    file = layer.path
    shipped = file.is_relative_to(store.BUILT_IN)
    name = str(file.relative_to(store.BUILT_IN)) if shipped else str(file)
    cited = layer.sources_of(section)
    if layer.place == histories.BASE and section not in layer.section_sources:
        cited = (f"the source of {layer.release}",)
    return Sources(name, layer.place, cited)
