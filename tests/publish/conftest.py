"""Plans, claims and histories are made with the samples of other rooms' tests."""

import sys
from pathlib import Path

for room in ("audit", "marts", "plan", "x12"):
    sys.path.append(str(Path(__file__).parents[1] / room))
