"""The payer's rules on the date of service, as facts.

Each comes from one rule of the rulebook, so that its SQL is a column of the table `policy`, which is
written from the same rulebook. A rule that is unknown, or not defined on the date, makes its fact unknown.
A stated "none" is known: it is 0 or empty, with a companion such as `has_addon_unit_limit` where none must
not be taken for a number.
"""

from __future__ import annotations

from cocm.care.people import Role
from cocm.edits.codes import ADDON, CLINIC_MONTH, FIRST_MONTH, LATER_MONTH, SHORT_MONTH
from cocm.edits.context import (
    CLINIC_PLACES,
    CLINIC_TAXONOMIES,
    DIAGNOSES_ALLOWED,
    DIAGNOSES_DENIED,
    EXCLUDED_CODES,
    INITIATING_VISIT_CODES,
    MODIFIERS_REFUSED,
    MODIFIERS_REQUIRED,
    MODIFIERS_SEPARATE,
    PLACES_REFUSED,
    PRACTITIONER_TYPES,
    PSYCHOTHERAPY_CODES,
    REQUIRED_BASE,
    REVIEW_CODES,
    SEPARATE_CONSENT_CODES,
    UNSPECIFIED_DIAGNOSES,
)
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

clinic_month_code = _code("clinic_month_code", CLINIC_MONTH, "the payer's code of a clinic's month")
clinic_first_month_minutes_min = _number(
    "clinic_first_month_minutes_min",
    "time.clinic_first_month_min",
    "the fewest minutes of a clinic's first month",
    clean=0,
)
clinic_later_month_minutes_min = _number(
    "clinic_later_month_minutes_min",
    "time.clinic_later_month_min",
    "the fewest minutes of a clinic's later month",
    clean=0,
)
has_review_codes = _has(
    "has_review_codes",
    REVIEW_CODES,
    "of some codes no source settles whether they may stand beside this service",
    "of no code it is unsettled whether it may stand beside this service",
)
has_separate_consent_codes = _has(
    "has_separate_consent_codes",
    SEPARATE_CONSENT_CODES,
    "some care management beside this service needs its own consent and time",
    "no care management beside this service needs its own consent and time",
)
has_required_base = _has(
    "has_required_base",
    REQUIRED_BASE,
    "the payer wants another base code beside this one",
    "the payer wants no other base code beside this one",
    clean=False,
)
ncci_applies = _flag(
    "ncci_applies",
    "limit.ncci_applies",
    "the payer applies Medicare's NCCI tables",
    "the payer does not apply Medicare's NCCI tables",
)
has_charge_multiple = _has(
    "has_charge_multiple",
    "limit.charge_multiple_review_above",
    "charges above a multiple of Medicare's amount are questioned",
    "no charge is questioned for its size",
)
charge_multiple = _number(
    "charge_multiple",
    "limit.charge_multiple_review_above",
    "the multiple of Medicare's amount above which a charge is questioned",
    clean=10,
)
has_refused_modifiers = _has(
    "has_refused_modifiers",
    MODIFIERS_REFUSED,
    "the payer refuses some modifiers on this service",
    "the payer refuses no modifier on this service",
)
has_required_modifiers = _has(
    "has_required_modifiers",
    MODIFIERS_REQUIRED,
    "the payer wants one of certain modifiers on this service",
    "the payer wants no modifier on this service",
    clean=False,
)
has_refused_places = _has(
    "has_refused_places",
    PLACES_REFUSED,
    "the payer refuses some places of service",
    "the payer refuses no place of service",
)
has_authorization_rule = _has(
    "has_authorization_rule",
    "authorization.after_months",
    "the payer wants an authorization after some months",
    "the payer wants no authorization",
    clean=False,
)
authorization_after_months = _number(
    "authorization_after_months",
    "authorization.after_months",
    "the number of months after which the payer wants an authorization",
    clean=0,
)
has_age_minimum = _has(
    "has_age_minimum",
    "patient.age_years_min",
    "the payer covers the service from an age on",
    "the payer covers all ages",
    clean=False,
)
age_years_min = _number(
    "age_years_min", "patient.age_years_min", "the youngest age in years that the payer covers", clean=0
)
attestation_is_required = _has(
    "attestation_is_required",
    "enrollment.attestation",
    "the payer wants an attestation before the first claim",
    "the payer wants no attestation",
    clean=False,
)
paperwork_basis = _word(
    "paperwork_basis", "claim.paperwork", "when records go to this payer", clean="on_request"
)
claim_format = _word(
    "claim_format", "claim.format", "the form of claim that this payer takes", clean="professional"
)
service_date_basis = _word(
    "service_date_basis",
    "claim.service_date_basis",
    "the date that this payer takes the service to have",
    clean="last_day_of_month",
)
psychotherapy_side = _word(
    "psychotherapy_side",
    "routing.psychotherapy_side",
    "the side of the benefit that pays for psychotherapy",
    clean="medical",
)
has_separate_modifiers = _has(
    "has_separate_modifiers",
    MODIFIERS_SEPARATE,
    "some modifiers say that a service is separate",
    "no modifier says that a service is separate",
)
has_psychotherapy_codes = _has(
    "has_psychotherapy_codes",
    PSYCHOTHERAPY_CODES,
    "the codes of psychotherapy are known",
    "no code is psychotherapy",
)
has_clinic_places = _has(
    "has_clinic_places",
    CLINIC_PLACES,
    "some places of service are a clinic's",
    "no place of service is a clinic's",
)
has_clinic_taxonomies = _has(
    "has_clinic_taxonomies",
    CLINIC_TAXONOMIES,
    "some taxonomies are a clinic's",
    "no taxonomy is a clinic's",
)
has_practitioner_types = _has(
    "has_practitioner_types",
    PRACTITIONER_TYPES,
    "the payer says what kinds of practitioners may bill",
    "the payer says of no kind of practitioner that it may bill",
)
has_unspecified_diagnoses = _has(
    "has_unspecified_diagnoses",
    UNSPECIFIED_DIAGNOSES,
    "some unspecified diagnoses draw questions",
    "no unspecified diagnosis draws questions",
)


def _limits_addons(policy: PackOn) -> FactValue:
    rule = policy.value("limit.addon_units")
    return rule.is_known and rule.value is not None


limits_addons_itself = Fact(
    "limits_addons_itself",
    Scope.POLICY,
    Kind.BOOLEAN,
    "a limit of add-on units of the payer's own is known",
    "no limit of add-on units of the payer's own is known",
    "Whether the rule `limit.addon_units` is known and states a limit.",
    _limits_addons,
    "p.limits_addons_itself",
    False,
    False,
    True,
    ("limit.addon_units",),
)


def _consultant_counts(policy: PackOn) -> FactValue:
    rule = policy.value("minutes.roles_counted")
    return Role.PSYCHIATRIC_CONSULTANT.value in rule.members if rule.is_known else UNKNOWN


consultant_minutes_count = Fact(
    "consultant_minutes_count",
    Scope.POLICY,
    Kind.BOOLEAN,
    "the payer counts the psychiatric consultant's minutes",
    "the payer does not count the psychiatric consultant's minutes",
    "Whether the rule `minutes.roles_counted` names the psychiatric consultant.",
    _consultant_counts,
    "p.consultant_minutes_count",
    False,
    True,
    False,
    ("minutes.roles_counted",),
)
