"""What a wheel has beyond the source: what the package would compute anew from its data in each process."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileData(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles what the package computes from its data into the wheel; a checkout does so when it runs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            # In the build's environment, which has pydantic and nothing else that the package needs.
            from emulator.knowledge import index  # noqa: PLC0415
            from emulator.library import store as library  # noqa: PLC0415
            from emulator.profiles import building as profiles  # noqa: PLC0415

            self._folder = tempfile.TemporaryDirectory()
            for part in (profiles, index, library):
                part.compile_into(Path(self._folder.name))
        finally:
            sys.path.remove(self.root)
        build_data["force_include"][self._folder.name] = "emulator/_compiled"

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove what the wheel has now."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()
