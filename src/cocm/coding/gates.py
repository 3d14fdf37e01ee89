"""What a patient-month lacks before it may be billed, graded by the payer's own rules.

A concern's severity is that of the rule it cites; an assumed value never stops a claim, and what the record
does not say is no data for a person, never a silent yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.minutes import MinutesLedger
from cocm.care.records import Answer, ClaimStatus, InitiatingVisit
from cocm.coding.month_kind import stands
from cocm.coding.records import Gap, Missing, Reason
from cocm.rules import PackOn, RuleValue, Severity
from cocm.rules.values import UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Concern:
    """One thing that may be missing: its words, what to do, and its rules, the one that grades it first."""

    gap: Gap
    why: str
    action: str
    rule_ids: tuple[str, ...] = ()
    is_no_data: bool = False


def severity_of(rule: RuleValue) -> Severity:
    """What breaking a rule does. An assumed or unknown value can at most ask for a person."""
    return rule.severity if rule.may_block else min(rule.severity, Severity.REVIEW)


@lru_cache(maxsize=4096)
def missing(policy: PackOn, concern: Concern, detail: str = "") -> Missing:
    """The concern under a payer's rules; `detail` (a code, never a patient's data) goes before its words.

    Without a rule it stops the claim, because no claim can be written. No data, in the record or in a rule,
    asks for a person at most.
    """
    rules = tuple(policy.value(rule_id) for rule_id in concern.rule_ids)
    severity = severity_of(rules[0]) if rules else Severity.BLOCK
    is_no_data = concern.is_no_data or any(rule.state == UNKNOWN for rule in rules)
    if is_no_data:
        severity = min(severity, Severity.REVIEW)
    why = f"{detail} {concern.why}" if detail else concern.why
    return Missing(concern.gap, severity, is_no_data, Reason(why, rules), concern.action)


_CONSENT: Final = ("consent.required",)
CONSENT_REFUSED: Final = Concern(
    Gap.CONSENT,
    "the patient has not consented",
    "bill nothing without consent; record it when it is given",
    _CONSENT,
)
CONSENT_LATER: Final = Concern(
    Gap.CONSENT, "consent is dated after the month", "bill from the month of consent on", _CONSENT
)
CONSENT_UNKNOWN: Final = Concern(
    Gap.CONSENT,
    "the record does not say whether the patient has consented",
    "find the documented consent and enter its date",
    _CONSENT,
    is_no_data=True,
)
CONSENT_UNDATED: Final = Concern(
    Gap.CONSENT,
    "consent was given on an unknown date",
    "find the documented consent and enter its date",
    _CONSENT,
    is_no_data=True,
)
CONSENT_NOT_WRITTEN: Final = Concern(
    Gap.CONSENT_FORM, "consent is not in writing", "obtain the written consent", ("consent.form",)
)
CONSENT_FORM_UNKNOWN: Final = Concern(
    Gap.CONSENT_FORM,
    "the record does not say whether consent is in writing",
    "find the consent and enter its form",
    ("consent.form",),
    is_no_data=True,
)
NO_DIAGNOSIS: Final = Concern(
    Gap.DIAGNOSIS,
    "no diagnosis that supports the service",
    "enter the behavioral condition that the practitioner treats",
    ("diagnosis.required", "diagnosis.prefixes_allowed"),
)
DIAGNOSIS_DENIED: Final = Concern(
    Gap.DIAGNOSIS,
    "the payer refuses the diagnosis",
    "ask the practitioner whether another condition is treated, or the payer",
    ("diagnosis.prefixes_denied", "diagnosis.required"),
)
NO_COVERAGE: Final = Concern(
    Gap.COVERAGE, "no coverage in the month", "check eligibility and enter the coverage"
)
NO_PRACTITIONER: Final = Concern(
    Gap.BILLING_PRACTITIONER, "the episode names no billing practitioner", "enter the practitioner who bills"
)
NO_SITE: Final = Concern(Gap.SITE, "the episode names no site", "enter the billing practitioner's site")
SITE_NOT_CREDENTIALED: Final = Concern(
    Gap.SITE,
    "the billing practitioner is not credentialed at the episode's site",
    "enter a site at which the practitioner is credentialed, or complete the credentialing",
    ("claim.place_of_service_basis",),
)
RENDERING_UNKNOWN: Final = Concern(
    Gap.RENDERING_PRACTITIONER,
    "who renders is not established for this payer",
    "ask the payer and enter the answer in the practice's own rules",
    ("claim.rendering_role",),
    is_no_data=True,
)
NO_RENDERING_NPI: Final = Concern(
    Gap.RENDERING_PRACTITIONER,
    "the person who must render has no NPI on file",
    "enter the NPI; never name somebody else instead",
    ("claim.rendering_role",),
)
_VISIT: Final = ("initiating_visit.required", "initiating_visit.lookback_days")
NO_INITIATING_VISIT: Final = Concern(
    Gap.INITIATING_VISIT,
    "the patient is new or was not seen lately, and no initiating visit is on record",
    "enter the initiating visit, or arrange one before further service",
    _VISIT,
)
VISIT_NOT_IN_TIME: Final = Concern(
    Gap.INITIATING_VISIT,
    "the initiating visit lies after the month's service or too long before the start",
    "check the visit's date; service counts after the visit",
    _VISIT,
)
VISIT_CODE_UNFIT: Final = Concern(
    Gap.INITIATING_VISIT,
    "is not a code of an initiating visit",
    "check which visit started the service",
    ("initiating_visit.codes", "initiating_visit.required"),
)
VISIT_CODE_UNKNOWN: Final = Concern(
    Gap.INITIATING_VISIT,
    "the initiating visit has no code on record",
    "enter the visit's code",
    ("initiating_visit.codes", "initiating_visit.required"),
    is_no_data=True,
)
VISIT_NEED_UNKNOWN: Final = Concern(
    Gap.INITIATING_VISIT,
    "the record does not say whether the patient was new or when the practitioner last saw them",
    "enter the last visit before the start, or the initiating visit",
    _VISIT,
    is_no_data=True,
)
NO_CASELOAD_REVIEW: Final = Concern(
    Gap.CASELOAD_REVIEW,
    "no caseload consultation with the psychiatric consultant in the month",
    "enter the consultation if it took place; otherwise a person decides",
    ("evidence.caseload_review_required",),
)
NO_PATIENT_REVIEW: Final = Concern(
    Gap.PATIENT_REVIEW,
    "the patient was not discussed with the psychiatric consultant in the month",
    "consider the patient for the next caseload consultation",
    ("evidence.patient_review_expected",),
)
NO_SCALE: Final = Concern(
    Gap.SCALE,
    "no validated scale in the month",
    "take the scale at the next contact",
    ("evidence.scale_expected",),
)
CONFLICTING_SERVICE: Final = Concern(
    Gap.CONFLICTING_SERVICE,
    "was reported for the same month and excludes this service",
    "keep one of the two: void the other, or do not bill this month",
    ("concurrency.excluded_codes",),
)
CONFLICTS_UNKNOWN: Final = Concern(
    Gap.CONFLICTING_SERVICE,
    "was reported for the same month; whether it excludes this service is not established",
    "ask the payer and enter the answer in the practice's own rules",
    ("concurrency.excluded_codes",),
    is_no_data=True,
)
_NEVER_PAID: Final = ClaimStatus.DENIED


@dataclass(frozen=True, slots=True)
class GateRules:
    """A pack's gate values on a date, resolved once; None where nobody has established a value."""

    consent_required: bool | None
    consent_form: str | None
    diagnosis_required: bool | None
    prefixes_allowed: tuple[str, ...]
    prefixes_denied: tuple[str, ...]
    rendering_role: str | None
    visit_required: bool | None
    visit_codes: frozenset[str]
    visit_codes_known: bool
    visit_lookback_days: int | None
    caseload_review_required: bool | None
    patient_review_expected: bool | None
    scale_expected: bool | None
    excluded_codes: frozenset[str]
    excluded_codes_known: bool


@lru_cache(maxsize=1024)
def gate_rules(policy: PackOn) -> GateRules:
    """The gate values of a pack on a date; resolved at the first call, then from memory."""
    return GateRules(
        consent_required=policy.flag("consent.required"),
        consent_form=policy.text("consent.form"),
        diagnosis_required=policy.flag("diagnosis.required"),
        prefixes_allowed=tuple(sorted(policy.members("diagnosis.prefixes_allowed"))),
        prefixes_denied=tuple(sorted(policy.members("diagnosis.prefixes_denied"))),
        rendering_role=policy.text("claim.rendering_role"),
        visit_required=policy.flag("initiating_visit.required"),
        visit_codes=policy.members("initiating_visit.codes"),
        visit_codes_known=policy.value("initiating_visit.codes").is_known,
        visit_lookback_days=policy.integer("initiating_visit.lookback_days"),
        caseload_review_required=policy.flag("evidence.caseload_review_required"),
        patient_review_expected=policy.flag("evidence.patient_review_expected"),
        scale_expected=policy.flag("evidence.scale_expected"),
        excluded_codes=policy.members("concurrency.excluded_codes"),
        excluded_codes_known=policy.value("concurrency.excluded_codes").state != UNKNOWN,
    )


class MonthEvidence(NamedTuple):
    """What the month holds beside its minutes."""

    was_discussed: bool
    has_scale: bool


def month_evidence(case: CaseFile) -> MonthEvidence:
    """Whether the patient was discussed with the consultant, and a validated scale taken, in the month."""
    month, patient_id = case.month, case.patient.patient_id
    was_discussed = has_scale = False
    for review in case.reviews:
        if review.patient_id == patient_id and _is_in(review.reviewed_on, month):
            was_discussed = True
            break
    for measure in case.measures:
        if _is_in(measure.taken_on, month):
            has_scale = True
            break
    return MonthEvidence(was_discussed, has_scale)


def what_is_missing(
    case: CaseFile, policy: PackOn, ledger: MinutesLedger, evidence: MonthEvidence
) -> list[Missing]:
    """Every gate that the case file does not pass, in a fixed order."""
    rules = gate_rules(policy)
    concerns = [
        _consent(case, rules),
        _consent_form(case, rules),
        _diagnosis(case, rules),
        NO_COVERAGE if case.payer is None or not case.coverages else None,
        _site(case),
        _rendering(case, rules),
    ]
    if rules.caseload_review_required is not False and not case.caseload_review_held:
        concerns.append(NO_CASELOAD_REVIEW)
    if rules.patient_review_expected is not False and not evidence.was_discussed:
        concerns.append(NO_PATIENT_REVIEW)
    if rules.scale_expected is not False and not evidence.has_scale:
        concerns.append(NO_SCALE)
    found = [missing(policy, concern) for concern in concerns if concern is not None]
    if rules.visit_required is not False:
        found += _initiating_visit(case, policy, rules, ledger)
    if case.other_services or case.history:
        found += _conflicts(case, policy, rules)
    return found


def missing_late_entry(policy: PackOn, why: str) -> Missing:
    """Late entries that change what the minutes earn: a person compares both results."""
    rule = policy.value("minutes.late_entry_days")
    return Missing(
        Gap.LATE_ENTRY,
        min(severity_of(rule), Severity.REVIEW),
        not rule.is_known,
        Reason(why, (rule,)),
        "check why the entries were made late, then release the month with the reason or leave them out",
    )


def missing_month_kind(reason: Reason, *, decides: bool) -> Missing:
    """The kind of month is unknown; noted only where first and later month would earn the same."""
    return Missing(
        Gap.MONTH_KIND,
        Severity.REVIEW if decides else Severity.INFORM,
        decides,
        reason,
        "enter the episode's first service date, earlier claims, or from when the contacts are complete",
    )


def _consent(case: CaseFile, rules: GateRules) -> Concern | None:
    consent = case.episode.consent
    if rules.consent_required is False:
        return None
    if consent.given is Answer.NO:
        return CONSENT_REFUSED
    if consent.given is Answer.UNKNOWN:
        return CONSENT_UNKNOWN
    if consent.consent_date is None:
        return CONSENT_UNDATED
    given_in = consent.consent_date.year * 12 + consent.consent_date.month - 1
    return CONSENT_LATER if given_in > case.month.index else None


def _consent_form(case: CaseFile, rules: GateRules) -> Concern | None:
    consent = case.episode.consent
    if rules.consent_required is False or consent.given is not Answer.YES or consent.form == _WRITTEN:
        return None
    if rules.consent_form == _WRITTEN:
        return CONSENT_NOT_WRITTEN if consent.form else CONSENT_FORM_UNKNOWN
    return None


_WRITTEN: Final = "written"


def _diagnosis(case: CaseFile, rules: GateRules) -> Concern | None:
    if rules.diagnosis_required is False:
        return None
    allowed = [code for code in case.episode.diagnosis_codes if code.startswith(rules.prefixes_allowed)]
    if not allowed:
        return NO_DIAGNOSIS
    if rules.prefixes_denied and all(code.startswith(rules.prefixes_denied) for code in allowed):
        return DIAGNOSIS_DENIED
    return None


def _site(case: CaseFile) -> Concern | None:
    practitioner = case.billing_practitioner
    if practitioner is None:
        return NO_PRACTITIONER
    if case.site is None:
        return NO_SITE
    return None if case.episode.site_id in practitioner.site_ids else SITE_NOT_CREDENTIALED


def _rendering(case: CaseFile, rules: GateRules) -> Concern | None:
    if rules.rendering_role is None:
        return RENDERING_UNKNOWN
    if rules.rendering_role == "bhcm":
        return None if case.bhcm is not None and case.bhcm.npi else NO_RENDERING_NPI
    practitioner = case.billing_practitioner
    return NO_RENDERING_NPI if practitioner is not None and not practitioner.npi else None


def _initiating_visit(
    case: CaseFile, policy: PackOn, rules: GateRules, ledger: MinutesLedger
) -> tuple[Missing, ...]:
    """A visit starts the service when the patient is new or unseen for the look-back days."""
    visit = case.episode.initiating_visit
    if visit.visit_date is not None:
        first_counted = next((entry.service_date for entry in ledger.entries if entry.counted_seconds), None)
        if _is_in_time(visit.visit_date, case, rules, first_counted or case.month.last_day):
            if visit.hcpcs_code in rules.visit_codes:
                return ()
            concern = VISIT_CODE_UNFIT if visit.hcpcs_code and rules.visit_codes_known else VISIT_CODE_UNKNOWN
        else:
            concern = VISIT_NOT_IN_TIME
    else:
        concern = NO_INITIATING_VISIT
    needed = _needs_visit(visit, case.episode.start_date, rules.visit_lookback_days)
    if needed is None or rules.visit_required is None:
        return (missing(policy, VISIT_NEED_UNKNOWN),)
    if not needed:
        return ()
    detail = visit.hcpcs_code if concern is VISIT_CODE_UNFIT else ""
    return (missing(policy, concern, detail),)


def _is_in_time(visit_date: date, case: CaseFile, rules: GateRules, first_service: date) -> bool:
    lookback = rules.visit_lookback_days
    return visit_date <= first_service and (
        lookback is None or case.episode.start_date - visit_date <= timedelta(days=lookback)
    )


def _needs_visit(visit: InitiatingVisit, start: date, lookback_days: int | None) -> bool | None:
    """Whether the patient was new or unseen; None: the record does not say. A later visit proves nothing."""
    if visit.is_new_patient is Answer.YES:
        return True
    last_seen = visit.last_seen_date
    if last_seen is None or last_seen > start or lookback_days is None:
        return None
    return start - last_seen > timedelta(days=lookback_days)


def _conflicts(case: CaseFile, policy: PackOn, rules: GateRules) -> list[Missing]:
    """Codes of the month that exclude this service: delivered, or on a claim that still stands."""
    year, number = case.month.year, case.month.number
    codes = {
        service.hcpcs_code
        for service in case.other_services
        if service.service_date.month == number and service.service_date.year == year
    }
    for line in case.history:
        day = line.service_date
        if day.month == number and day.year == year and stands(line) and line.status is not _NEVER_PAID:
            codes.add(line.hcpcs_code)
    if not codes:
        return []
    concern = CONFLICTING_SERVICE if rules.excluded_codes_known else CONFLICTS_UNKNOWN
    conflicting = codes & rules.excluded_codes if rules.excluded_codes_known else codes
    return [missing(policy, concern, code) for code in sorted(conflicting) if code]


def _is_in(day: date, month: Month) -> bool:
    return day.year == month.year and day.month == month.number
