"""The commands of ``emulator``, which ``python -m emulator`` runs too."""

from emulator.cli.main import app, main

__all__ = ["app", "main"]
