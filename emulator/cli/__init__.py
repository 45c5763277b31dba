"""The commands of ``emulator``, which ``python -m emulator`` runs too."""

from emulator.cli.app import main

__all__ = ["main"]
