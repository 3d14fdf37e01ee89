"""How a plan tells its decisions on a remittance: the codes of each edit that fails, and of all else it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import Row, read_table

EDIT_DENIALS: Final = "denials/edit_denials.csv"
PLAN_DECISIONS: Final = "denials/plan_decisions.csv"
_SEPARATOR: Final = ";"


class DenialRight(StrEnum):
    """What a failed edit gives a plan the right to: refuse the line, or only take note."""

    DENY = "deny"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class RemitCodes:
    """Group, reason and remarks of an adjustment; `source` is an id of the rulebook's sources."""

    group_code: str
    reason_code: str
    remark_codes: tuple[str, ...]
    source: str

    @property
    def text(self) -> str:
        """Group and reason with the remarks, as traces have them: `CO-96 N130`."""
        return " ".join([f"{self.group_code}-{self.reason_code}", *self.remark_codes])


@dataclass(frozen=True, slots=True)
class EditDenial:
    """What a plan does when an edit fails. A plan that may only review does not deny: it asks a person."""

    edit_id: str
    right: DenialRight
    codes: RemitCodes


@dataclass(frozen=True, slots=True)
class PlanDecision:
    """A decision that no edit makes: its claim status (835 CLP02), its adjustment, or both."""

    name: str
    claim_status_code: str
    codes: RemitCodes
    note: str


@lru_cache(maxsize=8)
def edit_denials(rulebook: Rulebook) -> Mapping[str, EditDenial]:
    """Every edit's denial by the edit's id. Raises `RulebookError` naming the line that is wrong."""
    rows = read_table(rulebook.data_file(EDIT_DENIALS))
    found = (EditDenial(row.text("edit_id"), row.one_of("action", DenialRight), _codes(row)) for row in rows)
    return {denial.edit_id: denial for denial in found}


@lru_cache(maxsize=8)
def plan_decisions(rulebook: Rulebook) -> Mapping[str, PlanDecision]:
    """Every other decision by its name. Raises `RulebookError` naming the line that is wrong."""
    rows = read_table(rulebook.data_file(PLAN_DECISIONS))
    found = (
        PlanDecision(row.text("decision"), row.text("claim_status_code"), _codes(row), row.text("note"))
        for row in rows
    )
    return {decision.name: decision for decision in found}


def _codes(row: Row) -> RemitCodes:
    remarks = tuple(code for code in row.text("remark_codes").split(_SEPARATOR) if code)
    return RemitCodes(row.text("group_code"), row.text("reason_code"), remarks, row.text("source"))
