"""What the rules as a service take and give."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from ninja import Field, Schema
from pydantic import StringConstraints, model_validator

from cocm.care.records import Answer, ClaimStatus
from cocm.coding.time import MINUTES_MAX
from cocm.plan.records import BillerType, EntityKind, ServiceClass, Side
from cocm.server.api.shapes import Taken

ITEMS_MAX: Final = 500
CLAIMS_MAX: Final = 200
LINES_MAX: Final = 50
HISTORY_MAX: Final = 1_000
X12_CHARACTERS_MAX: Final = 4_000_000

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
BirthDay = Annotated[date, Field(ge=date(1880, 1, 1), le=LAST_DAY)]
Whole = Annotated[int, Field(ge=0, strict=True)]
PayerPack = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{5}$")]
Modifier = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
Diagnosis = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9][0-9A-Z]\.?[0-9A-Z]{0,4}$")]
NationalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
Taxonomy = Annotated[str, StringConstraints(pattern=r"^([A-Z0-9]{10})?$")]
Dollars = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{2})?$")]
Reference = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f]*$")]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]


class Asked(Taken):
    """What every question may say."""

    as_of_date: Day | None = Field(None, description="The day on which it is asked; today, where left out.")


# -- codes -------------------------------------------------------------------------------------------------------------


class CodesItem(Taken):
    """A patient-month's facts."""

    reference: Reference = Field("", description="Your own mark, given back; no patient's name.")
    payer: PayerPack = Field(description="The payer's pack (`GET /rules` lists them), such as `medicare`.")
    month: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    month_kind: Literal["first", "later"] = Field(description="First month of the episode, or a later one.")
    minutes: Annotated[int, Field(ge=0, le=MINUTES_MAX, strict=True)] = Field(
        description="Countable whole minutes."
    )


class CodesIn(Asked):
    known_on: Day | None = Field(None, description="By the rules as known on this day.")
    items: list[CodesItem] = Field(min_length=1, max_length=ITEMS_MAX)


# -- check -------------------------------------------------------------------------------------------------------------


class ClaimLineIn(Taken):
    hcpcs_code: Code
    modifiers: list[Modifier] = Field([], max_length=4)
    units: Annotated[int, Field(ge=0, le=9_999, strict=True)]
    charge_amount: Dollars = Field(description="In dollars, for all units.")
    service_date: Day
    diagnosis_pointers: list[Annotated[int, Field(ge=1, le=12, strict=True)]] = Field([1], max_length=4)


class PartyIn(Taken):
    npi: NationalId
    tin: Annotated[str, StringConstraints(pattern=r"^([0-9]{9})?$")] = ""
    taxonomy_code: Taxonomy = ""


class HistoryLineIn(Taken):
    """An earlier line of the same person, yours or another practice's."""

    claim_id: Name
    claim_line_number: Annotated[int, Field(ge=1, le=999, strict=True)] = 1
    service_date: Day
    hcpcs_code: Code
    units: Annotated[int, Field(ge=0, le=9_999, strict=True)] = 1
    billing_npi: NationalId
    billing_tin: Annotated[str, StringConstraints(pattern=r"^([0-9]{9})?$")] = ""
    rendering_npi: Annotated[str, StringConstraints(pattern=r"^([0-9]{10})?$")] = ""
    status: ClaimStatus
    payer_claim_control_number: Word = ""
    frequency_code: Literal["1", "7", "8"] = "1"


class ConsentIn(Taken):
    given: Answer
    consent_date: Day | None = None
    form: Word = ""
    cost_share_explained: Answer = Answer.UNKNOWN


class VisitIn(Taken):
    visit_date: Day | None = None
    hcpcs_code: Annotated[str, StringConstraints(pattern=r"^([A-Z0-9]{5})?$")] = ""
    is_new_patient: Answer = Answer.UNKNOWN
    last_seen_date: Day | None = None


class EvidenceIn(Taken):
    """What the practice knows and a claim does not tell. What is left out is not known, and never taken for clean."""

    month_kind: Literal["first", "later", "unknown"] = "unknown"
    minutes_counted: Annotated[int, Field(ge=0, le=MINUTES_MAX, strict=True)] | None = None
    minutes_set_apart: Annotated[int, Field(ge=0, le=MINUTES_MAX, strict=True)] | None = None
    episode_start_date: Day | None = None
    first_service_date: Day | None = None
    consent: ConsentIn | None = None
    initiating_visit: VisitIn | None = None
    group_npi: NationalId | None = None
    credentialed_places: list[Place] | None = Field(None, max_length=100)
    coverage_from_date: Day | None = None
    coverage_to_date: Day | None = None
    is_authorized: Annotated[bool, Field(strict=True)] | None = None
    recorded_codes: list[Code] = Field([], max_length=100)
    death_date: Day | None = None


class ClaimIn(Taken):
    claim_id: Name
    payer: PayerPack
    patient_birth_date: BirthDay
    billing: PartyIn
    rendering: PartyIn | None = Field(None, description="Left out where the billing provider renders.")
    supervising_npi: Annotated[str, StringConstraints(pattern=r"^([0-9]{10})?$")] = ""
    place_of_service_code: Place
    frequency_code: Literal["1", "7", "8"] = "1"
    payer_claim_control_number: Word = ""
    payer_sequence: Literal["P", "S", "T"] = "P"
    diagnosis_codes: list[Diagnosis] = Field(max_length=12)
    lines: list[ClaimLineIn] = Field(min_length=1, max_length=LINES_MAX)
    history: list[HistoryLineIn] = Field([], max_length=HISTORY_MAX)
    evidence: EvidenceIn | None = None


class CheckIn(Asked):
    """Claims as objects, or one 837P file as text."""

    claims: list[ClaimIn] = Field([], max_length=CLAIMS_MAX)
    x12: Annotated[str, StringConstraints(max_length=X12_CHARACTERS_MAX)] = Field(
        "", description="A professional claim file (837P, 005010X222A1)."
    )
    payer: PayerPack | None = Field(
        None,
        description="With `x12`: whose rules hold. Left out, it is found for each claim where that is certain.",
    )

    every_edit: Annotated[bool, Field(strict=True)] = Field(
        False, description="With `claims`: also what passes and what does not apply, edit by edit."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> CheckIn:
        if bool(self.claims) == bool(self.x12):
            raise ValueError("either `claims` or `x12`")
        if self.payer is not None and not self.x12:
            raise ValueError("`payer` beside `x12` only: each claim names its own")
        return self


# -- route -------------------------------------------------------------------------------------------------------------


class RouteItem(Taken):
    """A claim line."""

    reference: Reference = ""
    payer: PayerPack
    hcpcs_code: Code
    service_date: Day
    billing_npi: NationalId | None = None
    billing_taxonomy_code: Taxonomy = ""
    biller: BillerType | None = Field(
        None, description="What kind of provider bills; else the taxonomy tells, where it can."
    )
    product: Word = ""
    delegated_group_id: Word = ""
    received_date: Day | None = Field(
        None, description="When a misdirected claim came: the day to forward it by."
    )


class EntityIn(Taken):
    entity_id: Name
    name: Name
    kind: EntityKind
    payer_identifier: Word = ""


class DelegationIn(Taken):
    side: Side
    entity_id: Name
    effective_from: Day
    effective_to: Day | None = Field(None, description="The first day on which it no longer holds.")
    product: Name | None = None
    delegated_group_id: Name | None = None
    service: ServiceClass | None = None
    biller: BillerType | None = None
    source: Name


class PlanIn(Taken):
    """A plan's own table of who answers for what. Without it the answer names the side of the benefit."""

    entity_id: Name = Field(description="The entity that keeps what is not delegated.")
    entities: list[EntityIn] = Field(min_length=1, max_length=100)
    delegations: list[DelegationIn] = Field([], max_length=1_000)

    @model_validator(mode="after")
    def _entities_exist(self) -> PlanIn:
        known = {entity.entity_id for entity in self.entities}
        named = {self.entity_id, *(one.entity_id for one in self.delegations)}
        if not named <= known:
            raise ValueError("every `entity_id` among `entities`")
        return self


class RouteIn(Asked):
    plan: PlanIn | None = None
    items: list[RouteItem] = Field(min_length=1, max_length=ITEMS_MAX)


# -- explain -----------------------------------------------------------------------------------------------------------


class ExplainItem(Taken):
    """A rule or an edit, for a payer on a day."""

    rule: PayerPack | None = None
    edit: PayerPack | None = None
    payer: PayerPack = "cpt"
    on: Day | None = Field(None, description="The date of service; today, where left out.")
    known_on: Day | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> ExplainItem:
        if (self.rule is None) == (self.edit is None):
            raise ValueError("either `rule` or `edit`")
        return self


class ExplainIn(Asked):
    items: list[ExplainItem] = Field(min_length=1, max_length=ITEMS_MAX)


# -- answers -----------------------------------------------------------------------------------------------------------


class Head(Schema):
    """What every answer carries, so that it can be given again."""

    schema_version: str
    engine_version: str
    rulebook_hash: str
    catalogue_hash: str
    as_of_date: date


class ReasonOut(Schema):
    """Why, with the rule values it rests on."""

    text: str
    cites: list[str]


class LineOut(Schema):
    hcpcs_code: str
    units: int


class RejectedOut(Schema):
    hcpcs_code: str
    units: int
    is_offered: bool = Field(description="Lawful as well, for a person to choose.")
    reason: ReasonOut


class NextTierOut(Schema):
    hcpcs_code: str
    units: int
    minutes_short: int


class CodesAnswer(Schema):
    reference: str
    payer: str
    month: str
    month_kind: str
    minutes: int
    lines: list[LineOut]
    rejected: list[RejectedOut]
    reasons: list[ReasonOut]
    reviews: list[ReasonOut] = Field(description="Why a person should look.")
    next_tier: NextTierOut | None
    has_no_data: bool = Field(
        description="A rule that decides is unknown for this payer: nothing is proposed."
    )


class CodesOut(Head):
    items: list[CodesAnswer]


class FindingOut(Schema):
    edit_id: str
    title: str
    severity: Literal["block", "review", "inform"]
    verdict: Literal["fail", "no_data"]
    claim_line_number: int | None
    explanation: str
    facts: dict[str, Any] = Field(description="The facts that decided; null: not known.")
    citations: list[str]
    fix: str
    rules: list[dict[str, Any]]


class EditAnswerOut(Schema):
    """One edit's answer on the claim, or on one of its lines."""

    edit_id: str
    title: str
    verdict: Literal["pass", "fail", "not_applicable", "no_data"]
    severity: Literal["block", "review", "inform"]
    claim_line_number: int | None
    because: list[str]
    facts: dict[str, Any]
    citations: list[str]


class ClaimAnswer(Schema):
    claim_id: str
    service_month: str
    pack: dict[str, Any]
    verdict: Literal["pass", "fail", "no_data", "not_applicable"]
    claim_line_numbers: list[int] = Field(description="The lines of the service, which were checked.")
    lines_left_alone: int
    counts: dict[str, int] = Field(description="How often each verdict was given.")
    findings: list[FindingOut] = Field(description="The gravest first.")
    edits: list[EditAnswerOut] = Field([], description="With `every_edit`: each edit's answer.")
    problems: list[dict[str, Any]] = Field([], description="Of an 837P: faults of form inside the claim.")


class CheckOut(Head):
    claims: list[ClaimAnswer]
    files: list[dict[str, Any]] = Field([], description="Of an 837P: what was beside its claims.")
    totals: dict[str, Any] | None = Field(None, description="Of an 837P: the sums.")


class EntityOut(Schema):
    entity_id: str
    name: str
    kind: str
    payer_identifier: str


class RouteAnswer(Schema):
    reference: str
    payer: str
    hcpcs_code: str
    service: str
    side: str | None
    biller: str | None
    entity: EntityOut | None = Field(
        description="Who answers for the line; null: nobody can tell, see `reason`."
    )
    reason: str
    cites: list[str]
    rule: dict[str, Any] | None = Field(description="The rule value that put it on its side.")
    forward_by: date | None
    forward_rule: str | None


class RouteOut(Head):
    items: list[RouteAnswer]


class ExplainOut(Head):
    items: list[dict[str, Any]] = Field(
        description="As `cocm rules show --json` and `cocm edits show --json` give them."
    )


class ListedOut(Schema):
    id: str
    label: str


class RulesOut(Head):
    payers: list[ListedOut]
    rules: list[ListedOut]
    edits: list[ListedOut]
