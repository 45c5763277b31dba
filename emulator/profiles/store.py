"""Where the profiles that come with the package are: their files, and what is compiled of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.compiled import PACKAGE, Store, Tree

if TYPE_CHECKING:
    from pathlib import Path

# A wheel carries the files beside the modules; in a checkout they lie beside the package.
BUILT_IN = next(
    (folder for folder in (PACKAGE / "_profiles", PACKAGE.parent / "profiles") if folder.is_dir()),
    PACKAGE / "_profiles",
)
"""The folder of the profiles that come with the package."""

CODE = ("behaviours", "profiles")
"""The packages that make a profile of its files, and what they need besides."""
MODULES = (
    "api/__init__.py",
    "api/arguments.py",
    "compiled.py",
    "constants.py",
    "exceptions.py",
    "release.py",
)


def inputs(folder: Path) -> tuple[Tree, ...]:
    """Return all that a compiled profile depends on, if its file is in this folder."""
    return (
        Tree("profiles", folder, ".toml"),
        *(Tree(f"emulator/{name}", PACKAGE / name, ".py") for name in CODE),
        *(Tree(f"emulator/{name}", PACKAGE / name) for name in MODULES),
    )


STORE = Store("profiles", inputs(BUILT_IN))
"""A release's or build's profile by its name, and "index": the names themselves."""
