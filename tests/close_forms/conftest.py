"""The forms are tested with the claims that the wire's tests are made of."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "x12"))
