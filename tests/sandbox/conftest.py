"""Claim files are made with the samples of the wire's tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "x12"))
