"""Claims and plans are made with the samples of the plan's and the wire's tests."""

import sys
from pathlib import Path

for room in ("x12", "plan"):
    sys.path.append(str(Path(__file__).parents[1] / room))
