"""How a plan tells in a claim status answer (277) what became of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

PLAN_STATUSES: Final = "denials/plan_statuses.csv"


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """The category and status of an outcome."""

    category_code: str
    status_code: str


@lru_cache(maxsize=8)
def plan_statuses(rulebook: Rulebook) -> Mapping[str, PlanStatus]:
    """Every outcome's status by its name. Raises `RulebookError` naming the line that is wrong."""
    rows = read_table(rulebook.data_file(PLAN_STATUSES))
    return {
        row.text("outcome"): PlanStatus(row.text("category_code"), row.text("status_code")) for row in rows
    }
