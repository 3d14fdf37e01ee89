"""By when something must be done, from the payer's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.rules import PackOn
from cocm.rules.denial_causes import RECORDS_DEADLINE

FILING_RULE: Final = "filing.limit_days"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day, or None where it is not known; `why` names the rule, its value and where it is from."""

    day: date | None
    why: str

    def days_left(self, today: date) -> int | None:
        """Days from today to the last day, below 0 when it has passed; None where it is not known."""
        return None if self.day is None else (self.day - today).days


NO_DEADLINE: Final = Deadline(None, "nothing has to be sent")


def deadline_of(
    rule_id: str,
    policy: PackOn | None,
    *,
    decided_on: date | None,
    service_date: date | None,
    records_due: date | None = None,
    contract_filing_days: int | None = None,
) -> Deadline:
    """The deadline that a fix names: the filing limit from the service date, an appeal from the decision.

    `rule_id` is empty for none, `records` for the day the payer's request names. Where the payer's days are not
    established, the answer is to ask the payer, never a guess. `contract_filing_days` of the practice's own contract
    come before the payer's filing limit.
    """
    if not rule_id:
        return NO_DEADLINE
    if rule_id == RECORDS_DEADLINE:
        words = (
            "the payer's request names the day"
            if records_due
            else "the request's day is not on file: ask the payer"
        )
        return Deadline(records_due, words)
    start = service_date if rule_id == FILING_RULE else decided_on
    started = "the date of service" if rule_id == FILING_RULE else "the decision"
    if rule_id == FILING_RULE and contract_filing_days is not None and start is not None:
        words = (
            f"{contract_filing_days} days after {started} (the practice's contract, payers.filing_limit_days)"
        )
        return Deadline(start + timedelta(days=contract_filing_days), words)
    if policy is None:
        return Deadline(None, f"{rule_id} of this payer is not known here: name its pack")
    rule = policy.value(rule_id)
    if not rule.is_known or rule.integer is None:
        return Deadline(None, f"{rule_id} of {policy.pack.payer_id} is not established: ask the payer")
    if start is None:
        return Deadline(
            None, f"{rule.integer} days after {started}, whose date is not in the file ({rule.cite})"
        )
    return Deadline(
        start + timedelta(days=rule.integer), f"{rule.integer} days after {started} ({rule.cite})"
    )
