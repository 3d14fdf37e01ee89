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
        _text("rendering_npi", "the rendering provider's NPI, the billing provider's where that one renders"),
        _text("supervising_npi", "the supervising provider's NPI; empty where none is named"),
        _text("place_of_service_code", "the two-digit CMS place of service"),
        _text("frequency_code", "1 original, 7 replacement, 8 void"),
        _text(
            "payer_claim_control_number",
            "the payer's number of the claim that is replaced or voided; else empty",
        ),
        _text("hcpcs_code", "the line's code"),
        _integer("service_unit_quantity", "units of the code"),
        _integer("service_day_number", "the line's date of service"),
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
        _integer("month_index", "the month of the date of service"),
        _integer("year_number", "the year of the date of service"),
        _text("billing_npi", "the billing provider's NPI; empty where it is not known"),
        _text("billing_tin", "the billing provider's TIN; empty where it is not known"),
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
    ),
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
    ),
)
POLICY_MEMBER: Final = Table(
    "policy_member",
    "one row a member of a rule that is a set, for one row of policy",
    (
        _text("policy_id", "the row of policy"),
        _text("rule_id", "the rule"),
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
    COCM_CODE,
    POLICY,
    POLICY_MEMBER,
    POLICY_SEVERITY,
)
"""Every table that the edits read, in an order in which they can be made."""
