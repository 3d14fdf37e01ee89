"""For what a person at the plan may deny a claim, and what is no reason however often it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

REVIEW_REASONS: Final = "denials/review_reasons.csv"


class ReasonNeeds(StrEnum):
    """What must be on file before a denial may give the reason."""

    FAILED_EDIT = "failed_edit"
    TRUE_DUPLICATE = "true_duplicate"
    NOT_COVERED = "not_covered"
    UNKNOWN_MEMBER = "unknown_member"
    REQUEST_OVERDUE = "request_overdue"
    NO_BIRTH_DATE = "no_birth_date"
    OTHER_PAYER_FIRST = "other_payer_first"
    CORRECTS_NOTHING = "corrects_nothing"
    UNITS_NOT_WHOLE = "units_not_whole"
    SEVERAL_ENTITIES = "several_entities"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class ReviewReason:
    """A reason. One that is not permitted says in `note` why; `decision` names its codes among the plan's decisions."""

    name: str
    is_permitted: bool
    needs: ReasonNeeds
    decision: str
    note: str
    source: str


@lru_cache(maxsize=8)
def review_reasons(rulebook: Rulebook) -> Mapping[str, ReviewReason]:
    """Every reason by its name. Raises `RulebookError` naming the line that is wrong."""
    rows = read_table(rulebook.data_file(REVIEW_REASONS))
    found = (
        ReviewReason(
            row.text("reason"),
            row.flag("is_permitted"),
            row.one_of("needs", ReasonNeeds),
            row.text("decision"),
            row.text("note"),
            row.text("source"),
        )
        for row in rows
    )
    return {reason.name: reason for reason in found}
