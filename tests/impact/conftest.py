"""Claim files, practices and histories are made with the samples of the wire's, the close's and the audit's tests."""

import sys
from pathlib import Path

for folder in ("x12", "close", "audit"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
