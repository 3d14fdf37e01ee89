"""The worklist: what keeps a patient-month from being billed, what to do, and the money at stake."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocm.basics.records import quickly_made
from cocm.rules import RuleValue, Severity


class Status(StrEnum):
    """Where a patient-month stands after the close."""

    CLAIM = "claim"
    """A claim was built and stands in the payer's 837P file."""
    ALREADY_SENT = "already_sent"
    """The same claim was written by an earlier close; nothing new goes out."""
    HELD = "held"
    """The minutes earn a code, but something stops the claim or needs a person."""
    CARE_DUE = "care_due"
    """There was care, but too little for a code; the clinical steps that are due are named."""
    NO_SERVICE = "no_service"
    """No countable time in the month."""
    OUT_OF_SCOPE = "out_of_scope"
    """Another payer than the one that was asked for."""


@quickly_made
@dataclass(frozen=True, slots=True)
class WorkItem:
    """One reason on the worklist.

    `item` names it for a decision (a gap such as `consent`, or an edit's id); `can_be_released` says that a person's
    reasoned decision may let the claim go in spite of it: never for a block. `is_shown`: on the worklist although it
    holds nothing.
    """

    item: str
    severity: Severity
    is_no_data: bool
    why: str
    action: str
    rules: tuple[RuleValue, ...]
    claim_line_number: int | None = None
    is_shown: bool = False

    @property
    def can_be_released(self) -> bool:
        """Never a block, nor a missing fact of the patient without which a known, blocking rule cannot be judged.

        Where the payer's rule itself is what nobody knows, a person may decide.
        """
        hides_a_block = self.is_no_data and any(
            rule.is_known and rule.severity is Severity.BLOCK for rule in self.rules
        )
        return self.severity is Severity.REVIEW and not hides_a_block

    @property
    def holds(self) -> bool:
        """Whether the claim must wait for it."""
        return self.severity >= Severity.REVIEW

    @property
    def grade(self) -> str:
        """For people: `stops the claim`, `needs a person`, `no data` or `noted`."""
        if self.is_no_data:
            return "no data"
        return {
            Severity.BLOCK: "stops the claim",
            Severity.REVIEW: "needs a person",
            Severity.INFORM: "noted",
        }[self.severity]
