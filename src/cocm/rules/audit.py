"""What the self-audit looks for: risk factors with their weights, and when a change between two periods counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


class RiskFactor(StrEnum):
    """Something about a paid month that makes an overpayment likelier."""

    ADDON_UNITS = "addon_units"
    NEAR_THRESHOLD = "near_threshold"
    LATE_ENTRY = "late_entry"
    CORRECTED_CONTACT = "corrected_contact"
    NO_CASELOAD_REVIEW = "no_caseload_review"
    FIRST_MONTH = "first_month"
    REPLACEMENT = "replacement"
    PAID_AFTER_DENIAL = "paid_after_denial"


@dataclass(frozen=True, slots=True)
class RiskWeight:
    """A factor's points and why it is one."""

    points: int
    reason: str


class DriftMeasure(StrEnum):
    """What is compared between two periods."""

    DENIAL_RATE = "denial_rate"
    CODE_SHARE = "code_share"


@dataclass(frozen=True, slots=True)
class DriftThreshold:
    """From which z (in hundredths) a change is told, and how many months each period needs."""

    z_hundredths: int
    months_min: int


@lru_cache(maxsize=8)
def risk_weights(rulebook: Rulebook) -> Mapping[RiskFactor, RiskWeight]:
    """Every risk factor with its weight."""
    rows = read_table(rulebook.data_file("audit/risk_factors.csv"))
    return {
        row.one_of("factor", RiskFactor): RiskWeight(row.integer("points"), row.text("reason"))
        for row in rows
    }


@lru_cache(maxsize=8)
def drift_thresholds(rulebook: Rulebook) -> Mapping[DriftMeasure, DriftThreshold]:
    """When a change counts, by measure."""
    rows = read_table(rulebook.data_file("audit/drift.csv"))
    return {
        row.one_of("measure", DriftMeasure): DriftThreshold(
            row.integer("z_hundredths"), row.integer("months_min")
        )
        for row in rows
    }
