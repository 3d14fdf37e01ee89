"""What the edit catalogue's findings make of a CoCM line: refused, a person's work, records asked for, or a note.

Of the edits only those that fail count, and only where the plan has a right to refuse. A failure that may not block
asks a person, unless it rests on a value that is merely assumed: that is noted and the line goes on.
"""

from __future__ import annotations

from cocm.edits.finding import CheckResult, Finding
from cocm.edits.kleene import UNKNOWN
from cocm.plan.decision import Answer, Answered, DecisionReason
from cocm.plan.line_decision import rests_on_assumption
from cocm.plan.record_triggers import RECORDS_STEP, triggered
from cocm.plan.remembered import OfIdentity
from cocm.rules import PackOn, Rulebook, Severity
from cocm.rules.plan_decisions import DenialRight, EditDenial, edit_denials
from cocm.x12.claim_record import LineRecord


class LineEdits:
    """The findings of checks, read line by line; what is the same for claims alike is worked out once."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._denials = edit_denials(rulebook)
        self._failures = OfIdentity[CheckResult, dict[int, list[Finding]]]()
        self._reasons = OfIdentity[Finding, dict[str, DecisionReason]]()
        self._undecided = OfIdentity[CheckResult, tuple[str, ...]]()

    def answer(self, line: LineRecord, check: CheckResult | str | None, policy: PackOn) -> Answered | None:
        """What the failed edits make of a line; None where it goes on.

        It waits for records where a dated trigger of the plan's rules fails and nothing is refused.
        """
        if isinstance(check, str) or check is None:
            text = check or "the line was not checked"
            return Answer.PENDED, (DecisionReason("wait: edits", text, (), {}, None),)
        found = self._of_failures(line, check)
        if found is not None and found[0] is Answer.DENIED:
            return found
        wanted = triggered(line, check, policy)
        if not wanted:
            return found
        asks = tuple(self._reason(finding, RECORDS_STEP) for finding in wanted)
        others = () if found is None else found[1]
        ids = {finding.edit_id for finding in wanted}
        return Answer.PENDED, (*asks, *(one for one in others if one.step.rpartition(" ")[2] not in ids))

    def noted(self, line: LineRecord, check: CheckResult | str | None) -> tuple[DecisionReason, ...]:
        """The failures of a line that goes on."""
        if not isinstance(check, CheckResult):
            return ()
        return tuple(self._reason(finding, "noted") for finding in self._failed(line, check))

    def undecided(self, check: CheckResult | str | None) -> tuple[str, ...]:
        """The ids of the edits that could not be decided for want of facts, each once."""
        if not isinstance(check, CheckResult):
            return ()
        known = self._undecided.get(check)
        if known is None:
            ids = tuple(dict.fromkeys(finding.edit_id for finding in check.no_data))
            known = self._undecided.keep(check, ids)
        return known

    def _of_failures(self, line: LineRecord, check: CheckResult) -> Answered | None:
        findings = [one for one in self._failed(line, check) if not rests_on_assumption(one)]
        blocks = [finding for finding in findings if finding.severity is Severity.BLOCK]
        if blocks:
            return Answer.DENIED, tuple(self._reason(finding, "edit") for finding in blocks)
        if findings:
            return Answer.PENDED, tuple(self._reason(finding, "wait: review") for finding in findings)
        return None

    def _failed(self, line: LineRecord, check: CheckResult) -> list[Finding]:
        """The failures of a line that give the plan a right to refuse it, and are more than a note."""
        by_line = self._failures.get(check)
        if by_line is None:
            by_line = self._failures.keep(check, {})
        found = by_line.get(line.claim_line_number)
        if found is None:
            found = by_line[line.claim_line_number] = [
                finding
                for finding in check.failures
                if finding.claim_line_number in (None, line.claim_line_number)
                and self._denials[finding.edit_id].right is DenialRight.DENY
                and finding.severity >= Severity.REVIEW
            ]
        return found

    def _reason(self, finding: Finding, step: str) -> DecisionReason:
        by_step = self._reasons.get(finding)
        if by_step is None:
            by_step = self._reasons.keep(finding, {})
        known = by_step.get(step)
        if known is None:
            denial = self._denials[finding.edit_id] if step == "edit" else None
            known = by_step[step] = finding_reason(finding, step, denial)
        return known


def finding_reason(finding: Finding, step: str, denial: EditDenial | None) -> DecisionReason:
    """A finding as a reason, with its facts; with the codes of a denial where it is one."""
    facts = {
        reading.fact.name: None if reading.value is UNKNOWN else reading.value for reading in finding.readings
    }
    codes = None if denial is None else denial.codes
    return DecisionReason(f"{step} {finding.edit_id}", finding.explanation, finding.citations, facts, codes)
