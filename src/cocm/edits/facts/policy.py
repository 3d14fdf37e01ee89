"""The payer's rules on the date of service, as facts.

Each comes from one rule of the rulebook, so that its SQL is a column of the table `policy`, which is
written from the same rulebook. A rule that is unknown, or not defined on the date, makes its fact unknown.
A stated "none" is known: it is 0 or empty, with a companion such as `has_addon_unit_limit` where none must
not be taken for a number.
"""

from __future__ import annotations

from cocm.edits.codes import ADDON, FIRST_MONTH, LATER_MONTH, SHORT_MONTH
from cocm.edits.context import DIAGNOSES_ALLOWED, DIAGNOSES_DENIED, EXCLUDED_CODES, INITIATING_VISIT_CODES
from cocm.edits.fact import Fact, FactValue, Kind, Scope, StoredValue
from cocm.edits.kleene import UNKNOWN
from cocm.rules import PackOn
from cocm.rules.values import NOT_DEFINED


def _value(
    name: str,
    kind: Kind,
    rule_id: str,
    says: str,
    *,
    clean: StoredValue,
    denies: str = "",
    is_code: bool = False,
) -> Fact:
    """A rule's value. A code not defined on the date is one the payer does not take: empty, not unknown."""

    def derive(policy: PackOn) -> FactValue:
        rule = policy.value(rule_id)
        if is_code and rule.state == NOT_DEFINED:
            return ""
        if not rule.is_known or isinstance(rule.value, frozenset):
            return UNKNOWN
        return kind.default if rule.value is None else rule.value

    meaning = f"The value of the rule `{rule_id}`."
    return Fact(
        name, Scope.POLICY, kind, says, denies, meaning, derive, f"p.{name}", False, True, clean, (rule_id,)
    )


def _has(name: str, rule_id: str, says: str, denies: str, *, clean: bool = True) -> Fact:
    """Whether a rule states a value, or members, rather than none."""

    def derive(policy: PackOn) -> FactValue:
        rule = policy.value(rule_id)
        return rule.value not in (None, frozenset()) if rule.is_known else UNKNOWN

    meaning = f"Whether the rule `{rule_id}` states anything rather than none."
    sql = f"p.{name}"
    return Fact(
        name, Scope.POLICY, Kind.BOOLEAN, says, denies, meaning, derive, sql, False, True, clean, (rule_id,)
    )


def _flag(name: str, rule_id: str, says: str, denies: str, *, clean: bool = True) -> Fact:
    return _value(name, Kind.BOOLEAN, rule_id, says, denies=denies, clean=clean)


def _code(name: str, rule_id: str, says: str) -> Fact:
    return _value(name, Kind.TEXT, rule_id, says, clean="", is_code=True)


def _word(name: str, rule_id: str, says: str, clean: str) -> Fact:
    return _value(name, Kind.TEXT, rule_id, says, clean=clean)


def _number(name: str, rule_id: str, says: str, clean: int) -> Fact:
    return _value(name, Kind.INTEGER, rule_id, says, clean=clean)


first_month_code = _code("first_month_code", FIRST_MONTH, "the payer's first-month code")
later_month_code = _code("later_month_code", LATER_MONTH, "the payer's later-month code")
addon_code = _code("addon_code", ADDON, "the payer's add-on code")
short_month_code = _code("short_month_code", SHORT_MONTH, "the payer's code of a short month")

has_addon_unit_limit = _has(
    "has_addon_unit_limit",
    "limit.addon_units",
    "the payer limits the add-on units of a month",
    "the payer does not limit the add-on units of a month",
)
addon_unit_limit = _number(
    "addon_unit_limit", "limit.addon_units", "the payer's limit of add-on units in a month", clean=4
)
has_usual_addon_units = _has(
    "has_usual_addon_units",
    "limit.addon_units_review_above",
    "the payer questions add-on units above a number",
    "the payer questions no number of add-on units",
)
usual_addon_units = _number(
    "usual_addon_units",
    "limit.addon_units_review_above",
    "the number of add-on units above which the payer asks questions",
    clean=2,
)
episode_gap_months = _number(
    "episode_gap_months",
    "episode.gap_months",
    "the number of months without service after which a new episode may begin",
    clean=6,
)
has_first_month_code_year_limit = _has(
    "has_first_month_code_year_limit",
    "episode.first_month_per_calendar_year_max",
    "the payer limits how often the first-month code is paid in a calendar year",
    "the payer does not limit how often the first-month code is paid in a calendar year",
    clean=False,
)
first_month_code_year_limit = _number(
    "first_month_code_year_limit",
    "episode.first_month_per_calendar_year_max",
    "the payer's limit of first-month codes in a calendar year",
    clean=0,
)
consent_is_required = _flag(
    "consent_is_required",
    "consent.required",
    "the payer requires the patient's consent",
    "the payer requires no consent",
)
consent_form_required = _word(
    "consent_form_required",
    "consent.form",
    "the form of consent that the payer asks for",
    clean="verbal_or_written",
)
initiating_visit_is_required = _flag(
    "initiating_visit_is_required",
    "initiating_visit.required",
    "the payer requires an initiating visit where the patient is new or unseen",
    "the payer requires no initiating visit",
)
initiating_visit_lookback_days = _number(
    "initiating_visit_lookback_days",
    "initiating_visit.lookback_days",
    "the number of days that an earlier visit still counts",
    clean=365,
)
has_initiating_visit_codes = _has(
    "has_initiating_visit_codes",
    INITIATING_VISIT_CODES,
    "the payer names the codes of an initiating visit",
    "the payer names no codes of an initiating visit",
)
rendering_role_required = _word(
    "rendering_role_required",
    "claim.rendering_role",
    "the role that this payer wants as rendering provider",
    clean="billing_practitioner",
)
billing_entity_required = _word(
    "billing_entity_required",
    "claim.billing_entity",
    "the entity that this payer wants as billing provider",
    clean="medical_group",
)
supervising_provider_is_required = _flag(
    "supervising_provider_is_required",
    "claim.supervising_provider_required",
    "the payer wants the supervising provider named",
    "the payer does not ask for a supervising provider",
    clean=False,
)
place_of_service_basis = _word(
    "place_of_service_basis",
    "claim.place_of_service_basis",
    "what this payer takes the place of service from",
    clean="credentialed_site",
)
benefit_side = _word(
    "benefit_side", "claim.benefit_side", "the side of the benefit that pays for the service", clean="medical"
)
correction_method = _word(
    "correction_method", "claim.correction_method", "how this payer takes corrections", clean="replacement"
)
has_payer_filing_limit = _has(
    "has_payer_filing_limit",
    "filing.limit_days",
    "the payer has a filing limit",
    "the payer has no filing limit",
)
payer_filing_limit_days = _number(
    "payer_filing_limit_days", "filing.limit_days", "the payer's filing limit in days", clean=365
)
diagnosis_is_required = _flag(
    "diagnosis_is_required",
    "diagnosis.required",
    "the payer requires a behavioral diagnosis",
    "the payer requires no behavioral diagnosis",
)
has_allowed_diagnoses = _has(
    "has_allowed_diagnoses",
    DIAGNOSES_ALLOWED,
    "the payer names the diagnoses it takes",
    "the payer names no diagnoses that it takes",
)
has_denied_diagnoses = _has(
    "has_denied_diagnoses",
    DIAGNOSES_DENIED,
    "the payer names diagnoses it refuses",
    "the payer refuses no behavioral diagnosis",
    clean=False,
)
has_excluded_codes = _has(
    "has_excluded_codes",
    EXCLUDED_CODES,
    "some codes exclude this service in the same month",
    "no code excludes this service in the same month",
)
first_month_minutes_min = _number(
    "first_month_minutes_min", "time.first_month_min", "the fewest minutes of the first-month code", clean=36
)
first_month_minutes_full = _number(
    "first_month_minutes_full", "time.first_month_full", "the full minutes of the first-month code", clean=70
)
later_month_minutes_min = _number(
    "later_month_minutes_min", "time.later_month_min", "the fewest minutes of the later-month code", clean=31
)
later_month_minutes_full = _number(
    "later_month_minutes_full", "time.later_month_full", "the full minutes of the later-month code", clean=60
)
addon_minutes_min = _number(
    "addon_minutes_min", "time.addon_min", "the fewest further minutes of an add-on unit", clean=16
)
addon_minutes_full = _number(
    "addon_minutes_full", "time.addon_full", "the full minutes of an add-on unit", clean=30
)
short_month_minutes_min = _number(
    "short_month_minutes_min", "time.short_month_min", "the fewest minutes of a short month", clean=16
)
