"""Accepts what the rules and edits now decide on the synthetic regression set: shows what turned, then writes it down.

`python tools/accept_decisions.py --show` only shows. `cocm rules impact --from HEAD` names each turned decision with
the rule value that turned it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from cocm.impact.snapshot import decisions_text, differences
from cocm.rules import Rulebook

SNAPSHOT: Final = Path(__file__).parents[1] / "tests" / "impact" / "decisions.txt"


def main() -> None:
    """Compare, tell, and write unless only asked to show."""
    decided = decisions_text(Rulebook())
    accepted = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    found = differences(accepted, decided)
    for line in found.lines:
        print(line)
    print(f"{len(found.lines)} lines differ")
    if "--show" not in sys.argv[1:]:
        SNAPSHOT.write_text(decided, encoding="utf-8")
        print(
            f"written to {SNAPSHOT.relative_to(Path.cwd()) if SNAPSHOT.is_relative_to(Path.cwd()) else SNAPSHOT}"
        )


if __name__ == "__main__":
    main()
