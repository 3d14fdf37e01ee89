"""Claim files are made with the samples of the wire's tests, practices with those of the close's."""

import sys
from pathlib import Path

for folder in ("x12", "close"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
