"""Whose time counts, once: from contacts to a month's countable minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MinutesLedger:
    """placeholder; the coding helper completes it"""
