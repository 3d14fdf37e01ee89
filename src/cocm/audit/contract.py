"""The claims history that an audit reads: one row a service line with its decision, every column in its own words.

Only the columns marked as required must be there. Any other may be missing; what rests on it is then not known,
which is told by name and never taken for clean. An amount is in dollars, a date a date (or its text, `YYYY-MM-DD`
or `YYYYMMDD`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ValueKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DATE = "date"
    MONEY = "amount"
    QUANTITY = "quantity"
    INTEGER = "integer"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class HistoryColumn:
    """A column: its name, what it holds, what it means, and whether an audit is impossible without it."""

    name: str
    kind: ValueKind
    meaning: str
    is_required: bool = False


EXPECTED: Final = {
    ValueKind.TEXT: "text",
    ValueKind.DATE: "dates as YYYY-MM-DD, YYYYMMDD or DD-MON-YYYY",
    ValueKind.MONEY: "amounts in dollars such as 160.32",
    ValueKind.QUANTITY: "numbers",
    ValueKind.INTEGER: "whole numbers",
    ValueKind.FLAG: "true or false",
}
"""How each kind of value is written where it is text."""

DIAGNOSES_MAX: Final = 12
POINTERS_MAX: Final = 4
MODIFIERS_MAX: Final = 4
ADJUSTMENTS_MAX: Final = 3
REMARKS_MAX: Final = 3

PAID: Final = "paid"
DENIED: Final = "denied"
STATUSES: Final = ("sent", "accepted", "rejected", PAID, DENIED, "voided")


def _columns() -> Iterator[HistoryColumn]:
    text, day, money = ValueKind.TEXT, ValueKind.DATE, ValueKind.MONEY
    yield HistoryColumn("claim_id", text, "the claim; with the line number, the key", True)
    yield HistoryColumn(
        "claim_line_number", ValueKind.INTEGER, "the line's number on the claim, from 1", True
    )
    yield HistoryColumn("person_id", text, "the person treated, the same on all claims", True)
    yield HistoryColumn("hcpcs_code", text, "the procedure code", True)
    yield HistoryColumn("service_unit_quantity", ValueKind.QUANTITY, "units of the code", True)
    yield HistoryColumn("service_date", day, "the line's date of service, the last day of a range", True)
    yield HistoryColumn(
        "status", text, f"what became of the line: {', '.join(STATUSES)} (taken back: voided)", True
    )
    yield HistoryColumn("service_from_date", day, "the first day of the line's range")
    yield HistoryColumn("received_date", day, "the day on which the claim first came in")
    yield HistoryColumn("decided_date", day, "the day on which it was paid or denied")
    yield HistoryColumn(
        "version_date",
        day,
        "of several versions of a claim (one control number) the newest counts, by this day",
    )
    for number in range(1, MODIFIERS_MAX + 1):
        yield HistoryColumn(f"hcpcs_modifier_{number}", text, f"modifier {number}")
    yield HistoryColumn("unit_basis_code", text, "what the quantity counts: UN units, MJ minutes")
    yield HistoryColumn("charge_amount", money, "the line's charge")
    yield HistoryColumn("place_of_service_code", text, "the two-digit CMS place of service")
    yield HistoryColumn("frequency_code", text, "1 original, 7 replacement, 8 void")
    yield HistoryColumn("payer_claim_control_number", text, "the payer's own number of this claim")
    yield HistoryColumn(
        "replaced_control_number", text, "the payer's number of the claim that it replaces or voids"
    )
    yield HistoryColumn("prior_authorization_number", text, "the payer's number of an authorization")
    yield HistoryColumn("has_paperwork", ValueKind.FLAG, "the claim announces records that go with it")
    yield HistoryColumn("birth_date", day, "the day on which the person was born")
    yield HistoryColumn("billing_npi", text, "the billing provider's NPI")
    yield HistoryColumn("billing_tin", text, "the billing provider's TIN")
    yield HistoryColumn("billing_taxonomy_code", text, "the billing provider's taxonomy")
    yield HistoryColumn("rendering_npi", text, "the rendering provider's NPI")
    yield HistoryColumn("rendering_taxonomy_code", text, "the rendering provider's taxonomy")
    yield HistoryColumn("supervising_npi", text, "the supervising provider's NPI")
    yield HistoryColumn("payer_identifier", text, "the payer's identifier on the claim")
    yield HistoryColumn("payer_sequence", text, "P primary, S secondary, T tertiary")
    yield HistoryColumn("product", text, "the plan's product, as in its benefits")
    for number in range(1, DIAGNOSES_MAX + 1):
        yield HistoryColumn(f"diagnosis_code_{number}", text, f"diagnosis {number} of the claim (ICD-10-CM)")
    for number in range(1, POINTERS_MAX + 1):
        yield HistoryColumn(
            f"diagnosis_pointer_{number}",
            ValueKind.INTEGER,
            f"pointer {number} of the line: a diagnosis's position",
        )
    yield HistoryColumn("line_diagnosis_code", text, "the line's own diagnosis, where there are no pointers")
    yield HistoryColumn("allowed_amount", money, "what the payer allows for the line")
    yield HistoryColumn("paid_amount", money, "what the payer paid for the line")
    yield HistoryColumn("deductible_amount", money, "the member's deductible on the line")
    yield HistoryColumn("coinsurance_amount", money, "the member's coinsurance on the line")
    yield HistoryColumn("copayment_amount", money, "the member's copayment on the line")
    for number in range(1, ADJUSTMENTS_MAX + 1):
        yield HistoryColumn(
            f"adjustment_group_code_{number}", text, f"group of adjustment {number}: CO, PR, OA, PI"
        )
        yield HistoryColumn(f"adjustment_reason_code_{number}", text, f"CARC of adjustment {number}")
        yield HistoryColumn(f"adjustment_amount_{number}", money, f"amount of adjustment {number}")
    for number in range(1, REMARKS_MAX + 1):
        yield HistoryColumn(f"remark_code_{number}", text, f"RARC {number}")
    yield HistoryColumn("decided_by", text, "the identifier of the entity that decided the line")
    yield HistoryColumn(
        "records_requested_date", day, "the day on which records were asked for; empty: never"
    )
    yield HistoryColumn("region", text, "the member's county, or the first three digits of the ZIP")
    yield HistoryColumn(
        "first_status", text, "the first answer, where the line was decided again: paid or denied"
    )
    yield HistoryColumn("first_decided_date", day, "the day of that first answer")
    yield HistoryColumn("first_member_share_amount", money, "the member's share by that first answer")
    yield HistoryColumn(
        "appeal_outcome", text, "granted, refused or open, where the claim was appealed; else empty"
    )


HISTORY: Final = {column.name: column for column in _columns()}
"""Every column by its name, in the order of the documentation."""
