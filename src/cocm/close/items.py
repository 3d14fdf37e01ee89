"""What is found about a patient-month, as items of the worklist."""

from __future__ import annotations

from typing import Final

from cocm.claims.build import Hold
from cocm.claims.submission import PriorClaim
from cocm.close.worklist import WorkItem
from cocm.coding.records import Proposal
from cocm.edits.finding import CheckResult
from cocm.rules import PackOn, RuleValue, Severity

_LOOK: Final = "look at the case, then correct it or release it with a reason in the decisions table"
_ASK: Final = "ask the payer and enter the answer in the practice's own rules (--rules)"
MEND_ROWS: Final = "mend the rows named in rejected_rows.csv, then close again"


def items_of_proposal(proposal: Proposal, rows_rejected: int) -> list[WorkItem]:
    """What the proposal itself says: what is missing, what to look at, what nobody knows."""
    items = [
        WorkItem(m.gap.value, m.severity, m.is_no_data, m.reason.text, m.action, m.reason.rules)
        for m in proposal.missing
    ]
    items += [
        WorkItem(_named(r.rules), Severity.REVIEW, False, r.text, _LOOK, r.rules) for r in proposal.reviews
    ]
    if rows_rejected:
        items.append(
            WorkItem("rejected_rows", Severity.REVIEW, True, _rows_rejected(rows_rejected), MEND_ROWS, ())
        )
    if proposal.has_no_data:
        items += [
            WorkItem(_named(r.rules), Severity.BLOCK, True, r.text, _ASK, r.rules) for r in proposal.reasons
        ]
    return items


def _rows_rejected(count: int) -> str:
    rows = "a row" if count == 1 else f"{count} rows"
    return f"{rows} of this patient could not be read, so that minutes or earlier claims may be missing here"


def _named(rules: tuple[RuleValue, ...]) -> str:
    """A reason of the code proposal is named for the rule it rests on."""
    return rules[0].rule_id if rules else "code_choice"


def item_of_hold(hold: Hold) -> WorkItem:
    """What keeps a claim from being built."""
    return WorkItem(
        hold.reason_id, Severity.BLOCK, False, hold.why, hold.action, (hold.rule,) if hold.rule else ()
    )


def item_of_lost_support(prior: PriorClaim, policy: PackOn) -> WorkItem:
    """A claim that went out for a month that now earns no code."""
    return WorkItem(
        "no_longer_supported",
        Severity.BLOCK,
        False,
        f"claim {prior.claim_id} went out for this month, but its minutes now earn no code",
        "take the claim back in the payer's way (`cocm void`, or a reopening) and return what was paid",
        (policy.value("claim.correction_method"),),
    )


def items_of_findings(result: CheckResult) -> list[WorkItem]:
    """What the edits found, in their order."""
    return [
        WorkItem(
            finding.edit_id,
            finding.severity,
            finding.is_no_data,
            finding.explanation,
            finding.fix,
            finding.rules,
            finding.claim_line_number,
        )
        for finding in result.findings
    ]


def all_graded(gates: list[WorkItem], findings: list[WorkItem]) -> tuple[WorkItem, ...]:
    """All items, gravest first, each concern once: the proposal's gates speak before edits that read the same rules."""
    spoken = {rule.rule_id for item in gates for rule in item.rules}
    named = {item.item for item in gates}
    items = [*gates]
    for item in findings:
        keys = {rule.rule_id for rule in item.rules}
        if (keys and keys <= spoken) or item.item in named:
            continue
        items.append(item)
    items.sort(key=lambda item: (-item.severity, item.item, item.claim_line_number or 0))
    return tuple(items)
