"""What a patient-month may lack: the words, what to do, and the rules that grade it.

A concern's severity is that of the rule it cites; an assumed value never stops a claim, and what the record or a rule
does not say is no data for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

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
ALL_DAYS_UNCOVERED: Final = Concern(
    Gap.COVERAGE,
    "the policy on file covers no day on which the patient had a contact",
    "check eligibility on those days and mend the dates in coverages, or enter the policy that was in force",
)
ALL_DAYS_OF_ANOTHER: Final = Concern(
    Gap.COVERAGE,
    "all contacts lie on days that another policy on file covers, and not the one that pays first in the month",
    "give the policy that covers those days the first rank in coverages, then close again",
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
    "if it took place, add one row to reviews (an empty patient_id covers the whole caseload); else a person decides",
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
UNSETTLED_SERVICE: Final = Concern(
    Gap.CONFLICTING_SERVICE,
    "was reported for the same month; no source settles whether both are paid",
    "ask the payer; then release the month, or keep one of the two",
    ("concurrency.review_codes",),
)
CONFLICTS_UNKNOWN: Final = Concern(
    Gap.CONFLICTING_SERVICE,
    "was reported for the same month; whether it excludes this service is not established",
    "ask the payer and enter the answer in the practice's own rules",
    ("concurrency.excluded_codes",),
    is_no_data=True,
)
BASE_NOT_ON_RECORD: Final = Concern(
    Gap.REQUIRED_BASE,
    "is not on record for the month, and the month's code is paid only beside it",
    "report the base code for the month and enter it among the other services",
    ("codes.required_base",),
    is_no_data=True,
)
BASE_OF_ANOTHER: Final = Concern(
    Gap.REQUIRED_BASE,
    "of the month is another practitioner's, and the month's code is paid only beside the same practitioner's",
    "settle which practitioner has the patient this month; only that one reports both",
    ("codes.required_base",),
)
AUTHORIZATION_NEEDED: Final = Concern(
    Gap.AUTHORIZATION,
    "months of the episode went before, after which the payer wants a prior authorization; none on record covers "
    "the month",
    "obtain the authorization and enter its number and last day with the coverage",
    ("authorization.after_months",),
)
AUTHORIZATION_UNKNOWN: Final = Concern(
    Gap.AUTHORIZATION,
    "from which month on the payer wants a prior authorization is not established, and none is on record",
    "ask the payer and enter the answer in the practice's own rules",
    ("authorization.after_months",),
    is_no_data=True,
)
TOO_YOUNG: Final = Concern(
    Gap.PATIENT_AGE,
    "the patient is younger than the payer covers",
    "check the birth date, then ask the payer or do not bill",
    ("patient.age_years_min",),
)
AGE_UNKNOWN: Final = Concern(
    Gap.PATIENT_AGE,
    "from which age the payer covers the service is not established",
    "ask the payer and enter the answer in the practice's own rules",
    ("patient.age_years_min",),
    is_no_data=True,
)
_ATTESTATION: Final = ("enrollment.attestation",)
NOT_ATTESTED: Final = Concern(
    Gap.ATTESTATION,
    "the payer asks for an attestation or approval first, and none is on record",
    "enter the day from which it stands with the payer, or attest before billing",
    _ATTESTATION,
    is_no_data=True,
)
ATTESTED_LATER: Final = Concern(
    Gap.ATTESTATION,
    "the attestation or approval stands only from a day after the month",
    "bill from the day on which it stands, or ask the payer for an earlier one",
    _ATTESTATION,
)
ATTESTATION_UNKNOWN: Final = Concern(
    Gap.ATTESTATION,
    "whether the payer asks for an attestation is not established",
    "ask the payer and enter the answer in the practice's own rules",
    _ATTESTATION,
    is_no_data=True,
)
PRACTITIONER_UNFIT: Final = Concern(
    Gap.PRACTITIONER_TYPE,
    "by the taxonomy on file the billing practitioner is of no kind that the payer takes",
    "check the taxonomy; otherwise another practitioner bills",
    ("team.billing_practitioner_types",),
)
CONSULTANT_UNFIT: Final = Concern(
    Gap.CONSULTANT_TYPE,
    "by the taxonomy on file the psychiatric consultant is of no kind that the payer takes",
    "check the taxonomy; the consultant must be able to prescribe",
    ("team.consultant_types",),
)
