"""When the plan asks for records, and what a reviewer read in those that came in.

Only an edit that the plan's rules name as a trigger, in force on the date of service, and that fails on facts asks for
records. What cannot be decided for want of data never does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cocm.care.records import Answer, Consent
from cocm.edits.finding import CheckResult, Finding
from cocm.edits.subject import Evidence
from cocm.rules import PackOn
from cocm.x12.claim_record import LineRecord

TRIGGERS: Final = "records.trigger_edits"
RECORDS_STEP: Final = "wait: records"
"""How a reason for which records are asked begins; the edit's id follows."""


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """What a reviewer read in the records of the patient-month; None: they do not say."""

    minutes_counted: int | None = None
    consent_date: date | None = None

    def evidence(self, known: Evidence) -> Evidence:
        """What was known, with what was read."""
        minutes = known.minutes_counted if self.minutes_counted is None else self.minutes_counted
        consent = known.consent
        if self.consent_date is not None:
            consent = Consent(Answer.YES, self.consent_date, "", "", Answer.UNKNOWN)
        return replace(known, minutes_counted=minutes, consent=consent)

    def as_json(self) -> dict[str, str | int | None]:
        """Plain values."""
        consent = None if self.consent_date is None else str(self.consent_date)
        return {"minutes_counted": self.minutes_counted, "consent_date": consent}


def triggered(line: LineRecord, check: CheckResult, policy: PackOn) -> tuple[Finding, ...]:
    """The failures on a line, or on its claim as a whole, for which the rules of the day let the plan ask."""
    triggers = policy.members(TRIGGERS)
    if not triggers:
        return ()
    return tuple(
        finding
        for finding in check.failures
        if finding.edit_id in triggers and finding.claim_line_number in (None, line.claim_line_number)
    )
