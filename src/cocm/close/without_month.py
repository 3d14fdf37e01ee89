"""Worklist rows that no decided patient-month stands behind: claims without a basis, rows that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cocm.basics.files import safe_cell
from cocm.basics.identity import Provenance
from cocm.basics.money import dollars, plain_dollars
from cocm.close.items import MEND_ROWS
from cocm.close.outputs import WORKLIST_COLUMNS

BASIS_GONE: Final = "basis_gone"
REJECTED_ROWS: Final = "rejected_rows"


@dataclass(frozen=True, slots=True)
class LooseItem:
    """One such row; its money is zero where nobody knows it. `grade_class` is the grade's in the report."""

    patient_id: str
    payer_id: str
    status: str
    grade: str
    grade_class: str
    item: str
    why: str
    action: str
    cents: int = 0
    money_basis: str = ""

    def row(self, provenance: Provenance) -> tuple[str, ...]:
        """One row of worklist.csv."""
        cells = dict.fromkeys(WORKLIST_COLUMNS, "") | {
            "patient_id": safe_cell(self.patient_id),
            "payer_id": safe_cell(self.payer_id),
            "status": self.status,
            "grade": self.grade,
            "item": self.item,
            "why": self.why,
            "what_to_do": self.action,
            "can_be_released": "no",
            "money_at_stake": plain_dollars(self.cents),
            "money_basis": self.money_basis,
            "as_of_date": provenance.as_of_date.isoformat(),
            "schema_version": provenance.schema_version,
            "engine_version": provenance.engine_version,
            "rulebook_hash": provenance.rulebook_hash,
        }
        return tuple(cells.values())

    def report_row(self) -> dict[str, str | int]:
        """The same for the report."""
        return {
            "patient_id": self.patient_id,
            "payer_id": self.payer_id,
            "codes": "",
            "cents": self.cents,
            "at_stake": dollars(self.cents),
            "grade": self.grade,
            "grade_class": self.grade_class,
            "item": self.item,
            "why": self.why,
            "action": self.action,
            "rules": "",
        }


def basis_gone(patient_id: str, payer_id: str, claim_id: str, charge_amount_cents: int) -> LooseItem:
    """A claim that no case file stands behind any more."""
    return LooseItem(
        patient_id,
        payer_id,
        "already_sent",
        "needs a person",
        "review",
        BASIS_GONE,
        f"claim {claim_id} went out for the month, but its patient, episode or coverage is gone from the tables",
        "put the rows back, or take the claim back (`cocm void`, or the payer's reopening)",
        charge_amount_cents,
        "charges of the claim",
    )


def undecided_patient(patient_id: str, rows_rejected: int) -> LooseItem:
    """A patient whose month cannot be decided, because the rows it would rest on could not be read."""
    rows = "a row" if rows_rejected == 1 else f"{rows_rejected} rows"
    why = (
        f"{rows} of this patient could not be read, so that the month was not decided: nothing new is billed"
    )
    return LooseItem(patient_id, "", "held", "no data", "nodata", REJECTED_ROWS, why, MEND_ROWS)


def rows_of_nobody(count: int) -> LooseItem:
    """Rows whose patient nobody knows: whoever it is may be billed short, or not at all."""
    rows = "a row of an unknown patient" if count == 1 else f"{count} rows of unknown patients"
    why = f"{rows} could not be read: somebody's month may have been decided without it, or not at all"
    action = (
        "find out whose they are, mend the rows named in rejected_rows.csv, then close again before you send"
    )
    return LooseItem("", "", "held", "no data", "nodata", REJECTED_ROWS, why, action)
