"""A practice whose March 2026 was closed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ClosedPractice:
    """A practice whose March 2026 was closed: its folder and each patient's claim."""

    folder: Path
    claim_ids: dict[str, str]
    charges_cents: dict[str, int]

    def file(self, name: str, content: bytes) -> Path:
        """A file beside the practice."""
        path = self.folder.parent / name
        path.write_bytes(content)
        return path
