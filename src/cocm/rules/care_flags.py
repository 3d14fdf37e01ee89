"""What the registry watches for: the flags of a caseload with their order, their thresholds, and the scales followed.

The three tables stand in the rulebook's folder `care`; an overlay's copy of a table takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from cocm.basics.errors import RulebookError
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import Row, read_table
from cocm.rules.values import Source


class FlagKind(StrEnum):
    """Why a patient needs somebody's attention."""

    SAFETY = "safety"
    WORSE = "worse"
    CONSULT_MISSED = "consult_missed"
    NOT_IMPROVED_NO_CONSULT = "not_improved_no_consult"
    DISCUSS = "discuss"
    RECOMMENDATION_OPEN = "recommendation_open"
    REVIEW_DUE = "review_due"
    NEW = "new"
    NOT_IMPROVED = "not_improved"
    PLAN_NOT_REVISED = "plan_not_revised"
    OUTREACH_FAILING = "outreach_failing"
    NO_CONTACT = "no_contact"
    NO_SCORE = "no_score"
    MONTH_AT_RISK = "month_at_risk"
    STEP_DOWN = "step_down"
    LONG_STAY = "long_stay"


class FlagTone(StrEnum):
    """How a flag is shown."""

    DANGER = "danger"
    ATTENTION = "attention"
    INFO = "info"
    SUCCESS = "success"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class FlagRule:
    """A flag: its place in the order of need (1 first), its label, and its rule in words with its source.

    `is_for_review`: it brings a patient to the caseload review; the others are the care manager's own work.
    """

    kind: FlagKind
    place: int
    label: str
    tone: FlagTone
    rule: str
    source: Source
    locator: str
    is_for_review: bool = True


class Threshold(StrEnum):
    """A number that a flag turns on."""

    NOT_IMPROVED_WEEKS = "not_improved_weeks"
    CONSULT_BY_WEEK = "consult_by_week"
    EARLY_FOLLOW_UP_DAYS = "early_follow_up_days"
    CONTACT_DAYS_ACTIVE = "contact_days_active"
    CONTACT_DAYS_MAINTENANCE = "contact_days_maintenance"
    SCORE_DAYS = "score_days"
    REVIEW_DAYS_ACTIVE = "review_days_active"
    REVIEW_DAYS_MAINTENANCE = "review_days_maintenance"
    LONG_STAY_MONTHS = "long_stay_months"
    RECOMMENDATION_DAYS = "recommendation_days"
    ATTEMPTS = "attempts"
    STEP_DOWN_READINGS = "step_down_readings"
    BASELINE_DAYS_BEFORE = "baseline_days_before"
    MONTH_DAYS_LEFT = "month_days_left"
    MONTH_MINUTES_SHORT = "month_minutes_short"
    PLAN_REVISION_DAYS = "plan_revision_days"
    REVIEW_MINUTES_EACH = "review_minutes_each"
    REVIEW_SESSION_MINUTES = "review_session_minutes"


@dataclass(frozen=True, slots=True)
class FollowedScale:
    """A scale by which improvement is told: response is a drop by `response_percent`, remission a score below a limit.

    `improved_below`: a score below it is improvement too. `worse_points`: a rise by so many is a change for the worse.
    """

    instrument: str
    label: str
    score_max: int
    response_percent: int
    improved_below: int
    remission_below: int
    worse_points: int

    def has_responded(self, first: int, latest: int) -> bool:
        """Whether the score has dropped by the percentage from the first one."""
        return (first - latest) * 100 >= first * self.response_percent and first > 0

    def has_improved(self, first: int, latest: int) -> bool:
        """Response, or a score below the limit."""
        return latest < self.improved_below or self.has_responded(first, latest)

    def is_in_remission(self, score: int) -> bool:
        return score < self.remission_below

    def response_at(self, first: int) -> int:
        """The highest score that is a response to treatment which began at `first`."""
        return first * (100 - self.response_percent) // 100


@dataclass(frozen=True, slots=True)
class CareFlags:
    """The three tables of a rulebook."""

    rules: Mapping[FlagKind, FlagRule]
    thresholds: Mapping[Threshold, int]
    scales: Mapping[str, FollowedScale]


@lru_cache(maxsize=8)
def care_flags(rulebook: Rulebook) -> CareFlags:
    """Flags in their order, thresholds and scales. Raises `RulebookError` where a flag or a threshold is missing."""
    path = rulebook.data_file("care/thresholds.csv")
    thresholds = {row.one_of("threshold", Threshold): row.integer("value") for row in read_table(path)}
    lacking = sorted(set(Threshold) - set(thresholds))
    if lacking:
        raise RulebookError(f"{path}: no row for {', '.join(lacking)}; every threshold needs one")
    path = rulebook.data_file("care/flags.csv")
    rules = [_flag_rule(row, thresholds, rulebook) for row in read_table(path)]
    lacking_flags = sorted(set(FlagKind) - {rule.kind for rule in rules})
    if lacking_flags:
        raise RulebookError(f"{path}: no row for {', '.join(lacking_flags)}; every flag needs one")
    scales = (_scale(row) for row in read_table(rulebook.data_file("care/instruments.csv")))
    return CareFlags(
        MappingProxyType({rule.kind: rule for rule in sorted(rules, key=lambda rule: rule.place)}),
        MappingProxyType(thresholds),
        MappingProxyType({scale.instrument: scale for scale in scales}),
    )


def _flag_rule(row: Row, thresholds: Mapping[Threshold, int], rulebook: Rulebook) -> FlagRule:
    ref = row.text("source")
    if ref not in rulebook.sources:
        raise RulebookError(f"care/flags.csv: source {ref!r} does not stand in sources.yaml")
    return FlagRule(
        kind=row.one_of("flag", FlagKind),
        place=row.integer("place"),
        label=row.text("label"),
        tone=row.one_of("tone", FlagTone),
        rule=row.text("rule").format_map({name.value: value for name, value in thresholds.items()}),
        source=rulebook.sources[ref],
        locator=row.text("at"),
        is_for_review=row.flag("is_for_review"),
    )


def _scale(row: Row) -> FollowedScale:
    return FollowedScale(
        row.text("instrument"),
        row.text("label"),
        *(
            row.integer(name)
            for name in (
                "score_max",
                "response_percent",
                "improved_below",
                "remission_below",
                "worse_points",
            )
        ),
    )
