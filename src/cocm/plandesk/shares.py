"""Later claims of a member whose share may be another one now that an earlier claim was replaced or voided.

What the earlier claim had met of a deductible or limit was taken as met when they were decided. A file of claims pays
and takes back what it asks for; these are listed, and the review desk works each member's year out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cocm.basics.counted import counted
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.records import PlanBook
from cocm.plandesk.desk_tables import claims_of_member
from cocm.plandesk.member_file import root_of
from cocm.plandesk.state import PlanState
from cocm.plandesk.tables_out import csv_bytes

SHARES: Final = "shares_to_restate.csv"
_COLUMNS: Final = ("claim_number", "claim_id", "after_claim_number", "corrected_by_claim_number", "year")


def share_files(state: PlanState, book: PlanBook, decisions: Iterable[ClaimDecisionMade]) -> dict[str, bytes]:
    """The list of such claims, each once, in the order they were decided; nothing where there is none."""
    has_limit = any(benefit.out_of_pocket_max_cents for benefit in book.benefits)
    rows: dict[str, tuple[str, ...]] = {}
    for decision in decisions:
        if _changes_what_is_met(decision, has_limit):
            rows |= {row[0]: row for row in _later(state, decision) if row[0] not in rows}
    return {SHARES: csv_bytes(_COLUMNS, rows.values())} if rows else {}


def share_count(files: Mapping[str, object]) -> int:
    """How many claims the list among a run's files has."""
    content = files.get(SHARES, b"")
    assert isinstance(content, bytes)  # lists are packed by the state
    return max(0, content.count(b"\n") - 1)


def share_words(summary: Mapping[str, Any]) -> Iterator[str]:
    """What a summary says of it, in a line for people; nothing where there is none."""
    count = summary.get("shares_to_restate", 0)
    if count:
        yield (
            f"Shares that may change, as a claim before was replaced or voided: {counted(count, 'claim')} in {SHARES};"
            " `cocm plan decide CLAIM --readjudicate` on a member's first works out all that follow"
        )


def _changes_what_is_met(decision: ClaimDecisionMade, has_limit: bool) -> bool:
    if decision.reversal is None or decision.member is None or decision.answer is Answer.PENDED:
        return False
    before = decision.reversal.lines
    if decision.lines and decision.year != decision.reversal.year:
        return True
    if sum(line.deductible_cents for line in before) != decision.deductible_cents:
        return True
    return has_limit and sum(line.member_share_cents for line in before) != decision.member_share_cents


def _later(state: PlanState, decision: ClaimDecisionMade) -> Iterator[tuple[str, ...]]:
    """The member's paid claims of the year that were decided between the claim taken back and its correction."""
    assert decision.reversal is not None  # the caller chose those that take one back
    assert decision.member is not None
    taken_back, year = decision.reversal.claim_number, decision.reversal.year
    root = root_of(taken_back)
    is_between = False
    for claim in claims_of_member(state, decision.member):
        if claim.claim_number == decision.claim_number:
            return
        if root_of(claim.claim_number) == root:
            is_between = True
        elif is_between and claim.answer is Answer.PAID and not claim.is_taken_back and claim.year == year:
            yield claim.claim_number, claim.claim_id, taken_back, decision.claim_number, str(year)
