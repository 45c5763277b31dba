"""The base of every section of a profile."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen table of answers: every key must be given, no other key may be."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
