"""What keeps a claim from being decided at all, before its lines are looked at."""

from __future__ import annotations

from typing import Final

from cocm.claims.submission import REPLACEMENT, VOID
from cocm.plan.claim_case import ClaimCase
from cocm.plan.records import Member, PlanBook
from cocm.x12.claim_record import ClaimRecord

_PRIMARY: Final = "P"


def why_undecidable(book: PlanBook, case: ClaimCase, member: Member | None) -> tuple[str, ...]:
    """In words for the person who settles it; empty where the claim can be decided."""
    record, original = case.record, case.original
    if record.patient.birth_date is None:
        return ("the patient's birth date is not on the claim, so the member cannot be told",)
    if member is None and not book.has_all_members:
        return ("the member was not found, and rows of the members' table could not be read",)
    if book.has_doubts and member is not None and (why := _why_in_doubt(book, record, member)):
        return (why,)
    if record.payer_sequence != _PRIMARY:
        return ("another payer comes first; claims are decided here as the first payer's only",)
    if record.frequency_code in (REPLACEMENT, VOID):
        if original is None and record.payer_claim_control_number:
            return (
                "no decided claim of the member is on file under the control number that it replaces or voids",
            )
        if original is None and record.frequency_code == VOID:
            return ("a void without the control number of the claim that it takes back",)
        if original is not None and original.is_reversed:
            return (f"claim {original.claim_number} was taken back already",)
        if original is not None and original.billing_npi != record.billing.identifier:
            return (f"claim {original.claim_number} was billed by another provider",)
    return ()


def _why_in_doubt(book: PlanBook, record: ClaimRecord, member: Member) -> str:
    """What the plan's tables do not tell of a member for want of rows that could be read; empty where they do."""
    if record.frequency_code == VOID:
        return ""
    key = (member.member_id, member.birth_date)
    if key in book.members_in_doubt:
        return "a row of the plan's tables about the member could not be read"
    if not book.has_all_members and any(
        member.span_on(line.service_to_date) is None for line in record.lines
    ):
        return "no coverage was found for the day, and rows of the members' table could not be read"
    if book.has_all_accumulators:
        return ""
    year = min(line.service_to_date for line in record.lines).year
    if (key, year) in book.accumulators:
        return ""
    return "what the member has met was not found, and rows of the accumulators' table could not be read"
