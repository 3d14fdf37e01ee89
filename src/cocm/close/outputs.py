"""The rows and documents that a close writes about patient-months: proposals, worklist, rejected rows.

Ids only: names and birth dates go into the claim files, never into these.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from cocm.basics.files import safe_cell
from cocm.basics.money import plain_dollars
from cocm.basics.months import Month
from cocm.care.records import Decision
from cocm.close.decide import MonthDecision
from cocm.close.worklist import WorkItem
from cocm.coding.explain import cite, proposal_as_json, remembered
from cocm.coding.records import NextTier, Proposal, ProposedLine

PROVENANCE_COLUMNS: Final = ("as_of_date", "schema_version", "engine_version", "rulebook_hash")

PROPOSAL_COLUMNS: Final = (
    "patient_month_id",
    "patient_id",
    "episode_id",
    "month",
    "payer_id",
    "pack_id",
    "month_kind",
    "minutes_logged",
    "minutes_counted",
    "codes",
    "status",
    "claim_id",
    "charge_amount",
    "expected_payment",
    "expected_basis",
    "next_tier",
    "minutes_to_next_tier",
    *PROVENANCE_COLUMNS,
)

WORKLIST_COLUMNS: Final = (
    "patient_month_id",
    "patient_id",
    "episode_id",
    "payer_id",
    "status",
    "grade",
    "item",
    "why",
    "what_to_do",
    "can_be_released",
    "money_at_stake",
    "money_basis",
    "codes",
    "minutes_counted",
    "next_tier",
    "minutes_to_next_tier",
    "rules",
    *PROVENANCE_COLUMNS,
)

REJECTED_COLUMNS: Final = ("file", "row", "column", "expected", "found")


def codes_text(proposal: Proposal) -> str:
    """The proposed lines in short: `99493 + 99494 x2`."""
    return _lines_text(proposal.lines)


@remembered
def _lines_text(lines: tuple[ProposedLine, ...]) -> str:
    return " + ".join(_units_text(line) for line in lines)


def next_tier_text(proposal: Proposal) -> str:
    """The next tier in short, empty where there is none."""
    return _units_text(proposal.next_tier) if proposal.next_tier is not None else ""


def _units_text(line: ProposedLine | NextTier) -> str:
    return f"{line.hcpcs_code} x{line.units}" if line.units > 1 else line.hcpcs_code


def money_at_stake(decision: MonthDecision, charges: Mapping[str, int]) -> tuple[int, str]:
    """What the month's lines are worth in cents and on which basis: expected payment where known, else charges."""
    proposal = decision.proposal
    if not proposal.lines:
        offered = [item for item in proposal.rejected if item.is_offered] if proposal.has_no_data else []
        largest = max((charges.get(item.hcpcs_code, 0) * item.units for item in offered), default=0)
        return largest, "charges of the larger reading" if largest else ""
    if proposal.expected_payment_cents is not None:
        return proposal.expected_payment_cents, proposal.expected_basis
    return sum(
        charges.get(line.hcpcs_code, 0) * line.units for line in proposal.lines
    ), "charges (no rate is known)"


def proposal_row(decision: MonthDecision) -> tuple[str, ...]:
    """One row of proposals.csv."""
    proposal, case, claim = decision.proposal, decision.case, decision.claim
    payment, tier, ledger = proposal.expected_payment_cents, proposal.next_tier, proposal.ledger
    return (
        decision.patient_month_id,
        safe_cell(case.patient.patient_id),
        safe_cell(case.episode.episode_id),
        _month_text(proposal.month),
        safe_cell(case.payer.payer_id) if case.payer else "",
        proposal.pack_id,
        proposal.month_kind,
        str(ledger.logged_seconds // 60),
        str(ledger.minutes_counted),
        _lines_text(proposal.lines),
        decision.status,
        claim.claim_id if claim else "",
        plain_dollars(claim.charge_amount_cents) if claim else "",
        plain_dollars(payment) if payment is not None else "",
        proposal.expected_basis,
        _units_text(tier) if tier else "",
        str(tier.minutes_short) if tier else "",
        *decision.made_with,
    )


@remembered
def _month_text(month: Month) -> str:
    return str(month)


def worklist_row(decision: MonthDecision, item: WorkItem, at_stake: tuple[int, str]) -> tuple[str, ...]:
    """One row of worklist.csv: one reason."""
    proposal, case = decision.proposal, decision.case
    tier = proposal.next_tier
    return (
        decision.patient_month_id,
        safe_cell(case.patient.patient_id),
        safe_cell(case.episode.episode_id),
        safe_cell(case.payer.payer_id) if case.payer else "",
        decision.status.value,
        item.grade,
        item.item,
        safe_cell(item.why),
        safe_cell(item.action),
        "yes" if item.can_be_released else "no",
        plain_dollars(at_stake[0]),
        at_stake[1],
        codes_text(proposal),
        str(proposal.ledger.minutes_counted),
        next_tier_text(proposal),
        str(tier.minutes_short) if tier else "",
        " | ".join(map(cite, item.rules)),
        *decision.made_with,
    )


def decision_json(decision: MonthDecision) -> bytes:
    """One entry of proposals.json: the proposal with its explanations, what holds it, and its claim."""
    case = decision.case
    return orjson.dumps(
        {
            "patient_month_id": decision.patient_month_id,
            "patient_id": case.patient.patient_id,
            "episode_id": case.episode.episode_id,
            "payer_id": case.payer.payer_id if case.payer else None,
            "status": decision.status,
            "claim_id": decision.claim.claim_id if decision.claim else None,
            "submission": decision.submission.kind if decision.submission else None,
            "items": [_item_as_json(item) for item in decision.items] if decision.items else [],
            "decisions": [_made_as_json(made) for made in decision.decisions] if decision.decisions else [],
            "proposal": proposal_as_json(decision.proposal),
        }
    )


def _item_as_json(item: WorkItem) -> dict[str, Any]:
    return {
        "item": item.item,
        "grade": item.grade,
        "severity": item.severity.word,
        "is_no_data": item.is_no_data,
        "why": item.why,
        "what_to_do": item.action,
        "claim_line_number": item.claim_line_number,
        "rules": [cite(rule) for rule in item.rules],
    }


def _made_as_json(made: Decision) -> dict[str, Any]:
    return {
        "decision": made.kind.value,
        "item": made.item,
        "by": made.decided_by,
        "on": made.decided_on.isoformat(),
        "reason": made.reason,
    }


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV text with the line ends that spreadsheets expect."""
    return "".join([_csv_line(row) for row in rows])


def _csv_line(row: Sequence[str]) -> str:
    """One row. Most have nothing to quote and are joined: a CSV writer looks at each character of them."""
    line = ",".join(row)
    has_plain_cells = '"' not in line and "\r" not in line and "\n" not in line
    if has_plain_cells and line.count(",") == len(row) - 1 and line:
        return f"{line}\r\n"
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(row)
    return buffer.getvalue()


def json_text(value: Any) -> str:
    """Compact JSON with stable key order."""
    return orjson.dumps(value).decode()
