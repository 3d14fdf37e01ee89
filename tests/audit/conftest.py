"""The samples of the plan's and the wire's own tests."""

import sys
from pathlib import Path

for room in ("plan", "x12", "claims"):
    sys.path.append(str(Path(__file__).parent.parent / room))
