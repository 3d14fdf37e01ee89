"""The contract of the tables with patients' rows: who they are, their cover, their care and their claims."""

from __future__ import annotations

from typing import Final

from cocm.care.records import Activity, ClaimStatus, DecisionKind, Modality, Outcome, Programme
from cocm.intake.address_columns import address_columns
from cocm.intake.contract import CONTACT_MINUTES_MAX, Column, Kind, Table

SEXES: Final = ("F", "M", "U")
RELATIONSHIPS: Final = ("self", "spouse", "child", "other")
CONSENT_FORMS: Final = ("verbal", "written")
FREQUENCY_CODES: Final = ("1", "7", "8")


def _patient_id(meaning: str = "The patient, as in patients.", *, required: bool = True) -> Column:
    return Column("patient_id", Kind.IDENTIFIER, meaning, "P000001", required=required, length_max=50)


PATIENTS: Final = Table(
    "patients",
    "One row per patient.",
    (
        _patient_id("Your id of the patient; no name, no Social Security number."),
        Column("last_name", Kind.TEXT, "Last name as on the card.", "Davis", required=True, identifying=True),
        Column(
            "first_name",
            Kind.TEXT,
            "First name as on the card.",
            "Ariana",
            required=True,
            length_max=35,
            identifying=True,
        ),
        Column("birth_date", Kind.DATE, "Date of birth.", "1999-07-14", required=True, identifying=True),
        Column(
            "sex", Kind.CHOICE, "Sex as on the claim.", "F", required=True, choices=SEXES, identifying=True
        ),
        *address_columns(required=True, identifying=True),
    ),
    key=("patient_id",),
    is_by_patient=True,
)

COVERAGES: Final = Table(
    "coverages",
    "One row per policy of a patient.",
    (
        _patient_id(),
        Column("payer_id", Kind.IDENTIFIER, "The product, as in payers.", "PLAN-A", required=True),
        Column(
            "member_id",
            Kind.IDENTIFIER,
            "The member id on the card.",
            "W00123456",
            required=True,
            length_max=80,
            identifying=True,
        ),
        Column(
            "group_number",
            Kind.IDENTIFIER,
            "The group number on the card.",
            "G-1001",
            length_max=50,
            identifying=True,
        ),
        Column(
            "relationship",
            Kind.CHOICE,
            "The patient is the policy holder's …",
            "self",
            required=True,
            choices=RELATIONSHIPS,
            identifying=True,
        ),
        Column(
            "subscriber_last_name",
            Kind.TEXT,
            "Policy holder, unless that is the patient.",
            "Davis",
            identifying=True,
        ),
        Column(
            "subscriber_first_name",
            Kind.TEXT,
            "Policy holder's first name.",
            "Maria",
            length_max=35,
            identifying=True,
        ),
        Column(
            "subscriber_birth_date",
            Kind.DATE,
            "Policy holder's date of birth.",
            "1972-02-03",
            identifying=True,
        ),
        Column(
            "subscriber_sex",
            Kind.CHOICE,
            "Policy holder's sex.",
            "F",
            choices=SEXES,
            default="U",
            identifying=True,
        ),
        *address_columns("subscriber_", required=False, identifying=True),
        Column("coverage_from", Kind.DATE, "First day in force.", "2025-01-01", required=True),
        Column("coverage_to", Kind.DATE, "Last day in force; empty is open.", "2026-12-31"),
        Column("rank", Kind.INTEGER, "Which policy pays first.", "1", minimum=1, maximum=9, default="1"),
        Column(
            "prior_authorization_number",
            Kind.IDENTIFIER,
            "The payer's authorization of Collaborative Care, where it gave one.",
            "PA-20261",
            identifying=True,
        ),
        Column("prior_authorization_to", Kind.DATE, "Last day it covers; empty is open.", "2027-01-31"),
    ),
    is_by_patient=True,
)

EPISODES: Final = Table(
    "episodes",
    "One row per course of CoCM of a patient, with its team, diagnoses and consent.",
    (
        Column(
            "episode_id",
            Kind.IDENTIFIER,
            "Your id of the episode; unique for the patient.",
            "P000001-1",
            required=True,
        ),
        _patient_id(),
        Column("start_date", Kind.DATE, "First day of the episode.", "2026-02-03", required=True),
        Column("end_date", Kind.DATE, "Last day; empty is still open.", "2026-08-31"),
        Column("end_reason", Kind.TEXT, "Why it ended.", "goals reached", identifying=True),
        Column("site_id", Kind.IDENTIFIER, "Where the billing practitioner sees the patient.", "S01"),
        Column(
            "billing_practitioner_id", Kind.IDENTIFIER, "The treating practitioner, as in staff.", "PCP-001"
        ),
        Column("bhcm_id", Kind.IDENTIFIER, "The care manager, as in staff.", "BHCM-001"),
        Column("psychiatric_consultant_id", Kind.IDENTIFIER, "The consultant, as in staff.", "PC-001"),
        Column(
            "referring_practitioner_id",
            Kind.IDENTIFIER,
            "Who referred, as in staff, where the payer asks.",
            "PCP-001",
        ),
        Column(
            "diagnosis_codes",
            Kind.DIAGNOSES,
            "Diagnoses treated, the principal one first.",
            "F32.1;F41.1;E11.9",
            length_max=150,
        ),
        Column("consent_given", Kind.ANSWER, "Did the patient agree to the service?", "yes"),
        Column("consent_date", Kind.DATE, "Day of the consent.", "2026-02-03"),
        Column("consent_form", Kind.CHOICE, "How it was given.", "verbal", choices=CONSENT_FORMS),
        Column("consent_recorded_by", Kind.IDENTIFIER, "Who wrote it down (staff id).", "BHCM-001"),
        Column("cost_share_explained", Kind.ANSWER, "Was the patient's share explained?", "yes"),
        Column(
            "initiating_visit_date",
            Kind.DATE,
            "Visit with the practitioner that began the service.",
            "2026-01-29",
        ),
        Column("initiating_visit_code", Kind.HCPCS, "The code that visit was billed with.", example="99214"),
        Column("is_new_patient", Kind.ANSWER, "New to the practice at the start?", "no"),
        Column(
            "last_seen_date", Kind.DATE, "Last visit with the practitioner before the start.", "2026-01-29"
        ),
        Column(
            "first_service_date",
            Kind.DATE,
            "First day of CoCM in this episode, where the contacts table does not reach back to it.",
            "2026-02-03",
        ),
    ),
    key=("patient_id", "episode_id"),
    is_by_patient=True,
)

CONTACTS: Final = Table(
    "contacts",
    "One row per entry of time: who, for whom, when it started, how long the service took.",
    (
        Column(
            "contact_id",
            Kind.IDENTIFIER,
            "Your id of the entry; unique for the patient.",
            "P000001-0007",
            required=True,
        ),
        _patient_id(),
        Column(
            "staff_id",
            Kind.IDENTIFIER,
            "Who did it, as in staff; the role is theirs.",
            "BHCM-001",
            required=True,
        ),
        Column("started_at", Kind.LOCAL_TIME, "When the service began.", "2026-03-05 14:30", required=True),
        Column(
            "minutes",
            Kind.INTEGER,
            "Whole minutes of service.",
            "25",
            required=True,
            maximum=CONTACT_MINUTES_MAX,
        ),
        Column("seconds", Kind.INTEGER, "Seconds beyond the minutes.", "30", maximum=59, default="0"),
        Column(
            "note_minutes",
            Kind.INTEGER,
            "Minutes of writing it up; never counted.",
            "5",
            maximum=CONTACT_MINUTES_MAX,
            default="0",
        ),
        Column(
            "activity",
            Kind.CHOICE,
            "What the time was spent on.",
            "follow_up",
            required=True,
            choices=tuple(Activity),
        ),
        Column(
            "modality",
            Kind.CHOICE,
            "How it took place.",
            "phone",
            choices=tuple(Modality),
            default=Modality.NONE,
        ),
        Column(
            "outcome",
            Kind.CHOICE,
            "Done, or only attempted.",
            "done",
            choices=tuple(Outcome),
            default=Outcome.DONE,
        ),
        Column(
            "programme",
            Kind.CHOICE,
            "The monthly programme it counts for.",
            "cocm",
            choices=tuple(Programme),
            default=Programme.COCM,
        ),
        Column("acting_as_bhcm", Kind.FLAG, "Care-manager work done by somebody else?", "no"),
        Column(
            "billed_elsewhere_code",
            Kind.HCPCS,
            "Code the time was reported with elsewhere (psychotherapy, say).",
            example="90834",
        ),
        Column(
            "billed_elsewhere_minutes",
            Kind.INTEGER,
            "How many of the minutes; empty with a code is all of them.",
            "40",
            maximum=CONTACT_MINUTES_MAX,
        ),
        Column("recorded_on", Kind.DATE, "Day the entry was made.", "2026-03-05"),
        Column("corrects_contact_id", Kind.IDENTIFIER, "The entry this one replaces.", "P000001-0006"),
        Column(
            "correction_reason",
            Kind.TEXT,
            "Why; required with a correction.",
            "wrong length",
            length_max=200,
            identifying=True,
        ),
    ),
    key=("patient_id", "contact_id"),
    is_by_patient=True,
)

MEASURES: Final = Table(
    "measures",
    "One row per score of a validated scale.",
    (
        _patient_id(),
        Column("instrument", Kind.INSTRUMENT, "Which scale.", "phq-9", required=True),
        Column("taken_on", Kind.DATE, "Day it was filled in.", "2026-03-05", required=True),
        Column("score", Kind.INTEGER, "Total score.", "11", required=True, maximum=999),
    ),
    is_by_patient=True,
)

REVIEWS: Final = Table(
    "reviews",
    "One row per review of care manager and psychiatric consultant, about one patient or the whole caseload.",
    (
        _patient_id("The patient discussed; empty when the row is about the caseload.", required=False),
        Column("reviewed_on", Kind.DATE, "Day of the review.", "2026-03-10", required=True),
        Column("bhcm_id", Kind.IDENTIFIER, "The care manager, as in staff.", "BHCM-001", required=True),
        Column("psychiatric_consultant_id", Kind.IDENTIFIER, "The consultant, as in staff.", "PC-001"),
    ),
    is_by_patient=True,
)

OTHER_SERVICES: Final = Table(
    "other_services",
    "One row per service outside CoCM: another code on a day, or an inpatient stay.",
    (
        _patient_id(),
        Column(
            "service_date",
            Kind.DATE,
            "Day of the service, or first day of the stay.",
            "2026-03-12",
            required=True,
        ),
        Column("stay_to", Kind.DATE, "Last day of an inpatient stay.", "2026-03-14"),
        Column("hcpcs_code", Kind.HCPCS, "The code billed; empty for a stay.", example="90834"),
        Column(
            "minutes", Kind.INTEGER, "Minutes, where the code is timed.", "40", maximum=CONTACT_MINUTES_MAX
        ),
        Column("rendering_npi", Kind.NPI, "Who rendered it.", "1093817462"),
        Column("billing_npi", Kind.NPI, "Who billed it.", "1093817462"),
    ),
    is_by_patient=True,
)

CLAIM_HISTORY: Final = Table(
    "claim_history",
    "One row per line of an earlier claim for the patient, yours or another practice's, as it stands today.",
    (
        _patient_id(),
        Column("payer_id", Kind.IDENTIFIER, "The product billed.", "PLAN-A", required=True),
        Column(
            "claim_id",
            Kind.IDENTIFIER,
            "The claim's id on the claim.",
            "C-2026-0001",
            required=True,
        ),
        Column(
            "claim_line_number", Kind.INTEGER, "Line on the claim.", "1", minimum=1, maximum=999, default="1"
        ),
        Column("service_date", Kind.DATE, "Service date billed.", "2026-02-28", required=True),
        Column("hcpcs_code", Kind.HCPCS, "Code billed.", example="99493", required=True),
        Column(
            "service_unit_quantity", Kind.INTEGER, "Units billed.", "1", minimum=1, maximum=999, default="1"
        ),
        Column("billing_npi", Kind.NPI, "Who billed.", "1093817462", required=True),
        Column("billing_tin", Kind.TIN, "Tax id of who billed.", "12-3456789"),
        Column("rendering_npi", Kind.NPI, "Who rendered.", "1093817462"),
        Column(
            "status",
            Kind.CHOICE,
            "Where the claim stands.",
            "paid",
            required=True,
            choices=tuple(ClaimStatus),
        ),
        Column(
            "payer_claim_control_number",
            Kind.IDENTIFIER,
            "The payer's number of the claim.",
            "2026059000123",
        ),
        Column(
            "frequency_code",
            Kind.CHOICE,
            "1 original, 7 replacement, 8 void.",
            "1",
            choices=FREQUENCY_CODES,
            default="1",
        ),
    ),
    key=("patient_id", "claim_id", "claim_line_number"),
    is_by_patient=True,
)

DECISIONS: Final = Table(
    "decisions",
    "One row per decision about a patient's month: an item released, an offered code chosen, or the claim held back.",
    (
        _patient_id(),
        Column("month", Kind.MONTH, "The month decided.", "2026-03", required=True),
        Column(
            "decision",
            Kind.CHOICE,
            "release: let the claim go in spite of the item; choose: bill the offered code instead; hold: keep the "
            "claim back until this row is gone.",
            "release",
            required=True,
            choices=tuple(DecisionKind),
        ),
        Column(
            "item",
            Kind.IDENTIFIER,
            "The worklist's item, or the code chosen; month for a hold.",
            "caseload_review",
            required=True,
            length_max=80,
        ),
        Column(
            "decided_by", Kind.IDENTIFIER, "Who decided (staff id or initials).", "BILLING-1", required=True
        ),
        Column("decided_on", Kind.DATE, "Day of the decision.", "2026-04-02", required=True),
        Column(
            "reason",
            Kind.TEXT,
            "Why, in a sentence without patient data.",
            "consultation held on the last day, note filed late",
            required=True,
            length_max=300,
            identifying=True,
        ),
    ),
    key=("patient_id", "month", "decision", "item"),
    is_by_patient=True,
)

PATIENT_TABLES: Final = (
    PATIENTS,
    COVERAGES,
    EPISODES,
    CONTACTS,
    MEASURES,
    REVIEWS,
    OTHER_SERVICES,
    CLAIM_HISTORY,
    DECISIONS,
)
