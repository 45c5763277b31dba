"""Start of the process that drives a real libssl, or asks it what it is: with "survey" behind its path.

``emulator`` itself is never imported here, since it would load the OpenSSL that ``cryptography`` and
``hashlib`` bring along, of which a library of the same name would then be a part.  An empty module stands in
its place, through which its harmless parts can be found.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

if __name__ == "__main__":
    stand_in = ModuleType("emulator")
    stand_in.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["emulator"] = stand_in
    del sys.path[0]

    if sys.argv[2:] == ["survey"]:
        from emulator.reallib.child.survey import main
    else:
        from emulator.reallib.child.server import main

    sys.exit(main(sys.argv[1:]))
