"""Fixtures that write a small rulebook and an overlay into a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_rulebook import ACME, CAP, CPT, SOURCES, WriteFiles, write_files


@pytest.fixture
def small(tmp_path: Path) -> WriteFiles:
    """Writes a rulebook with a root pack, one payer and one rule, with the given files added or replaced."""

    def write(files: dict[str, str]) -> Path:
        usual = {
            "sources.yaml": SOURCES,
            "payers/cpt/profile.yaml": CPT,
            "payers/acme/profile.yaml": ACME,
            "rules/limit.cap.yaml": CAP,
        }
        return write_files(tmp_path / "rulebook", usual | files)

    return write


@pytest.fixture
def overlay(tmp_path: Path) -> WriteFiles:
    """Writes an overlay folder."""
    return lambda files: write_files(tmp_path / "overlay", files)
