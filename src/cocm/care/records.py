"""What the care team writes down: episode and consent, contacts with minutes, measures, reviews, other services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.care.people import Role


class Answer(StrEnum):
    """A question that may not have been answered. Unknown is never taken for no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Activity(StrEnum):
    """What a contact's time was spent on. The last four are administrative and never count."""

    ASSESSMENT = "assessment"
    FOLLOW_UP = "follow_up"
    BRIEF_INTERVENTION = "brief_intervention"
    MEASURE = "measure"
    CARE_COORDINATION = "care_coordination"
    CASELOAD_REVIEW = "caseload_review"
    REGISTRY = "registry"
    CHART_REVIEW = "chart_review"
    MESSAGE = "message"
    RELAPSE_PREVENTION = "relapse_prevention"
    CHARTING = "charting"
    SCHEDULING = "scheduling"
    TRAVEL = "travel"
    ADMINISTRATIVE = "administrative"


ADMINISTRATIVE_ACTIVITIES = frozenset(
    {Activity.CHARTING, Activity.SCHEDULING, Activity.TRAVEL, Activity.ADMINISTRATIVE}
)


class Modality(StrEnum):
    """How the contact took place."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    MESSAGE = "message"
    NONE = "none"


class Outcome(StrEnum):
    """Whether the patient was reached or the work done. An attempt is not care unless work was done."""

    DONE = "done"
    ATTEMPT = "attempt"


class Programme(StrEnum):
    """Which monthly programme the time belongs to; only `cocm` time counts here."""

    COCM = "cocm"
    BHI = "bhi"
    CCM = "ccm"
    PCM = "pcm"
    APCM = "apcm"
    RPM = "rpm"
    OTHER = "other"


@quickly_made
@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of time: who, for whom, when it started (local, with its offset from UTC), and the service time.

    `service_seconds` is time spent on the service, `note_seconds` time spent writing it up, which never counts.
    `billed_elsewhere_seconds` of the service time were reported with `billed_elsewhere_code` (a 90834, say).
    `acting_as_bhcm` marks care-manager work done by somebody else. `recorded_on` is the day the entry was made.
    A correction is a new entry that names the one it replaces and the reason.
    """

    contact_id: str
    patient_id: str
    staff_id: str
    role: Role
    started_at: datetime
    service_seconds: int
    note_seconds: int
    activity: Activity
    modality: Modality
    outcome: Outcome
    programme: Programme
    acting_as_bhcm: bool
    billed_elsewhere_code: str
    billed_elsewhere_seconds: int
    recorded_on: date | None
    corrects_contact_id: str
    correction_reason: str

    @property
    def service_date(self) -> date:
        """The local date the contact began: at 23:30 on the 31st it belongs to that month."""
        return self.started_at.date()


@quickly_made
@dataclass(frozen=True, slots=True)
class Consent:
    """The patient's agreement, documented. `given` unknown means that the record does not say."""

    given: Answer
    consent_date: date | None
    form: str
    recorded_by: str
    cost_share_explained: Answer


@quickly_made
@dataclass(frozen=True, slots=True)
class InitiatingVisit:
    """The visit with the billing practitioner that starts the service, where one is needed.

    `is_new_patient` and `last_seen_date` decide whether it is; unknown stays unknown.
    """

    visit_date: date | None
    hcpcs_code: str
    is_new_patient: Answer
    last_seen_date: date | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Episode:
    """One course of CoCM for a person, from initial to end, with its team and diagnoses (principal first)."""

    episode_id: str
    patient_id: str
    start_date: date
    end_date: date | None
    end_reason: str
    site_id: str
    billing_practitioner_id: str
    bhcm_id: str
    psychiatric_consultant_id: str
    referring_practitioner_id: str
    diagnosis_codes: tuple[str, ...]
    consent: Consent
    initiating_visit: InitiatingVisit
    first_service_date: date | None


@quickly_made
@dataclass(frozen=True, slots=True)
class MeasureScore:
    """A validated scale's score on a day (`phq-9`, `gad-7` …)."""

    patient_id: str
    instrument: str
    taken_on: date
    score: int


@quickly_made
@dataclass(frozen=True, slots=True)
class CaseloadReview:
    """A consultation between the care manager and the psychiatric consultant; `patient_id` empty: the caseload."""

    patient_id: str
    reviewed_on: date
    bhcm_id: str
    psychiatric_consultant_id: str


@quickly_made
@dataclass(frozen=True, slots=True)
class OtherService:
    """A service outside CoCM: another code on a day, or an inpatient stay (no code, `stay_to` its last day)."""

    patient_id: str
    service_date: date
    stay_to: date | None
    hcpcs_code: str
    minutes: int | None
    rendering_npi: str
    billing_npi: str

    @property
    def is_inpatient_stay(self) -> bool:
        return self.stay_to is not None


class DecisionKind(StrEnum):
    """What a person decided: to let a claim go in spite of an item, to take an offered code, to hold it back."""

    RELEASE = "release"
    CHOOSE = "choose"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's reasoned decision about a patient-month.

    `item` names what is released (the worklist's item) or the code that is chosen; of a hold it says nothing. It stays
    on record with who decided, when and why.
    """

    patient_id: str
    month: Month
    kind: DecisionKind
    item: str
    decided_by: str
    decided_on: date
    reason: str


class ClaimStatus(StrEnum):
    """Where an earlier claim stands. A rejection came before adjudication, a denial is its result."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PAID = "paid"
    DENIED = "denied"
    VOIDED = "voided"


@quickly_made
@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of an earlier claim of the patient, ours or another practice's."""

    patient_id: str
    payer_id: str
    claim_id: str
    claim_line_number: int
    service_date: date
    hcpcs_code: str
    service_unit_quantity: int
    billing_npi: str
    billing_tin: str
    rendering_npi: str
    status: ClaimStatus
    payer_claim_control_number: str
    frequency_code: str
