"""The quality metrics of Collaborative Care as data: what each counts, out of what, by which source.

The tables stand in the rulebook's folder `care`; an overlay's copy of a table takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from cocm.basics.errors import RulebookError
from cocm.rules.care_flags import CareFlags, FollowedScale, care_flags
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import Row, read_table
from cocm.rules.values import Source


class Metric(StrEnum):
    """A metric by its name."""

    ENROLLED = "enrolled"
    ENROLLED_PER_MANAGER = "enrolled_per_manager"
    NEWLY_ENROLLED = "newly_enrolled"
    IN_CONTACT = "in_contact"
    CONTACT_AND_SCALE = "contact_and_scale"
    ACTIVE_CONTACTS = "active_contacts"
    THREE_CONTACTS = "three_contacts"
    EARLY_CONTACT = "early_contact"
    REVIEWED = "reviewed"
    CONSULT_IN_WINDOW = "consult_in_window"
    CONSULT_NOT_IMPROVED = "consult_not_improved"
    TREATMENT_CHANGED = "treatment_changed"
    PLAN_REVISED = "plan_revised"
    ADVICE_ANSWERED = "advice_answered"
    ADVICE_CARRIED_OUT = "advice_carried_out"
    IMPROVED = "improved"
    RESPONDED = "responded"
    REMITTED = "remitted"
    WEEKS_AT_END = "weeks_at_end"
    RELAPSE_PLAN = "relapse_plan"
    DMS_E = "dms_e"
    DRR_FOLLOW_UP = "drr_follow_up"
    DRR_REMISSION = "drr_remission"
    DRR_RESPONSE = "drr_response"
    SCREENED = "screened"


class MetricGroup(StrEnum):
    """Under which heading a metric stands."""

    REACH = "reach"
    PROCESS = "process"
    OUTCOME = "outcome"
    HEDIS = "hedis"
    UNKNOWN = "unknown"


class MetricKind(StrEnum):
    """What its figure is: a count, a share of the denominator, a mean, a ratio; `none` is not worked out."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    RATIO = "ratio"
    NONE = "none"


class QualityLimit(StrEnum):
    """A number that a metric turns on, beside those of the caseload's flags."""

    CONTACTS_NEEDED = "contacts_needed"
    OUTCOME_DAYS = "outcome_days"
    CONSULT_DAYS = "consult_days"
    TREATMENT_CHANGE_DAYS = "treatment_change_days"
    ACTIVE_CONTACTS_A_MONTH = "active_contacts_a_month"
    ADULT_AGE = "adult_age"
    MONITORING_MONTHS = "monitoring_months"
    INDEX_ABOVE = "index_above"
    FOLLOW_UP_FROM_DAYS = "follow_up_from_days"
    FOLLOW_UP_TO_DAYS = "follow_up_to_days"
    FOLLOW_THROUGH_DAYS = "follow_through_days"


@dataclass(frozen=True, slots=True)
class MetricRule:
    """A metric's definition in words, with its target (a percentage, or a number) and its source.

    `defined_from`: since when the source defines it so.
    """

    metric: Metric
    place: int
    label: str
    group: MetricGroup
    kind: MetricKind
    numerator: str
    denominator: str
    exclusions: str
    target: int | None
    defined_from: date
    source: Source
    locator: str


@dataclass(frozen=True, slots=True)
class CareQuality:
    """The metrics in their order, their numbers, the caseload's own numbers and scales, depression's codes."""

    rules: Mapping[Metric, MetricRule]
    limits: Mapping[QualityLimit, int]
    watched: CareFlags
    depression_prefixes: tuple[str, ...]


@lru_cache(maxsize=8)
def care_quality(rulebook: Rulebook) -> CareQuality:
    """The tables of a rulebook. Raises `RulebookError` where a metric or a number has no row."""
    path = rulebook.data_file("care/quality_thresholds.csv")
    limits = {row.one_of("threshold", QualityLimit): row.integer("value") for row in read_table(path)}
    if lacking := sorted(set(QualityLimit) - set(limits)):
        raise RulebookError(f"{path}: no row for {', '.join(lacking)}; every number needs one")
    watched = care_flags(rulebook)
    words: dict[str, object] = {name.value: value for name, value in watched.thresholds.items()}
    words |= {name.value: value for name, value in limits.items()}
    words |= {
        "improved_below": _each(watched.scales, "improved_below"),
        "remission_below": _each(watched.scales, "remission_below"),
    }
    path = rulebook.data_file("care/quality_metrics.csv")
    rules = [_rule(row, words, rulebook) for row in read_table(path)]
    if missing := sorted(set(Metric) - {rule.metric for rule in rules}):
        raise RulebookError(f"{path}: no row for {', '.join(missing)}; every metric needs one")
    prefixes = read_table(rulebook.data_file("care/depression_codes.csv"))
    return CareQuality(
        MappingProxyType({rule.metric: rule for rule in sorted(rules, key=lambda rule: rule.place)}),
        MappingProxyType(limits),
        watched,
        tuple(row.text("diagnosis_prefix") for row in prefixes),
    )


def _each(scales: Mapping[str, FollowedScale], name: str) -> str:
    """The scales' limits in words: one number where all have the same, else each with its scale."""
    values = {scale.label: getattr(scale, name) for scale in scales.values()}
    if len(set(values.values())) == 1:
        return str(next(iter(values.values())))
    return ", ".join(f"{value} ({label})" for label, value in values.items())


def _rule(row: Row, words: Mapping[str, object], rulebook: Rulebook) -> MetricRule:
    ref = row.text("source")
    if ref not in rulebook.sources:
        raise RulebookError(f"care/quality_metrics.csv: source {ref!r} does not stand in sources.yaml")
    return MetricRule(
        metric=row.one_of("metric", Metric),
        place=row.integer("place"),
        label=row.text("label").format_map(words),
        group=row.one_of("group", MetricGroup),
        kind=row.one_of("kind", MetricKind),
        numerator=row.text("numerator").format_map(words),
        denominator=row.text("denominator").format_map(words),
        exclusions=row.text("exclusions").format_map(words),
        target=row.integer("target") if row.text("target") else None,
        defined_from=row.day("defined_from"),
        source=rulebook.sources[ref],
        locator=row.text("at"),
    )
