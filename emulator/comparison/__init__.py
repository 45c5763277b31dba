"""The same calls on several generations of OpenSSL, side by side."""

from emulator.comparison.compare import compare
from emulator.comparison.comparison import Comparison

__all__ = ["Comparison", "compare"]
