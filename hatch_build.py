"""What a wheel has beyond the source: what the package would compute anew from its data in each process."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileData(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the profiles into the wheel; a checkout does so when it runs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from emulator.profiles.building import compile_into  # noqa: PLC0415 - in the build's environment
        finally:
            sys.path.remove(self.root)
        self._folder = tempfile.TemporaryDirectory()
        compile_into(Path(self._folder.name))
        build_data["force_include"][self._folder.name] = "emulator/_compiled"

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove what the wheel has now."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()
