"""The tables that the batch path reads: the contract between a claims history and the edits.

Types are plain integer, boolean and text. A month is a `month_index` (months since year 0), a date a
`day_number` (days since 2000-01-01), because date arithmetic differs between engines. Only a column marked
`may_be_null` may be empty, and there it means "not known"; text that does not apply is empty, never null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cocm.edits.derive import FACTS
from cocm.edits.fact import UNKNOWN_SUFFIX, Fact, Kind, Scope


class ColumnType(StrEnum):
    """The three types, as every engine spells them."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, type and meaning."""

    name: str
    column_type: ColumnType
    meaning: str
    may_be_null: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what one row is, and its columns."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def create_statement(self) -> str:
        """The DDL, the same text on every engine."""
        columns = ",\n".join(
            f"    {column.name} {column.column_type.value}{'' if column.may_be_null else ' not null'}"
            for column in self.columns
        )
        return f"create table {self.name} (\n{columns}\n)"


def _integer(name: str, meaning: str, *, may_be_null: bool = False) -> Column:
    return Column(name, ColumnType.INTEGER, meaning, may_be_null)


def _boolean(name: str, meaning: str, *, may_be_null: bool = False) -> Column:
    return Column(name, ColumnType.BOOLEAN, meaning, may_be_null)


def _text(name: str, meaning: str, *, may_be_null: bool = False) -> Column:
    return Column(name, ColumnType.TEXT, meaning, may_be_null)


CLAIM_LINE: Final = Table(
    "claim_line",
    "one row a service line of a claim to check, the claim's own values repeated on each of its lines",
    (
        _text("claim_id", "the claim; with the line number, the key"),
        _integer("claim_line_number", "the line's number on the claim, from 1"),
        _text("person_id", "the person treated, as in history_line"),
        _integer(
            "submission_order", "the order in which claims were sent: a claim knows only history before it"
        ),
        _text("pack_id", "the rulebook pack of the payer, as in policy"),
        _integer("policy_day_number", "the day whose rules hold for the claim: its date of service"),
        _integer("as_of_day_number", "the day on which the claim is looked at, or was received"),
        _text("payer_id", "the payer's contract, as in payer; empty where it is not at hand"),
        _text("payer_identifier", "the payer's identifier on the claim (837P 2010BB NM109)"),
        _text("payer_sequence", "P primary, S secondary, T tertiary"),
        _text("billing_npi", "the billing provider's NPI"),
        _text("billing_tin", "the billing provider's TIN; empty where it is not known"),
        _text("billing_taxonomy_code", "the billing provider's taxonomy; empty where none is given"),
        _text("rendering_npi", "the rendering provider's NPI, the billing provider's where that one renders"),
        _text("rendering_taxonomy_code", "the rendering provider's taxonomy; empty where none is given"),
        _text("supervising_npi", "the supervising provider's NPI; empty where none is named"),
        _text("place_of_service_code", "the two-digit CMS place of service"),
        _text("frequency_code", "1 original, 7 replacement, 8 void"),
        _text(
            "payer_claim_control_number",
            "the payer's number of the claim that is replaced or voided; else empty",
        ),
        _text(
            "prior_authorization_number", "the payer's number of an authorization; empty where none is named"
        ),
        _boolean("has_paperwork", "the claim announces records that go with it"),
        _integer("birth_day_number", "the day on which the patient was born"),
        _integer("age_years", "the patient's age in whole years on the claim's earliest date of service"),
        _text("hcpcs_code", "the line's code"),
        _text("modifier_1", "first modifier; empty where there is none"),
        _text("modifier_2", "second modifier; empty where there is none"),
        _text("modifier_3", "third modifier; empty where there is none"),
        _text("modifier_4", "fourth modifier; empty where there is none"),
        _integer("service_unit_quantity", "units of the code"),
        _text("unit_basis_code", "what the quantity counts: UN units, MJ minutes"),
        _boolean("is_whole_quantity", "the quantity on the claim is a whole number"),
        _integer("charge_amount_cents", "the line's charge in cents"),
        _integer(
            "service_from_day_number", "the first day of the line's range; its date of service if single"
        ),
        _integer("service_from_month_index", "the month of that day"),
        _boolean("is_last_day_of_month", "the line's date of service is its month's last day"),
        _integer("service_day_number", "the line's date of service, the last day of a range"),
        _integer("month_index", "the month of the date of service"),
        _integer("year_number", "the year of the date of service"),
        _integer("diagnosis_pointer_1", "first diagnosis pointed to, as a position on the claim; 0 none"),
        _integer("diagnosis_pointer_2", "second diagnosis pointed to; 0 none"),
        _integer("diagnosis_pointer_3", "third diagnosis pointed to; 0 none"),
        _integer("diagnosis_pointer_4", "fourth diagnosis pointed to; 0 none"),
    ),
)
CLAIM_DIAGNOSIS: Final = Table(
    "claim_diagnosis",
    "one row a diagnosis on a claim",
    (
        _text("claim_id", "the claim"),
        _integer("diagnosis_position", "its position on the claim, from 1 (the principal)"),
        _text("diagnosis_code", "ICD-10-CM without a point"),
    ),
)
HISTORY_LINE: Final = Table(
    "history_line",
    "one row a line of an earlier claim of a person, of any practice",
    (
        _text("person_id", "the person treated"),
        _integer("submission_order", "the order in which claims were sent"),
        _text("payer_id", "the payer; empty where it is not known"),
        _text("claim_id", "the earlier claim; lines of the checked claim itself are passed over"),
        _text("hcpcs_code", "the line's code"),
        _integer("service_unit_quantity", "units of the code"),
        _integer("service_day_number", "the line's date of service"),
        _integer("month_index", "the month of the date of service"),
        _integer("year_number", "the year of the date of service"),
        _text("billing_npi", "the billing provider's NPI; empty where it is not known"),
        _text("billing_tin", "the billing provider's TIN; empty where it is not known"),
        _text("rendering_npi", "the rendering provider's NPI; empty where it is not known"),
        _text("status", "sent, accepted, rejected, paid, denied or voided"),
        _text("payer_claim_control_number", "the payer's number of that claim; empty where it is not known"),
        _text("frequency_code", "1 original, 7 replacement, 8 void"),
    ),
)
PAYER: Final = Table(
    "payer",
    "one row a payer's contract with the practice",
    (
        _text("payer_id", "the key, as in claim_line"),
        _text("payer_identifier", "the medical plan's identifier on claims"),
        _text(
            "behavioral_payer_identifier",
            "the behavioral administrator's identifier; empty where there is none",
        ),
        _integer(
            "filing_limit_days", "the contract's own filing limit; null where it sets none", may_be_null=True
        ),
        _integer(
            "attested_from_day_number",
            "first day on which the practice's attestation stands; null where there is none",
            may_be_null=True,
        ),
    ),
)
EVIDENCE: Final = Table(
    "evidence",
    "one row a claim of which the practice's record is at hand",
    (
        _text("claim_id", "the claim"),
        _text("month_kind", "first or later month of the episode", may_be_null=True),
        _integer("minutes_counted", "countable minutes in the month", may_be_null=True),
        _integer("episode_start_day_number", "the day on which the episode began", may_be_null=True),
        _boolean("has_consent", "the patient agreed to the service", may_be_null=True),
        _integer("consent_day_number", "the day of consent", may_be_null=True),
        _text("consent_form", "verbal or written", may_be_null=True),
        _boolean(
            "has_visit_record", "the record names an initiating visit; null: no record", may_be_null=True
        ),
        _integer("visit_day_number", "the day of the initiating visit", may_be_null=True),
        _text("visit_code", "the code it was billed with; empty where that is not known", may_be_null=True),
        _boolean("is_new_patient", "the patient was new to the practice at the start", may_be_null=True),
        _integer(
            "last_seen_day_number", "the last visit with the practitioner before the start", may_be_null=True
        ),
        _text("group_npi", "the medical group's own NPI", may_be_null=True),
        _text("roster_id", "the practice's people, as in roster_member", may_be_null=True),
        _text("place_set_id", "the practitioner's places, as in credentialed_place", may_be_null=True),
        _integer("first_service_month_index", "the month of the episode's first service", may_be_null=True),
        _integer("coverage_from_day_number", "first day of the policy billed", may_be_null=True),
        _integer(
            "coverage_to_day_number", "its last day; null where its first is given: open", may_be_null=True
        ),
        _boolean("is_authorized", "an authorization on record covers the month", may_be_null=True),
        _integer(
            "minutes_set_apart",
            "minutes of the month that the ledger gives to another service",
            may_be_null=True,
        ),
        _integer("death_day_number", "the day of death; null where none is on record", may_be_null=True),
    ),
)
RECORDED_CODE: Final = Table(
    "recorded_code",
    "one row a code that the practice's record shows for the person in a claim's month, beside those on claims",
    (_text("claim_id", "the claim"), _text("hcpcs_code", "the code")),
)
ROSTER_MEMBER: Final = Table(
    "roster_member",
    "one row a person of a practice who has an NPI",
    (
        _text("roster_id", "the practice's people"),
        _text("npi", "the person's NPI"),
        _text("role", "bhcm, billing_practitioner, psychiatric_consultant or clinical_staff"),
    ),
)
CREDENTIALED_PLACE: Final = Table(
    "credentialed_place",
    "one row a place of service at which a practitioner is credentialed",
    (
        _text("place_set_id", "the practitioner's places"),
        _text("place_of_service_code", "the two-digit CMS place of service"),
    ),
)
COCM_CODE: Final = Table(
    "cocm_code",
    "one row a code that any payer of the rulebook, on any date, uses for CoCM",
    (
        _text("hcpcs_code", "the code"),
        _boolean("is_parent_code", "it is a month's base code that an add-on may stand beside"),
        _boolean("is_addon_code", "it is an add-on code"),
        _boolean("is_short_month_code", "it is a code of a month cut short"),
        _boolean("is_clinic_code", "some payer has clinics report a month with it"),
    ),
)
CODE_TERM: Final = Table(
    "code_term",
    "one row a CoCM code and span of days on which no national table says anything else of it",
    (
        _text("hcpcs_code", "the code"),
        _integer("effective_from_day_number", "first day of the span"),
        _integer("effective_to_day_number", "first day after it"),
        _integer("units_max", "NCCI's most units on a day; null where there is no limit", may_be_null=True),
        _boolean("units_are_known", "a quarter of NCCI's limits at hand reaches back to the span"),
        _integer(
            "amount_nonfacility_cents", "Medicare's national amount for a unit; null: none", may_be_null=True
        ),
        _integer(
            "amount_facility_cents", "the same at a facility's place of service; null: none", may_be_null=True
        ),
        _boolean("is_ended", "Medicare took the code before, and does so no longer"),
    ),
)
CODE_PAIR: Final = Table(
    "code_pair",
    "one row a CoCM code, another code that NCCI pairs with it, and a span of days",
    (
        _text("hcpcs_code", "the CoCM code"),
        _text("other_code", "the code of the other service"),
        _integer("effective_from_day_number", "first day of the span"),
        _integer("effective_to_day_number", "first day after it"),
        _boolean("is_established", "the edition at hand tells that the pair holds; else it may"),
        _boolean("allows_modifier", "a modifier lets both be paid"),
    ),
)
PLACE: Final = Table(
    "place",
    "one row a place of service of CMS's list",
    (
        _text("place_of_service_code", "the two-digit code"),
        _boolean("is_facility", "it is paid at the facility rate"),
    ),
)
TAXONOMY: Final = Table(
    "taxonomy",
    "one row a taxonomy of which the part its holders play is known",
    (_text("taxonomy_code", "the code"), _text("role", "a role of the team, or a kind of facility")),
)
TAXONOMY_TYPE: Final = Table(
    "taxonomy_type",
    "one row a beginning of taxonomies and a kind of practitioner who has them",
    (_text("taxonomy_prefix", "the beginning"), _text("practitioner_type", "the kind")),
)
POLICY_MEMBER: Final = Table(
    "policy_member",
    "one row a member of a rule that is a set, for one row of policy",
    (
        _text("policy_id", "the row of policy"),
        _text("rule_id", "the rule, or a part of its members by name"),
        _text("member", "a code, or the beginning of one"),
    ),
)
POLICY_SEVERITY: Final = Table(
    "policy_severity",
    "one row an edit for one row of policy",
    (
        _text("policy_id", "the row of policy"),
        _text("edit_id", "the edit"),
        _integer("severity", "what failing it does under these rules: 1 inform, 2 review, 3 block"),
    ),
)


def fact_columns(fact: Fact) -> tuple[Column, ...]:
    """A fact as it is stored: total, with a companion that says whether it is unknown where it may be."""
    types = {Kind.BOOLEAN: ColumnType.BOOLEAN, Kind.TEXT: ColumnType.TEXT}
    column = Column(fact.name, types.get(fact.kind, ColumnType.INTEGER), fact.says)
    if not fact.may_be_unknown:
        return (column,)
    return column, _boolean(fact.name + UNKNOWN_SUFFIX, f"{fact.name} is not known")


def _policy_columns() -> Iterator[Column]:
    yield _text("policy_id", "the key")
    yield _text("pack_id", "the rulebook pack of the payer")
    yield _integer("effective_from_day_number", "first day on which these rules hold")
    yield _integer("effective_to_day_number", "first day on which they no longer hold")
    for fact in FACTS.values():
        if fact.scope is Scope.POLICY:
            yield from fact_columns(fact)


POLICY: Final = Table(
    "policy",
    "one row a payer's pack and span of days on which none of its rules changes",
    tuple(_policy_columns()),
)

LINE_FACTS: Final = Table(
    "line_facts",
    "one row a service line with a CoCM code: every fact, never null",
    (
        _text("claim_id", "the claim"),
        _integer("claim_line_number", "the line's number on the claim"),
        _text("policy_id", "the row of policy that held"),
        _integer("policy_day_number", "the day whose rules hold for the claim"),
        _boolean("is_void", "the claim is a void"),
        _boolean("is_first_cocm_line", "it is the claim's first line with a CoCM code"),
        *(column for fact in FACTS.values() for column in fact_columns(fact)),
    ),
)
"""What facts are kept as: the result of `facts_sql`, and what `verdicts_sql` reads."""

INPUT_TABLES: Final = (
    CLAIM_LINE,
    CLAIM_DIAGNOSIS,
    HISTORY_LINE,
    PAYER,
    EVIDENCE,
    ROSTER_MEMBER,
    CREDENTIALED_PLACE,
    RECORDED_CODE,
    COCM_CODE,
    CODE_TERM,
    CODE_PAIR,
    PLACE,
    TAXONOMY,
    TAXONOMY_TYPE,
    POLICY,
    POLICY_MEMBER,
    POLICY_SEVERITY,
)
"""Every table that the edits read, in an order in which they can be made."""
