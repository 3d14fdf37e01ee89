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
from cocm.coding.concerns import (
    CONFLICTING_SERVICE,
    CONFLICTS_UNKNOWN,
    CONSENT_FORM_UNKNOWN,
    CONSENT_LATER,
    CONSENT_NOT_WRITTEN,
    CONSENT_REFUSED,
    CONSENT_UNDATED,
    CONSENT_UNKNOWN,
    DIAGNOSIS_DENIED,
    NO_CASELOAD_REVIEW,
    NO_COVERAGE,
    NO_DIAGNOSIS,
    NO_INITIATING_VISIT,
    NO_PATIENT_REVIEW,
    NO_PRACTITIONER,
    NO_RENDERING_NPI,
    NO_SCALE,
    NO_SITE,
    RENDERING_UNKNOWN,
    SITE_NOT_CREDENTIALED,
    UNSETTLED_SERVICE,
    VISIT_CODE_UNFIT,
    VISIT_CODE_UNKNOWN,
    VISIT_NEED_UNKNOWN,
    VISIT_NOT_IN_TIME,
    Concern,
    missing,
    severity_of,
)
from cocm.coding.month_kind import stands
from cocm.coding.payer_terms import missing_terms
from cocm.coding.records import Gap, Missing, Reason
from cocm.rules import PackOn, Severity
from cocm.rules.values import UNKNOWN

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
    review_codes: frozenset[str]


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
        review_codes=policy.members("concurrency.review_codes"),
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
    found += missing_terms(case, policy)
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
        "enter first_service_date in episodes, earlier claims in claim_history, or contacts_complete_from in practice",
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
    return None if any(_is_behavioral(code, rules) for code in allowed) else DIAGNOSIS_DENIED


def diagnosis_is_behavioral(code: str, policy: PackOn) -> bool:
    """Whether a diagnosis supports CoCM for this payer: an allowed prefix and no denied one."""
    return _is_behavioral(code, gate_rules(policy))


def _is_behavioral(code: str, rules: GateRules) -> bool:
    return code.startswith(rules.prefixes_allowed) and not code.startswith(rules.prefixes_denied)


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
    unsettled = (codes & rules.review_codes) - conflicting
    return [missing(policy, concern, code) for code in sorted(conflicting) if code] + [
        missing(policy, UNSETTLED_SERVICE, code) for code in sorted(unsettled)
    ]


def _is_in(day: date, month: Month) -> bool:
    return day.year == month.year and day.month == month.number
